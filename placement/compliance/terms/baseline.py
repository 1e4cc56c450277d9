"""What was broken when a baseline was recorded, and how what is found now stands to it.

A day that was recorded is compared with itself. Between two recorded days the worse of both holds,
since a fleet goes from the one to the other; after the last one that holds. What was recorded as
`today` is of the day of the record, and holds for a run on a day before it, too. So nothing is new
because a day has passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from placement.enums import Verdict
from placement.finding import TODAY
from placement.readers.baseline import BaselineEntry, BaselineFile
from placement.report import Finding, Report
from placement.waivers.decide import KIND
from placement.worse import Measurement

#: What a finding is of, whatever the day: pack, rule, owner, place, item.
At = tuple[str, str, str, str, str]


class Standing(StrEnum):
    """How what is broken stands to what was recorded."""

    NEW = "new"
    WORSE = "worse"
    SAME = "as recorded"
    BETTER = "better"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Standings:
    """The findings, of which those that were recorded are `known`, and how each place stands."""

    findings: tuple[Finding, ...]
    places: Mapping[At, Standing]

    def notes(self) -> Iterator[str]:
        """Return what is to be done to the baseline."""
        for (_, rule, owner, place, item), standing in self.places.items():
            said = f"baseline: {rule}, {owner} in {place}{f' ({item})' if item else ''}"
            if standing is Standing.BETTER:
                yield f"{said}: better than recorded: tighten it with placement baseline write"
            elif standing is Standing.GONE:
                yield f"{said}: no longer found: remove it with placement baseline write"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was recorded on a day in a file: by what it is of, and the day."""

    file: str
    recorded: date
    days: Mapping[At, Mapping[date, Sequence[Measurement]]]
    of_run: Mapping[At, Sequence[Measurement]]

    @classmethod
    def of(cls, content: BaselineFile, file: str) -> Baseline:
        """Return what a file says; of several entries of one key the worst stands first."""
        days: dict[At, dict[date, list[Measurement]]] = defaultdict(lambda: defaultdict(list))
        of_run: dict[At, list[Measurement]] = defaultdict(list)
        for entry in content.entries:
            at = (entry.pack, entry.rule, entry.owner, entry.place, entry.item)
            measured = _measured(entry)
            days[at][entry.day(content.recorded)].append(measured)
            if entry.when == TODAY:
                of_run[at].append(measured)
        for found in (
            *of_run.values(),
            *(one for by_day in days.values() for one in by_day.values()),
        ):
            found.sort(key=_how_bad, reverse=True)
        return cls(file, content.recorded, days, of_run)

    def standings(self, findings: Sequence[Finding]) -> Standings:
        """Say of each finding whether it was known, and of each place how it stands."""
        known: set[int] = set()
        said: dict[At, list[Standing]] = {at: [] for at in self.days}
        for (at, _), several in _by_day(findings).items():
            for nth, one in enumerate(several):
                standing = self._standing(one, at, nth)
                if standing is not None:
                    said.setdefault(at, []).append(standing)
                if one.fails and standing in (Standing.SAME, Standing.BETTER):
                    known.add(id(one))
        marked = tuple(
            one.model_copy(update={"known": True}) if id(one) in known else one for one in findings
        )
        return Standings(marked, {at: _together(found) for at, found in said.items()})

    def _standing(self, finding: Finding, at: At, nth: int) -> Standing | None:
        """Return how a finding stands to what was recorded; None where neither is broken.

        It is the `nth` worst of its key and day.
        """
        now = Measurement.of(finding)
        recorded = list(self._recorded(finding, at, nth))
        broken = [one for one in recorded if one is not None and one.rank]
        all_broken = bool(broken) and len(broken) == len(recorded)
        if not now.rank or finding.waived:
            return Standing.GONE if all_broken else None
        if not broken:
            return Standing.NEW
        if all(now.is_worse_than(one) for one in broken):
            return Standing.WORSE
        better = all_broken and all(one.is_worse_than(now) for one in broken)
        return Standing.BETTER if better else Standing.SAME

    def _recorded(self, finding: Finding, at: At, nth: int) -> Iterator[Measurement | None]:
        """Return what was recorded of a day: of itself, else of those before and after it."""
        days = self.days.get(at, {})
        lists = [days[finding.date]] if finding.date in days else [*_beside(days, finding.date)]
        if finding.is_today and finding.date < self.recorded and at in self.of_run:
            lists.append(self.of_run[at])
        yield from (found[nth] if nth < len(found) else None for found in lists)


