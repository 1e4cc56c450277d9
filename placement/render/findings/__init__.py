"""What a report found, part by part: its verdict in a line, breaches, limits, and the rest."""
