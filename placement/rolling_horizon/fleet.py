"""The inventory of a day: what a plan did by then, and what it left or has not done yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from placement.enums import Status
from placement.optimization.data.notices import ArrivalKind, Notices
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.results.layout import Layout
from placement.policy.rules import NoticeRule

_NOT_IN_INVENTORIES = ("period", "tpp")


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everyone's lots on a day, and what was told of notices with them.

    `sites_filed`: the day on which notice of a site was filed, for those that were new. `filed`:
    what is taken as filed, in words. `under_way`, `ordered`: accelerators.
    """

    lots: tuple[Lot, ...]
    sites_filed: dict[str, date]
    filed: tuple[str, ...]
    under_way: int
    ordered: int

    def columns(self, problem: Problem) -> tuple[str, ...]:
        """Return the columns of inventory.csv: those of a layout that an inventory has."""
        columns = Layout(self.lots, ()).columns(problem)
        return tuple(name for name in columns if name not in _NOT_IN_INVENTORIES)

    def rows(self, problem: Problem) -> list[tuple[str, ...]]:
        """Return the rows of inventory.csv."""
        layout = Layout(self.lots, ())
        at = [layout.columns(problem).index(name) for name in self.columns(problem)]
        return [tuple(row[place] for place in at) for row in layout.rows(problem)]


def fleet_on(problem: Problem, layout: Sequence[Lot], day: date) -> Fleet:
    """Return everyone's lots on the first day of a period, before anything is done on it.

    `problem` is what was planned, `layout` the lots of the plan. What stood before the plan and
    leaves on that day or later still stands; what the plan brought before stays (`Lot.stays`), as
    it does in the plan, and so does what came by itself within its horizon.
    """
    made = _Day(problem, day)
    made.take_over(layout)
    others = [lot for lot in problem.lots if not lot.own]
    own = [_pinned(problem, lot, day) for lot in made.found]
    brought = [made.carried_out(lot) for lot in made.brought]
    lots = _together([*own, *brought, *others])
    return Fleet(
        lots,
        made.sites_filed,
        tuple(sorted(made.filed)),
        sum(lot.quantity for lot in brought if lot.works_since and lot.works_since >= day),
        sum(lot.quantity for lot in own if lot.works_since and lot.works_since >= day),
    )


