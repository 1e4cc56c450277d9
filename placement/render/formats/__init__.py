"""What all outputs share: escaping, tables, wrapped text, JSON."""
