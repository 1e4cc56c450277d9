"""Small reports by hand: one real check, with verdicts, waivers and changes put into it."""

from __future__ import annotations

from contextlib import chdir
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import placement
from placement.enums import Outcome, Verdict
from placement.report import Change, Finding, Report

INVENTORY = """\
owner,site,country,accelerator,quantity
Acme,us-1,US,H100-SXM5-80GB,900
Acme,my-1,MY,H100-SXM5-80GB,60
Acme,my-2,MY,H100-SXM5-80GB,40
Acme,na-1,NA,H100-SXM5-80GB,40
Acme,ke-1,KE,H100-SXM5-80GB,90
"""
RAN_ON = date(2026, 8, 1)


@cache
def real() -> Report:
    """Return what `check` finds in these lots: 8.85 % in MY, 3.54 % in NA, 7.96 % in KE."""
    with TemporaryDirectory() as folder, chdir(folder):
        Path("inventory.csv").write_text(INVENTORY, "utf-8")
        return placement.check(
            "inventory.csv", headquarters="US", authorization="uveu", as_of="2026-08-01",
            today=RAN_ON, policy="ai-diffusion-2025-basic",
        )  # fmt: skip


@cache
def mixed() -> Report:
    """Return the same with a warning about NA and a waiver for KE; MY is in breach."""
    changed: dict[str, dict[str, object]] = {
        "NA": {"verdict": Verdict.WARNING, "reason": "less than half of the limit is left"},
        "KE": {"waived": True, "reason": "waived until 2026-12-31: leaves with us-2 (J. Doe)"},
    }
    findings = [one.model_copy(update=changed.get(one.place, {})) for one in real().findings]
    return real().model_copy(update={"findings": tuple(findings)})


def changed() -> Report:
    """Return the same against a base, in which MY had less, KE too much, and NA nothing."""
    before = {"MY": "0.06", "KE": "1/12", "NA": None}
    outcomes = {"MY": Outcome.BROKEN, "KE": Outcome.STILL_BROKEN}
    changes = [
        change_of(one, before.get(one.place, one.share), outcomes.get(one.place, Outcome.OK))
        for one in mixed().findings
    ]
    return mixed().model_copy(update={"compared_with": "base.csv", "changes": tuple(changes)})


def change_of(one: Finding, before: str | None, outcome: Outcome, *, worse: bool = False) -> Change:
    """Return the change that ends in a finding; the exact shares are those of its amounts."""
    return Change(
        pack=one.pack, rule=one.rule, owner=one.owner, place=one.place, item=one.item,
        date=one.date, outcome=outcome, worse=worse, before=before, after=one.share,
        unit=one.unit, comparison=one.comparison, limit=one.limit, is_share=True,
        headroom=one.headroom,
    )  # fmt: skip
