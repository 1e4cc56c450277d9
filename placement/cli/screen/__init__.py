"""What is seen of a run: its terminal, its progress, its timings."""
