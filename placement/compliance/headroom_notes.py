"""What is said beside the room that is left: what it assumes, and whose tally the accounts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from placement.compliance.headroom import Headroom, Headrooms
from placement.compliance.several import by_pack
from placement.fleet.account_notes import (
    balance_notes,
    needs_of,
    said_of,
    shared_in,
    tally_notes,
)
from placement.fleet.context import FleetContext
from placement.policy import Policy


def said_beside(
    made: Headrooms,
    cases: Mapping[str, FleetContext],
    found: Mapping[str, Sequence[Headroom]],
    day: date,
) -> Headrooms:
    """Return the intervals with what they assume and what is to be noted, under each pack."""
    places = {one.place for one in made.intervals}
    assumed = {
        pack: (*said_of(case), *split_additions(case.policy, found[pack]))
        for pack, case in cases.items()
    }
    noted = {
        pack: tally_notes(case, shared_in(case.policy, day, places)) for pack, case in cases.items()
    }
    first, *_ = cases.values()
    lost = balance_notes([case.policy for case in cases.values()], first.books.balances)
    return replace(made, assumptions=by_pack(assumed), notes=(*by_pack(noted), *lost))


def split_additions(policy: Policy, found: Sequence[Headroom]) -> list[str]:
    """Say where what may be added comes by several channels, how many by each, and what it needs.

    Once for each owner and place, where the most that may be added does not fit the first one.
    """
    lines = []
    for one in found:
        (_, first), *others = one.comes_by or ((None, None),)
        if not others or first is None or (one.most is not None and one.most.amount <= first):
            continue
        parts = [
            f"{'the rest' if units is None else f'{units:,}'} by "
            f"{channel or 'no channel that is open'}"
            for channel, units in one.comes_by
        ]
        needs = needs_of(policy, [channel for channel, _ in one.comes_by])
        lines.append(
            f"what {one.subject} adds in {one.place} is split over channels: {one.model}, "
            f"{', '.join(parts)}{needs}"
        )
    return lines
