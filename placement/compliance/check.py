"""The verdict on all that was read: every policy of the run, and what is in force today."""

from __future__ import annotations

from datetime import date

from placement.compliance.dates import EvaluationDates, today
from placement.compliance.in_force import in_force
from placement.compliance.several import check_policies
from placement.loading.inputs import Inputs
from placement.readers.plan_layouts import begun
from placement.report import Report


def check_inputs(
    read: Inputs, days: EvaluationDates, *, plans: bool = True, ran_on: date | None = None
) -> Report:
    """Return the report of some days; `plans` False leaves ordered and planned lots out.

    `ran_on` is the day of the run, default: the calendar's.
    """
    settings = read.settings
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
    notes = (*made.notes, *begun(read.lots, ran_on or today()))
    return made.model_copy(update={"notes": notes, "in_force": found})
