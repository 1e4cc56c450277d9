"""Packs tried out: their examples, and two packs on one fleet."""
