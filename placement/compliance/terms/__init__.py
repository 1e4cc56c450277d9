"""On which terms a run passes: against a base or a baseline, with waivers."""
