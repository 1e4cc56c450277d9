"""Linear programs in exact integers: writing them, extending them, and their files."""
