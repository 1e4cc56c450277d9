"""The record of a run: what was judged, what was found. Renderers only format it.

Amounts are exact text in the metric's unit; the JSON form is `placement.report/1`. Readers must
ignore keys they do not know.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from placement.vocabulary import Ended, Measure, PlanStatus, TierStatus, Verdict

if TYPE_CHECKING:
    import pandas as pd


_Date = date  # a record with a field of that name sees the field


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid", defer_build=True)


class Line(_Record):
    """One inventory line and what it adds to a finding's numerator."""

    file: str
    line: int
    amount: str


class OtherReading(_Record):
    """A finding's amounts where every doubt about which models count is answered otherwise.

    `counted`: the models of unknown scope that this reading counts, and the finding does not;
    `left_out`: those that the finding counts.
    """

    counted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    numerator: str
    denominator: str | None = None
    share: str | None = None


class Finding(_Record):
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


class ReadInfo(_Record):
    """What was read: the rows of each table by its name, the lots, and what they add up to.

    `lots` are rows of the inventory. `accelerators` is exact text, over lots of every status.
    """

    files: dict[str, int] = Field(default_factory=dict)
    lots: int
    accelerators: str


class PackInfo(_Record):
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


class Tier(_Record):
    """One objective of a plan: its value, the bound below it, and how far they are apart.

    `status`: proven (within the gap asked for), stopped before that, or not reached: the search
    ended before it came to this objective, so `value` is what the plan happens to have, and the
    bound what no program of these columns goes below. `proven`: the bound was re-evaluated in exact
    arithmetic, not taken from a solver.
    """

    objective: str
    status: TierStatus
    value: str
    bound: str
    gap: str
    slack: str = "0"
    proven: bool


class SearchEnd(_Record):
    """How the search of whole units for an objective ended, after how many of the most steps.

    `repeatable`: the same inputs, seed and threads give the same plan on any machine at any load;
    not so after a time limit, an interruption, or where a solver was lost.
    """

    objective: str
    ended: Ended
    steps: int
    most: int
    repeatable: bool


class Size(_Record):
    """The size of the program that was solved."""

    cells: int
    columns: int
    rows: int
    nonzeros: int


class CrossCheck(_Record):
    """What another solver says of the same program, in the unit of the last objective.

    `of`: what `status`, `value` and `bound` are of: `whole units`, or the `relaxation` where the
    program is too large for them or they came to nothing; the relaxation is checked always. `bound`
    is by that solver's word. `agrees` None: it came to nothing that can be compared.
    """

    solver: str
    of: Literal["whole units", "relaxation"]
    status: str
    value: str | None = None
    bound: str | None = None
    relaxation_status: str = ""
    relaxation_value: str | None = None
    agrees: bool | None = None
    disagreement: str = ""


class Horizon(_Record):
    """The periods planned: the names of the first and the last, and how many there are."""

    first: str
    last: str
    count: int


class YearCost(_Record):
    """What a plan costs in a calendar year: as paid, and discounted to the first day."""

    year: int
    cost: str
    discounted: str


class Dilution(_Record):
    """Kit that was bought, serves no demand in a period, and on which a share rests.

    `amount` in `unit`, exact. `rules` (each with its place) would not be kept without it on some
    day of the period. `cost` by kind, as paid, and `discounted` in all: parts of the plan's.
    """

    period: str
    amount: str
    unit: str
    rules: tuple[str, ...] = ()
    cost: dict[str, str] = Field(default_factory=dict)
    discounted: str


class Overdue(_Record):
    """A notice that a plan needs, nobody filed, and that was due on a day before the run."""

    by: date
    rule: str
    what: str


class PlanSource(_Record):
    """What a plan was made from, for whoever carries it on; paths are as they were given.

    `files`: the SHA-256 of each. `tables`: those that were given in place of files beside the
    configuration. The others are what was asked for besides it, or in its place.
    """

    config: str
    files: dict[str, str]
    tables: dict[str, str] = Field(default_factory=dict)
    policy: str | None = None
    options: dict[str, str] = Field(default_factory=dict)
    entities: str | None = None
    headquarters: str | None = None
    authorization: tuple[str, ...] = ()
    objective: tuple[str, ...] = ()


