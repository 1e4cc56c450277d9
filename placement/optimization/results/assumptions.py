"""What a plan knows and says of accounts: opening balances, and lots split over channels."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from placement.fleet.account_notes import balance_lines, needs_of, split_lines
from placement.optimization.data.problem import Problem
from placement.optimization.model.credit.zones import weight
from placement.optimization.results.layout import Layout
from placement.policy import ALL_OWNERS
from placement.report import Report
from placement.text.decimals import grouped, thousandths_text
from placement.waivers.decide import in_time

if TYPE_CHECKING:
    from placement.optimization.data.task import Task


def assumed(task: Task, layout: Layout | None, judged: Report | None) -> tuple[str, ...]:
    """Return all that a plan takes for granted, each once."""
    problem = task.problem
    said = [
        *(f"waived: {one}" for one in allowed(task)),
        *task.settings.assumptions,
        *problem.assumptions,
        *problem.fleet.assumptions,
        *split_lines(problem.case),
        *(split_purchases(problem, layout) if layout is not None else ()),
        *(judged.assumptions if judged else balance_lines(problem.policy, task.records.balances)),
    ]
    return tuple(dict.fromkeys(said))


def allowed(task: Task) -> list[str]:
    """Say which limits of the plan's rows are wider, how far, and until when."""
    problem = task.problem
    group = (problem.subject.name, ALL_OWNERS.name)
    return [
        f"{one.rule} in {one.place} is allowed up to {one.said} until {one.expires}, by "
        f"the waiver of {one.where}, approved by {one.approver}: {one.reason}"
        for one in problem.waivers
        if one.owner in group
        and one.at_most is not None
        and in_time(one, problem.first, problem.ran_on or one.granted)
    ]


def split_purchases(problem: Problem, layout: Layout) -> list[str]:
    """Say where what a plan brings comes by several channels: how much by each, what it needs."""
    came: dict[tuple[str, date, str], dict[str, int]] = {}
    for lot in layout.brought:
        if lot.channel is not None and lot.start is not None:
            by = came.setdefault((lot.country, lot.start, lot.model), {})
            by[lot.channel] = by.get(lot.channel, 0) + lot.quantity
    ledger = problem.policy.pack.ledger
    order = [channel.id.value for channel in ledger.channels] if ledger is not None else []
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
