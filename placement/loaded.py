"""What was read once, to be asked many things: a fleet, and a problem of planning.

`placement.load` and `placement.load_problem` return them; the verbs of `placement.api` use them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Unpack

from placement.arguments import day_of, typed
from placement.compliance.dates import EvaluationDates, today
from placement.errors import Fault, UsageError
from placement.loading.arguments import SearchArguments
from placement.loading.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

    from placement.compliance.headroom import Headrooms
    from placement.facility_report import Form
    from placement.ledger.records import Accounts
    from placement.optimization.data.task import Task
    from placement.optimization.plan import Plan
    from placement.report import Report

_TOTALS = ("owner", "country", "accelerator", "accelerators")


@dataclass(frozen=True, slots=True, repr=False)
class Fleet:
    """An inventory with its policies, companies and side tables, read and without faults."""

    inputs: Inputs

    @typed
    def check(
        self,
        *,
        as_of: date | str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        plans: bool = True,
        today: date | str | None = None,
        base: Fleet | None = None,
        fail_on: str | None = None,
        warn_headroom: str | None = None,
    ) -> Report:
        """Judge it, as `placement.check` does; `base` is a fleet that was read, too."""
        from placement.compliance.check import check_inputs
        from placement.compliance.terms.asked import terms_against

        before = None if base is None else base.inputs
        terms = terms_against(before, fail_on, warn_headroom)
        days = EvaluationDates(
            day_of(as_of, "as_of"), day_of(since, "since"), day_of(until, "until")
        )
        ran_on = day_of(today, "today")
        return check_inputs(self.inputs, days, plans=plans, ran_on=ran_on, terms=terms)

    @typed
    def headroom(
        self,
        accelerator: str,
        *,
        places: str | Sequence[str] | None = None,
        as_of: date | str | None = None,
    ) -> Headrooms:
        """Solve for what may be added at each place, as `placement.headroom` does."""
        from placement.compliance.headrooms import headrooms

        listed = [places] if isinstance(places, str) else places
        return headrooms(self.inputs, accelerator, listed, day_of(as_of, "as_of") or today())

    @typed
    def accounts(
        self,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        country: str | None = None,
        consignee: str | None = None,
        channel: str | None = None,
    ) -> Accounts:
        """Draw up the accounts behind the caps, as `placement.accounts` does."""
        from placement.ledger.draw_up import draw_up

        return draw_up(
            self.inputs,
            day_of(since, "since"),
            day_of(until, "until") or today(),
            country=country,
            consignee=consignee,
            channel=channel,
        )

    @typed
    def uveu_forms(
        self, *, as_of: date | str, since: date | str | None = None, owner: str | None = None
    ) -> list[Form]:
        """Fill in the account of facilities of each owner group that holds `uveu`, or of `owner`'s.

        Changes are those after `since` (default: the report date before `as_of`) up to `as_of`.
        """
        from placement.compliance.check import check_inputs
        from placement.compliance.several import only_with
        from placement.facility_report import RULE, has_form, holders, last_report, make_form

        policies = self.inputs.settings.policies
        inputs = self.inputs.under(only_with(policies, has_form, f"a rule {RULE}"))
        day = day_of(as_of, "as_of") or today()
        last, schedule = day_of(since, "since"), ""
        if last is None:
            last, schedule = last_report(inputs.settings.policy, day)
        if day <= last:
            raise UsageError(Fault("--since is not before the day of the form", f"it is {day}"))
        case = inputs.case()
        subjects = holders(case, owner)
        judged = check_inputs(inputs, EvaluationDates(as_of=day))
        return [
            make_form(
                case,
                subject,
                inputs.lots,
                inputs.settings.entities,
                judged,
                as_of=day,
                since=last,
                schedule=schedule,
            )
            for subject in subjects
        ]

    def frame(self) -> pd.DataFrame:
        """Return the accelerators of all lots, whatever their status, by owner, country, model."""
        from placement.text.frames import frame_of

        return frame_of(_TOTALS, self._totals())

    def _totals(self) -> Iterator[tuple[str, ...]]:
        import polars as pl

        from placement.text.decimals import plain

        keys = ["owner", "country", "model"]
        lots = self.inputs.lots.lots
        for key, part in sorted(lots.group_by(keys)):
            counted = part.select(pl.col("quantity") * pl.col("unit_num"), "unit_den").rows()
            yield (*map(str, key), plain(sum((Fraction(*pair) for pair in counted), Fraction(0))))

    def __repr__(self) -> str:
        """Return what is in it, in two lines."""
        inputs = self.inputs
        read = inputs.read()
        lots = inputs.lots.lots
        packs = ", ".join(policy.pack.id for policy in inputs.settings.policies)
        countries = lots["country"].n_unique()
        return (
            f"Fleet({inputs.lots.source}: {read.lots:,} lots, {read.accelerators} accelerators of "
            f"{lots['owner'].n_unique()} owners in {countries} countries)\n"
            f"  under {packs}: .check(), .headroom(accelerator), .accounts(), .frame()"
        )

    def _repr_html_(self) -> str:
        """Return the totals as a table, for a notebook."""
        from placement.text.frames import html_of

        return html_of(repr(self), self.frame())


@dataclass(frozen=True, slots=True, repr=False)
class PlanningProblem:
    """A planning folder, read and without faults: what stands, what may be bought and must be."""

    task: Task

    @property
    def fleet(self) -> Fleet:
        """The fleet before the plan, to check as it is."""
        task = self.task
        return Fleet(Inputs(task.settings, task.records, task.inventory))

    @typed
    def optimize(self, **search: Unpack[SearchArguments]) -> Plan:
        """Plan the cheapest layout that keeps the rules, as `placement.optimize` does."""
        from placement.optimization.progress import ProgressTracker
        from placement.optimization.run import plan_with
        from placement.optimization.search import Search
        from placement.solvers.custom_constraints import hook_of

        chosen = Search.of(search)
        task = chosen.asked_of(self.task)
        return plan_with(task, chosen, ProgressTracker(), hook=hook_of(chosen.hook))

    def __repr__(self) -> str:
        """Return what is in it, in two lines."""
        problem = self.task.problem
        first, last = problem.periods[0].name, problem.periods[-1].name
        packs = ", ".join(policy.pack.id for policy in self.task.settings.policies)
        return (
            f"PlanningProblem({problem.subject.name}, {first} to {last}: "
            f"{len(problem.sites)} sites, {len(problem.kits)} models, "
            f"{len(problem.demands)} demands)\n"
            f"  under {packs}: .optimize(), .fleet"
        )
