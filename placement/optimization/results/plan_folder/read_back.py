"""A plan as it was written to a folder: report.json, layout.csv and actions.csv, read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from placement.enums import PlanStatus, Verdict
from placement.errors import Fault, InputError
from placement.optimization.data.periods import Period, parse_period
from placement.optimization.results.plan_folder.file_set import (
    ACTIONS,
    REPORT,
    PlanSet,
    read_plan_set,
    report_faults,
)
from placement.readers.formats.csv_records import SPACE, body, check_readable, header_of, records
from placement.readers.plan_layouts import LAYOUT
from placement.text.decimals import parse_decimal


def _decimal(text: str) -> str:
    if parse_decimal(text) is None:
        raise ValueError("is not a decimal number")
    return text


def _period(text: str) -> str:
    if parse_period(text) is None:
        raise ValueError("is not a period")
    return text


_Amount = Annotated[str, AfterValidator(_decimal)]
_PeriodName = Annotated[str, AfterValidator(_period)]


class _Read(BaseModel):
    """Keys that nobody here knows are those of a later version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PlanTier(_Read):
    """The value of one objective, and the bound that was proven; None in older reports."""

    objective: str
    value: _Amount
    bound: _Amount | None = None


class PlanPeriods(_Read):
    """The first and the last period planned."""

    first: _PeriodName
    last: _PeriodName


class PlanFinding(_Read):
    """The verdict on one rule, owner, place and date; older reports do not name the pack."""

    pack: str = ""
    rule: str
    owner: str
    place: str
    item: str | None = None
    date: date
    verdict: Verdict


class PlanMade(_Read):
    """How the plan came out."""

    status: PlanStatus
    owner: str
    periods: PlanPeriods
    currency: str = "USD"
    compliant_from: date | None = None
    compliant_every_day_from: date | None = None
    tiers: tuple[PlanTier, ...] = ()
    cost: dict[str, _Amount] = Field(default_factory=dict)


class PlanReport(_Read):
    """The report of a plan, as far as plans are compared."""

    schema_: Literal["placement.report/1"] = Field(alias="schema")
    verdict: Verdict
    findings: tuple[PlanFinding, ...] = ()
    plan: PlanMade


@dataclass(frozen=True, slots=True)
class Standing:
    """Accelerators of a model at a site on the last day planned."""

    site: str
    country: str
    accelerator: str
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class Done:
    """What is done in a period, whatever its cost and reason."""

    period: str
    action: str
    accelerator: str
    from_site: str
    to_site: str
    owner: str


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A plan that was read back; `stands` is on the last day planned.

    `is_vouched`: its report says that the files are of one run; one of an earlier version cannot.
    """

    name: str
    report: PlanReport
    stands: tuple[Standing, ...]
    actions: tuple[tuple[Done, int], ...]
    is_vouched: bool

    @property
    def last(self) -> Period:
        """The last period planned."""
        return _last(self.report)


def read_plans(*folders: str | Path) -> list[PlanFolder]:
    """Read plans; InputError with every fault of all of them."""
    found, faults = [], list[Fault]()
    for folder in folders:
        try:
            found.append(plan_of(read_plan_set(folder)))
        except InputError as error:
            faults += error.problems
    if faults:
        raise InputError(faults)
    return found


def plan_of(found: PlanSet) -> PlanFolder:
    """Return a plan from its files; InputError with what is wrong in them."""
    report = _report(found)
    return PlanFolder(
        found.name,
        report,
        tuple(_standing(found, _last(report).last)),
        tuple(_actions(found)),
        found.is_vouched,
    )


def _last(report: PlanReport) -> Period:
    last = parse_period(report.plan.periods.last)
    if last is None:
        raise AssertionError("a report's periods were checked when it was read")
    return last


def _report(found: PlanSet) -> PlanReport:
    try:
        return PlanReport.model_validate_json(found.contents[REPORT])
    except ValidationError as error:
        raise InputError(report_faults(error, found.file(REPORT))) from None


def _standing(found: PlanSet, day: date) -> Iterator[Standing]:
    name = found.file(LAYOUT)
    required = ("site", "country", "accelerator", "quantity", "in_service", "out_of_service")
    for line, row in rows_of(found.contents[LAYOUT], name, required):
        since, until = (
            _date(row[column], name, line, column) for column in ("in_service", "out_of_service")
        )
        quantity = _whole(row["quantity"], name, line)
        if (since is None or since <= day) and (until is None or day < until):
            yield Standing(row["site"], row["country"], row["accelerator"], quantity)


def _actions(found: PlanSet) -> Iterator[tuple[Done, int]]:
    name = found.file(ACTIONS)
    columns = ("period", "action", "accelerator", "from_site", "to_site", "owner")
    for line, row in rows_of(found.contents[ACTIONS], name, (*columns, "quantity")):
        done = Done(*(row[column] for column in columns))
        yield done, _whole(row["quantity"], name, line)


def rows_of(
    content: bytes, name: str, required: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells, by column, of every row of a table of a plan."""
    check_readable(content, name)
    with closing(records(content, name)) as rows:
        header = header_of(next(rows, None), required, required, name)
        for line, cells in body(rows, header, name):
            yield line, {key: cells[at].strip(SPACE) for key, at in header.columns.items()}


def _whole(text: str, name: str, line: int) -> int:
    number = parse_decimal(text)
    if number is None or number.denominator != 1 or number < 0:
        fix = "write the number of accelerators"
        raise InputError(Fault("is not a whole number", fix, name, line, "quantity", text))
    return int(number)


def _date(text: str, name: str, line: int, column: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fix = "write it as YYYY-MM-DD"
        raise InputError(Fault("is not a date", fix, name, line, column, text)) from None
