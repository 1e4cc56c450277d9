"""The program: its sets, variables, constraints and objectives."""
