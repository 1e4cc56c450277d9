"""Constraint families, one module each."""
