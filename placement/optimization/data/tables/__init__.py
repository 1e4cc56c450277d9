"""The planning tables as records of the problem."""
