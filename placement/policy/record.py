"""The base of every record of a pack: frozen, and an unknown key is an error."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

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
