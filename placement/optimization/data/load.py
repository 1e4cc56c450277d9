"""From a directory, a placement.toml or DataFrames to a Problem; every fault is listed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from placement.compliance.dates import Day, today
from placement.compliance.several import PLANNED_ALIKE, require_equal
from placement.errors import Fault, InputError, UsageError, did_you_mean
from placement.fleet.context import FleetContext
from placement.fleet.owner_groups import subjects_of
from placement.inventory import Inventory
from placement.loading.arguments import ProblemArguments, settings_of
from placement.loading.inputs import Inputs
from placement.loading.settings import Settings, load_settings
from placement.optimization.data.existing_stock import ExistingStock
from placement.optimization.data.falling_limits import falling_faults
from placement.optimization.data.horizon import (
    days_of,
    judged_late,
    moves_of,
    on_the_way,
    periods_of,
)
from placement.optimization.data.lots import (
    excepted_lines,
    lots_of,
    read_lots,
    record_channels,
    uncovered_lines,
)
from placement.optimization.data.owner import called, planned_owner
from placement.optimization.data.periods import Period, span
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.site_closures import closing_faults
from placement.optimization.data.sources import source_of
from placement.optimization.data.tables.all_tables import Tables, read_tables
from placement.optimization.data.tables.config_doubts import config_notes, placed_besides
from placement.optimization.data.tables.folder import TABLES, files_of, read_folder
from placement.optimization.data.targets import read_targets
from placement.optimization.data.task import Task
from placement.policy import Policy, Subject
from placement.policy.combine import combined
from placement.readers.config.margins import Margin
from placement.readers.config.placement_toml import ConfigFile, config_of, read_config
from placement.readers.doubts import Accepting
from placement.readers.inventory.read import read_inventory
from placement.readers.plan_layouts import planned_from
from placement.readers.table import Table
from placement.readers.tables.sites import SiteRow
from placement.text.lookalikes import lookalikes
from placement.waivers.decide import of_rows

if TYPE_CHECKING:
    from placement.readers.formats.data_frames import Frame


def load_task(
    source: str | Path | Mapping[str, Any],
    *,
    ran_on: date | None = None,
    **given: Unpack[ProblemArguments],
) -> Task:
    """Read a directory, a placement.toml, or its content as a mapping.

    `tables` (paths or DataFrames by name) win over files; the other arguments over the
    configuration. `accept` names lines, FILE:LINE, in doubt that are taken. `ran_on` is the day of
    the run. InputError, PolicyError or UsageError with every fault of a kind.
    """
    accepting = Accepting.of(given.get("accept") or ())
    outside = bool(given.get("allow_outside"))
    if isinstance(source, Mapping):
        setup = config_of(source)
    else:
        setup = read_config(source, allow_outside=outside)
    tables = dict(given.get("tables") or {})
    opening = given.get("opening")
    if opening is not None:
        tables["opening"] = opening
    unknown = [name for name in tables if name not in TABLES]
    if unknown:
        hint = did_you_mean(unknown[0], TABLES) or f"tables: {', '.join(TABLES)}"
        raise UsageError(Fault("no such table", hint, value=unknown[0]))
    chosen = settings_of(given)
    settings = load_settings(setup, **chosen)
    with files_of(setup, tables) as (paths, frames):
        task = _task(setup, paths, frames, settings, accepting=accepting)
    accepting.require_used()
    assumed = (*task.problem.assumptions, *accepting.assumed)
    day = ran_on or today()
    waivers = of_rows(settings.waivers.listed, settings.policies)
    problem = replace(task.problem, assumptions=assumed, waivers=waivers, ran_on=day)
    task = replace(task, problem=problem, ran_on=ran_on)
    entities = given.get("entities")
    if isinstance(source, Mapping) or frames or not isinstance(entities, str | Path | None):
        return task
    paths_given = {table: Path(str(path)) for table, path in tables.items()}
    made_from = source_of(setup, paths_given, entities, chosen)
    return replace(task, source=made_from)


def _task(
    setup: ConfigFile,
    paths: Mapping[str, tuple[Path, str]],
    frames: Mapping[str, Frame],
    settings: Settings,
    *,
    accepting: Accepting,
) -> Task:
    """Read all tables of a folder and put the problem together."""
    require_equal(settings.policies, PLANNED_ALIKE)
    periods = periods_of(setup.config, setup.file)
    missing = [
        Fault(f"there is no {table}.csv, and [files] lists none", f"add it beside {setup.file}")
        for table in ("inventory", "sites")
        if table not in paths
    ]
    if missing:
        raise InputError(missing)
    doubtful = config_notes(setup, accepting)
    sites, inputs = read_folder(setup, paths, frames, settings, periods, accepting=accepting)
    entities = settings.entities
    names = [*inputs.lots.names, *inputs.records.names]
    names += entities.names() if entities is not None else ()
    alike = lookalikes([*names, *sites.names])
    if alike:
        raise InputError(alike)
    policy = combined(settings.policies)
    _check_places(sites, policy)
    group = _group(setup, inputs, policy, periods)
    tables = read_tables(
        sites, paths, periods, settings.catalog, policy, group.lots, setup.currency, names,
        accepting, setup.config.placement.h100e,
    )  # fmt: skip
    problem = _problem(setup, policy, periods, group, tables)
    planned = planned_from(inputs.lots, periods[0].name)
    problem = replace(
        problem,
        baseline=_baseline(paths, inputs, policy, sites),
        notes=(*planned, *tables.notes, *doubtful, *problem.notes),
        lesser_notes=tables.lesser_notes,
    )
    _check_by(problem, setup.file)
    _check_leaving(problem, paths, sites)
    read = {**settings.read, **tables.read, **inputs.records.read}
    return Task(problem, setup.config, settings, inputs.lots, inputs.records, read=read)


def _problem(
    setup: ConfigFile,
    policy: Policy,
    periods: tuple[Period, ...],
    group: _Group,
    tables: Tables,
) -> Problem:
    """Return the problem of a group, by its tables and the configuration."""
    config = setup.config
    moves, more = moves_of(config)
    aims = read_targets(setup, policy, periods)
    return Problem(
        owner=group.owner,
        subject=group.subject,
        periods=periods,
        case=group.case,
        days=group.days,
        fleet=group.fleet,
        sites=tables.sites,
        kits=tables.kits,
        deliveries=tables.deliveries,
        demands=tables.demands,
        commitments=tables.commitments,
        lots=group.lots,
        uncovered=group.uncovered,
        moves=moves,
        retire_usd=config.retire.usd_per_accelerator if config.retire.allowed else None,
        place=config.optimize.place
        or (None if tables.has_demand or not tables.has_supply else "every_period"),
        allow_dilution=config.optimize.allow_dilution,
        mode=config.optimize.mode,
        by=config.optimize.by,
        notice_filed=config.moves.notice_filed,
        objectives=aims.objectives,
        slack=aims.slack,
        budgets=aims.budgets,
        margins=aims.margins,
        transit=config.optimize.transit,
        discount_rate=config.horizon.discount_rate if config.horizon else Fraction(0),
        discounted_to=config.horizon.discounted_to if config.horizon else None,
        currency=setup.currency,
        assumptions=(
            *called(config, group.owner), *judged_late(policy, group.days, periods),
            *placed_besides(config, tables.has_demand),
            *on_the_way(moves, config.optimize.transit), *tables.assumptions,
        ),
        notes=(*more, *_conservative(policy), *_inside(aims.margins)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """The owner group that is planned: its own fleet and lots, and the days on which it is judged.

    `owner`: in whose name the plan buys. `case`: what all companies have.
    """

    owner: str
    subject: Subject
    case: FleetContext
    fleet: Inventory
    lots: tuple[Lot, ...]
    days: tuple[Day, ...]

    @property
    def uncovered(self) -> frozenset[tuple[str, str]]:
        """The countries and models of own lots that came by no channel."""
        bare = (lot for lot in self.lots if lot.own and lot.uncovered)
        return frozenset((lot.country, lot.model) for lot in bare)


def _group(
    setup: ConfigFile, inputs: Inputs, policy: Policy, periods: tuple[Period, ...]
) -> _Group:
    settings, records, inventory = inputs.settings, inputs.records, inputs.lots
    subjects = subjects_of(inventory, policy, settings.entities)
    case = inputs.case(policy)
    groups = {name: subject.name for name, subject in subjects.items()}
    owner, subject = planned_owner(setup.config, setup.file, subjects, settings.entities)
    members = sorted(name for name, group in groups.items() if group == subject.name)
    fleet = replace(inventory, lots=lots_of(inventory, policy.basis, members))
    bare = uncovered_lines(case), excepted_lines(case)
    lots = read_lots(record_channels(inventory, case), policy.basis, members, *bare)
    shared = any(rule.about == "all" for rule in policy.on_totals)
    changing = inventory if shared else fleet
    days = days_of(policy, changing, groups, periods, records.balances.days)
    return _Group(owner, subject, case, fleet, lots, days)


def _baseline(
    paths: Mapping[str, tuple[Path, str]],
    inputs: Inputs,
    policy: Policy,
    sites: Table[SiteRow],
) -> FleetContext | None:
    """Return the books of the fleet than which nothing may be worse, None where none is given."""
    if "baseline" not in paths:
        return None
    path, name = paths["baseline"]
    countries = {row.site: row.country for _, row in sites.rows}
    given: Any = {"catalog": inputs.settings.catalog, "site_countries": countries, "name": name}
    lots = read_inventory(path, accepting=Accepting(everything=True), **given)
    return replace(inputs, lots=lots).case(policy)


def _check_places(sites: Table[SiteRow], policy: Policy) -> None:
    """Refuse sites that could get kit and lack a place that a rule needs."""
    problems = []
    for column in ("metro", "region"):
        rules = [rule.id for rule in policy.on_totals if rule.by == column]
        problems += [
            Fault(
                f"the site has no {column}, and {', '.join(rules)} is about it",
                f"fill {column}",
                sites.file,
                line,
                column,
            )
            for line, row in sites.rows
            if rules and not getattr(row, column)
        ]
    if problems:
        raise InputError(problems)


def _conservative(policy: Policy) -> list[str]:
    if policy.answers.of("limit_on") != "transfers":
        return []
    return ["limit_on = transfers: a plan still keeps every share of what stands, to be safe"]


def _inside(margins: Mapping[str, Margin]) -> list[str]:
    """Say how far inside which limits the plan stays."""
    rules: dict[str, list[str]] = {}
    for rule, margin in margins.items():
        rules.setdefault(str(margin), []).append(rule)
    return [
        f"margin {margin}: the plan stays so far inside {', '.join(names)}; the limit judges it"
        for margin, names in rules.items()
    ]


def _check_by(problem: Problem, file: str) -> None:
    """Refuse a day from which some rule would never be judged, so never be kept."""
    last = problem.last_start
    if problem.mode == "repair" and problem.by is not None and problem.by > last:
        message = f"after it, not every rule that binds {problem.subject.name} is judged again"
        fix = f"write {last} or an earlier day, which is in {span(problem.periods)}"
        raise UsageError(Fault(message, fix, file, column="optimize.by", value=str(problem.by)))


def _check_leaving(
    problem: Problem, paths: Mapping[str, tuple[Path, str]], sites: Table[SiteRow]
) -> None:
    """Refuse sites that close, or have less room, while something stands there to stay."""
    holdings = ExistingStock(problem)
    faults = list(closing_faults(holdings, sites))
    if "site_limits" in paths:
        faults += falling_faults(holdings, paths["site_limits"][1])
    if faults:
        raise InputError(faults)
