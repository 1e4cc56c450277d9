"""Files and frames as text rows, one module per format."""
