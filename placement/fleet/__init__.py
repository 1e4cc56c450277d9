"""Who has what where, exactly: owner groups, positions, charges to channels, totals."""
