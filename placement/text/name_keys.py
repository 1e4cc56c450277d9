"""Names that look alike are one name: what two spellings are compared by."""

from __future__ import annotations

import re
import unicodedata

#: Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties.txt): nothing is shown for them.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Return a text without the code points that are not shown, and without outer space."""
    return text if text.isascii() else _IGNORABLE.sub("", text).strip()


def same(name: str) -> str:
    """Return what all spellings of a name have in common.

    Without regard to case, to how characters are composed (NFKC), to code points that are not
    shown, to runs of white space and to white space at the ends.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", _IGNORABLE.sub("", name))
        # Folding may take compositions apart, and composing may bring capitals: until it is still.
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
        name = _IGNORABLE.sub("", unicodedata.normalize("NFKC", name.casefold()))
    return " ".join(name.casefold().split())
