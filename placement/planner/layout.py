"""A plan as lots and actions: who has what where afterwards, and what is done on the first day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from placement.amounts import decimal_text
from placement.planner.problem import Lot, Problem
from placement.planner.program import Program
from placement.report import Finding
from placement.vocabulary import Status, Verdict

LAYOUT_COLUMNS = (
    "owner", "site", "country", "accelerator", "quantity", "status", "in_service",
    "out_of_service", "operator", "consignee", "channel", "licensed", "from_country",
    "period", "tpp",
)  # fmt: skip
ACTION_COLUMNS = (
    "period", "date", "action", "owner", "accelerator", "quantity", "from_site", "to_site",
    "reason", "cost",
)  # fmt: skip

_MOST_REASONS = 3
_YES_NO = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do on a day: install, move or retire so many accelerators.

    `cost` is in the configuration's currency: the purchase, the move or the retirement.
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

    def cells(self) -> tuple[str, ...]:
        """Give the row of actions.csv."""
        return (
            self.period, self.day.isoformat(), self.action, self.owner, self.accelerator,
            str(self.quantity), self.from_site, self.to_site, self.reason,
            decimal_text(self.cost, 6),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """The group's lots in the period, and the actions that lead there."""

    lots: tuple[Lot, ...]
    actions: tuple[Action, ...]

    def unplaced(self, problem: Problem) -> list[str]:
        """Say, by model, what of the supply did not fit, where as much is placed as fits."""
        if problem.place != "as_much_as_fits":
            return []
        placed: dict[str, int] = {}
        for action in self.actions:
            if action.action == "install":
                placed[action.accelerator] = placed.get(action.accelerator, 0) + action.quantity
        return [
            f"did not fit: {offer.quantity - placed.get(model, 0)} of {offer.quantity} {model}"
            for model, offer in sorted(problem.offers.items())
            if placed.get(model, 0) < offer.quantity
        ]

    def rows(self, problem: Problem) -> list[tuple[str, ...]]:
        """Give the rows of layout.csv."""
        return [
            (
                lot.owner, lot.site, lot.country, lot.model, str(lot.quantity), lot.status.value,
                lot.start.isoformat() if lot.start else "",
                lot.end.isoformat() if lot.end else "",
                lot.operator, lot.consignee if lot.consignee != lot.owner else "",
                lot.channel or "", _YES_NO[lot.licensed], lot.from_country or "",
                problem.period.name,
                decimal_text(Fraction(lot.quantity * problem.kits[lot.model].mtpp, 1000), 3),
            )
            for lot in self.lots
        ]  # fmt: skip


def lay_out(
    problem: Problem, program: Program, x: Sequence[int], broken: Sequence[Finding] = ()
) -> Layout:
    """Turn a whole-unit point into lots and actions; `broken`: what the untouched fleet breaks."""
    standing = _Standing(problem)
    why = _Reasons(problem, program, x, broken)
    moved: dict[str, list[tuple[str, int]]] = {}
    found: list[Action] = []
    for column, meaning in enumerate(program.columns):
        if meaning.kind not in ("install", "retire", "move_out", "move_in") or not x[column]:
            continue
        site, model = meaning.of
        count = x[column] * problem.kits[model].unit
        match meaning.kind:
            case "install":
                lot = _bought(problem, site, model, count)
                standing.add(lot)
                cost = count * problem.offers[model].unit_usd
                reason = why.of_install(site, model)
                found.append(_action(problem, "install", lot, "", site, reason, cost))
            case "retire":
                for lot in standing.take(site, model, count):
                    cost = lot.quantity * (problem.retire_usd or Fraction(0))
                    reason = why.of_leaving(site, "retire")
                    found.append(_action(problem, "retire", lot, site, "", reason, cost))
            case "move_in":
                moved.setdefault(model, []).append((site, count))
    for model, arrivals in sorted(moved.items()):
        leaving = [
            lot
            for column, meaning in enumerate(program.columns)
            if meaning.kind == "move_out" and meaning.of[1] == model and x[column]
            for lot in standing.take(meaning.of[0], model, x[column] * problem.kits[model].unit)
        ]
        for lot, to_site in _matched(leaving, arrivals):
            standing.add(_moved(problem, lot, to_site))
            price = problem.moves.usd_per_accelerator if problem.moves else Fraction(0)
            reason = why.of_leaving(lot.site, "move")
            cost = lot.quantity * price
            found.append(_action(problem, "move", lot, lot.site, to_site, reason, cost))
    order = {"retire": 0, "move": 1, "install": 2}
    found.sort(key=lambda a: (order[a.action], a.to_site or a.from_site, a.accelerator, a.owner))
    return Layout(standing.lots(), tuple(found))


