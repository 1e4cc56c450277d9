"""Questions about a plan, or about why there is none: each answer is a record with a frame."""