class PlanInfo(_Record):
    """How an optimization ended.

    `compliant_from`: every rule that a plan can keep is kept on its measurement dates from then on.
    `compliant_every_day_from`: every limit holds on every day of the horizon from then on; None:
    from none on, or there is no plan. `cost`: the parts of the objective by kind, discounted by
    `discount_rate` (a ratio per year) to the day `discounted_to`; `paid`: the same as it is paid;
    `cost_by_year`: both by year. `source`: None where tables were given that are no files.
    `overdue`: what the plan cannot be carried out without, as it stands.
    `claimed_bound`: the bound of the last tier by the solver's word (branch and bound), which
    nobody re-evaluated; that of the tier itself is exact. `conflict` says why no plan exists,
    `missing` what the tables do not have that it would take.
    """

    status: PlanStatus
    mode: Literal["repair", "strict"]
    owner: str
    period: str
    periods: Horizon | None = None
    solver: str
    currency: str | None = None
    compliant_from: date | None = None
    compliant_every_day_from: date | None = None
    tiers: tuple[Tier, ...] = ()
    search: tuple[SearchEnd, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict)
    claimed_bound: str | None = None
    size: Size | None = None
    source: PlanSource | None = None
    discount_rate: str | None = None
    discounted_to: date | None = None
    cost: dict[str, str] = Field(default_factory=dict)
    paid: dict[str, str] = Field(default_factory=dict)
    cost_by_year: tuple[YearCost, ...] = ()
    dilution: tuple[Dilution, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    conflict: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    cross_check: CrossCheck | None = None


class Report(_Record):
    """Everything one run found; the exit code is a function of the verdicts alone.

    `questions`: what the law leaves open and matters here, with the answer taken. `files`: the
    SHA-256 of each table of a plan, in the report.json beside them.
    """

    schema_: Literal["placement.report/1"] = Field(default="placement.report/1", alias="schema")
    verdict: Verdict
    exit_code: int
    dates: tuple[date, ...]
    pack: PackInfo
    read: ReadInfo | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    plan: PlanInfo | None = None
    files: dict[str, str] = Field(default_factory=dict)

    def as_json(self) -> str:
        """Return the JSON form, indented, with a final newline; `files` where there are any."""
        unsaid = None if self.files else {"files"}
        return self.model_dump_json(indent=2, by_alias=True, exclude=unsaid) + "\n"

    def frame(self) -> pd.DataFrame:
        """Return the findings as a DataFrame, one row each (`placement.frames`).

        Amounts and shares are float64 with the exact text beside them, as NAME_exact;
        `other_share` is the share of the other reading.
        """
        from placement.frames import frame_of

        fields = [name for name in Finding.model_fields if name != "other_reading"]
        rows = []
        for finding in self.findings:
            record = finding.model_dump(mode="json")
            other = record.pop("other_reading") or {}
            rows.append([*(record[name] for name in fields), other.get("share")])
        return frame_of([*fields, "other_share"], rows)

    def __repr__(self) -> str:
        """Return the verdict and what was judged in a few lines."""
        counts = Counter(finding.verdict.value for finding in self.findings)
        days = [str(day) for day in self.dates]
        said = ", ".join(days if len(days) < 4 else [days[0], "...", days[-1]])
        lines = [
            f"Report({self.verdict.value}, exit code {self.exit_code})",
            f"  {self.pack.id} {self.pack.version}, judged {said}",
            f"  {', '.join(f'{n} {name}' for name, n in sorted(counts.items()))}: see .frame()",
        ]
        lines += [f"  {one.rule}: {one.owner} in {one.place}" for one in self.breaches[:5]]
        hidden = len(self.breaches) - 5
        return "\n".join(lines + ([f"  ... and {hidden} more breaches"] if hidden > 0 else []))

    __str__ = __repr__

    @property
    def breaches(self) -> tuple[Finding, ...]:
        """The findings that fail the run."""
        return tuple(f for f in self.findings if f.verdict is Verdict.BREACH and not f.waived)


def overall(findings: tuple[Finding, ...]) -> Verdict:
    """Give the worst verdict of all: breach, warning, ok; waived breaches do not count."""
    found = {f.verdict for f in findings if not f.waived}
    for verdict in (Verdict.BREACH, Verdict.WARNING):
        if verdict in found:
            return verdict
    return Verdict.OK


def exit_code(verdict: Verdict) -> int:
    """Give the exit code of a run that evaluated its rules: 1 for a breach, else 0."""
    return 1 if verdict is Verdict.BREACH else 0


def use(finding: Finding) -> tuple[bool, Fraction]:
    """Give how much of a limit is used, for ordering: more is tighter, beyond 0 most of all.

    Measured / limit, and limit / measured for a floor.
    """
    limit, part = Fraction(finding.limit or 0), Fraction(finding.numerator or 0)
    if finding.denominator is not None:
        whole = Fraction(finding.denominator)
        part = part / whole if whole else part
    if finding.comparison == ">=":
        limit, part = part, limit
    return (True, part) if part > 0 == limit else (False, part / (limit or 1))