def recorded(report: Report, ran_on: date) -> BaselineFile:
    """Return what to record of a report: what is broken and not waived, on all days judged.

    Of what is broken on some day there is an entry for each day on which its rule was judged for
    its owner.
    """
    groups = _by_day(report.findings)
    broken = {at: one for one in report.findings if _is_broken(one) for at in [one.key[:5]]}
    judged: dict[tuple[str, str, str], dict[date, str]] = defaultdict(dict)
    for one in report.findings:
        pack, rule, owner, _, _, when = one.key
        judged[pack, rule, owner][one.date] = when
    entries: list[BaselineEntry] = []
    for at, example in sorted(broken.items(), key=lambda pair: pair[0]):
        for day, when in sorted(judged[at[:3]].items()):
            there = [one for one in groups.get((at, day), ()) if not one.waived]
            told = [one for one in there if _is_broken(one)] or there[:1]
            entries += [_entry(one, when) for one in told] or [_nothing(example, when)]
    return BaselineFile(recorded=ran_on, entries=tuple(entries))


def _is_broken(finding: Finding) -> bool:
    """Tell whether it fails and is not waived; what a waiver is warned of is not broken."""
    return Measurement.of(finding).rank > 0 and not finding.waived and finding.kind != KIND


def _entry(finding: Finding, when: str) -> BaselineEntry:
    pack, rule, owner, place, item, _ = finding.key
    return BaselineEntry(
        pack=pack,
        rule=rule,
        owner=owner,
        place=place,
        item=item,
        when=when,
        verdict=finding.verdict,
        kind=finding.kind,
        numerator=finding.numerator,
        denominator=finding.denominator,
        share=finding.share,
        comparison=">=" if finding.comparison == ">=" else "<=",
        limit=finding.limit,
        unit=finding.unit,
    )


def _nothing(example: Finding, when: str) -> BaselineEntry:
    """Return the entry of a day on which a rule found nothing at a place that it is broken at."""
    entry = _entry(example, when)
    none = {"verdict": Verdict.OK, "numerator": None, "denominator": None, "share": None}
    return entry.model_copy(update=none)


def _measured(entry: BaselineEntry) -> Measurement:
    part, whole, limit = entry.exact
    return Measurement(
        entry.verdict, part, whole, limit, entry.comparison == ">=", entry.kind == "duty"
    )


def _by_day(findings: Iterable[Finding]) -> Mapping[tuple[At, date], Sequence[Finding]]:
    """Return what was judged by what it is of and its day, the worst first."""
    groups: dict[tuple[At, date], list[Finding]] = defaultdict(list)
    for one in findings:
        if one.verdict is not Verdict.NOT_APPLICABLE and one.kind != KIND:
            groups[one.key[:5], one.date].append(one)
    for several in groups.values():
        several.sort(key=lambda one: _how_bad(Measurement.of(one)), reverse=True)
    return groups


def _how_bad(measured: Measurement) -> tuple[object, ...]:
    return measured.rank, *measured.badness


def _together(found: Sequence[Standing]) -> Standing:
    """Return how a place stands, by how it does on each day."""
    if Standing.WORSE in found or {Standing.NEW} < {*found}:
        return Standing.WORSE
    if Standing.NEW in found:
        return Standing.NEW
    if Standing.BETTER in found or {Standing.SAME, Standing.GONE} <= {*found}:
        return Standing.BETTER
    return Standing.SAME if Standing.SAME in found else Standing.GONE


def _beside(
    days: Mapping[date, Sequence[Measurement]], day: date
) -> Iterator[Sequence[Measurement]]:
    """Return what holds between two recorded days, or after the last one; before the first none."""
    before = [one for one in days if one < day]
    after = [one for one in days if one > day]
    if before:
        yield days[max(before)]
        if after:
            yield days[min(after)]
