"""Judges of the rules that are no rows over totals; each gives findings, none a plan."""
