"""The planning problem in exact records, and how it is read."""
