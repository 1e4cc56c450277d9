"""The verdict on all that was read: every policy of the run, and what is in force today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from placement.compliance.dates import Day, EvaluationDates, today
from placement.compliance.in_force import in_force
from placement.compliance.run import agenda_of
from placement.compliance.several import check_policies
from placement.compliance.terms.terms import PLAIN_TERMS, Terms
from placement.fleet.context import FleetContext
from placement.loading.inputs import Inputs
from placement.policy import Policy
from placement.readers.plan_layouts import begun
from placement.report import Report


def check_inputs(
    read: Inputs,
    days: EvaluationDates,
    *,
    plans: bool = True,
    ran_on: date | None = None,
    terms: Terms = PLAIN_TERMS,
) -> Report:
    """Return the report of some days; `plans` False leaves ordered and planned lots out.

    `ran_on` is the day of the run, default: the calendar's; `terms`: on which ones it passes,
    with the waivers that were read.
    """
    settings = read.settings
    ran_on = ran_on or today()
    waiving = replace(terms, waivers=settings.waivers.listed)

    def settle(made: Report, cases: Sequence[FleetContext]) -> Report:
        """Judge a base, if there is one, on the very days on which this was judged."""
        by_pack = {case.policy.pack.id: case for case in cases}

        def judged(policy: Policy) -> Sequence[Day]:
            return agenda_of(days, by_pack[policy.pack.id], read.records, ran_on)[0]

        return waiving.settle(made, settings.policies, judged, plans=plans, ran_on=ran_on)

    made, cases = check_policies(
        read.lots,
        policies=settings.policies,
        catalog=settings.catalog,
        entities=settings.entities,
        days=days,
        plans=plans,
        records=read.records,
        assumptions=settings.assumptions,
        tables=read.tables,
        ran_on=ran_on,
        settle=settle,
    )
    found = in_force(
        read.lots,
        chosen={policy.pack.id for policy in settings.policies},
        like=cases[0],
        run=cases[0].policy,
        catalog=settings.catalog,
        entities=settings.entities,
        days=made.dates,
        plans=plans,
        records=read.records,
    )
    notes = (*made.notes, *begun(read.lots, ran_on))
    return made.model_copy(update={"notes": notes, "in_force": found})
