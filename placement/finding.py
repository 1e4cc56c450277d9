"""What the judge found: the verdict on one rule, owner group, place and date, and its changes."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

from placement.enums import Measure, Outcome, Verdict
from placement.report_plan import Record

_Date = date  # a record with a field of that name sees the field

#: What stands for the day of the run in the key of a finding.
TODAY = "today"


class FindingKey(NamedTuple):
    """What a finding is known by in other runs, and in other versions of a file.

    `when` is the measurement date, or `today` for what was judged because of the day of the run,
    so nothing is new because a day has passed. Neither the file nor its lines are in it. Only
    findings of a duty, which may be due for several reasons, can have one key together.
    """

    pack: str
    rule: str
    owner: str
    place: str
    item: str
    when: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all its parts, as hexadecimal text."""
        return sha256(json.dumps(self, ensure_ascii=True).encode()).hexdigest()


class Line(Record):
    """One inventory line and what it adds to a finding's numerator."""

    file: str
    line: int
    amount: str


class OtherReading(Record):
    """A finding's amounts where every doubt about which models count is answered otherwise.

    `counted`: the models of unknown scope that this reading counts, and the finding does not;
    `left_out`: those that the finding counts.
    """

    counted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    numerator: str
    denominator: str | None = None
    share: str | None = None


class Finding(Record):
    """The verdict on one rule, owner group, place and date.

    `numerator`, `denominator` and `limit` are exact. `place` is an ISO 3166-1 alpha-2 code or a
    group id of the pack; `owner` the ultimate parent. `headroom`: the most that may be added at
    that place, floored to thousandths; negative: what must leave; None: unlimited, or not
    applicable. `item`: the accelerator, site or model that it is about, where it is about one.
    Where it is unknown whether a model counts, `numerator`, `denominator`, `share`, `headroom` are
    those of the strictest reading, which hold in every one, and `other_reading` is its opposite.
    `measure`: what was added up, None where nothing is. `passive`: the share rose although nothing
    came. `title`, `citation` and `fix` are the pack's, as are `codified` and `enforced` (None: not
    said): where the rule stands in law, looked at last on `as_of`. `waived`: a waiver covers it.
    `known`: the base or the baseline has it, too, and it is no worse. Neither of these two fails a
    run. `is_today`: judged because of the day of the run, not because its date was asked for.
    """

    pack: str
    rule: str
    kind: str
    owner: str
    place: str
    item: str | None = None
    date: date
    verdict: Verdict
    waived: bool = False
    known: bool = False
    is_today: bool = False
    forecast: bool = False
    passive: bool = False
    reason: str | None = None
    measure: Measure | None = None
    unit: str
    comparison: str
    numerator: str | None = None
    denominator: str | None = None
    share: str | None = None
    limit: str | None = None
    headroom: str | None = None
    other_reading: OtherReading | None = None
    title: str
    citation: str
    fix: str
    codified: bool | None = None
    enforced: bool | None = None
    as_of: _Date | None = None
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> FindingKey:
        """What it is known by in other runs."""
        rule = self.rule.removeprefix(f"{self.pack}:")
        when = TODAY if self.is_today else self.date.isoformat()
        return FindingKey(self.pack, rule, self.owner, self.place, self.item or "", when)

    @property
    def fails(self) -> bool:
        """Whether a breach or warning is neither waived nor known from before."""
        told = self.verdict in (Verdict.BREACH, Verdict.WARNING)
        return told and not self.waived and not self.known

    @property
    def found_nothing(self) -> bool:
        """Whether it says that there is nothing where nothing may be: no limit was measured."""
        is_measured = self.numerator is not None and self.kind != "duty"
        return self.verdict is Verdict.OK and is_measured and not self.is_of_something

    @property
    def is_of_something(self) -> bool:
        """Whether anything is divided, was measured, or may be there."""
        return self.denominator is not None or bool(self.measured or Fraction(self.limit or 0))

    @property
    def measured(self) -> Fraction:
        """The exact share; the amount where nothing is divided, 0 where nothing was measured."""
        share = exact_share(self)
        return Fraction(self.numerator or 0) if share is None else share

    @property
    def excess(self) -> Fraction:
        """What the numerator is above its limit, below 0 where it is less; in the unit."""
        whole = Fraction(1 if self.denominator is None else self.denominator)
        return Fraction(self.numerator or 0) - Fraction(self.limit or 0) * whole

    @property
    def room(self) -> Fraction | None:
        """The exact headroom, of which `headroom` is the rounded text."""
        if self.headroom is None or self.limit is None or self.numerator is None:
            return None
        # The denominator of a share grows with its numerator, that of one flow over another not.
        grows = self.denominator is not None and self.kind != "ratio"
        return -self.excess / (1 - Fraction(self.limit)) if grows else -self.excess

    @property
    def utilisation(self) -> tuple[bool, Fraction]:
        """How much of the limit is used, for ordering: more is tighter, beyond 0 most of all.

        Measured / limit, and limit / measured for a floor.
        """
        limit, part = Fraction(self.limit or 0), self.measured
        if self.comparison == ">=":
            limit, part = part, limit
        return (True, part) if part > 0 == limit else (False, part / (limit or 1))

    @property
    def outcome(self) -> str:
        """The verdict in words for a count; what found nothing is no `ok`."""
        if self.verdict in (Verdict.BREACH, Verdict.WARNING) and not self.fails:
            return "waived" if self.waived else "known before"
        return "with nothing found" if self.found_nothing else self.verdict.value.replace("_", " ")


class Change(Record):
    """What became of one rule, owner group, place and date between a base and what was judged.

    `before` and `after`: the exact share, or the amount where nothing is divided; None where that
    side has no such finding. `worse`: the rule of `compliance.worse` says so. `headroom` is that
    after the change. The other fields are those of the finding.
    """

    pack: str
    rule: str
    owner: str
    place: str
    item: str | None = None
    date: date
    outcome: Outcome
    worse: bool = False
    before: str | None = None
    after: str | None = None
    unit: str
    comparison: str
    limit: str | None = None
    is_share: bool = False
    headroom: str | None = None


def exact_share(of: Finding | OtherReading) -> Fraction | None:
    """Return the share that the amounts come to; None where nothing is divided, and of nothing."""
    if of.numerator is None or of.denominator is None:
        return None
    whole = Fraction(of.denominator)
    return Fraction(of.numerator) / whole if whole else None
