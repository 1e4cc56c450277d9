"""The small tables, one module per table."""
