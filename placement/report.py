"""The record of a run: what was judged, what was found. Renderers only format it.

Amounts are exact text in the metric's unit; the JSON form is `placement.report/1`. Readers must
ignore keys they do not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from placement.enums import PlanStatus, Verdict
from placement.finding import Change, Finding, FindingKey, Line, OtherReading, exact_share
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
    "Change",
    "CrossCheck",
    "Dilution",
    "Finding",
    "FindingKey",
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
    `lesser_notes`: those of `notes` that move no verdict.
    `questions`: what the law leaves open and matters here, with the answer taken. `unjudged`: what
    the law asks for besides. `in_force`: what is in force and was not judged.
    `files`: the SHA-256 of each table of a plan, in the report.json beside them. `ran_on`: the day
    of the run. `compared_with`: the base that `changes` are against; None: there was none.
    """

    schema_: Literal["placement.report/1"] = Field(default="placement.report/1", alias="schema")
    verdict: Verdict
    exit_code: int
    dates: tuple[date, ...]
    ran_on: date | None = None
    pack: PackInfo
    packs: tuple[PackInfo, ...] = ()
    read: ReadInfo | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lesser_notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    compared_with: str | None = None
    changes: tuple[Change, ...] = ()
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

    def only_new(self) -> Report:
        """Return the same without what was known before, which a note counts."""
        kept = tuple(one for one in self.findings if not one.known)
        left_out = len(self.findings) - len(kept)
        if not left_out:
            return self
        said = "1 finding that was" if left_out == 1 else f"{left_out} findings that were"
        note = f"left out: {said} known before and no worse"
        return self.model_copy(update={"findings": kept, "notes": (note, *self.notes)})

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
        """The breaches that fail the run, neither waived nor known from before."""
        return tuple(f for f in self.findings if f.verdict is Verdict.BREACH and f.fails)


def overall(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict: breach, warning, ok; what is waived or known does not count."""
    found = {finding.verdict for finding in findings if finding.fails}
    for verdict in (Verdict.BREACH, Verdict.WARNING):
        if verdict in found:
            return verdict
    return Verdict.OK


def exit_code(
    verdict: Verdict, status: PlanStatus | None = None, *, fail_on: Verdict = Verdict.BREACH
) -> int:
    """Return the exit code of a run that evaluated its rules; `status` is that of its plan, if any.

    0: all rules kept; 1: a breach (or a warning, where `fail_on` is that); 3: proven that no plan
    exists; 4: stopped without a usable plan. Errors of input, usage and the tool are 2, before
    there is a report.
    """
    if status in (PlanStatus.INFEASIBLE, PlanStatus.STOPPED):
        return 3 if status is PlanStatus.INFEASIBLE else 4
    failing = {Verdict.BREACH, fail_on}
    return 1 if verdict in failing else 0
