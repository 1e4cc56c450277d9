"""The verbs as functions: paths or DataFrames in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.arguments import typed
from placement.compliance.dates import EvaluationDates, today
from placement.errors import NothingEvaluatedError, Problem, UsageError
from placement.loading.inputs import load_inputs

if TYPE_CHECKING:
    from placement.compliance.headroom import Headrooms
    from placement.facility_report import Form
    from placement.ledger.records import Accounts
    from placement.optimization.plan import Plan
    from placement.readers.formats.data_frames import Frame
    from placement.report import Report
    from placement.rolling_horizon.record import Advanced
    from placement.solvers.custom_constraints import NamedColumns


@typed
def check(
    inventory: str | Path | Frame | None,
    *,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | Frame | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    as_of: date | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    plans: bool = True,
    sites: str | Path | None = None,
    shipments: str | Path | None = None,
    weights: str | Path | None = None,
    opening: str | Path | None = None,
    config: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
    today: date | str | None = None,
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
    placement.toml for what is not given here; the one beside the inventory, if any, is read by
    itself. Its [files] lie in its folder, unless `allow_outside`. `accept` names the lines, as
    `inventory.csv:7`, that are taken although they are in doubt. `today` is the day of the run.

    Raises InputError (all problems of the input together), PolicyError, UsageError, and
    NothingEvaluatedError where no rule was bound to anything. `Report.frame()` gives the findings
    as a DataFrame.
    """
    from placement.compliance.check import check_inputs

    when = EvaluationDates(_day(as_of, "as_of"), _day(since, "since"), _day(until, "until"))
    read = load_inputs(
        inventory,
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=authorization,
        sites=sites,
        shipments=shipments,
        weights=weights,
        opening=opening,
        config=config,
        allow_outside=allow_outside,
        accept=accept,
    )
    return check_inputs(read, when, plans=plans, ran_on=_day(today, "today"))


@typed
def headroom(
    inventory: str | Path | Frame,
    accelerator: str,
    *,
    places: str | Sequence[str] | None = None,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    as_of: date | str | None = None,
    sites: str | Path | None = None,
    opening: str | Path | None = None,
    config: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
) -> Headrooms:
    """Solve the rows of every owner group for the accelerators that may be added at each place.

    With siblings = exclude, those of every owner: what it adds may count for several groups, and
    the answer is what all of them have in common.
    `places` are countries by code or name (default: all of the inventory), `as_of` the day
    (default: today); the other arguments and the errors are those of `check`. The answer is a
    sequence of intervals, under several packs what all of them have in common; `.frame()` gives
    them as a DataFrame.
    """
    from placement.catalog import UnknownName, country
    from placement.compliance.headroom import Headrooms, in_common
    from placement.compliance.headroom import headroom as solve
    from placement.compliance.headroom_notes import said_beside
    from placement.compliance.run import pack_info
    from placement.compliance.several import require_equal

    read = load_inputs(
        inventory,
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=authorization,
        sites=sites,
        opening=opening,
        config=config,
        allow_outside=allow_outside,
        accept=accept,
    )
    settings, lots = read.settings, read.lots
    try:
        model = settings.catalog.find(accelerator).accelerator.model
        wanted = [places] if isinstance(places, str) else places
        codes = None if wanted is None else [country(place) for place in wanted]
    except UnknownName as error:
        raise UsageError(Problem(error.message, error.fix)) from error
    require_equal(settings.policies, ("siblings", "basis"))
    cases = {case.policy.pack.id: case for case in read.cases()}
    day = _day(as_of, "as_of") or today()
    if codes is None:
        codes = sorted(lots.lots["country"].unique().to_list())
    found = {
        pack: [
            solve(case, adder, place, model, day)
            for adder in case.companies.adders()
            for place in codes
        ]
        for pack, case in cases.items()
    }
    for pack, intervals in found.items():
        if not any(one.bound for one in intervals):
            raise NothingEvaluatedError(
                f"nothing was evaluated: no rule of {pack} binds any of these owners"
            )
    rows = zip(*found.values(), strict=True)
    common = (in_common(dict(zip(found, of, strict=True))) for of in rows)
    made = Headrooms((*common,), tuple(map(pack_info, settings.policies)), read.read())
    return said_beside(made, cases, found, day)


