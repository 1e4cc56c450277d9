"""What still fits at each place under every policy of a run, and what that answer assumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from placement.catalog import UnknownName, country
from placement.compliance.headroom import Headroom, Headrooms, headroom, in_common
from placement.compliance.run import pack_info
from placement.compliance.several import by_pack, require_equal
from placement.errors import Fault, NothingEvaluatedError, UsageError
from placement.fleet.account_notes import (
    balance_notes,
    needs_of,
    said_of,
    shared_in,
    tally_notes,
)
from placement.fleet.context import FleetContext
from placement.loading.inputs import Inputs
from placement.policy import Policy


def headrooms(
    inputs: Inputs, accelerator: str, places: Sequence[str] | None, day: date
) -> Headrooms:
    """Return the interval of every owner group (every owner, with siblings = exclude) and place.

    `places` None: every country of the inventory. UsageError for a name that nothing has,
    NothingEvaluatedError where no rule of a pack binds anyone.
    """
    settings = inputs.settings
    try:
        model = settings.catalog.find(accelerator).accelerator.model
        codes = None if places is None else [country(place) for place in places]
    except UnknownName as error:
        raise UsageError(Fault(error.message, error.fix)) from error
    require_equal(settings.policies, ("siblings", "basis"))
    cases = {case.policy.pack.id: case for case in inputs.cases()}
    if codes is None:
        codes = sorted(inputs.lots.lots["country"].unique().to_list())
    intervals = {
        pack: [
            headroom(case, adder, place, model, day)
            for adder in case.companies.adders()
            for place in codes
        ]
        for pack, case in cases.items()
    }
    for pack, of_pack in intervals.items():
        if not any(one.bound for one in of_pack):
            raise NothingEvaluatedError(
                f"nothing was evaluated: no rule of {pack} binds any of these owners"
            )
    rows = zip(*intervals.values(), strict=True)
    common = (in_common(dict(zip(intervals, of, strict=True))) for of in rows)
    made = Headrooms((*common,), tuple(map(pack_info, settings.policies)), inputs.read())
    return _said_beside(made, cases, intervals, day)


def _said_beside(
    made: Headrooms,
    cases: Mapping[str, FleetContext],
    found: Mapping[str, Sequence[Headroom]],
    day: date,
) -> Headrooms:
    """Return the intervals with what they assume and what is to be noted, under each pack."""
    places = {interval.place for interval in made.intervals}
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