def _bought(problem: Problem, site: str, model: str, quantity: int) -> Lot:
    return Lot(
        owner=problem.owner,
        operator=problem.owner,
        site=site,
        country=problem.sites[site].country,
        model=model,
        quantity=quantity,
        status=Status.PLANNED,
        start=problem.period.first,
        end=None,
        own=True,
        consignee=problem.owner,
        channel=None,
        licensed=None,
        from_country=None,
    )


def _moved(problem: Problem, lot: Lot, site: str) -> Lot:
    """Give the lot at its new site; in another country, what it once came under says nothing."""
    country = problem.sites[site].country
    moved = replace(
        lot,
        site=site,
        country=country,
        status=Status.PLANNED,
        start=problem.period.first,
        end=None,
    )
    if country == lot.country:
        return moved
    return replace(moved, channel=None, licensed=None, from_country=lot.country)


def _action(
    problem: Problem, what: str, lot: Lot, from_site: str, to_site: str, reason: str,
    cost: Fraction,
) -> Action:  # fmt: skip
    return Action(
        problem.period.name, problem.period.first, what, lot.owner, lot.model, lot.quantity,
        from_site, to_site, reason, Fraction(cost),
    )  # fmt: skip


def _matched(
    leaving: Iterable[Lot], arrivals: Iterable[tuple[str, int]]
) -> Iterable[tuple[Lot, str]]:
    """Pair departures with arrivals, in the order of both."""
    places = list(arrivals)
    for lot in leaving:
        left = lot.quantity
        while left:
            site, room = places[0]
            part = min(left, room)
            yield replace(lot, quantity=part), site
            left -= part
            places[0] = (site, room - part)
            if not places[0][1]:
                places.pop(0)


class _Standing:
    """The group's lots, from which kit is taken and to which it is added."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        period = problem.period
        self._lots = [
            lot
            for lot in problem.lots
            if lot.own and (lot.days_in(period) or (lot.start and lot.start > period.last))
        ]
        self._added: list[Lot] = []

    def add(self, lot: Lot) -> None:
        """Add a lot that the plan brings."""
        self._added.append(lot)

    def take(self, site: str, model: str, count: int) -> list[Lot]:
        """Take accelerators that stand all period, those of the planning owner first."""
        period, owner = self._problem.period, self._problem.owner
        here = [
            n
            for n, lot in enumerate(self._lots)
            if (lot.site, lot.model) == (site, model)
            and lot.works
            and lot.days_in(period) == period.days
        ]
        here.sort(key=lambda n: (self._lots[n].owner != owner, self._lots[n].owner, n))
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
        """Give all lots that are left, in a fixed order."""
        left = [lot for lot in (*self._lots, *self._added) if lot.quantity]
        left.sort(
            key=lambda lot: (
                lot.country, lot.site, lot.model, lot.owner, lot.status.value,
                lot.start or date.min, lot.end or date.max, lot.operator,
                lot.consignee, lot.channel or "", _YES_NO[lot.licensed], lot.from_country or "",
            )
        )  # fmt: skip
        return tuple(left)


class _Reasons:
    """Why something is done, in the words of the demand and the rules."""

    def __init__(
        self, problem: Problem, program: Program, x: Sequence[int], broken: Sequence[Finding]
    ) -> None:
        self._problem = problem
        self._lines: dict[tuple[str, str], list[str]] = {}
        for column, meaning in enumerate(program.columns):
            if meaning.kind == "served" and x[column]:
                label, countries, model = meaning.of
                for country in countries.split(";"):
                    self._lines.setdefault((country, model), []).append(label)
        self._broken: dict[str, list[str]] = {}
        policy = problem.scope.policy
        for finding in broken:
            if finding.verdict is not Verdict.BREACH:
                continue
            groups = policy.groups_on(problem.days[0].day)
            places = groups.get(finding.place, frozenset({finding.place}))
            for place in places:
                self._broken.setdefault(place, []).append(f"{finding.rule} in {finding.place}")

    def of_install(self, site: str, model: str) -> str:
        """Name the lines that the model serves from the site's country."""
        if self._problem.place is not None:
            fits = self._problem.place == "as_much_as_fits"
            return "as much is placed as fits" if fits else "every delivery is placed"
        lines = self._lines.get((self._problem.sites[site].country, model), [])
        return _listed(lines) or "the rules: nothing it serves"

    def of_leaving(self, site: str, what: str) -> str:
        """Name the rules that the untouched fleet breaks in the site's country."""
        rules = self._broken.get(self._problem.sites[site].country, [])
        return _listed(rules) or f"the cheapest plan: {what}s pay here"


def _listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = len(found) - _MOST_REASONS
    return "; ".join(found[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
