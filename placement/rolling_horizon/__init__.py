"""Carrying a plan on: the inputs of a later period, with what was done by then."""
