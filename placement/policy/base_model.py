"""The base of every record of a pack: frozen, and an unknown key is an error."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from placement.text.decimals import plain

#: Identifiers: letters, digits, dot, hyphen, underscore.
Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")]

#: A number as decimal text, so that no float ever stands for a limit.
DecimalText = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]

#: A large whole number, also as "1e26".
WholeText = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?([eE]\d{1,2})?$")]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    # Built on first use: only the outermost record of a file is ever validated by itself.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def at_most_one(text: str) -> str:
    """Return a share's text back; ValueError for one above 1: percent was meant."""
    if Fraction(text) > 1:
        as_ratio = Fraction(text) / 100
        hint = f'; write {text} percent as "{plain(as_ratio)}"' if as_ratio <= 1 else ""
        raise ValueError(f"a share lies between 0 and 1, {text} does not{hint}")
    return text
