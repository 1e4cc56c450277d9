"""A judged plan: its layout, its tables as DataFrames and files, its program for other solvers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.errors import Fault, UsageError
from placement.lp.program import Program
from placement.optimization.data.task import Task
from placement.optimization.infeasibility.conflict import Conflict
from placement.optimization.lexicographic import SearchResult
from placement.optimization.results.costs import COST_COLUMNS, Cost
from placement.optimization.results.layout import ACTION_COLUMNS, LAYOUT_COLUMNS, Layout
from placement.optimization.results.plan_folder.file_set import (
    ACTIONS,
    REPORT,
    SITE_PERIODS,
    digests,
)
from placement.optimization.results.plan_folder.write import actions_text, layout_text, write_files
from placement.optimization.results.served import SERVED_COLUMNS, ServedAmount, served_rows
from placement.optimization.results.shares import SHARE_COLUMNS, measured, share_cells
from placement.optimization.results.site_periods import SITE_COLUMNS, SitePeriod, site_periods
from placement.optimization.search import Search
from placement.optimization.solving import Solved
from placement.proof.prove import Certificate
from placement.readers.plan_layouts import LAYOUT
from placement.report import Report
from placement.text.csv_writer import sheet_text
from placement.text.frames import frame_of, html_of

if TYPE_CHECKING:
    import pandas as pd

    from placement.explain.of_plan import Explanations


@dataclass(frozen=True, slots=True)
class Plan:
    """A judged plan, or why there is none; `layout` is None unless the judge accepted it.

    `served` and `costs` are those of the layout, none without one.
    `before` judges the fleet that no plan touches, None where it is empty. `overfull` says which
    sites hold more than they have room for, `late` which notices are too late for the period.
    `solved` is what was solved, and `settings` how: where a question about it goes on from.
    """

    report: Report
    task: Task
    search: SearchResult
    layout: Layout | None = None
    before: Report | None = None
    conflict: Conflict | None = None
    overfull: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    served: tuple[ServedAmount, ...] = ()
    costs: tuple[Cost, ...] = ()
    solved: Solved | None = None
    settings: Search = field(default_factory=Search)

    @property
    def program(self) -> Program:
        """The program that was solved last."""
        return self.search.program

    @property
    def certificate(self) -> Certificate | None:
        """What proves the bound of the last tier over `program`, or that no plan exists."""
        return self.search.certificate

    @property
    def explain(self) -> Explanations:
        """What may be asked of it: why, how much, at what price, what if."""
        # Answers plan again, so they stand above plans: this door leads up, and is the only one.
        from placement.explain.of_plan import Explanations

        return Explanations(self)

    def export(self, path: str | Path) -> tuple[Path, Path]:
        """Write `program` for other solvers, as .mps or .lp, and a table of names beside it.

        Of several objectives it is the last one's, with the ones before as rows.
        """
        from placement.lp.file_formats import export

        if self.search.aim is None:
            raise AssertionError("a search without an objective")
        return export(self.program, self.search.aim, Path(path))

    def to_pulp(self) -> Any:
        """Return `program` as a `pulp.LpProblem`, to solve with any solver that PuLP speaks.

        Its names are opaque: `program.columns[n - 1]` says what x<n> means, `program.rows[n - 1]`
        what r<n> means. The objective is in micro-units, without `program.constant`.
        """
        from placement.solvers.pulp_solvers import to_pulp

        return to_pulp(self.program)

    def layout_frame(self) -> pd.DataFrame:
        """Return layout.csv as a DataFrame; empty where there is no plan."""
        if self.layout is None:
            return frame_of(LAYOUT_COLUMNS, [])
        problem = self.task.problem
        return frame_of(self.layout.columns(problem), self.layout.rows(problem))

    def actions_frame(self) -> pd.DataFrame:
        """Return actions.csv as a DataFrame; empty where there is no plan."""
        rows = [action.cells() for action in self.layout.actions] if self.layout else []
        return frame_of(ACTION_COLUMNS, rows)

    def served_frame(self) -> pd.DataFrame:
        """Return served.csv as a DataFrame; empty where there is no plan."""
        return frame_of(SERVED_COLUMNS, served_rows(self.served))

    def costs_frame(self) -> pd.DataFrame:
        """Return costs.csv as a DataFrame; empty where there is no plan."""
        return frame_of(COST_COLUMNS, [cost.cells() for cost in self.costs])

    def site_periods(self) -> list[SitePeriod]:
        """Return what each site holds in each period, of its power and its racks."""
        return site_periods(self.task.problem, self.layout) if self.layout is not None else []

    def site_periods_frame(self) -> pd.DataFrame:
        """Return site_periods.csv as a DataFrame; empty where there is no plan."""
        return frame_of(SITE_COLUMNS, [one.cells() for one in self.site_periods()])

    def shares_frame(self) -> pd.DataFrame:
        """Return shares.csv as a DataFrame; empty where there is no plan."""
        return frame_of(SHARE_COLUMNS, self.share_rows())

    def save(self, folder: str | Path) -> list[Path]:
        """Write the files of the plan into a folder, all or none; return their paths.

        UsageError where there is no layout to write, or the folder cannot be written.
        """
        texts = plan_texts(self)
        if not texts:
            raise UsageError(Fault("there is no plan to save", "see report.plan.conflict for why"))
        return write_files(Path(folder), texts)

    def __repr__(self) -> str:
        """Return what the plan is in a few lines."""
        info = self.report.plan
        status, tiers = (info.status.value, info.tiers) if info is not None else ("none", ())
        lines = [f"Plan({status}, exit code {self.report.exit_code})"]
        lines += [f"  {tier.objective}: {tier.value}, gap {tier.gap}" for tier in tiers]
        if self.layout is not None:
            lines.append(f"  {len(self.layout.actions)} actions: see .actions_frame()")
        return "\n".join([*lines[:9], f"  {self.report.verdict.value}: see .report"])

    def _repr_html_(self) -> str:
        """Return the actions as a table, for a notebook."""
        return html_of(repr(self), self.actions_frame())

    def share_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of shares.csv: what the judge measured; none without a plan."""
        if self.layout is None:
            return []
        periods = self.task.problem.periods
        return [share_cells(periods, one) for one in measured(self.report.by_pack().findings)]


def plan_tables(plan: Plan) -> dict[str, str]:
    """Return the tables of a plan as CSV text by the names of files; none without a layout."""
    if plan.layout is None:
        return {}
    return {
        LAYOUT: layout_text(plan.task.problem, plan.layout),
        ACTIONS: actions_text(plan.layout),
        "served.csv": sheet_text(SERVED_COLUMNS, served_rows(plan.served)),
        "costs.csv": sheet_text(COST_COLUMNS, (cost.cells() for cost in plan.costs)),
        SITE_PERIODS: sheet_text(SITE_COLUMNS, (one.cells() for one in plan.site_periods())),
        "shares.csv": sheet_text(SHARE_COLUMNS, plan.share_rows()),
    }


def plan_texts(plan: Plan) -> dict[str, str]:
    """Return all files of a plan by their names, the report last: it names the others.

    None without a layout.
    """
    tables = plan_tables(plan)
    if not tables:
        return {}
    report = plan.report.model_copy(update={"files": digests(tables)})
    return {**tables, REPORT: report.as_json()}
