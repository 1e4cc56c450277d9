"""Kit that a plan buys, that serves no demand, and on which a share rests: which, and its cost."""
