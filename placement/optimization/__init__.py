"""The cheapest layout that keeps the rules: problem, program, solvers, whole units, layout."""
