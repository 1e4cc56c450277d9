"""A plan as it was written to a folder: report.json, layout.csv and actions.csv, read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from placement.amounts import parse_decimal
from placement.errors import InputError, Problem
from placement.planner.period import Period, parse_period
from placement.sources.csvfile import SPACE, body, check_readable, header_of, printable, records
from placement.vocabulary import PlanStatus, Verdict

REPORT, LAYOUT, ACTIONS = "report.json", "layout.csv", "actions.csv"

_FIX = "name a folder that `placement optimize --out` wrote"


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
    """The value of one objective."""

    objective: str
    value: _Amount


class PlanPeriods(_Read):
    """The first and the last period planned."""

    first: _PeriodName
    last: _PeriodName


class PlanFinding(_Read):
    """The verdict on one rule, owner, place and date."""

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
    """A plan that was read back; `stands` is on the last day planned."""

    name: str
    report: PlanReport
    stands: tuple[Standing, ...]
    actions: tuple[tuple[Done, int], ...]

    @property
    def last(self) -> Period:
        """The last period planned."""
        return _last(self.report)


def read_plans(*folders: str | Path) -> list[PlanFolder]:
    """Read plans; InputError with every fault of all of them."""
    found, faults = [], list[Problem]()
    for folder in folders:
        try:
            found.append(_read(Path(folder)))
        except InputError as error:
            faults += error.problems
    if faults:
        raise InputError(faults)
    return found


def _read(folder: Path) -> PlanFolder:
    name = printable(str(folder))
    if not folder.is_dir():
        said = "is a file, not the folder of a plan" if folder.exists() else "no such folder"
        raise InputError(Problem(said, _FIX, name))
    missing = [one for one in (REPORT, LAYOUT, ACTIONS) if not (folder / one).is_file()]
    if missing:
        message = f"holds no plan: there is no {' and no '.join(missing)}"
        raise InputError(Problem(message, _FIX, name))
    report = _report(folder / REPORT)
    return PlanFolder(
        name,
        report,
        tuple(_standing(folder / LAYOUT, _last(report).last)),
        tuple(_actions(folder / ACTIONS)),
    )


def _last(report: PlanReport) -> Period:
    last = parse_period(report.plan.periods.last)
    if last is None:
        raise AssertionError("a report's periods were checked when it was read")
    return last


def _report(path: Path) -> PlanReport:
    name = printable(str(path))
    try:
        return PlanReport.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", _FIX, name)) from None
    except ValidationError as error:
        faults = []
        for one in error.errors():
            where = ".".join(map(str, one["loc"]))
            if one["loc"] in ((), ("schema",)):
                message = "is no report of a plan"
            else:
                message = f"{where}: {one['msg']}"
            faults.append(Problem(message, _FIX, name))
        raise InputError(faults) from None


def _standing(path: Path, day: date) -> Iterator[Standing]:
    name = printable(str(path))
    required = ("site", "country", "accelerator", "quantity", "in_service", "out_of_service")
    for line, row in rows_of(path, required):
        since, until = (
            _date(row[column], name, line, column) for column in ("in_service", "out_of_service")
        )
        quantity = _whole(row["quantity"], name, line)
        if (since is None or since <= day) and (until is None or day < until):
            yield Standing(row["site"], row["country"], row["accelerator"], quantity)


def _actions(path: Path) -> Iterator[tuple[Done, int]]:
    columns = ("period", "action", "accelerator", "from_site", "to_site", "owner")
    for line, row in rows_of(path, (*columns, "quantity")):
        done = Done(*(row[column] for column in columns))
        yield done, _whole(row["quantity"], printable(str(path)), line)


def rows_of(path: Path, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells, by column, of every row of a table of a plan."""
    name = printable(str(path))
    check_readable(path, name)
    with closing(records(path, name)) as rows:
        header = header_of(next(rows, None), required, required, name)
        for line, cells in body(rows, header, name):
            yield line, {key: cells[at].strip(SPACE) for key, at in header.columns.items()}


def _whole(text: str, name: str, line: int) -> int:
    number = parse_decimal(text)
    if number is None or number.denominator != 1 or number < 0:
        fix = "write the number of accelerators"
        raise InputError(Problem("is not a whole number", fix, name, line, "quantity", text))
    return int(number)


def _date(text: str, name: str, line: int, column: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fix = "write it as YYYY-MM-DD"
        raise InputError(Problem("is not a date", fix, name, line, column, text)) from None
