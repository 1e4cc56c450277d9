"""A plan as lots and actions: who has what where afterwards, and what is done on the first day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.optimization.data.notices import ArrivalKind, Notice
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.model.constraints.channels import tidied
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.decisions import decisions_of
from placement.optimization.results.dilution.find import Dilution
from placement.optimization.results.lot_pool import Standing
from placement.optimization.results.new_lots import bought, charged, moved, moved_inside
from placement.optimization.results.reasons import Reasons
from placement.optimization.results.transfers import match_transfers
from placement.report import Finding
from placement.text.decimals import decimal_text

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

LAYOUT_COLUMNS = (
    "owner", "site", "country", "accelerator", "quantity", "status", "arrived", "in_service",
    "out_of_service", "operator", "consignee", "channel", "licensed", "from_country",
    "notice_filed", "stays", "period", "tpp",
)  # fmt: skip
ACTION_COLUMNS = (
    "period", "date", "action", "owner", "accelerator", "quantity", "from_site", "to_site",
    "reason", "cost", "file_by", "arrives",
)  # fmt: skip

_YES_NO = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do on a day: install, move or retire so many accelerators.

    `cost` is in the configuration's currency: the purchase, the move or the retirement. `to_file`
    are the notices that are still to be filed for it. `arrives`: of a move, which leaves on `day`.
    """

    period: str
    day: date
    action: str
    owner: str
    accelerator: str
    quantity: int
    from_site: str
    to_site: str
    reason: str
    cost: Fraction
    to_file: tuple[Notice, ...] = ()
    arrives: date | None = None

    @property
    def file_by(self) -> date | None:
        """The last day on which the first of its notices is early enough, None where none is."""
        return min((one.by for one in self.to_file), default=None)

    def cells(self) -> tuple[str, ...]:
        """Return the row of actions.csv."""
        return (
            self.period, self.day.isoformat(), self.action, self.owner, self.accelerator,
            str(self.quantity), self.from_site, self.to_site, self.reason,
            decimal_text(self.cost, 6), _day(self.file_by), _day(self.arrives),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """The group's lots in the period, and the actions that lead there.

    Where a rule is about what was received, the lots that are gone are there, too: `retired`.
    `brought`: the lots that the plan puts where they stand.
    """

    lots: tuple[Lot, ...]
    actions: tuple[Action, ...]
    brought: frozenset[Lot] = frozenset()

    def to_file(self) -> list[Notice]:
        """Return the notices that are still to be filed, once each, the earliest first."""
        return sorted({notice for action in self.actions for notice in action.to_file})

    def unplaced(self, problem: Problem) -> list[str]:
        """Say, by model, what of the supply did not fit, where as much is placed as fits."""
        if problem.place != "as_much_as_fits":
            return []
        placed: dict[str, int] = {}
        for action in self.actions:
            if action.action == "install":
                placed[action.accelerator] = placed.get(action.accelerator, 0) + action.quantity
        offered = {
            model: sum(row.quantity for row in rows) for model, rows in problem.deliveries.items()
        }
        return [
            f"did not fit: {quantity - placed.get(model, 0)} of {quantity} {model}"
            for model, quantity in sorted(offered.items())
            if placed.get(model, 0) < quantity
        ]

    def columns(self, problem: Problem) -> tuple[str, ...]:
        """Return the columns of layout.csv.

        `notice_filed` is among them where the inputs say what was filed: in a file that has it, a
        blank cell says that nothing was. `arrived` is where a lot counts before it is in service,
        `stays` where one may not be moved.
        """
        told = problem.case.has_notices or (
            problem.case.sites is not None and problem.case.sites.has_notices
        )
        shown = {
            "notice_filed": told,
            "arrived": any(lot.in_service is not None for lot in self.lots),
            "stays": any(lot.stays for lot in self.lots),
        }
        return tuple(name for name in LAYOUT_COLUMNS if shown.get(name, True))

    def rows(self, problem: Problem) -> list[tuple[str, ...]]:
        """Return the rows of layout.csv; lots that differ in nothing but quantity are one."""
        names = self.columns(problem)
        merged: dict[tuple[str, ...], Lot] = {}
        for lot in self.lots:
            cells = _cells(problem, replace(lot, quantity=0))
            key = tuple(cells.values())
            before = merged[key].quantity if key in merged else 0
            merged[key] = replace(lot, quantity=before + lot.quantity)
        return [tuple(_cells(problem, lot)[name] for name in names) for lot in merged.values()]


def _cells(problem: Problem, lot: Lot) -> dict[str, str]:
    return {
        "owner": lot.owner,
        "site": lot.site,
        "country": lot.country,
        "accelerator": lot.model,
        "quantity": str(lot.quantity),
        "status": lot.status.value,
        "arrived": _day(lot.start) if lot.in_service is not None else "",
        "in_service": _day(lot.works_since),
        "out_of_service": _day(lot.end),
        "operator": lot.operator,
        "consignee": lot.consignee if lot.consignee != lot.owner else "",
        "channel": lot.channel or "",
        "licensed": _YES_NO[lot.licensed],
        "from_country": lot.from_country or "",
        "notice_filed": _day(lot.notice_filed),
        "stays": "yes" if lot.stays else "",
        "period": _period_of(problem, lot),
        "tpp": decimal_text(Fraction(lot.quantity * problem.kits[lot.model].mtpp, 1000), 3),
    }


def _period_of(problem: Problem, lot: Lot) -> str:
    """Return the period from which a lot counts; the first one for what stood before."""
    came = problem.index_on(lot.start) if lot.start is not None else 0
    return problem.periods[came or 0].name


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def build_layout(
    grid: PlanSets,
    program: PlanProgram,
    plan: Dilution,
    broken: Sequence[Finding] = (),
    *,
    keep_gone: bool = False,
) -> Layout:
    """Turn a whole-unit point into lots and actions; `broken`: what the untouched fleet breaks.

    The point comes with what dilutes in it.

    `keep_gone`: keep the lots that have left, since what was received does not fall.
    """
    tidy = replace(plan, x=tidied(program, plan.x))
    made = _Making(grid, program, tidy, broken, keep_gone=keep_gone)
    for t in range(len(grid.periods)):
        made.period(t)
    order = {"retire": 0, "move": 1, "install": 2}
    actions = sorted(
        made.actions,
        key=lambda a: (a.day, order[a.action], a.to_site or a.from_site, a.accelerator, a.owner),
    )
    lots = made.standing.lots()
    once = _summed(_first_notices(actions))
    return Layout(lots, once, frozenset(made.standing.added))


class _Making:
    """The lots and actions of one point, made period by period."""

    def __init__(
        self,
        grid: PlanSets,
        program: PlanProgram,
        plan: Dilution,
        broken: Sequence[Finding],
        *,
        keep_gone: bool,
    ) -> None:
        self._grid, self._problem = grid, grid.problem
        self.standing = Standing(grid.problem, keep_gone=keep_gone)
        self.actions: list[Action] = []
        self._decided = decided = decisions_of(program, plan.x)
        self._why = Reasons(grid, program, decided, plan, broken)
        self._charges: dict[int, dict[tuple[str, str], list[tuple[str, int]]]] = {}
        for (country, model, t), rooms in decided.charges.items():
            here = [(channel.value, room) for channel, room in rooms.items()]
            self._charges.setdefault(t, {})[country, model] = here

    def period(self, t: int) -> None:
        """Do what is decided for the first day of a period."""
        crossed = [self._install(t, *one) for one in self._units(self._decided.install, t)]
        for one in self._units(self._decided.retire, t):
            self._retire(t, *one)
        crossed += self._move(t)
        for lot in charged(crossed, self._charges.get(t, {}), self._grid.gates[t]):
            self.standing.add(lot)

    def _units(self, decided: Ints, t: int) -> list[tuple[str, str, int]]:
        """Return (site, model, units) of what is decided in a period, in the order of groups."""
        here = decided[:, t]
        groups = np.flatnonzero(here).tolist()
        return [(*self._grid.keys[group], int(here[group])) for group in groups]

    def _install(self, t: int, site: str, model: str, units: int) -> Lot:
        problem, period = self._problem, self._problem.periods[t]
        count = units * problem.kits[model].unit
        lot = bought(problem, self._grid.gates[t], period, site, model, count)
        reason = self._why.of_install(site, model, t, units)
        cost = count * problem.price_in(model, t)
        action = _action(period, "install", lot, "", reason, cost)
        self._act(t, action, ArrivalKind.BOUGHT)
        return lot

    def _retire(self, t: int, site: str, model: str, units: int) -> None:
        problem, period = self._problem, self._problem.periods[t]
        for lot in self.standing.take(site, model, units * problem.kits[model].unit):
            self.standing.leave(lot, period.first)
            cost = lot.quantity * (problem.retire_usd or Fraction(0))
            reason = self._why.of_retiring(site, model, t, units)
            self.actions.append(_action(period, "retire", lot, site, reason, cost))

    def _move(self, t: int) -> list[Lot]:
        """Pair what leaves with what arrives, and give what came from another country."""
        problem, period = self._problem, self._problem.periods[t]
        crossed: list[Lot] = []
        arriving: dict[str, list[tuple[str, int]]] = {}
        for site, model, units in self._units(self._decided.move_in, t):
            arriving.setdefault(model, []).append((site, units * problem.kits[model].unit))
        outgoing = self._units(self._decided.move_out, t)
        for model, arrivals in sorted(arriving.items()):
            leaving = [
                lot
                for site, of, units in outgoing
                if of == model
                for lot in self.standing.take(site, model, units * problem.kits[model].unit)
            ]
            pairs = match_transfers(problem, self._grid.gates[t], leaving, arrivals)
            whole: dict[tuple[str, str], int] = {}
            for lot, to_site in pairs:
                way = lot.site, to_site
                whole[way] = whole.get(way, 0) + lot.quantity
            for lot, to_site in pairs:
                inside = problem.sites[to_site].country == lot.country
                if inside:
                    there = moved_inside(problem, t, lot, to_site)
                    self.standing.add(there)
                else:
                    there = moved(problem, t, lot, to_site)
                    crossed.append(there)
                if not inside or there.start != lot.start:
                    self.standing.leave(lot, period.first)
                price = problem.moves.usd_per_accelerator if problem.moves else Fraction(0)
                count = whole[lot.site, to_site]
                reason = self._why.of_move(lot.site, to_site, model, t, count)
                action = _action(period, "move", there, lot.site, reason, lot.quantity * price)
                action = replace(action, arrives=problem.arrival(t).first)
                self._act(t, action, ArrivalKind.INSIDE if inside else ArrivalKind.CROSSES)
        return crossed

    def _act(self, t: int, action: Action, how: ArrivalKind) -> None:
        site = self._problem.sites[action.to_site]
        needed = self._grid.gates[t].notices.needed(site, action.accelerator, how)
        self.actions.append(replace(action, to_file=tuple(one for one in needed if not one.filed)))


def _first_notices(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Leave out the notices that an earlier action of the plan needed already, once for all."""
    known: dict[tuple[str, str], date] = {}
    found = []
    for action in actions:
        needed = []
        for one in action.to_file:
            first = known.setdefault((one.rule, one.what), action.day)
            if not one.once or first == action.day:
                needed.append(one)
        found.append(replace(action, to_file=tuple(needed)))
    return tuple(found)


def _summed(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Make one action of those that are equal but for how many, and so for what they cost."""
    found: dict[Action, tuple[int, Fraction]] = {}
    for action in actions:
        alike = replace(action, quantity=0, cost=Fraction(0))
        count, cost = found.get(alike, (0, Fraction(0)))
        found[alike] = count + action.quantity, cost + action.cost
    return tuple(
        replace(alike, quantity=count, cost=cost) for alike, (count, cost) in found.items()
    )


def _action(
    period: Period, what: str, lot: Lot, from_site: str, reason: str, cost: Fraction
) -> Action:
    return Action(
        period.name, period.first, what, lot.owner, lot.model, lot.quantity,
        from_site, "" if what == "retire" else lot.site, reason, Fraction(cost),
    )  # fmt: skip
