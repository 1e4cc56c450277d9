"""From the folder of a plan to the inputs of a later period.

What is left of the plan's cost is the cost of the best plan from those inputs, if the plan was the
best one: money is discounted to the same day, what the plan brought stays, and nothing else that it
was made from has changed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from placement.errors import Fault, InputError, UsageError
from placement.optimization.data.load import load_task
from placement.optimization.data.lots import read_lots
from placement.optimization.data.periods import Period, parse_period, span
from placement.optimization.data.problem import Lot
from placement.optimization.data.sources import files_of, pack_paths, sha256_of
from placement.optimization.data.task import Task
from placement.optimization.results.plan_folder.file_set import REPORT, PlanSet, read_plan_set
from placement.optimization.results.plan_folder.read_back import PlanFolder, plan_of, rows_of
from placement.optimization.results.plan_folder.write import write_files
from placement.readers.config.discovery import CONFIG_NAME
from placement.readers.config.placement_toml import ConfigFile, read_config
from placement.readers.config.usual_names import USUAL_NAMES
from placement.readers.formats.csv_records import printable
from placement.readers.inventory.read import read_inventory
from placement.readers.plan_layouts import LAYOUT
from placement.report import PlanSource
from placement.rolling_horizon.configuration import configuration_from
from placement.rolling_horizon.fleet import Fleet, fleet_on
from placement.rolling_horizon.record import Advanced, Left, Money
from placement.rolling_horizon.tables import (
    commitments_from,
    demand_from,
    sites_with_notices,
    supply_left,
)
from placement.text.csv_writer import csv_text
from placement.text.decimals import decimal_text, parse_decimal

COSTS = "costs.csv"


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan that was read back with what it was made from; `files`: the path of each table."""

    folder: Path
    plan: PlanFolder
    contents: PlanSet
    task: Task
    setup: ConfigFile
    source: PlanSource
    files: Mapping[str, Path]
    packs: Mapping[str, Path]

    @property
    def name(self) -> str:
        """The folder of the plan, as it is shown."""
        return self.contents.name


def advance_plan(
    plan: str | Path, to: str, out: str | Path, *, inputs: str | Path | None = None
) -> Advanced:
    """Write the inputs of the period `to` of a plan into a new folder, and tell what is in them.

    `inputs` is where the placement.toml of the plan is now, where that is another place. InputError
    and UsageError say why nothing is written.
    """
    made = _made(Path(plan), None if inputs is None else Path(inputs))
    problem = made.task.problem
    period = _period(to, made)
    folder = _new_folder(Path(out), made)
    fleet = fleet_on(problem, _layout(made), period.first)
    done, undone, bought = _actions(made, period)
    spent, left = _costs(made, period)
    texts, supply = _texts(made, period, fleet, bought)
    written = write_files(folder, texts)
    return Advanced(
        plan=made.name,
        to=period.name,
        day=period.first,
        last=problem.periods[-1].name,
        done=done,
        under_way=fleet.under_way,
        ordered=fleet.ordered,
        undone=undone,
        supply=supply,
        filed=fleet.filed,
        currency=problem.currency,
        discounted_to=problem.discount_day,
        spent=spent,
        left=left,
        folder=str(folder),
        written=tuple(str(path) for path in written),
    )


def _made(folder: Path, inputs: Path | None) -> _Made:
    """Read a plan and, again, what it was made from, which has to be the same."""
    contents = read_plan_set(folder)
    plan = plan_of(contents)
    source = _source(contents)
    config = Path(source.config) if inputs is None else inputs
    if inputs is None and not config.is_file():
        fix = "run this where it was planned, or say with --inputs where that placement.toml is"
        raise InputError(Fault(f"the plan was made from {source.config}: no such file", fix))
    # Who made the plan has said whether its tables may lie outside; that they are those is checked.
    setup = read_config(config, allow_outside=True)
    tables = {table: Path(path) for table, path in source.tables.items()}
    files = files_of(setup, tables, source.entities)
    if source.headquarters is not None:
        files.pop("entities", None)
    packs = pack_paths(setup, source.policy)
    _check_same(source, setup, files, packs, contents.name)
    task = load_task(
        Path(setup.file),
        tables={table: path for table, path in tables.items() if table != "entities"},
        policy=source.policy,
        options=source.options,
        entities=source.entities,
        headquarters=source.headquarters,
        authorization=source.authorization,
        allow_outside=True,
    )
    return _Made(folder, plan, contents, task, setup, source, files, packs)


def _source(contents: PlanSet) -> PlanSource:
    named, fix = contents.file(REPORT), "plan again from files, with this version of placement"
    plan = json.loads(contents.contents[REPORT])["plan"]
    if plan.get("source") is None or COSTS not in contents.contents:
        raise InputError(Fault("does not say from which files the plan was made", fix, named))
    try:
        return PlanSource.model_validate(plan["source"])
    except ValidationError as error:
        first = error.errors()[0]
        message = f"plan.source.{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InputError(Fault(message, fix, named)) from None


def _check_same(
    source: PlanSource,
    setup: ConfigFile,
    files: Mapping[str, Path],
    packs: Mapping[str, Path],
    plan: str,
) -> None:
    """Refuse inputs that are others than those of the plan: it would be carried on wrongly."""
    faults = []
    paths = [Path(setup.file), *files.values(), *packs.values()]
    known = set(source.files.values())
    fix = "give the inputs as they were, with --inputs, or plan again; change them after advancing"
    for path in paths:
        if not path.is_file():
            faults.append(Fault("no such file", fix, printable(str(path))))
        elif sha256_of(path) not in known:
            message = f"is not what {plan} was made from"
            faults.append(Fault(message, fix, printable(str(path))))
    if len(paths) < len(source.files):
        names = {path.name for path in paths}
        missing = [file for file in source.files if Path(file).name not in names]
        faults += [Fault("was read for the plan and is not there", fix, one) for one in missing]
    if faults:
        raise InputError(faults)


