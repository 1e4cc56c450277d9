"""A layout of before: what stood at the end of each period, for the search and the objective."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from placement.enums import Objective
from placement.errors import InputError
from placement.optimization.data.existing_stock import Key
from placement.optimization.data.lots import read_lots
from placement.optimization.data.problem import Lot
from placement.optimization.data.tables.lookups import some
from placement.readers.doubts import Accepting
from placement.readers.inventory.read import read_inventory
from placement.readers.plan_layouts import LAYOUT
from placement.text.lookalikes import Mention, NameKind, lookalikes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placement.optimization.data.periods import Period
    from placement.optimization.data.task import Task

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
    lots = read_lots(inventory, settings.policy.basis, ())
    return on_last_days(lots, problem.periods), _notes(str(path), lots, task)


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


def on_last_days(lots: Iterable[Lot], periods: tuple[Period, ...]) -> dict[Key, tuple[int, ...]]:
    """Return the accelerators of lots on the last day of each period, by (site, model)."""
    found: dict[Key, list[int]] = {}
    for lot in lots:
        counts = found.setdefault((lot.site, lot.model), [0] * len(periods))
        for t, period in enumerate(periods):
            counts[t] += lot.quantity if lot.stands_on(period.last) else 0
    return {key: tuple(counts) for key, counts in found.items()}


def layout_of(path: str | Path) -> Path:
    """Return the layout of a plan that is named by its folder, else the path as it is."""
    given = Path(path)
    return given / LAYOUT if given.is_dir() else given
