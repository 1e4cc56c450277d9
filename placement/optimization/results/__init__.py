"""From an integer point to a layout, its tables, its verdict and its files."""
