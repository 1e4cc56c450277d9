"""The lots that a plan brings: how they came, from where, and since when they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from placement.enums import Status
from placement.optimization.data.eligibility import Eligibility
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem


def bought(
    problem: Problem, gates: Eligibility, period: Period, site: str, model: str, quantity: int
) -> Lot:
    """Return what is bought for a site; how it comes is said by `charged`."""
    is_first = gates.notices.is_new(problem.sites[site].country)
    return Lot(
        owner=problem.owner,
        operator=problem.owner,
        site=site,
        country=problem.sites[site].country,
        model=model,
        quantity=quantity,
        status=_new_status(problem),
        start=period.first,
        end=None,
        own=True,
        consignee=problem.owner,
        channel=None,
        licensed=None,
        from_country=None,
        notice_filed=problem.notice_filed if is_first else None,
    )


def _new_status(problem: Problem) -> Status:
    """Return the status of what the plan brings, one that counts from its first day on."""
    forecast = problem.policy.answers.of("planned") == "forecast"
    return Status.PLANNED if forecast else Status.INSTALLED


def moved(problem: Problem, t: int, lot: Lot, site: str) -> Lot:
    """Return the lot after it crossed a border: channel, licence and consignee are reset.

    It leaves in a period, counts there from then on, and works when it arrives.
    """
    return replace(
        lot,
        site=site,
        country=problem.sites[site].country,
        status=_new_status(problem),
        start=problem.periods[t].first,
        end=None,
        consignee=lot.owner,
        channel=None,
        licensed=None,
        from_country=lot.country,
        notice_filed=problem.notice_filed,
        in_service=_works_from(problem, t),
        uncovered=False,
        excepted=False,
    )


def moved_inside(problem: Problem, t: int, lot: Lot, site: str) -> Lot:
    """Return the lot at another site of its country, where it arrived when it came to the country.

    What moves later than on the first day planned is a new lot, from its own country; so is what
    has no date to keep beside that of its arrival at the site.
    """
    first, works = problem.periods[t].first, _works_from(problem, t)
    if t == 0 and (works is None or lot.start is not None):
        return replace(lot, site=site, in_service=works)
    return replace(
        lot, site=site, status=_new_status(problem), start=first, from_country=lot.country,
        in_service=works,
    )  # fmt: skip


def _works_from(problem: Problem, t: int) -> date | None:
    """Return the day on which what leaves in a period arrives, None where it is the same day."""
    return problem.arrival(t).first if problem.transit_periods else None


def charged(
    lots: Iterable[Lot],
    charges: Mapping[tuple[str, str], list[tuple[str, int]]],
    gates: Eligibility,
) -> list[Lot]:
    """Record by which channel each lot comes; one that comes by several is several lots."""
    found = []
    for lot in lots:
        rooms = charges.get((lot.country, lot.model))
        if rooms is None:
            channels = gates.channels(lot.country, lot.model)
            found.append(replace(lot, channel=channels[0].value if channels else None))
            continue
        quantity = lot.quantity
        for place, (channel, room) in enumerate(rooms):
            part = min(quantity, room)
            if part:
                found.append(replace(lot, quantity=part, channel=channel))
                rooms[place] = (channel, room - part)
                quantity -= part
        if quantity:
            raise AssertionError(f"{quantity} {lot.model} come to {lot.country} by no channel")
    return found
