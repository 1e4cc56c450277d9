"""What comes before a run: settings and where they come from, and folders to begin with."""
