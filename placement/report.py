"""The record of a run: what was judged, what was found. Renderers only format it.

Amounts are exact text in the metric's unit; the JSON form is `placement.report/1`. Readers must
ignore keys they do not know.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from placement.enums import Measure, Verdict
from placement.report_plan import (
    CrossCheck,
    Dilution,
    Horizon,
    Overdue,
    PlanInfo,
    PlanSource,
    Record,
    SearchEnd,
    Size,
    Tier,
    YearCost,
)

if TYPE_CHECKING:
    import pandas as pd


__all__ = [
    "CrossCheck",
    "Dilution",
    "Finding",
    "Horizon",
    "InForce",
    "Line",
    "OtherReading",
    "Overdue",
    "PackInfo",
    "PlanInfo",
    "PlanSource",
    "ReadInfo",
    "Report",
    "SearchEnd",
    "Size",
    "Tier",
    "UnjudgedDuty",
    "YearCost",
    "exact_share",
    "exit_code",
    "overall",
]

_Date = date  # a record with a field of that name sees the field


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
    said): where the rule stands in law, looked at last on `as_of`.
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
        return "with nothing found" if self.found_nothing else self.verdict.value.replace("_", " ")


class UnjudgedDuty(Record):
    """A duty of a pack's law that no input table shows, so that nobody judged it; `why`."""

    pack: str
    id: str
    title: str
    why: str
    citation: str
    codified: bool | None = None
    enforced: bool | None = None
    as_of: date | None = None


class InForce(Record):
    """What a pack that is in force, and was not chosen, finds for the same fleet.

    `verdict` None: it could not be judged; not_applicable: there is nothing that it is about.
    `places`: those of its worst findings. It moves neither the verdict nor the exit code.
    """

    pack: str
    verdict: Verdict | None
    places: tuple[str, ...] = ()
    sentence: str


class ReadInfo(Record):
    """What was read: the rows of each table by its name, the lots, and what they add up to.

    `lots` are rows of the inventory. `accelerators` is exact text, over lots of every status.
    """

    files: dict[str, int] = Field(default_factory=dict)
    lots: int
    accelerators: str


class PackInfo(Record):
    """Which pack judged, and where its text stands in law.

    `origin`: the id or the path by which it was found. `changed`: it bears the id of a pack that
    ships and differs from it, so it is not what that id stands for. `added_groups`: the countries
    that the user's configuration adds to groups of the pack, by code.
    """

    id: str
    version: str
    digest: str
    origin: str = ""
    changed: bool = False
    title: str
    citation: str
    status: str
    status_as_of: date
    options: dict[str, str] = Field(default_factory=dict)
    added_groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Report(Record):
    """Everything one run found; the exit code is a function of the verdicts alone.

    `packs`: all that judged, each by itself; `pack` is the first of them.
    `questions`: what the law leaves open and matters here, with the answer taken. `unjudged`: what
    the law asks for besides. `in_force`: what is in force and was not judged.
    `files`: the SHA-256 of each table of a plan, in the report.json beside them.
    """

    schema_: Literal["placement.report/1"] = Field(default="placement.report/1", alias="schema")
    verdict: Verdict
    exit_code: int
    dates: tuple[date, ...]
    pack: PackInfo
    packs: tuple[PackInfo, ...] = ()
    read: ReadInfo | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unjudged: tuple[UnjudgedDuty, ...] = ()
    in_force: tuple[InForce, ...] = ()
    plan: PlanInfo | None = None
    files: dict[str, str] = Field(default_factory=dict)

    def as_json(self) -> str:
        """Return the JSON form, indented, with a final newline; `files` where there are any."""
        unsaid = None if self.files else {"files"}
        return self.model_dump_json(indent=2, by_alias=True, exclude=unsaid) + "\n"

    def by_pack(self) -> Report:
        """Return the same with rules named PACK:RULE, where several packs judged."""
        if len(self.packs) < 2:
            return self
        findings = (
            finding.model_copy(
                update={"rule": f"{finding.pack}:{finding.rule.removeprefix(f'{finding.pack}:')}"}
            )
            for finding in self.findings
        )
        return self.model_copy(update={"findings": tuple(findings)})

    def frame(self) -> pd.DataFrame:
        """Return the findings as a DataFrame, one row each (`placement.text.frames`).

        Amounts and shares are float64 with the exact text beside them, as NAME_exact;
        `other_share` is the share of the other reading.
        """
        from placement.text.frames import frame_of

        fields = [name for name in Finding.model_fields if name != "other_reading"]
        rows = []
        for finding in self.findings:
            record = finding.model_dump(mode="json")
            other = record.pop("other_reading") or {}
            rows.append([*(record[name] for name in fields), other.get("share")])
        return frame_of([*fields, "other_share"], rows)

    def __repr__(self) -> str:
        """Return the verdict and what was judged in a few lines."""
        counts = Counter(finding.outcome for finding in self.findings)
        days = [str(day) for day in self.dates]
        said = ", ".join(days if len(days) < 4 else [days[0], "...", days[-1]])
        packs = " and ".join(f"{one.id} {one.version}" for one in self.packs or (self.pack,))
        lines = [
            f"Report({self.verdict.value}, exit code {self.exit_code})",
            f"  {packs}, judged {said}",
            f"  {', '.join(f'{n} {name}' for name, n in sorted(counts.items()))}: see .frame()",
        ]
        lines += [f"  {one.rule}: {one.owner} in {one.place}" for one in self.breaches[:5]]
        hidden = len(self.breaches) - 5
        return "\n".join(lines + ([f"  ... and {hidden} more breaches"] if hidden > 0 else []))

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the findings as a table, for a notebook."""
        from placement.text.frames import html_of

        found = self.frame()[["verdict", "rule", "owner", "place", "date", "share", "headroom"]]
        return html_of(repr(self), found)

    @property
    def breaches(self) -> tuple[Finding, ...]:
        """The findings that fail the run."""
        return tuple(f for f in self.findings if f.verdict is Verdict.BREACH and not f.waived)


def overall(findings: tuple[Finding, ...]) -> Verdict:
    """Return the worst verdict of all: breach, warning, ok; waived breaches do not count."""
    found = {f.verdict for f in findings if not f.waived}
    for verdict in (Verdict.BREACH, Verdict.WARNING):
        if verdict in found:
            return verdict
    return Verdict.OK


def exit_code(verdict: Verdict) -> int:
    """Return the exit code of a run that evaluated its rules: 1 for a breach, else 0."""
    return 1 if verdict is Verdict.BREACH else 0


def exact_share(of: Finding | OtherReading) -> Fraction | None:
    """Return the share that the amounts come to; None where nothing is divided, and of nothing."""
    if of.numerator is None or of.denominator is None:
        return None
    whole = Fraction(of.denominator)
    return Fraction(of.numerator) / whole if whole else None
