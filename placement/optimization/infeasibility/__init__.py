"""Why no plan exists, as data."""