class _Day:
    """The group's lots on a day, as they are found in a layout."""

    def __init__(self, problem: Problem, day: date) -> None:
        self._problem, self._day = problem, day
        self._own = [lot for lot in problem.lots if lot.own]
        #: What of each lot of the inventory is not found in the layout yet.
        self._missing: Counter[Lot] = Counter()
        for lot in self._own:
            self._missing[_kind(lot)] += lot.quantity
        self.found: list[Lot] = []
        self.brought: list[Lot] = []
        self.sites_filed: dict[str, date] = {}
        self.filed: set[str] = set()
        self._notices: dict[int, Notices] = {}

    def take_over(self, layout: Iterable[Lot]) -> None:
        """Sort the lots of a layout: as they were, those that leave, those that were brought."""
        cut: list[Lot] = []
        ends = {replace(_kind(lot), end=None) for lot in self._own if self._may_leave(lot)}
        left_first = {
            replace(_kind(lot), status=Status.INSTALLED, end=self._problem.first)
            for lot in self._own
        }
        reserved: Counter[Lot] = Counter()
        # What leaves is of the inventory, since what a plan brings stays: it is matched first.
        for lot in sorted(layout, key=lambda one: not self._is_cut(one)):
            if lot.start is not None and lot.start >= self._day:
                continue  # to be planned anew; what the inventory says of later is added below
            same = min(lot.quantity, self._missing[_kind(lot)] - reserved[_kind(lot)])
            self._missing[_kind(lot)] -= same
            if same:
                self.found.append(replace(lot, quantity=same))
            rest = replace(lot, quantity=lot.quantity - same)
            if not rest.quantity:
                continue
            if lot.end is not None and lot.end <= self._problem.first:
                # What left on the first day planned is found in the inventory.
                if replace(_kind(lot), status=Status.INSTALLED) not in left_first:
                    self.found.append(rest)
            elif self._is_cut(lot) and replace(_kind(lot), end=None) in ends:
                cut.append(rest)
                self._reserve(rest, reserved)
            else:
                self.brought.append(rest)
        self._leave(cut)
        for lot in self._own:
            before = lot.end is not None and lot.end <= self._problem.first
            later = lot.start is not None and lot.start >= self._day
            if before or later:
                self.found.append(replace(lot, quantity=self._missing[_kind(lot)]))
                self._missing[_kind(lot)] = 0

    def _reserve(self, cut: Lot, reserved: Counter[Lot]) -> None:
        """Keep back, of the lots of the inventory, as much as leaves."""
        count, kind = cut.quantity, replace(_kind(cut), end=None)
        for lot in self._own:
            if self._may_leave(lot) and replace(_kind(lot), end=None) == kind:
                part = min(count, self._missing[_kind(lot)] - reserved[_kind(lot)])
                reserved[_kind(lot)] += part
                count -= part

    def _leave(self, cut: list[Lot]) -> None:
        """Keep what left before the day as a lot that ended, and undo what leaves later.

        What leaves of equal lots is taken in the order of the inventory, and what is in no layout
        any more left on the first day planned, for another country or none: what moved within one
        then is there, as the lot that it was.
        """
        inside: Counter[Lot] = Counter()
        for lot in self.brought:
            if lot.start is None or lot.start < self._problem.first:
                inside[_in_country(lot)] += lot.quantity
        waiting: dict[Lot, list[Lot]] = {}
        for lot in self._own:
            if self._may_leave(lot) and self._missing[_kind(lot)]:
                left = replace(lot, quantity=self._missing[_kind(lot)])
                waiting.setdefault(replace(_kind(lot), end=None), []).append(left)
        gone: Counter[Lot] = Counter()
        for kind, lots in waiting.items():
            gone[kind] = sum(lot.quantity for lot in lots)
        for lot in cut:
            gone[replace(_kind(lot), end=None)] -= lot.quantity
        for kind, count in gone.items():
            for lot in _take(waiting[kind], count):
                moved = min(lot.quantity, inside[_in_country(lot)])
                inside[_in_country(lot)] -= moved
                stood = lot.start is None or lot.start < self._problem.first
                if stood:  # what would have come on that day never did
                    rest = replace(lot, quantity=lot.quantity - moved)
                    self.found.append(replace(rest, end=self._problem.first))
        for lot in sorted(cut, key=lambda one: one.end or date.max):
            taken = _take(waiting[replace(_kind(lot), end=None)], lot.quantity)
            undone = lot.end is not None and lot.end >= self._day
            self.found += taken if undone else [lot]

    def _may_leave(self, lot: Lot) -> bool:
        """Tell whether a plan could take a lot away within its horizon."""
        return lot.end is None or lot.end > self._problem.last

    def _is_cut(self, lot: Lot) -> bool:
        return lot.end is not None and self._problem.first < lot.end <= self._problem.last

    def carried_out(self, lot: Lot) -> Lot:
        """Return what a plan brought as it stands, with its notices filed on their last day."""
        problem, filed = self._problem, lot.notice_filed
        t = 0 if lot.start is None else problem.index_on(lot.start) or 0
        told = problem.case.sites is not None and problem.case.sites.has_notices
        how = ArrivalKind.BOUGHT
        if lot.from_country is not None:
            how = ArrivalKind.INSIDE if lot.from_country == lot.country else ArrivalKind.CROSSES
        if t not in self._notices:
            self._notices[t] = Notices(problem, t)
        for one in self._notices[t].needed(problem.sites[lot.site], lot.model, how):
            rule = problem.policy.rule(one.rule)
            if one.filed is not None or not isinstance(rule, NoticeRule):
                continue
            if rule.of == "new_site" and told:
                known = self.sites_filed.get(lot.site, one.by)
                self.sites_filed[lot.site] = min(known, one.by)
                self.filed.add(f"{one.rule}, {one.what}")
            elif rule.of != "new_site" and (told or problem.case.has_notices):
                filed = min(filed or one.by, one.by)
                self.filed.add(f"{one.rule}, {one.what}")
        status = Status.INSTALLED if lot.status is Status.PLANNED else lot.status
        return replace(lot, status=status, stays=True, notice_filed=filed)


def _kind(lot: Lot) -> Lot:
    """Return a lot without its quantity, to compare it by all else."""
    return replace(lot, quantity=0)


def _in_country(lot: Lot) -> Lot:
    """Return a lot without what a move within its country changes."""
    return replace(_kind(lot), site="", in_service=None)


def _take(lots: list[Lot], count: int) -> list[Lot]:
    """Take so many accelerators off the first lots of a list, which it shortens."""
    taken = []
    while count and lots:
        part = min(count, lots[0].quantity)
        taken.append(replace(lots[0], quantity=part))
        lots[0] = replace(lots[0], quantity=lots[0].quantity - part)
        if not lots[0].quantity:
            lots.pop(0)
        count -= part
    return taken


def _pinned(problem: Problem, lot: Lot, day: date) -> Lot:
    """Return a lot of the inventory; what came by itself within the plan's horizon stays."""
    came = lot.works_since is not None and problem.first < lot.works_since <= day
    return replace(lot, stays=True) if came and lot.works else lot


def _together(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Add up the lots that agree in all but the quantity, in a fixed order."""
    counts: Counter[Lot] = Counter()
    for lot in lots:
        counts[_kind(lot)] += lot.quantity
    found = [replace(kind, quantity=count) for kind, count in counts.items() if count]
    return tuple(
        sorted(
            found,
            key=lambda lot: (
                lot.country, lot.site, lot.model, lot.owner, lot.start or date.min,
                lot.end or date.max, repr(lot),
            ),
        )
    )  # fmt: skip
