"""baseline.json: what was broken on the day it was written, and by how much, one entry a line.

An entry is one finding: of a rule, owner group and place that is broken on some day judged there is
one for each of these days, those on which it was kept among them. `when` is the measurement date,
or `today` for the day on which it was recorded. Amounts are exact text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from placement.enums import Verdict
from placement.errors import Fault, InputError
from placement.finding import TODAY
from placement.readers.cells import BadText, iso_date
from placement.readers.formats.csv_records import printable
from placement.text.bounded import read_file

SCHEMA = "placement.baseline/1"

_EXACT = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100}|/[1-9][0-9]{0,99})?")
_AGAIN = "write it anew: placement baseline write INVENTORY"


def _exact_text(text: str) -> str:
    if not _EXACT.fullmatch(text):
        raise BadText("is no exact amount", 'write it as "316640.000" or "1000/3"')
    return text


def _when(text: str) -> str:
    if text != TODAY:
        iso_date(text)
    return text


Amount = Annotated[str, AfterValidator(_exact_text)]


class BaselineEntry(BaseModel):
    """What a rule measured for an owner group at a place on a day; `share` is for readers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    pack: str
    rule: str
    owner: str
    place: str
    item: str = ""
    when: Annotated[str, AfterValidator(_when)]
    verdict: Verdict
    kind: str
    numerator: Amount | None = None
    denominator: Amount | None = None
    share: str | None = None
    comparison: Literal["<=", ">="] = "<="
    limit: Amount | None = None
    unit: str = ""

    def day(self, recorded: date) -> date:
        """Return the day that it is of."""
        return recorded if self.when == TODAY else iso_date(self.when)

    @property
    def exact(self) -> tuple[Fraction | None, Fraction, Fraction]:
        """The part, the whole (1 where nothing is divided) and the limit."""
        part = None if self.numerator is None else Fraction(self.numerator)
        return part, Fraction(self.denominator or 1), Fraction(self.limit or 0)


class BaselineFile(BaseModel):
    """The whole of a baseline.json."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    schema_: Literal["placement.baseline/1"] = Field(default="placement.baseline/1", alias="schema")
    recorded: Annotated[date, Field(strict=False)]
    entries: tuple[BaselineEntry, ...]


def read_baseline(path: str | Path) -> BaselineFile:
    """Read a baseline.json; InputError with every fault."""
    name = printable(str(path))
    try:
        content = read_file(Path(path))
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise InputError(Fault(message, f"give a baseline, or {_AGAIN}", name)) from error
    try:
        return BaselineFile.model_validate_json(content)
    except ValidationError as error:
        raise InputError(_fault(dict(one), name) for one in error.errors()) from error


def baseline_text(recorded: date, entries: Sequence[BaselineEntry]) -> str:
    """Return the text of a baseline.json: one entry a line, in the order given."""
    lines = [
        json.dumps(
            {k: v for k, v in one.model_dump(mode="json").items() if v not in (None, "")},
            ensure_ascii=False,
        )
        for one in entries
    ]
    listed = "".join(f"\n    {line}{',' * (n < len(lines))}" for n, line in enumerate(lines, 1))
    return (
        f'{{\n  "schema": "{SCHEMA}",\n  "recorded": "{recorded}",\n  "entries": ['
        f"{listed}{chr(10) + '  ' if lines else ''}]\n}}\n"
    )


def _fault(error: dict[str, Any], name: str) -> Fault:
    where = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    value = given if isinstance(given, str) and len(given) < 200 else None
    if error["type"] == "json_invalid":
        return Fault(f"is not JSON: {error['ctx']['error']}", _AGAIN, name)
    if error["type"] == "value_error":
        cause = error["ctx"]["error"]
        return Fault(str(cause), getattr(cause, "fix", "") or _AGAIN, name, None, where, value)
    return Fault(f"{error['msg'][0].lower()}{error['msg'][1:]}", _AGAIN, name, None, where, value)
