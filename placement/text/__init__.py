"""Exact decimals, CSV text, files written whole, and where a key stands in TOML."""
