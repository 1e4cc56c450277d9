"""Verbs that plan a folder, or ask about its plan."""
