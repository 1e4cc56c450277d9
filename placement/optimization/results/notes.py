"""What a report notes about a plan: overfull sites, notices to file, and what a hook added."""

from __future__ import annotations

from datetime import date

from placement.compliance.dates import today
from placement.enums import PlanStatus
from placement.optimization.data.existing_stock import ExistingStock
from placement.optimization.data.tables.lookups import some
from placement.optimization.lexicographic import SearchResult
from placement.optimization.results.layout import Layout
from placement.report import Overdue
from placement.solvers.registry import HasCustomConstraints
from placement.text.decimals import counted


def hook_notes(solver: HasCustomConstraints, found: SearchResult) -> list[str]:
    """Say what a hook added, what is proven in spite of it, and that it may leave no plan."""
    name = solver.hook.name
    without = "a proven bound is of the program without them, and holds with them, too"
    claimed = "what a solver claims is of the program with them"
    said = [f"{name} added {solver.added} constraints: {without}; {claimed}"]
    if found.status is PlanStatus.INFEASIBLE and found.certificate is None:
        said.append(f"with the constraints of {name} there is no plan, by the word of the solver")
    elif found.x is None and found.status is PlanStatus.STOPPED:
        said.append(f"no plan in whole units was found that keeps the constraints of {name}")
    return said


def overfull_sites(holdings: ExistingStock) -> tuple[str, ...]:
    """Say which sites hold more than they have room for, and from when."""
    overfull = holdings.loads.overfull
    return tuple(
        _overfull(holdings, name, t)
        for t, names in enumerate(overfull)
        for name in names
        if t == 0 or name not in overfull[t - 1]
    )


def _overfull(holdings: ExistingStock, name: str, t: int) -> str:
    """Say by how much a site holds more than it has room for."""
    loads, problem = holdings.loads, holdings.problem
    parts = []
    if name in loads.overpowered[t]:
        parts.append(f"{loads.drawn_text(name, t)}, power_mw is {loads.power_text(name, t)}")
    if name in loads.overracked[t]:
        held = counted(loads.places(name, t), "places")
        parts.append(f"{held}, racks is {problem.sites[name].racks_in(t)}")
    when = f" in {problem.periods[t].name}" if len(problem.periods) > 1 else ""
    unless = ", unless enough leaves" if name in holdings.emptied else ""
    return f"{name} already takes {' and '.join(parts)}{when}: nothing comes there{unless}"


def to_file(layout: Layout) -> list[str]:
    """Name the notices that the plan needs and nobody has filed; those of a day and rule in one."""
    found: dict[tuple[date, str], list[str]] = {}
    for one in layout.to_file():
        found.setdefault((one.by, one.rule), []).append(one.what)
    now = today()
    return [
        f"{'has passed: ' if by < now else ''}file by {by}: {rule}, {some(what)}"
        for (by, rule), what in found.items()
    ]


def overdue(layout: Layout) -> tuple[Overdue, ...]:
    """Return the notices that nobody has filed and that were due before today."""
    now = today()
    return tuple(
        Overdue(by=one.by, rule=one.rule, what=one.what) for one in layout.to_file() if one.by < now
    )
