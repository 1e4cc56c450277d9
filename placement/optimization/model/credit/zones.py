"""Zones: the sites of a period that the same lines of demand, and the same shares, treat alike.

With what a share is measured over, and what an accelerator weighs in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from placement.enums import Counted
from placement.optimization.data.plannable_rules import is_written
from placement.optimization.data.problem import Problem
from placement.policy import Row
from placement.policy.rules import ShareRule

#: What a share is measured over: the metric and the places of the denominator.
Whole = tuple[str, frozenset[str]]
#: A denominator in a period.
Alone = tuple[int, Whole]


@dataclass(frozen=True, slots=True)
class Zone:
    """Sites from which the same lines of a period may be served."""

    name: str
    lines: tuple[int, ...]
    sites: frozenset[str]
    countries: frozenset[str]


def weight(problem: Problem, model: str, metric: str, tested_by: str | None = None) -> int:
    """Return the thousandths per accelerator that certainly count, 0 for models in doubt.

    Where a rule has tests of its own (no share has), one of which they do not know it counts.
    """
    found = problem.scope.weight(model, metric, tested_by)
    counts = found.counted is Counted.YES or (
        tested_by is not None and found.counted is Counted.UNKNOWN
    )
    return found.each if counts else 0


def share_wholes(problem: Problem, t: int) -> list[Whole]:
    """Return the distinct denominators of the group's own share rows of a period."""
    countries = frozenset(site.country for site in problem.sites.values())
    found: dict[Whole, None] = {}
    for day in problem.days_of(t):
        for rule_id in problem.rules_on(day):
            rule = problem.policy.rule(rule_id)
            if not isinstance(rule, ShareRule) or not is_written(rule) or rule.about != "owner":
                continue
            if problem.binds(rule, day.day):
                places = frozenset(site.place(rule.by) for site in problem.sites.values())
                for row in problem.policy.rows(rule, problem.subject, day.day, places):
                    found[whole_of(row, countries)] = None
    return list(found)


def whole_of(row: Row, countries: frozenset[str]) -> Whole:
    """Return the denominator of a share row among the countries that matter.

    Rules by another column are about everywhere, whatever the column.
    """
    if row.of.by != "country":
        return row.metric, countries
    return row.metric, (row.denominator or frozenset()) & countries


def sites_in(problem: Problem, whole: Whole) -> frozenset[str]:
    """Return the sites in the countries of a denominator."""
    return frozenset(name for name, site in problem.sites.items() if site.country in whole[1])


def zones_of(problem: Problem, t: int) -> list[Zone]:
    """Return the zones of a period: sites that the same lines, and the same shares, treat alike."""
    wholes = share_wholes(problem, t) if problem.demands else []
    lines = lines_of(problem, t)
    found: dict[tuple[tuple[int, ...], tuple[bool, ...]], list[str]] = {}
    by_site = any(problem.demands[n].sites is not None for n in lines)
    known: dict[str, tuple[tuple[int, ...], tuple[bool, ...]]] = {}
    for name, site in problem.sites.items():
        if not site.serves_in(problem.periods[t]):
            continue
        if by_site or site.country not in known:
            allowed = tuple(n for n in lines if problem.demands[n].allows_site(site))
            sides = tuple(site.country in places for _, places in wholes)
            known[site.country] = allowed, sides
        key = known[site.country]
        if key[0]:
            found.setdefault(key, []).append(name)
    zones = [_zone(problem, key[0], names, by_site) for key, names in found.items()]
    return sorted(zones, key=lambda zone: zone.name)


def _zone(problem: Problem, lines: tuple[int, ...], names: list[str], by_site: bool) -> Zone:
    countries = frozenset(problem.sites[name].country for name in names)
    called = ";".join(sorted(countries))
    if by_site:
        called = f"{called} ({', '.join(sorted(names))})"
    return Zone(called, lines, frozenset(names), countries)


def lines_of(problem: Problem, t: int) -> list[int]:
    """Return the places of the lines of a period among all lines."""
    return [number for number, line in enumerate(problem.demands) if line.t == t]
