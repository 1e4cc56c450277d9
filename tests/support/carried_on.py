"""Tiny instances as files, planned and carried on."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pandas as pd

from placement import check
from placement.enums import Objective
from placement.optimization.plan import Plan, plan_texts
from placement.optimization.results.plan_folder.write import write_files
from placement.optimization.run import make_plan
from tests.support.tiny_periods import Many

#: What a finding is about, and what was measured.
Told = tuple[str, str, str, str | None, str | None]


def write(many: Many, folder: Path, pack: Path) -> Path:
    """Write the inputs of an instance as files."""
    folder.mkdir(parents=True)
    for name, table in many.tables().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    lines = [f'[placement]\npolicy = "{pack}"']
    for section, keys in many.config().items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {written(value)}" for key, value in keys.items()]
    (folder / "placement.toml").write_text("\n".join(lines) + "\n")
    return folder


def written(value: object) -> str:
    """Write a value of TOML."""
    if isinstance(value, dict):
        inner = ", ".join(f'"{key}" = {written(one)}' for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'


def planned(folder: Path, out: Path) -> Plan:
    """Plan a folder, and save the plan where there is one."""
    plan = make_plan(folder)
    if plan.layout is not None:
        save(plan, out)
    return plan


def save(plan: Plan, out: Path) -> None:
    write_files(out, plan_texts(plan))


def cost_of(plan: Plan) -> Fraction:
    """Return what a plan costs, by its report."""
    info = plan.report.plan
    assert info is not None
    (tier,) = [one for one in info.tiers if one.objective == Objective.COST]
    return Fraction(tier.value)


def told(inventory: Path | pd.DataFrame, pack: Path, first: date, last: date) -> set[Told]:
    """Return what `check` says on the first day of every month, and on the last day of all."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found: set[Told] = set()
    for day in {*(one for one in days if one.day == 1), last}:
        report = check(inventory, policy=str(pack), as_of=day)
        found |= {
            (f"{one.rule} on {day}", one.place, one.verdict, one.numerator, one.denominator)
            for one in report.findings
        }
    return found
