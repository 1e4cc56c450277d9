"""The accounts behind the caps."""
