"""What tests ask of a plan, and the sites that they plan for."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.tiny_one_period import TinySite

US = TinySite("us", "US", energy=100)


MY = TinySite("my", "MY", energy=10)


DE = TinySite("de", "DE", energy=90)


def status(plan: Plan) -> PlanStatus:
    assert plan.report.plan is not None
    return plan.report.plan.status


def stock(plan: Plan) -> dict[tuple[str, str], int]:
    assert plan.layout is not None
    found: dict[tuple[str, str], int] = {}
    for lot in plan.layout.lots:
        key = lot.site, lot.model
        found[key] = found.get(key, 0) + lot.quantity
    return found


def value(plan: Plan) -> Fraction:
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.tiers[-1].value)


def plan_files(folder: Path, **files: str) -> Plan:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return make_plan(folder)
