"""What `advance` wrote, for a terminal and as JSON."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal
from placement.text.decimals import floor_text, grouped

if TYPE_CHECKING:
    from placement.rolling_horizon.record import Advanced, Money

_MOST_NAMED = 8


def text(found: Advanced) -> str:
    """Return it as text: what stands, what is left, what it costs, and how to plan on."""
    done = ", ".join(f"{what} {_count(count)}" for what, count in found.done.items())
    undone = f"{_count(found.undone)} that the plan would still install, move or retire"
    lines = [
        f"ADVANCED {terminal(found.plan)} to {found.to}: the inputs of {found.day}",
        f"  done       {done or 'nothing'} (accelerators), before {found.day}",
        f"  under way  {_count(found.under_way)}, which arrive on {found.day} or later",
        f"  ordered    {_count(found.ordered)}, which the inventory says will come",
        f"  to plan    {found.to} to {found.last}: {undone}",
        f"  supply     {_supply(found)}",
        f"  spent      {_sum(found, found.spent)}",
        f"  left       {_sum(found, found.left)}: the cost of the same plan from {found.to} on",
    ]
    if found.filed:
        lines.append(
            f"  assumed    filed on its last day, as the plan asked: "
            f"{terminal('; '.join(found.filed[:_MOST_NAMED]))}"
        )
    hidden = len(found.filed) - _MOST_NAMED
    if hidden > 0:
        lines.append(f"             ... and {hidden} more notices")
    lines += ["", "written", *(f"  {terminal(path)}" for path in found.written), ""]
    lines.append(f"plan on with: placement optimize {terminal(found.folder)}")
    return "\n".join(lines) + "\n"


def to_json(found: Advanced) -> str:
    """Return it as indented JSON with a final newline."""
    return found.model_dump_json(indent=2, by_alias=True) + "\n"


def _supply(found: Advanced) -> str:
    there = [one for one in found.supply if one.quantity]
    named = [f"{terminal(one.accelerator)} {_count(one.quantity)}" for one in there[:_MOST_NAMED]]
    more = [f"{len(there) - _MOST_NAMED} more models"] if len(there) > _MOST_NAMED else []
    return f"{', '.join([*named, *more])} may be bought" if there else "nothing is left to buy"


def _sum(found: Advanced, money: Money) -> str:
    paid, discounted = (
        grouped(floor_text(Fraction(amount), 2)) for amount in (money.paid, money.discounted)
    )
    if money.paid == money.discounted:
        return f"{paid} {found.currency}"
    return f"{discounted} {found.currency}, discounted to {found.discounted_to} ({paid} as paid)"


def _count(count: int) -> str:
    return grouped(str(count))
