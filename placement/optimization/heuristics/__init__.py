"""From the relaxation to whole units: rounding, diving, neighbourhoods."""
