"""A plan as lots and actions: who has what where afterwards, and what is done on the first day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from placement.amounts import decimal_text
from placement.planner.gates import Gates
from placement.planner.notices import Comes, Notice
from placement.planner.problem import Lot, Problem, Site
from placement.planner.program import Program
from placement.planner.receipts import tidied
from placement.planner.standing import Standing
from placement.report import Finding
from placement.vocabulary import Status, Verdict

LAYOUT_COLUMNS = (
    "owner", "site", "country", "accelerator", "quantity", "status", "in_service",
    "out_of_service", "operator", "consignee", "channel", "licensed", "from_country",
    "notice_filed", "period", "tpp",
)  # fmt: skip
ACTION_COLUMNS = (
    "period", "date", "action", "owner", "accelerator", "quantity", "from_site", "to_site",
    "reason", "cost", "file_by",
)  # fmt: skip

_MOST_REASONS = 3
_YES_NO = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do on a day: install, move or retire so many accelerators.

    `cost` is in the configuration's currency: the purchase, the move or the retirement. `to_file`
    are the notices that are still to be filed for it.
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

    @property
    def file_by(self) -> date | None:
        """The last day on which the first of its notices is early enough, None where none is."""
        return min((one.by for one in self.to_file), default=None)

    def cells(self) -> tuple[str, ...]:
        """Give the row of actions.csv."""
        return (
            self.period, self.day.isoformat(), self.action, self.owner, self.accelerator,
            str(self.quantity), self.from_site, self.to_site, self.reason,
            decimal_text(self.cost, 6), _day(self.file_by),
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
        """Give the notices that are still to be filed, once each, the earliest first."""
        return sorted({notice for action in self.actions for notice in action.to_file})

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

    def columns(self, problem: Problem) -> tuple[str, ...]:
        """Give the columns of layout.csv.

        `notice_filed` is among them where the inputs say what was filed: in a file that has it, a
        blank cell says that nothing was.
        """
        told = problem.case.has_notices or (
            problem.case.sites is not None and problem.case.sites.has_notices
        )
        return tuple(name for name in LAYOUT_COLUMNS if told or name != "notice_filed")

    def rows(self, problem: Problem) -> list[tuple[str, ...]]:
        """Give the rows of layout.csv."""
        names = self.columns(problem)
        return [tuple(_cells(problem, lot)[name] for name in names) for lot in self.lots]


def _cells(problem: Problem, lot: Lot) -> dict[str, str]:
    return {
        "owner": lot.owner,
        "site": lot.site,
        "country": lot.country,
        "accelerator": lot.model,
        "quantity": str(lot.quantity),
        "status": lot.status.value,
        "in_service": _day(lot.start),
        "out_of_service": _day(lot.end),
        "operator": lot.operator,
        "consignee": lot.consignee if lot.consignee != lot.owner else "",
        "channel": lot.channel or "",
        "licensed": _YES_NO[lot.licensed],
        "from_country": lot.from_country or "",
        "notice_filed": _day(lot.notice_filed),
        "period": problem.period.name,
        "tpp": decimal_text(Fraction(lot.quantity * problem.kits[lot.model].mtpp, 1000), 3),
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def lay_out(
    problem: Problem,
    program: Program,
    x: Sequence[int],
    broken: Sequence[Finding] = (),
    *,
    keep_gone: bool = False,
) -> Layout:
    """Turn a whole-unit point into lots and actions; `broken`: what the untouched fleet breaks.

    `keep_gone`: keep the lots that have left, since what was received does not fall.
    """
    x = tidied(program, x)
    gates = Gates(problem)
    standing = Standing(problem, keep_gone=keep_gone)
    why = _Reasons(problem, program, x, broken)
    crossed: list[Lot] = []
    arriving: dict[str, list[tuple[str, int]]] = {}
    found: list[Action] = []
    for column, meaning in enumerate(program.columns):
        if meaning.kind not in ("install", "retire", "move_out", "move_in") or not x[column]:
            continue
        site, model = meaning.of
        count = x[column] * problem.kits[model].unit
        match meaning.kind:
            case "install":
                lot = _bought(problem, gates, site, model, count)
                crossed.append(lot)
                cost = count * problem.offers[model].unit_usd
                action = _action(problem, "install", lot, "", why.of_install(site, model), cost)
                found.append(_with_notices(action, gates, problem.sites[site], Comes.BOUGHT))
            case "retire":
                for lot in standing.take(site, model, count):
                    standing.leave(lot)
                    cost = lot.quantity * (problem.retire_usd or Fraction(0))
                    reason = why.of_leaving(site, "retire")
                    found.append(_action(problem, "retire", lot, site, reason, cost))
            case "move_in":
                arriving.setdefault(model, []).append((site, count))
    for model, arrivals in sorted(arriving.items()):
        leaving = [
            lot
            for column, meaning in enumerate(program.columns)
            if meaning.kind == "move_out" and meaning.of[1] == model and x[column]
            for lot in standing.take(meaning.of[0], model, x[column] * problem.kits[model].unit)
        ]
        for lot, to_site in _matched(problem, leaving, arrivals):
            inside = problem.sites[to_site].country == lot.country
            moved = _moved_inside(lot, to_site) if inside else _moved(problem, lot, to_site)
            if inside:
                standing.add(moved)
            else:
                standing.leave(lot)
                crossed.append(moved)
            price = problem.moves.usd_per_accelerator if problem.moves else Fraction(0)
            reason = why.of_leaving(lot.site, "move")
            cost = lot.quantity * price
            action = _action(problem, "move", moved, lot.site, reason, cost)
            how = Comes.INSIDE if inside else Comes.CROSSES
            found.append(_with_notices(action, gates, problem.sites[to_site], how))
    for lot in _charged(crossed, program, x, gates):
        standing.add(lot)
    order = {"retire": 0, "move": 1, "install": 2}
    found.sort(key=lambda a: (order[a.action], a.to_site or a.from_site, a.accelerator, a.owner))
    return Layout(standing.lots(), tuple(found), frozenset(standing.added))


def _bought(problem: Problem, gates: Gates, site: str, model: str, quantity: int) -> Lot:
    is_first = gates.notices.is_new(problem.sites[site].country)
    return Lot(
        owner=problem.owner,
        operator=problem.owner,
        site=site,
        country=problem.sites[site].country,
        model=model,
        quantity=quantity,
        status=_new_status(problem),
        start=problem.period.first,
        end=None,
        own=True,
        consignee=problem.owner,
        channel=None,
        licensed=None,
        from_country=None,
        notice_filed=problem.notice_filed if is_first else None,
    )


def _new_status(problem: Problem) -> Status:
    """Give the status of what the plan brings, one that counts from its first day on."""
    forecast = problem.policy.answers.of("planned") == "forecast"
    return Status.PLANNED if forecast else Status.INSTALLED


def _moved(problem: Problem, lot: Lot, site: str) -> Lot:
    """Give the lot in another country, where what it once came under and for whom says nothing."""
    return replace(
        lot,
        site=site,
        country=problem.sites[site].country,
        status=_new_status(problem),
        start=problem.period.first,
        end=None,
        consignee=lot.owner,
        channel=None,
        licensed=None,
        from_country=lot.country,
        notice_filed=problem.notice_filed,
    )


def _moved_inside(lot: Lot, site: str) -> Lot:
    """Give the lot at another site of its country, where it arrived when it came to the country."""
    return replace(lot, site=site)


def _charged(lots: Iterable[Lot], program: Program, x: Sequence[int], gates: Gates) -> list[Lot]:
    """Record by which channel each lot comes; one that comes by several is several lots."""
    left: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for column, meaning in enumerate(program.columns):
        if meaning.kind == "charge":
            country, model, channel = meaning.of
            left.setdefault((country, model), []).append((channel, x[column]))
    found = []
    for lot in lots:
        charges = left.get((lot.country, lot.model))
        if charges is None:
            channels = gates.channels(lot.country, lot.model)
            found.append(replace(lot, channel=channels[0].value if channels else None))
            continue
        quantity = lot.quantity
        for place, (channel, room) in enumerate(charges):
            part = min(quantity, room)
            if part:
                found.append(replace(lot, quantity=part, channel=channel))
                charges[place] = (channel, room - part)
                quantity -= part
        if quantity:
            raise AssertionError(f"{quantity} {lot.model} come to {lot.country} by no channel")
    return found


def _action(
    problem: Problem, what: str, lot: Lot, from_site: str, reason: str, cost: Fraction
) -> Action:
    return Action(
        problem.period.name, problem.period.first, what, lot.owner, lot.model, lot.quantity,
        from_site, "" if what == "retire" else lot.site, reason, Fraction(cost),
    )  # fmt: skip


def _with_notices(action: Action, gates: Gates, site: Site, how: Comes) -> Action:
    needed = gates.notices.needed(site, action.accelerator, how)
    return replace(action, to_file=tuple(one for one in needed if one.filed is None))


def _matched(
    problem: Problem, leaving: Iterable[Lot], arrivals: Iterable[tuple[str, int]]
) -> Iterable[tuple[Lot, str]]:
    """Pair departures with arrivals, within a country first, in the order of both."""
    places = list(arrivals)
    abroad = []
    for lot in leaving:
        left = lot.quantity
        for at, (site, room) in enumerate(places):
            part = min(left, room)
            if part and problem.sites[site].country == lot.country:
                yield replace(lot, quantity=part), site
                left -= part
                places[at] = (site, room - part)
        abroad.append(replace(lot, quantity=left))
    for lot in abroad:
        left = lot.quantity
        for at, (site, room) in enumerate(places):
            part = min(left, room)
            if part:
                yield replace(lot, quantity=part), site
                left -= part
                places[at] = (site, room - part)


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
