"""The judge's word on a plan: the layout is written out, read back and judged as any inventory."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from placement.errors import NothingEvaluatedError
from placement.inventory import Inventory
from placement.planner.files import layout_text
from placement.planner.layout import Layout
from placement.planner.read import Task
from placement.report import Report
from placement.run import check_inventory
from placement.sources.inventory import read_inventory

LAYOUT_FILE = "layout.csv"


def judge_layout(task: Task, layout: Layout) -> Report:
    """Judge a layout on the days of the plan; NothingEvaluatedError where no rule was bound."""
    if not layout.lots:
        raise NothingEvaluatedError(
            "nothing was evaluated: the plan leaves no accelerator anywhere"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LAYOUT_FILE
        path.write_bytes(layout_text(task.problem, layout).encode())
        inventory = read_inventory(path, catalog=task.settings.catalog, name=LAYOUT_FILE)
    return _judge(task, replace(inventory, notes=()))


def judge_fleet(task: Task) -> Report | None:
    """Judge the fleet that no plan touches; None where nothing of it is bound by a rule."""
    if task.problem.fleet.lots.is_empty():
        return None
    try:
        return _judge(task, task.problem.fleet)
    except NothingEvaluatedError:
        return None


def _judge(task: Task, inventory: Inventory) -> Report:
    settings = task.settings
    return check_inventory(
        inventory,
        policy=settings.policy,
        catalog=settings.catalog,
        entities=settings.entities,
        days=task.problem.days,
    )
