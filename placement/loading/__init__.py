"""All that a verb reads, with the faults of all files together."""
