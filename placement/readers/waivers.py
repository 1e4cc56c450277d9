"""waivers.toml: which breach is allowed, up to which amount, until when, why, and by whom.

[[waiver]]
rule = "uveu.single_country"        # or PACK:RULE
owner = "Nimbus Cloud Inc"
place = "MY"
at_most = "8.2 %"                   # a share, or an amount in the unit of the rule
reason = "moves out by June"
author = "Ann Lee"
approver = "Bo Chen"                # another one
granted = 2026-12-01
expires = 2027-06-30                # at most a year later
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from placement.errors import Fault, InputError, did_you_mean
from placement.readers.cells import BadText, exact
from placement.readers.config.values import Day
from placement.readers.formats.csv_records import printable
from placement.text.bounded import BadToml, parse_toml, read_file
from placement.text.toml_lines import line_of

_FRACTION = re.compile(r"[0-9]{1,40}/[1-9][0-9]{0,39}")
_TABLE = "waiver"
_WRITE_IT = "write each as [[waiver]], with rule, owner, place, at_most, reason and so on"


def _text(text: str) -> str:
    if not text.strip():
        raise BadText("is blank", "say it in a few words")
    return text.strip()


Text = Annotated[str, AfterValidator(_text)]


class WaiverRow(BaseModel):
    """One waiver as it is written; `item` is that of a finding which is about one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rule: Text
    owner: Text
    place: Text
    item: Text | None = None
    at_most: str | int | None = Field(default=None)
    reason: Text
    author: Text
    approver: Text
    granted: Day
    expires: Day

    @model_validator(mode="after")
    def _is_approved_by_another(self) -> WaiverRow:
        if _person(self.author) == _person(self.approver):
            raise BadText("author and approver are one", "have someone else approve it")
        if self.expires < self.granted:
            raise BadText("expires before it is granted", "mend granted or expires")
        last = a_year_after(self.granted)
        if self.expires > last:
            raise BadText("expires more than a year after it is granted", f"write {last} or before")
        return self

    @property
    def amount(self) -> tuple[Fraction, bool] | None:
        """The amount, and whether it is written as a percentage; None: none is given."""
        return None if self.at_most is None else amount_of(str(self.at_most))


def amount_of(text: str) -> tuple[Fraction, bool]:
    """Read a share or an amount exactly, `0.082`, `8.2 %` or `1000/3`; BadText for others."""
    number, sign, rest = text.strip().partition("%")
    if rest.strip():
        raise BadText("is no amount", "write it as 0.082 or 8.2 %")
    found = Fraction(number) if _FRACTION.fullmatch(number.strip()) else exact(number)
    if found < 0:
        raise BadText("is negative", "write 0 or more")
    return (found / 100, True) if sign else (found, False)


def a_year_after(day: date) -> date:
    """Return the same day of the next year; the 28th of February for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 2, 28)


def read_waivers(path: str | Path) -> list[tuple[int | None, WaiverRow]]:
    """Read a waivers.toml: each waiver with its line; InputError with every fault."""
    name = printable(str(path))
    try:
        text = read_file(Path(path)).decode("utf-8-sig")
    except OSError as error:
        fix = "give a waivers.toml, or leave it out"
        raise InputError(Fault(f"cannot be read: {error.strerror}", fix, name)) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8", "save it as UTF-8", name)) from error
    try:
        tree = parse_toml(text, parse_float=str)
    except BadToml as error:
        fault = Fault(str(error), error.fix or _WRITE_IT, name, error.line)
        raise InputError(fault) from error
    rows = tree.get(_TABLE, [])
    faults = [
        Fault(
            "unknown key",
            did_you_mean(key, [_TABLE]) or _WRITE_IT,
            name,
            line_of(text, (key,)),
            key,
        )
        for key in tree
        if key != _TABLE
    ]
    if not isinstance(rows, list):
        raise InputError(Fault("is not a list of tables", _WRITE_IT, name, column=_TABLE))
    found = []
    for place, row in enumerate(rows):
        try:
            made = WaiverRow.model_validate(row)
            _ = made.amount
            found.append((line_of(text, (_TABLE, place)), made))
        except ValidationError as error:
            faults += [_fault(dict(one), text, place, name) for one in error.errors()]
        except BadText as error:
            line = line_of(text, (_TABLE, place, "at_most"))
            value = str(row["at_most"])
            faults.append(Fault(error.message, error.fix, name, line, "at_most", value))
    if faults:
        raise InputError(faults)
    return found


def waiver_text(row: WaiverRow) -> str:
    """Return one waiver as it stands in a waivers.toml."""
    lines = [f"[[{_TABLE}]]"]
    for key, value in row.model_dump(exclude_none=True).items():
        lines.append(f"{key} = {value}" if isinstance(value, date) else f"{key} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    """Return a basic string of TOML."""
    escaped = "".join(
        f"\\u{ord(char):04X}" if ord(char) < 32 or ord(char) == 127 else char
        for char in str(value).replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'


def _person(name: str) -> str:
    return " ".join(name.split()).casefold()


def _fault(error: Mapping[str, Any], text: str, place: int, name: str) -> Fault:
    key = str(error["loc"][0]) if error["loc"] else None
    line = line_of(text, (_TABLE, place, *([key] if key is not None else [])))
    given = error.get("input")
    value = str(given) if isinstance(given, str | int) else None
    match error["type"]:
        case "missing":
            return Fault(f"key {key!r} is missing", "add it", name, line, _TABLE)
        case "extra_forbidden":
            known = ", ".join(WaiverRow.model_fields)
            fix = did_you_mean(str(key), WaiverRow.model_fields) or f"known keys: {known}"
            return Fault(f"unknown key {key!r}", fix, name, line, _TABLE)
        case "value_error":
            cause = error["ctx"]["error"]
            return Fault(str(cause), getattr(cause, "fix", ""), name, line, key or _TABLE, value)
        case _:
            message = str(error["msg"]).replace("Input should be", "must be")
            return Fault(message, "write it as text in quotes", name, line, key or _TABLE, value)
