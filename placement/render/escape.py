"""Text from users' files, made harmless for where it is printed."""

from __future__ import annotations

import unicodedata

_UNSAFE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def terminal(text: str) -> str:
    """Show control, direction and other invisible characters as escapes.

    No text of a user's file can move the cursor, recolor, or reorder what a terminal shows.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _UNSAFE else char
        for char in text
    )