@typed
def optimize(
    source: str | Path | Mapping[str, Any],
    *,
    tables: Mapping[str, str | Path | Frame] | None = None,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    solver: str | None = None,
    time_limit: float | None = None,
    gap: Fraction | None = None,
    effort: int | None = None,
    threads: int = 1,
    seed: int = 0,
    cross_check: str | None = None,
    hook: str | Callable[[Any, NamedColumns], object] | None = None,
    objective: str | Sequence[str] | None = None,
    previous: str | Path | None = None,
    opening: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
) -> Plan:
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

    return make_plan(
        source,
        tables=tables if opening is None else {**(tables or {}), "opening": opening},
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=[authorization] if isinstance(authorization, str) else authorization,
        solver=solver,
        time_limit=time_limit,
        gap=gap,
        effort=effort,
        threads=threads,
        seed=seed,
        cross_check=cross_check,
        hook=hook,
        objective=objective,
        previous=previous,
        allow_outside=allow_outside,
        accept=accept,
    )


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
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | Frame | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    since: date | str | None = None,
    until: date | str | None = None,
    country: str | None = None,
    consignee: str | None = None,
    channel: str | None = None,
    sites: str | Path | None = None,
    opening: str | Path | None = None,
    config: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
) -> Accounts:
    """Draw up the accounts behind the caps: each charge of what was received, and what is left.

    From `since` (default: the first charge) to `until` (default: today), both included. `country`
    (code or name), `consignee` and `channel` keep the accounts in which such a charge stands; the
    other arguments and the errors are those of `check`. Amounts are exact text.
    """
    from placement.compliance.run import report
    from placement.compliance.several import has_accounts, only_with
    from placement.fleet.account_notes import balance_notes, split_lines
    from placement.ledger.accounts import assumptions_of, make_accounts, merged_note, wanted

    first, last = _day(since, "since"), _day(until, "until") or today()
    if first is not None and last < first:
        raise UsageError(Problem("the range ends before it begins", f"give dates up to {last}"))
    read = load_inputs(
        inventory,
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=authorization,
        sites=sites,
        opening=opening,
        config=config,
        allow_outside=allow_outside,
        accept=accept,
    )
    read = read.under(only_with(read.settings.policies, has_accounts, "caps or channels"))
    settings, lots = read.settings, read.lots
    case = read.case()
    lost = balance_notes((settings.policy,), read.records.balances)
    made = make_accounts(
        case,
        report(settings.policy, (), dates=()).pack,
        first,
        last,
        only=wanted(case, country, consignee, channel),
        assumptions=(
            *settings.assumptions,
            *assumptions_of(settings.policy, settings.entities),
            *lots.assumptions,
            *split_lines(case),
        ),
        notes=(*lots.notes, *settings.catalog.changes, *merged_note(lots), *lost),
    )
    return replace(made, read=read.read())


@typed
def uveu_forms(
    inventory: str | Path | Frame,
    *,
    as_of: date | str,
    since: date | str | None = None,
    owner: str | None = None,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | Frame | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    sites: str | Path | None = None,
    config: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
) -> list[Form]:
    """Fill in the account of facilities of each owner group that holds `uveu`, or of `owner`'s.

    Changes are those after `since` (default: the report date before `as_of`) up to `as_of`. The
    other arguments and the errors are those of `check`, which judges the shares on the form.
    """
    from placement.compliance.check import check_inputs
    from placement.compliance.several import only_with
    from placement.facility_report import RULE, has_form, holders, last_report, make_form

    read = load_inputs(
        inventory,
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=authorization,
        sites=sites,
        config=config,
        allow_outside=allow_outside,
        accept=accept,
    )
    read = read.under(only_with(read.settings.policies, has_form, f"a rule {RULE}"))
    law = read.settings.policy
    day = _day(as_of, "as_of") or today()
    last, schedule = _day(since, "since"), ""
    if last is None:
        last, schedule = last_report(law, day)
    if day <= last:
        raise UsageError(Problem("--since is not before the day of the form", f"it is {day}"))
    case = read.case()
    subjects = holders(case, owner)
    judged = check_inputs(read, EvaluationDates(as_of=day))
    return [
        make_form(
            case,
            one,
            read.lots,
            read.settings.entities,
            judged,
            as_of=day,
            since=last,
            schedule=schedule,
        )
        for one in subjects
    ]


def _day(given: date | str | None, name: str) -> date | None:
    """Take a date, a datetime (its day) or text."""
    if given is None:
        return None
    from placement.readers.cells import BadText, iso_date

    if given != given:
        raise UsageError(
            Problem("is no day", "give a date, or leave it out", None, None, name, "NaT")
        )
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return iso_date(str(given))
    except BadText as error:
        raise UsageError(
            Problem(error.message, error.fix, column=name, value=str(given))
        ) from error
