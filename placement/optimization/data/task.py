"""The task of planning: the problem, with what is needed to solve and judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.loading.settings import Settings
from placement.optimization.data.problem import Problem
from placement.readers.config.placement_toml import Config
from placement.report import PlanSource


@dataclass(frozen=True, slots=True)
class Task:
    """A problem with what is needed to solve and judge it; `read`: the rows of each table.

    The problem's policy is all those of the settings together; each of these judges by itself.
    `ran_on`: the day of the run, None for the calendar's.
    """

    problem: Problem
    config: Config
    settings: Settings
    inventory: Inventory
    records: SideTables
    source: PlanSource | None = None
    read: Mapping[str, int] = field(default_factory=dict)
    ran_on: date | None = None
