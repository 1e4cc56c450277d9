"""A plan part by part: the first screen, tables, how the search ended, another solver's word."""
