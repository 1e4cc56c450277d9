"""The group's lots, from which a plan takes kit and to which it adds some."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from placement.enums import Status
from placement.optimization.data.problem import Lot, Problem


def _bare_first(lot: Lot) -> tuple[bool, int]:
    """Return the order in which kit leaves: that of rules on what came from some day on."""
    if not lot.uncovered:
        return True, 0
    return False, -(lot.start or date.max).toordinal()


class Standing:
    """The lots as they change; `added`: those that the plan brings.

    What leaves later than on the first day planned stays as a lot that ends then. `keep_gone`: what
    leaves the group's sites abroad on the first day stays, too, as a retired lot.
    """

    def __init__(self, problem: Problem, *, keep_gone: bool) -> None:
        self._problem = problem
        self._keep_gone = keep_gone
        self._home = problem.case.books.ledger.home(problem.first) if keep_gone else ()
        self._lots = [
            lot
            for lot in problem.lots
            if lot.own and (lot.end is None or lot.end > problem.first or keep_gone)
        ]
        self._gone: list[Lot] = []
        self.added: list[Lot] = []

    def add(self, lot: Lot) -> None:
        """Add a lot that the plan brings."""
        self.added.append(lot)

    def take(self, site: str, model: str, count: int) -> list[Lot]:
        """Take accelerators that stand throughout: without a licence, and the planner's, first.

        Of those without one, what nothing covers; of that, what came last, or nobody knows when.
        """
        problem, owner = self._problem, self._problem.owner
        here = [
            n
            for n, lot in enumerate(self._lots)
            if (lot.site, lot.model) == (site, model)
            and lot.works
            and not lot.stays
            and problem.counts(lot)
            and (lot.works_since is None or lot.works_since <= problem.first)
            and (lot.end is None or lot.end > problem.last)
        ]
        here.sort(
            key=lambda n: (
                not self._lots[n].needs_licence, *_bare_first(self._lots[n]),
                self._lots[n].owner != owner, self._lots[n].owner, n,
            )
        )  # fmt: skip
        taken = []
        for n in here:
            lot = self._lots[n]
            part = min(count, lot.quantity)
            if part:
                taken.append(replace(lot, quantity=part))
                self._lots[n] = replace(lot, quantity=lot.quantity - part)
                count -= part
        if count:
            raise AssertionError(f"{count} more {model} leave {site} than stand there")
        return taken

    def lots(self) -> tuple[Lot, ...]:
        """Return all lots that are left, in a fixed order."""
        left = [lot for lot in (*self._lots, *self._gone, *self.added) if lot.quantity]
        left.sort(
            key=lambda lot: (
                lot.country, lot.site, lot.model, lot.owner, lot.status.value,
                lot.start or date.min, lot.end or date.max, lot.operator,
                lot.consignee, lot.channel or "", str(lot.licensed), lot.from_country or "",
                lot.notice_filed or date.min, lot.works_since or date.min, lot.stays,
            )
        )  # fmt: skip
        return tuple(left)

    def leave(self, lot: Lot, day: date) -> None:
        """Keep what stood there until a day, and what a country received.

        What would have come on the first day, when it leaves, never did.
        """
        first = self._problem.first
        if day > first:
            self._gone.append(replace(lot, end=day))
        elif self._keep_gone and lot.country not in self._home and lot.start != first:
            self._gone.append(replace(lot, status=Status.RETIRED, end=first))
