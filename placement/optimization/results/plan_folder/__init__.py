"""A plan as a folder of files: written whole, read back, compared with another."""