def _period(text: str, made: _Made) -> Period:
    """Return the period of that name; UsageError where the plan has none, or begins with it."""
    periods = made.task.problem.periods
    period = parse_period(text)
    later = ", ".join(one.name for one in periods[1:5]) + (", ..." if len(periods) > 5 else "")
    message, fix = "", f"write one of {later}"
    if len(periods) == 1:
        fix = "plan further periods from its layout.csv, which is what stands after it"
    if period is None:
        message, fix = "is no period", f"{fix}" if len(periods) > 1 else "write 2027Q2"
    elif period == periods[0]:
        message = f"is the first period of {made.name}: nothing was done before it"
    elif period not in periods:
        message = f"is none of the periods of {made.name}, {span(periods)}"
    if message or period is None:
        raise UsageError(Fault(message, fix, column="to", value=text))
    return period


def _new_folder(out: Path, made: _Made) -> Path:
    """Return the folder to write to: a new or an empty one, so that nothing is lost or mixed in."""
    named = printable(str(out))
    inputs = {path.resolve().parent for path in (Path(made.setup.file), *made.files.values())}
    if out.resolve() == made.folder.resolve():
        message = "is the plan's own folder"
    elif out.resolve() in inputs:
        message = "is the folder of the plan's inputs"
    elif out.exists() and not out.is_dir():
        message = "is a file"
    elif out.exists() and any(out.iterdir()):
        message = "is not empty, and what is in it would be taken for an input"
    else:
        return out
    raise UsageError(Fault(message, "name a new folder with --out", named, column="out"))


def _layout(made: _Made) -> tuple[Lot, ...]:
    """Return the lots of the plan; all of them are the group's."""
    settings = made.task.settings
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LAYOUT
        path.write_bytes(made.contents.contents[LAYOUT])
        inventory = read_inventory(path, catalog=settings.catalog, name=made.contents.file(LAYOUT))
    lots = read_lots(inventory, settings.policy.basis, ())
    return tuple(replace(lot, own=True) for lot in lots)


def _actions(made: _Made, to: Period) -> tuple[dict[str, int], int, dict[str, int]]:
    """Return the accelerators done before a period by action, those undone, and what was bought."""
    done: dict[str, int] = {}
    bought: dict[str, int] = {}
    undone = 0
    for one, quantity in made.plan.actions:
        period = parse_period(one.period)
        if period is None or period.first >= to.first:
            undone += quantity
            continue
        done[one.action] = done.get(one.action, 0) + quantity
        if one.action == "install":
            model = one.accelerator.removeprefix("'")
            bought[model] = bought.get(model, 0) + quantity
    return done, undone, bought


def _costs(made: _Made, to: Period) -> tuple[Money, Money]:
    """Return what the plan costs before a period, and from it on, by its costs.csv."""
    sums = [[Fraction(0), Fraction(0)], [Fraction(0), Fraction(0)]]
    name = made.contents.file(COSTS)
    for line, row in rows_of(made.contents.contents[COSTS], name, ("period", "cost", "discounted")):
        period = parse_period(row["period"])
        amounts = [parse_decimal(row[column]) for column in ("cost", "discounted")]
        if period is None or None in amounts:
            fix = "plan again: the file was changed"
            raise InputError(Fault("is no row of a plan's costs", fix, name, line))
        side = sums[period.first >= to.first]
        for place, amount in enumerate(amounts):
            side[place] += amount or 0
    spent, left = (Money(paid=_money(p), discounted=_money(d)) for p, d in sums)
    return spent, left


def _money(amount: Fraction) -> str:
    return decimal_text(amount, 6)


def _texts(
    made: _Made, to: Period, fleet: Fleet, bought: Mapping[str, int]
) -> tuple[dict[str, str], tuple[Left, ...]]:
    """Return the files to write by name, the configuration last, and the supply that is left."""
    problem, files = made.task.problem, made.files
    texts = {"inventory.csv": csv_text(fleet.columns(problem), fleet.rows(problem))}
    supply: tuple[Left, ...] = ()
    for table, path in files.items():
        name = USUAL_NAMES.get(table, f"{table}.csv")
        if table in ("inventory", "baseline"):
            continue
        if table == "supply":
            texts[name], supply = supply_left(path, made.task, bought, to)
        elif table == "demand":
            texts[name] = demand_from(path, to.first)
        elif table == "commitments":
            texts[name] = commitments_from(path, to.first)
        elif table == "sites" and fleet.sites_filed:
            texts[name] = sites_with_notices(path, fleet.sites_filed)
        else:
            texts[name] = path.read_bytes().decode("utf-8")
    if _needs_baseline(made, to):
        baseline = files.get("baseline", files["inventory"])
        texts["baseline.csv"] = baseline.read_bytes().decode("utf-8")
    names = [f"policy{n}.toml" for n in ("", *range(2, len(made.packs) + 1))]
    packs = dict(zip(made.packs, names, strict=False))
    texts |= {packs[one]: path.read_bytes().decode("utf-8") for one, path in made.packs.items()}
    texts[CONFIG_NAME] = configuration_from(
        Path(made.setup.file),
        problem,
        made.source,
        to,
        packs=packs,
        has_entities="entities" in files,
        compliant_from=made.plan.report.plan.compliant_from,
    )
    return texts, supply


def _needs_baseline(made: _Made, to: Period) -> bool:
    """Tell whether rules may be broken from a period on, and no worse than without the plan."""
    kept_from = made.plan.report.plan.compliant_from
    return made.task.problem.mode == "repair" and (kept_from is None or kept_from > to.first)
