"""Why a plan does something, in the words of the demand, the commitments and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from placement.enums import Verdict
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.asking import Asking, Change, Serving
from placement.optimization.results.decisions import Decisions
from placement.optimization.results.dilution.find import Dilution
from placement.report import Finding

_MOST_REASONS = 3


class Reasons:
    """What a plan serves, what asks for its actions, and what the untouched fleet breaks."""

    def __init__(
        self,
        grid: PlanSets,
        program: PlanProgram,
        decided: Decisions,
        dilution: Dilution,
        broken: Sequence[Finding],
    ) -> None:
        self._problem = problem = grid.problem
        self._dilution = dilution
        self._groups = {key: group for group, key in enumerate(grid.keys)}
        self._asking = Asking(program, dilution.x)
        self._serving = Serving(grid, decided, self._asking)
        self._broken: dict[str, list[str]] = {}
        policy = problem.scope.policy
        for finding in broken:
            if finding.verdict is not Verdict.BREACH:
                continue
            groups = policy.groups_on(problem.days[0].day)
            places = groups.get(finding.place, frozenset({finding.place}))
            for place in places:
                self._broken.setdefault(place, []).append(f"{finding.rule} in {finding.place}")

    def of_install(self, site: str, model: str, t: int, units: int) -> str:
        """Name the lines that need it, the commitments that ask for it, and what it dilutes."""
        asked = self._asking.without([self._change(site, model, t, -units)])
        if self._problem.place is not None:
            fits = self._problem.place == "as_much_as_fits"
            placed = "as much is placed as fits" if fits else "every delivery is placed"
            return _joined(placed, _listed(asked))
        period = self._problem.periods[t]
        part = self._dilution.parts.get((site, model, period.name), 0)
        diluted = f"dilutes {_listed(self._dilution.rules_from(period))}" if part else ""
        if part == 1:
            return _joined(_listed(asked), diluted)
        lines = self._serving.lines(site, model, t, asked=bool(asked))
        served = _joined(_listed(lines), _listed(asked)) or "the rules: nothing it serves"
        return _joined(served, f"in part {diluted}" if part else "")

    def of_retiring(self, site: str, model: str, t: int, units: int) -> str:
        """Name what asks for it, and the rules that the untouched fleet breaks in the country."""
        return self._leaving(site, [self._change(site, model, t, units)], "retire")

    def of_move(self, site: str, to: str, model: str, t: int, count: int) -> str:
        """Name the same of accelerators that move to another site."""
        units = Fraction(count, self._problem.kits[model].unit)
        arrives = t + self._problem.transit_periods
        changes = [self._change(site, model, t, units), self._change(to, model, arrives, -units)]
        return self._leaving(site, changes, "move")

    def _leaving(self, site: str, changes: list[Change], what: str) -> str:
        """Name what asks for it, else the limit that would not hold without it, else its price."""
        asked = self._asking.without(changes)
        rules = self._broken.get(self._problem.sites[site].country, [])
        room = self._asking.room_for(changes)
        needed = f"{_listed(room)}: no room for all that would be there" if room else ""
        pays = f"the cheapest plan: {_BY_DOING[what]} pays here"
        return _joined(_listed(asked), _listed(rules)) or needed or pays

    def _change(self, site: str, model: str, t: int, units: int | Fraction) -> Change:
        return self._groups[site, model], t, Fraction(units)


_BY_DOING = {"move": "moving", "retire": "retiring"}


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = len(found) - _MOST_REASONS
    return "; ".join(found[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
