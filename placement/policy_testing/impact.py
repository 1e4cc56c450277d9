"""One fleet under two packs: who newly breaks which rule, who no longer does, and the room lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from placement import api
from placement.enums import Verdict
from placement.errors import NothingEvaluatedError
from placement.policy import load_policy
from placement.report import Finding


class Where(NamedTuple):
    """Who, where, under which rule; `item`: the accelerator, site or model, where it is of one."""

    owner: str
    place: str
    rule: str
    item: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What the same rule, by its id, comes to under two packs; None: no finding under that one."""

    where: Where
    old: Finding | None
    new: Finding | None

    @property
    def gained(self) -> Fraction | None:
        """The exact headroom under the new pack less that under the old one, in the rule's unit.

        None where one of them has none, or they are of different units.
        """
        if self.old is None or self.new is None or self.old.unit != self.new.unit:
            return None
        before, after = self.old.room, self.new.room
        return None if before is None or after is None else after - before


@dataclass(frozen=True, slots=True)
class Compared:
    """A fleet under two packs on a day; `notes` say under which of them nothing was evaluated.

    Newly broken or kept, and still broken, is a rule that both packs have. What is judged of a
    rule of one pack alone, broken or kept, is in `only_new` or `no_longer`; duties are not.
    """

    day: date
    newly_broken: tuple[Pair, ...]
    newly_kept: tuple[Pair, ...]
    still_broken: tuple[Pair, ...]
    room_changed: tuple[Pair, ...]
    only_new: tuple[Pair, ...] = ()
    no_longer: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = ()


def compare(
    inventory: str | Path,
    old: str,
    new: str,
    *,
    as_of: date,
    entities: str | Path | None = None,
    headquarters: str | None = None,
    authorization: Sequence[str] = (),
    sites: str | Path | None = None,
    shipments: str | Path | None = None,
    weights: str | Path | None = None,
    accept: Sequence[str] = (),
) -> Compared:
    """Judge an inventory under two packs, by id or path, on one day; errors are those of `check`.

    NothingEvaluatedError where that is so under both.
    """
    found: list[tuple[Finding, ...]] = []
    notes: list[str] = []
    for policy in (old, new):
        try:
            report = api.check(
                inventory,
                policy=policy,
                entities=entities,
                headquarters=headquarters,
                authorization=authorization,
                as_of=as_of,
                sites=sites,
                shipments=shipments,
                weights=weights,
                accept=accept,
            )
            found.append(report.findings)
        except NothingEvaluatedError as error:
            if notes:
                raise
            found.append(())
            notes.append(f"under {policy} {str(error).splitlines()[0]}")
    first, second = found
    before, after = _by_where(first), _by_where(second)
    both = (before, _not_judged(first)), (after, _not_judged(second))
    every = [
        Pair(at, *(one.get(at) or why.get((at.owner, at.rule)) for one, why in both))
        for at in sorted({*before, *after})
    ]
    rules = [{rule.id for rule in load_policy(one).pack.rules} for one in (old, new)]
    pairs = [one for one in every if one.where.rule in rules[0] & rules[1]]
    return Compared(
        as_of,
        tuple(pair for pair in pairs if _broken(pair.new) and not _broken(pair.old)),
        tuple(pair for pair in pairs if _broken(pair.old) and not _broken(pair.new)),
        tuple(pair for pair in pairs if _broken(pair.old) and _broken(pair.new)),
        tuple(pair for pair in pairs if pair.gained),
        _judged_only(every, rules[1] - rules[0]),
        _judged_only(every, rules[0] - rules[1]),
        tuple(notes),
    )


def _by_where(findings: Iterable[Finding]) -> Mapping[Where, Finding]:
    return {
        Where(finding.owner, finding.place, finding.rule, finding.item or ""): finding
        for finding in findings
    }


def _not_judged(findings: Iterable[Finding]) -> Mapping[tuple[str, str], Finding]:
    """Give, by owner and rule, the finding that says why nothing was judged."""
    none = Verdict.NOT_APPLICABLE
    return {
        (finding.owner, finding.rule): finding for finding in findings if finding.verdict is none
    }


def _judged_only(pairs: Iterable[Pair], rules: set[str]) -> tuple[Pair, ...]:
    """Return what was judged of some rules, what is broken first."""
    found = [
        pair for pair in pairs if pair.where.rule in rules and _is_judged(pair.old or pair.new)
    ]
    return tuple(sorted(found, key=lambda one: not (_broken(one.old) or _broken(one.new))))


def _is_judged(finding: Finding | None) -> bool:
    if finding is None or finding.kind == "duty":
        return False
    return finding.verdict is not Verdict.NOT_APPLICABLE


def _broken(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict is Verdict.BREACH
