"""What is doubtful in a pack that loads: things that nothing uses, and what its author left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from placement.errors import Fault
from placement.policy import describe as words
from placement.policy.country_groups import EVERYWHERE
from placement.policy.load import SHIPS, PackFile
from placement.policy.options import UNDERSTOOD
from placement.policy.policy import Policy
from placement.policy.rules import AnyRule, RatioRule, RuleOnWeights
from placement.policy.validation.cross_references import cases_missing, used_groups, used_options
from placement.policy.validation.pydantic_faults import problem_at
from placement.text.decimals import plain
from placement.text.toml_lines import Location

FRESH = timedelta(days=180)
"""How old a pack's word on its legal status may be without a note."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something doubtful; one that is only a note fails nothing."""

    problem: Fault
    is_note: bool = False


def lint(
    file: PackFile, policy: Policy, installed: Iterable[PackFile], today: date
) -> list[Remark]:
    """Return what is doubtful in a pack on a day; `installed` are the packs known by id."""
    text = file.text

    def at(found: Iterable[tuple[Location, str, str]], *, is_note: bool = False) -> list[Remark]:
        return [Remark(problem_at(*one, text, file.name), is_note) for one in found]

    return [
        *at(_taken(file, policy, installed)),
        *at(_old(policy, today), is_note=True),
        *at(_large(policy), is_note=True),
        *at(_unused(policy)),
        *at(_rules(policy, today)),
    ]


def _taken(
    file: PackFile, policy: Policy, installed: Iterable[PackFile]
) -> Iterator[tuple[Location, str, str]]:
    for other in installed:
        if other.name == policy.pack.id and other.data != file.data:
            whose = "a pack that ships" if other.source == SHIPS else f"the pack of {other.source}"
            yield ("id",), f"{other.name!r} is the id of {whose}", "give it an id of its own"


def _old(policy: Policy, today: date) -> Iterator[tuple[Location, str, str]]:
    age = today - policy.pack.status.as_of
    if age > FRESH:
        message = f"the legal status is {age.days} days old"
        yield ("status", "as_of"), message, "look it up again, and date it"


def _unused(policy: Policy) -> Iterator[tuple[Location, str, str]]:
    pack = policy.pack
    options, groups = used_options(pack), used_groups(pack)
    for name, option in pack.options.items():
        # A single answer asks nothing: it states how the text is read.
        if name not in options and name not in UNDERSTOOD and len(option.values) > 1:
            message = f"nothing refers to option {name!r}"
            fix = f"use it, or drop it; the tool itself acts on {', '.join(UNDERSTOOD)}"
            yield ("options", name), message, fix
    for name in pack.groups:
        if name not in groups and not pack.groups[name].note:
            fix = "use it, drop it, or say in its note what it is for"
            yield ("groups", name), f"nothing refers to group {name!r}", fix
    measured = {rule.schedule for rule in pack.rules}
    for name in pack.schedules:
        if name not in measured:
            yield ("schedules", name), f"no rule has schedule {name!r}", "use it, or drop it"


def _large(policy: Policy) -> Iterator[tuple[Location, str, str]]:
    """One flow may be more than another; but then percent may have been meant."""
    for index, rule in enumerate(policy.pack.rules):
        if isinstance(rule, RatioRule) and Fraction(rule.limit) > 1:
            message = (
                f"rule {rule.id!r} allows {words.percent(rule.limit)} of what it compares with"
            )
            fix = f'if {rule.limit} percent are meant, write "{plain(Fraction(rule.limit) / 100)}"'
            yield ("rules", index, "limit"), message, fix


def _rules(policy: Policy, today: date) -> Iterator[tuple[Location, str, str]]:
    for index, rule in enumerate(policy.pack.rules):
        here: Location = ("rules", index)
        missing = cases_missing(rule)
        if missing:
            message = f"rule {rule.id!r} has no example that is {', '.join(missing)}"
            yield (*here, "examples"), message, "add it: `placement policy test` runs them"
        if not rule.fix:
            message = f"rule {rule.id!r} does not say what to do about a breach"
            yield (*here, "fix"), message, "fill fix"
        empty = _empty(rule, policy, today)
        if empty is not None:
            message = f"rule {rule.id!r} binds nobody: no country is in {empty} on {today}"
            yield here, message, "say why in a note, or mend the group"


def _empty(rule: AnyRule, policy: Policy, today: date) -> str | None:
    """Return the group that a rule is about where it has no country, and no note says why."""
    # For weights it is the group that is allowed: an empty one forbids all.
    if isinstance(rule, RuleOnWeights) or rule.note:
        return None
    for field, name in rule.groups_named():
        if field in ("numerator", "places") and name != EVERYWHERE:
            noted = policy.pack.groups[name].note
            return None if policy.groups_on(today)[name] or noted else name
    return None
