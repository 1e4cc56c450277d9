"""The objective `changes`: how far a plan is from a layout of before, in accelerators.

    sum over sites, models and periods of |stock - previous stock|, on the last day of each period

|a - b| = a + b - 2 x min(a, b), so a column `unchanged` follows from stock: the least of what
stands and what stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from placement.errors import InputError
from placement.planner.fleet import read_lots
from placement.planner.following import Ends, with_followers
from placement.planner.grid import Grid
from placement.planner.holdings import Key
from placement.planner.names import Family
from placement.planner.numbers import ints
from placement.planner.plan_folder import layout_of
from placement.planner.problem import Lot
from placement.planner.program import Program
from placement.planner.reading import some
from placement.sources.doubts import Accepting
from placement.sources.inventory import read_inventory
from placement.sources.lookalikes import Mention, NameKind, lookalikes
from placement.vocabulary import Objective

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placement.planner.numbers import Bools, Ints
    from placement.planner.period import Period
    from placement.planner.read import Task

UNCHANGED = "unchanged"

#: Accelerators on the last day of each period, by (site, model).
Previous = Mapping[Key, tuple[int, ...]]


def read_previous(path: str | Path, task: Task) -> tuple[Previous, list[str]]:
    """Read a layout of before, which is an inventory, or that of a plan's folder.

    Return it with notes: which file it was, and what of it has no place in this plan. InputError
    with every fault.
    """
    path = layout_of(path)
    settings, problem = task.settings, task.problem
    countries = {name: site.country for name, site in problem.sites.items()}
    inventory = read_inventory(
        path,
        catalog=settings.catalog,
        site_countries=countries,
        accepting=Accepting(everything=True),
    )
    sites = [Mention(NameKind.SITE, name, "sites.csv", None, "site") for name in problem.sites]
    alike = lookalikes([*sites, *task.inventory.names, *inventory.names])
    if alike:
        raise InputError(alike)
    _, lots = read_lots(inventory, settings.policy.basis, ())
    return _on_last_days(lots, problem.periods), _notes(str(path), lots, task)


def _notes(file: str, lots: Iterable[Lot], task: Task) -> list[str]:
    """Say which layout was read, and what of it stands at no site or is of no owner here."""
    known = {*task.inventory.lots["owner"].unique().to_list(), task.problem.owner}
    sites: dict[str, int] = {}
    owners: dict[str, int] = {}
    for lot in lots:
        if lot.site not in task.problem.sites:
            sites[lot.site] = sites.get(lot.site, 0) + lot.quantity
        if lot.owner not in known:
            owners[lot.owner] = owners.get(lot.owner, 0) + lot.quantity
    changes = Objective.CHANGES in task.problem.objectives
    against = ", and the objective changes is against it" if changes else ""
    notes = [f"the search starts from {file}{against}"]
    for counts, where in (
        (sites, "stand at no site of this plan"),
        (owners, "are of companies that own nothing here"),
    ):
        if counts:
            total = f"{sum(counts.values()):,} accelerators"
            notes.append(f"of {file}, {total} {where}: {some(list(counts))}")
    return notes


def _on_last_days(lots: Iterable[Lot], periods: tuple[Period, ...]) -> dict[Key, tuple[int, ...]]:
    found: dict[Key, list[int]] = {}
    for lot in lots:
        counts = found.setdefault((lot.site, lot.model), [0] * len(periods))
        for t, period in enumerate(periods):
            counts[t] += lot.quantity if lot.stands_on(period.last) else 0
    return {key: tuple(counts) for key, counts in found.items()}


def with_changes(grid: Grid, program: Program, previous: Previous) -> Program:
    """Give the program with the columns that the objective needs."""
    stock, unit = _stock(program), _unit(grid)
    asked = asked_of(grid, previous)
    some = _in_doubt(program, stock, unit, asked)
    if not some.any():
        return program
    group, t = np.nonzero(some)
    at = np.stack([grid.site[group], grid.model[group], t], axis=1)
    most = asked[some]
    return with_followers(
        program,
        Family(UNCHANGED, (grid.sites, grid.models, grid.periods), at),
        np.zeros(len(at), dtype=np.int64),
        most,
        (
            Ends("unchanged at most stock", np.zeros(len(at), np.int64), stock[some], unit[some]),
            Ends("unchanged at most before", most),
        ),
    )


def change_costs(grid: Grid, program: Program, previous: Previous) -> tuple[Ints, int]:
    """Give the objective by column, and its constant, in accelerators."""
    stock, unit = _stock(program), _unit(grid)
    asked = asked_of(grid, previous)
    some = _in_doubt(program, stock, unit, asked)
    costs = np.zeros(len(program.columns), dtype=np.int64)
    above = some | (asked <= 0)
    costs[stock] = np.where(above, unit, -unit)
    costs[program.columns.of_kind(UNCHANGED)] = -2
    constant = int(np.where(asked <= 0, -asked, asked).sum())
    keys, standing = set(grid.keys), _standing(grid)
    for key in {*previous, *standing} - keys:
        none = (0,) * len(grid.periods)
        pairs = zip(previous.get(key, none), standing.get(key, none), strict=True)
        constant += sum(abs(before - now) for before, now in pairs)
    return ints(costs), constant


def _stock(program: Program) -> Ints:
    if program.steps is None:
        raise AssertionError("a plan's program has stock")
    return program.steps.stock


def _unit(grid: Grid) -> Ints:
    return np.broadcast_to(grid.unit()[:, None], (len(grid.site), len(grid.periods)))


def _standing(grid: Grid) -> dict[Key, tuple[int, ...]]:
    """Give the group's accelerators that no plan touches, on the last day of each period."""
    problem = grid.problem
    found = _on_last_days((lot for lot in problem.lots if lot.own), problem.periods)
    for key in grid.holdings.starts:
        planned = grid.holdings.planned_start(key)
        found[key] = tuple(count - planned for count in found[key])
    return found


def asked_of(grid: Grid, previous: Previous) -> Ints:
    """Give what planned stock would be if nothing changed (G x T), in accelerators."""
    standing, none = _standing(grid), (0,) * len(grid.periods)
    rows = [
        np.array(previous.get(key, none)) - np.array(standing.get(key, none)) for key in grid.keys
    ]
    shape = len(grid.site), len(grid.periods)
    return np.array(rows, dtype=np.int64).reshape(shape)


def _in_doubt(program: Program, stock: Ints, unit: Ints, asked: Ints) -> Bools:
    """Tell where stock may be both more and less than before."""
    found: Bools = (asked > 0) & (asked < unit * program.upper[stock])
    return found
