"""What the readers of the planning tables share: look-ups, faults, assumptions and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from placement.catalog import (
    H100E_TPP,
    Accelerator,
    Catalog,
    HolderName,
    UnknownName,
    country,
    refusal,
)
from placement.enums import Unit
from placement.errors import Fault, FaultCollector, did_you_mean
from placement.optimization.data.periods import Period, index_on, parse_period, span
from placement.policy import Policy
from placement.readers.config.money import CURRENCY
from placement.readers.doubts import Accepting
from placement.readers.table import Table
from placement.text.lookalikes import Mention, lookalikes, others

_MOST_NAMED = 5
#: What a table without rows comes to.
_WITHOUT = {"demand": ": it asks for nothing", "supply": ": nothing is bought"}
RowT = TypeVar("RowT", bound=BaseModel)
Paths = Mapping[str, tuple[Path, str]]


@dataclass
class Reading:
    """What is gathered while the tables are read."""

    paths: Paths
    catalog: Catalog
    policy: Policy
    periods: tuple[Period, ...]
    currency: str = CURRENCY
    accepting: Accepting = field(default_factory=Accepting)
    gathering: FaultCollector = field(default_factory=FaultCollector)
    assumed: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    #: Those of them that leave nothing in doubt: what a table says, once more.
    lesser_notes: list[str] = field(default_factory=list)
    #: The TPP of one H100-equivalent.
    h100e: int = H100E_TPP
    #: The rows of each table.
    read: dict[str, int] = field(default_factory=dict)
    #: The companies and places that are named anywhere.
    names: list[Mention] = field(default_factory=list)
    #: Whether sites and lots are all known: without them, nobody knows what has no room.
    is_whole: bool = True

    @property
    def faults(self) -> list[Fault]:
        """The faults found so far."""
        return self.gathering.problems

    def assume(self, what: str, whose: str) -> None:
        """Note that something was assumed of one more."""
        self.assumed.setdefault(what, []).append(whose)

    def note_lesser(self, text: str) -> None:
        """Keep a note that leaves nothing in doubt."""
        self.notes.append(text)
        self.lesser_notes.append(text)

    def table(self, name: str, read: Callable[[Path, str], Table[RowT]]) -> Table[RowT] | None:
        """Read a table and take over its notes; None where there is none, or it has faults."""
        if name not in self.paths:
            return None
        path, called = self.paths[name]
        found: Table[RowT] | None = None
        with self.gathering.part(name):
            found = read(path, called)
            self.notes.extend(found.notes)
            self.read[found.file] = len(found.rows)
            self.names += found.names
            if not found.rows:
                # Said before all else: what follows may well be for want of them.
                self.notes.insert(
                    0, f"{found.file}: NO ROWS below the header{_WITHOUT.get(name, '')}"
                )
        return found

    def settle(self, names: Iterable[Mention]) -> None:
        """Raise InputError with every fault, those of names written in two ways among them."""
        alike = lookalikes([*names, *self.names])
        self.gathering.problems = [*others(self.faults, alike), *alike]
        self.gathering.settle()

    def counted(
        self, text: str, quantity: Fraction | int, file: str, line: int
    ) -> tuple[Accelerator, int] | None:
        """Resolve a model that has a rate, and how many of it are in one of what is counted.

        A fault and None for other names: of a server or rack, one with both readings of `quantity`.
        """
        try:
            match = self.catalog.find(text)
        except HolderName as error:
            fault = Fault(*error.of(quantity), file, line, "accelerator", text)
            self.faults.append(fault)
            return None
        except UnknownName:
            match = None
        if match is not None and match.count != 1:
            each = f"{text}: {match.count} x {match.accelerator.model} each"
            self.assume("names of servers and racks, by [aliases]", each)
        found = self.model(text, file, line, "accelerator")
        return None if found is None else (found, match.count if match is not None else 1)

    def model(self, text: str, file: str, line: int, column: str) -> Accelerator | None:
        """Resolve a model that has a rate; a fault and None otherwise.

        Nothing is counted here, so the name of a server or rack is that of what is in it.
        """
        try:
            try:
                match = self.catalog.find(text)
            except HolderName:
                match = self.catalog.find_counted(text, Unit.ACCELERATOR)
        except UnknownName as error:
            self.faults.append(Fault(error.message, error.fix, file, line, column, text))
            return None
        if match.note:
            self.note_lesser(match.note)
        if match.accelerator.mtpp(self.policy.tf32_bits) is None:
            self.faults.append(Fault(refusal(match.accelerator), "", file, line, column, text))
            return None
        return match.accelerator

    def period(self, text: str, file: str, line: int) -> Period | None:
        """Read a period's name; a fault and None where it is none."""
        period = parse_period(text)
        if period is None:
            fix = "write 2027Q1, 2027-02 or 2027"
            self.faults.append(Fault("is no period", fix, file, line, "period", text))
        return period

    def index_of(self, text: str, file: str, line: int) -> int | None:
        """Return the index of a period that is planned.

        None outside the horizon, which is said; a fault and None where it is no period, or one of
        another kind that overlaps it.
        """
        period = self.period(text, file, line)
        if period is None:
            return None
        planned = self.periods
        if period.last < planned[0].first or planned[-1].last < period.first:
            self.assume("rows of other periods are left out", f"{Path(file).name}: {period.name}")
            return None
        at = index_on(planned, period.first)
        if at is not None and planned[at] == period:
            return at
        if len(planned) == 1:
            fix = f"write {planned[0].name}"
            message = f"overlaps the planned period {planned[0].name}, and is another one"
        else:
            fix = f"write a {planned[0].kind}, as {planned[at or 0].name}"
            message = f"overlaps the planned periods {span(planned)}, and is none of them"
        self.faults.append(Fault(message, fix, file, line, "period", text))
        return None

    def places(
        self, texts: Iterable[str], day: date, file: str, line: int, column: str
    ) -> frozenset[str]:
        """Return the countries of codes, names and groups of the pack; a fault for other text."""
        groups = self.policy.groups_on(day)
        found: set[str] = set()
        for text in texts:
            if text in groups:
                found |= groups[text]
                continue
            try:
                found.add(country(text))
            except UnknownName as error:
                near = did_you_mean(text, groups)
                fix = near or f"{error.fix}; groups of the pack: {', '.join(sorted(groups))}"
                self.faults.append(Fault(error.message, fix, file, line, column, text))
        return frozenset(found)


def some(names: Iterable[str]) -> str:
    """List the first few names, and say how many more there are."""
    listed = list(dict.fromkeys(names))
    more = len(listed) - _MOST_NAMED
    return ", ".join(listed[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
