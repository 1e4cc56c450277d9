"""What a plan knows and says of accounts: opening balances, and lots split over channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from placement.account_notes import balance_lines, needs_of, split_lines
from placement.amounts import grouped, thousandths_text
from placement.planner.layout import Layout
from placement.planner.problem import Problem
from placement.planner.zones import weight
from placement.report import Report
from placement.run import Records
from placement.settings import with_opening
from placement.sources.doubts import Accepting
from placement.sources.sites import read_places

if TYPE_CHECKING:
    from placement.planner.read import Task


def records_of(paths: Mapping[str, tuple[Path, str]], accepting: Accepting) -> Records:
    """Read the places of sites and the opening balances; InputError with every fault of each."""
    path, name = paths["sites"]
    records = Records(read_places(path, name=name))
    if "opening" not in paths:
        return records
    path, name = paths["opening"]
    return with_opening(records, path, accepting, name)


def assumed(task: Task, layout: Layout | None, judged: Report | None) -> tuple[str, ...]:
    """Return all that a plan takes for granted, each once."""
    problem = task.problem
    said = [
        *task.settings.assumptions,
        *problem.assumptions,
        *problem.fleet.assumptions,
        *split_lines(problem.case),
        *(split_purchases(problem, layout) if layout is not None else ()),
        *(judged.assumptions if judged else balance_lines(problem.policy, task.records.balances)),
    ]
    return tuple(dict.fromkeys(said))


def split_purchases(problem: Problem, layout: Layout) -> list[str]:
    """Say where what a plan brings comes by several channels: how much by each, what it needs."""
    came: dict[tuple[str, date, str], dict[str, int]] = {}
    for lot in layout.brought:
        if lot.channel is not None and lot.start is not None:
            by = came.setdefault((lot.country, lot.start, lot.model), {})
            by[lot.channel] = by.get(lot.channel, 0) + lot.quantity
    ledger = problem.policy.pack.ledger
    order = [one.id.value for one in ledger.channels] if ledger is not None else []
    lines = []
    for (country, day, model), by in sorted(came.items()):
        if len(by) < 2:
            continue
        each = weight(problem, model, "tpp")
        parts = ", ".join(
            f"{by[name]:,} ({grouped(thousandths_text(by[name] * each))} TPP) by {name}"
            for name in order
            if name in by
        )
        needs = needs_of(problem.policy, by)
        lines.append(
            f"what comes to {country} on {day} is split over channels: {model}, {parts}{needs}"
        )
    return lines
