"""The inventory: grouped, resolved, checked line by line."""
