"""The verdict: which rules are judged on which days, by whom, and what still fits."""
