"""Findings of several packs in the names of the plan's rows, PACK:RULE, and back again."""

from __future__ import annotations

from collections.abc import Sequence

from placement.policy import Policy
from placement.report import Finding, Report


def as_planned(report: Report, policies: Sequence[Policy]) -> Report:
    """Return a report with its findings in the names of all packs together: see `combined`."""
    if len(policies) == 1:
        return report
    packs = {one.pack.id: one.pack for one in policies[1:]}

    def named(one: Finding) -> Finding:
        pack = packs.get(one.pack)
        own = pack is not None and one.place in pack.groups
        place = f"{one.pack}:{one.place}" if own else one.place
        return one.model_copy(update={"rule": f"{one.pack}:{one.rule}", "place": place})

    return report.model_copy(update={"findings": tuple(map(named, report.findings))})


def as_judged(finding: Finding) -> Finding:
    """Return a finding in the names of its own pack."""
    prefix = f"{finding.pack}:"
    if not finding.rule.startswith(prefix):
        return finding
    names = {"rule": finding.rule, "place": finding.place}
    return finding.model_copy(
        update={field: name.removeprefix(prefix) for field, name in names.items()}
    )
