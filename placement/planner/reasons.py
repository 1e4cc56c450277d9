"""Why a plan does something, in the words of the demand and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from placement.planner.dilution import Dilution
from placement.planner.period import Period
from placement.planner.problem import Problem
from placement.planner.program import Program
from placement.report import Finding
from placement.vocabulary import Verdict

_MOST_REASONS = 3


class Reasons:
    """The lines that a plan serves, and the rules that the untouched fleet breaks."""

    def __init__(
        self, problem: Problem, program: Program, dilution: Dilution, broken: Sequence[Finding]
    ) -> None:
        self._problem, self._dilution, x = problem, dilution, dilution.x
        self._lines: dict[tuple[str, str, str], list[str]] = {}
        served = program.columns.of_kind("served")
        for column in served[x[served] != 0].tolist():
            label, zone, model, period = program.columns[column].of
            said = label.replace(f"({period}, ", "(", 1)  # an action says its period itself
            for country in zone.partition(" ")[0].split(";"):
                self._lines.setdefault((country, model, period), []).append(said)
        self._broken: dict[str, list[str]] = {}
        policy = problem.scope.policy
        for finding in broken:
            if finding.verdict is not Verdict.BREACH:
                continue
            groups = policy.groups_on(problem.days[0].day)
            places = groups.get(finding.place, frozenset({finding.place}))
            for place in places:
                self._broken.setdefault(place, []).append(f"{finding.rule} in {finding.place}")

    def of_install(self, site: str, model: str, period: Period) -> str:
        """Name the lines that the model serves from the site's country, and what it dilutes."""
        if self._problem.place is not None:
            fits = self._problem.place == "as_much_as_fits"
            return "as much is placed as fits" if fits else "every delivery is placed"
        lines = self._lines.get((self._problem.sites[site].country, model, period.name), [])
        part = self._dilution.parts.get((site, model, period.name), 0)
        diluted = f"dilutes {_listed(self._dilution.rules_from(period))}" if part else ""
        if part == 1:
            return diluted
        served = _listed(lines) or "the rules: nothing it serves"
        return f"{served}; in part {diluted}" if part else served

    def of_leaving(self, site: str, what: str) -> str:
        """Name the rules that the untouched fleet breaks in the site's country."""
        rules = self._broken.get(self._problem.sites[site].country, [])
        return _listed(rules) or f"the cheapest plan: {_BY_DOING[what]} pays here"


_BY_DOING = {"move": "moving", "retire": "retiring"}


def _listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = len(found) - _MOST_REASONS
    return "; ".join(found[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
