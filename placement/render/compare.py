"""Two plans side by side, for a terminal and as JSON (`placement.plans-compared/1`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.text.decimals import floor_text, grouped

if TYPE_CHECKING:
    from placement.optimization.results.plan_folder.compare import (
        Amount,
        ComparedPlans,
        Count,
        Difference,
    )
    from placement.optimization.results.plan_folder.read_back import PlanFolder

MOST_MODELS = 15
MOST_SITES = 10
MOST_ACTIONS = 10
MOST_VERDICTS = 10

_ACTION = ("period", "action", "accelerator", "from", "to", "owner")


def text(found: ComparedPlans) -> str:
    """Return what differs as text."""
    blocks = [
        _head(found),
        _amounts(found) + _difference(found),
        _counts(
            "LAYOUT on the last day, by country and accelerator",
            ("country", "accelerator"),
            found.models,
            MOST_MODELS,
        ),
        _counts("SITES", ("country", "site", "accelerator"), found.sites, MOST_SITES),
        _counts("ACTIONS only in A, or more of them", _ACTION, found.only_a, MOST_ACTIONS),
        _counts("ACTIONS only in B, or more of them", _ACTION, found.only_b, MOST_ACTIONS),
        _verdicts(found),
    ]
    return "\n\n".join(blocks) + "\n"


def to_json(found: ComparedPlans) -> str:
    """Return everything that differs as JSON."""
    content = {
        "schema": "placement.plans-compared/1",
        "a": _plan(found.a),
        "b": _plan(found.b),
        "notes": list(found.notes),
        "objectives": [_amount(objective) for objective in found.objectives],
        "difference": _proven(found.difference),
        "cost": [_amount(one) for one in found.cost],
        "models": _named(("country", "accelerator"), found.models),
        "sites": _named(("country", "site", "accelerator"), found.sites),
        "actions": _named(
            ("period", "action", "accelerator", "from_site", "to_site", "owner"), found.actions
        ),
        "verdicts": [
            {**verdict._asdict(), "item": verdict.item or None} for verdict in found.verdicts
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _plan(plan: PlanFolder) -> dict[str, str | None]:
    made = plan.report.plan
    return {
        "folder": plan.name,
        "status": made.status.value,
        "owner": made.owner,
        "first": made.periods.first,
        "last": made.periods.last,
        "currency": made.currency,
        "compliant_from": _text(made.compliant_from),
        "compliant_every_day_from": _text(made.compliant_every_day_from),
        "verdict": plan.report.verdict.value,
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount(one: Amount) -> dict[str, str | None]:
    return {"name": one.name, "a": one.a, "b": one.b, "change": one.change}


def _proven(one: Difference | None) -> dict[str, str | bool] | None:
    if one is None:
        return None
    return {
        "objective": one.name,
        "low": one.low,
        "high": one.high,
        "shown": one.is_shown,
        "of_bounds": one.of_bounds,
    }


def _difference(found: ComparedPlans) -> str:
    """Write the range that the true difference is in; nothing where none is proven."""
    one = found.difference
    if one is None:
        return ""
    low, high = (_signed(grouped(text)) for text in (one.low, one.high))
    said = "" if one.is_shown else "; within the gaps: no difference shown"
    return (
        f"\nthe true difference in {terminal(one.name)}, B - A, is from {low} to {high}{said}"
        f"\nthe bounds differ by {_signed(grouped(one.of_bounds))}"
    )


def _named(names: Sequence[str], counts: Iterable[Count]) -> list[dict[str, str | int]]:
    return [
        {**dict(zip(names, count.of, strict=True)), "a": count.a, "b": count.b} for count in counts
    ]


def _head(found: ComparedPlans) -> str:
    lines = []
    for name, plan in (("A", found.a), ("B", found.b)):
        made = plan.report.plan
        since = f", rules kept from {made.compliant_from}" if made.compliant_from else ""
        if made.compliant_every_day_from not in (None, made.compliant_from):
            since += f" (on every day from {made.compliant_every_day_from})"
        verdict = plan.report.verdict.value.replace("_", " ")
        lines.append(
            f"{name}  {terminal(plan.name)}: {terminal(made.owner)}, {made.periods.first} to "
            f"{made.periods.last}, {made.status.value}, {verdict}{since}"
        )
    return "\n".join([*lines, *(f"note: {terminal(note)}" for note in found.notes)])


def _amounts(found: ComparedPlans) -> str:
    listed: list[tuple[Amount, str]] = []
    parts = [(one, "  ") for one in found.cost]
    for one in found.objectives:
        listed.append((one, ""))
        if one.name == "cost":
            listed += parts
            parts = []
    listed += parts
    rows = [
        (
            indent + terminal(one.name),
            *("" if text is None else _short(text) for text in (one.a, one.b)),
            "" if one.a is None or one.b is None else _signed(_apart(one.a, one.b)),
        )
        for one, indent in listed
    ]
    money = found.a.report.plan.currency
    head = f"OBJECTIVES, and the cost by kind, {terminal(money)}"
    return head + "\n" + table(("", "A", "B", "B - A"), rows, right=(1, 2, 3))


def _counts(title: str, names: Sequence[str], counts: Sequence[Count], most: int) -> str:
    if not counts:
        return f"{title}: no difference"
    largest = sorted(counts, key=lambda one: (-abs(one.b - one.a), one.of))[:most]
    shown = {id(one) for one in largest}
    rows = [
        (
            *map(terminal, count.of),
            grouped(str(count.a)),
            grouped(str(count.b)),
            _signed(grouped(str(count.b - count.a))),
        )
        for count in counts
        if id(count) in shown
    ]
    width = len(names)
    text = table((*names, "A", "B", "B - A"), rows, right=range(width, width + 3))
    hidden = len(counts) - len(rows)
    more = f"\n... and {hidden} more, all in --output json" if hidden > 0 else ""
    return f"{title}: {_differ(len(counts))}\n{text}{more}"


def _verdicts(found: ComparedPlans) -> str:
    if not found.verdicts:
        return "VERDICTS: no difference"
    lines = [
        f"  {terminal(one.rule)}: {terminal(one.owner)} in {terminal(one.place)}"
        f"{f' ({terminal(one.item)})' if one.item else ''} on {one.date}: "
        f"{one.a.value if one.a else 'not judged'} in A, "
        f"{one.b.value if one.b else 'not judged'} in B"
        for one in found.verdicts[:MOST_VERDICTS]
    ]
    hidden = len(found.verdicts) - len(lines)
    if hidden > 0:
        lines.append(f"  ... and {hidden} more, all in --output json")
    return "\n".join([f"VERDICTS: {_differ(len(found.verdicts))}", *lines])


def _differ(count: int) -> str:
    return "1 differs" if count == 1 else f"{count} differ"


def _short(amount: str) -> str:
    return grouped(floor_text(Fraction(amount), 2))


def _apart(a: str, b: str) -> str:
    """Return b - a of two amounts as they are printed: rounded by itself, it may be another."""
    mine, yours = (Fraction(floor_text(Fraction(amount), 2)) for amount in (a, b))
    return _short(str(yours - mine))


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") or not amount.strip("0.,") else f"+{amount}"
