"""Proofs of bounds: made from multipliers, checked without a solver."""
