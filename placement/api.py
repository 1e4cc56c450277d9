"""The verbs as functions: paths or DataFrames in, a report out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from placement.arguments import day_of, typed
from placement.compliance.dates import EvaluationDates
from placement.compliance.dates import today as calendar_day
from placement.loaded import Fleet, PlanningProblem
from placement.loading.arguments import (
    CheckArguments,
    InputArguments,
    PlanArguments,
    ProblemArguments,
    input_arguments_of,
)
from placement.loading.inputs import load_inputs

if TYPE_CHECKING:
    from placement.compliance.headroom import Headrooms
    from placement.facility_report import Form
    from placement.ledger.records import Accounts
    from placement.optimization.plan import Plan
    from placement.readers.formats.data_frames import Frame
    from placement.report import Report
    from placement.rolling_horizon.record import Advanced


@typed
def load(inventory: str | Path | Frame | None, **inputs: Unpack[InputArguments]) -> Fleet:
    """Read an inventory and what belongs to it once, to check it and ask it many things.

    The arguments and the errors are those of `check`: `load(...).check(as_of=...)` is a check, and
    so are `headroom`, `accounts` and `uveu_forms`.
    """
    return Fleet(load_inputs(inventory, **inputs))


@typed
def load_problem(
    source: str | Path | Mapping[str, Any], **given: Unpack[ProblemArguments]
) -> PlanningProblem:
    """Read a planning folder once, to plan it by several solvers or objectives: `.optimize(...)`.

    The arguments and the errors are those of `optimize`. `.fleet` is what stands before the plan.
    """
    from placement.optimization.data.load import load_task

    return PlanningProblem(load_task(source, **given))


@typed
def check(
    inventory: str | Path | Frame | None,
    *,
    as_of: date | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    plans: bool = True,
    today: date | str | None = None,
    **given: Unpack[CheckArguments],
) -> Report:
    """Judge an inventory, a CSV or a DataFrame with the same columns, under policy packs.

    Without dates: today, and every measurement date up to the first one on or after the last date
    in the inventory. Dates may be text, as `2026-08-01`. `policy` is the id of a pack that ships
    (default `ai-diffusion-2025`) or a path, or several: each judges by itself, and the worst
    verdict is that of the report. `options` answer open questions, of every pack that asks them by
    NAME, of one by PACK:NAME. Companies come from `entities` (a CSV or a DataFrame), or
    `headquarters` and `authorization` hold for all. `plans` False leaves ordered and planned lots
    out. `sites` says where sites are and which notices were filed, `shipments` what ratio rules
    compare, `weights` where closed model weights are kept; with one of the last two, `inventory`
    may be None. `opening` is a CSV of what accounts were charged with by others. `config` is a
    placement.toml for what is not given here; the nearest one, from the folder of the inventory
    upwards, is read by itself. Its [files] lie in its folder, unless `allow_outside`. `accept`
    names the lines, as `inventory.csv:7`, that are taken although they are in doubt. `assumed` are
    sentences on where all this comes from, told among the assumptions. `today` is the day of the
    run.

    `base` is the inventory that a change was made from, `base_ref` a ref of git at which it was as
    where HEAD left that: what fails there, too, and is no worse does not fail this run, and
    `Report.changes` says what became of each rule. `baseline` is a file that `placement baseline
    write` wrote: what it has and is no worse does not fail either. `fail_on` is the least that
    exits 1: `error` (a breach), or `warning`. With `warn_headroom`, as `10%`, a limit of which less
    is left is a warning.

    Raises InputError (all problems of the input together), PolicyError, UsageError, and
    NothingEvaluatedError where no rule was bound to anything. `Report.frame()` gives the findings
    as a DataFrame.
    """
    from placement.compliance.check import check_inputs
    from placement.compliance.terms.asked import terms_of

    days = EvaluationDates(day_of(as_of, "as_of"), day_of(since, "since"), day_of(until, "until"))
    ran_on = day_of(today, "today")
    read = load_inputs(inventory, **input_arguments_of(given))
    terms = terms_of(read, inventory, given)
    return check_inputs(read, days, plans=plans, ran_on=ran_on, terms=terms)


@typed
def headroom(
    inventory: str | Path | Frame,
    accelerator: str,
    *,
    places: str | Sequence[str] | None = None,
    as_of: date | str | None = None,
    **inputs: Unpack[InputArguments],
) -> Headrooms:
    """Solve the rows of every owner group for the accelerators that may be added at each place.

    With siblings = exclude, those of every owner: what it adds may count for several groups, and
    the answer is what all of them have in common.
    `places` are countries by code or name (default: all of the inventory), `as_of` the day
    (default: today); the other arguments and the errors are those of `check`. The answer is a
    sequence of intervals, under several packs what all of them have in common; `.frame()` gives
    them as a DataFrame.
    """
    day = day_of(as_of, "as_of")
    return Fleet(load_inputs(inventory, **inputs)).headroom(accelerator, places=places, as_of=day)


@typed
def optimize(source: str | Path | Mapping[str, Any], **given: Unpack[PlanArguments]) -> Plan:
    """Plan the cheapest layout that keeps the rules; every plan was judged as `check` judges.

    `source` is a directory, a placement.toml, or its content as a mapping. `tables` gives
    `inventory`, `sites`, `supply` or `demand` as paths or DataFrames in place of files. `solver`,
    `gap` (relative), `effort` (steps of the search) and `time_limit` (seconds, for whole units) win
    over the configuration. `threads` and `seed` go to the solver: same inputs and seed, same plan,
    unless the time limit ended the search. `cross_check` names another solver, whose answer is
    compared (`Plan.report.plan.cross_check`). `hook` is a function that adds constraints of your
    own, hook(problem, columns), or its FILE:FUNCTION: see
    `placement.solvers.custom_constraints`. `objective` wins over the configuration; `previous` is a
    plan's folder or layout.csv, where the search starts and what `changes` is against. `opening`
    is a CSV of opening balances. The other arguments and the errors are those of `check`.

    `Plan.layout_frame()` and `Plan.actions_frame()` are DataFrames, empty where there is no plan;
    `Plan.report` says which, with findings, bound and gap.
    """
    from placement.optimization.run import make_plan

    return make_plan(source, **given)


@typed
def advance(
    plan: str | Path, *, to: str, out: str | Path, inputs: str | Path | None = None
) -> Advanced:
    """Write the inputs of a later period of a plan into a new folder, to plan on from there.

    `plan` is a folder that `placement optimize` wrote, `to` one of its periods but the first, as
    `2027Q2`; `out` a folder that does not exist or is empty. `inputs` is where the placement.toml
    of the plan is now, where that is another place. What is in the folder, and what of the plan's
    cost is spent and left, is in the answer; the errors are those of `check`.
    """
    from placement.rolling_horizon.advance import advance_plan

    return advance_plan(plan, to, out, inputs=inputs)


@typed
def accounts(
    inventory: str | Path | Frame,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    country: str | None = None,
    consignee: str | None = None,
    channel: str | None = None,
    **inputs: Unpack[InputArguments],
) -> Accounts:
    """Draw up the accounts behind the caps: each charge of what was received, and what is left.

    From `since` (default: the first charge) to `until` (default: today), both included. `country`
    (code or name), `consignee` and `channel` keep the accounts in which such a charge stands; the
    other arguments and the errors are those of `check`. Amounts are exact text.
    """
    from placement.ledger.draw_up import require_range

    first, last = day_of(since, "since"), day_of(until, "until") or calendar_day()
    require_range(first, last)
    return Fleet(load_inputs(inventory, **inputs)).accounts(
        since=first, until=last, country=country, consignee=consignee, channel=channel
    )


@typed
def uveu_forms(
    inventory: str | Path | Frame,
    *,
    as_of: date | str,
    since: date | str | None = None,
    owner: str | None = None,
    **inputs: Unpack[InputArguments],
) -> list[Form]:
    """Fill in the account of facilities of each owner group that holds `uveu`, or of `owner`'s.

    Changes are those after `since` (default: the report date before `as_of`) up to `as_of`. The
    other arguments and the errors are those of `check`, which judges the shares on the form.
    """
    first, last = day_of(since, "since"), day_of(as_of, "as_of") or calendar_day()
    fleet = Fleet(load_inputs(inventory, **inputs))
    return fleet.uveu_forms(as_of=last, since=first, owner=owner)
