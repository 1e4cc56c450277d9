"""Waivers: what they are of, and the one decision whether a finding is waived."""
