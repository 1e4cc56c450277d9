"""Small worlds under the whole law: a chip of 1,000,000 TPP, written out as files and planned.

A consignee's year has room for 26 of them (26.9 million TPP), a country for 790 (790 million).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from placement.enums import PlanStatus, Status
from placement.optimization.data.problem import Lot
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan

PACK = """schema = "placement.pack/1"
id = "tiny"
version = "1"
title = "tiny"
citation = "none"
[status]
text = "a test"
as_of = 2026-01-01
[counted]
title = "all"
citation = "none"
any = [{ tpp_at_least = "1" }]
[groups.home]
title = "home"
members = ["US"]
[groups.abroad]
title = "abroad"
all_except = ["home"]
[schedules.always]
title = "always"
every_day = true
"""
LEDGER = """[ledger]
home = "home"
[[ledger.channels]]
id = "lpp"
title = "low volume"
room = "year"
citation = "none"
[[ledger.channels]]
id = "licence"
title = "a licence"
citation = "none"
"""
CHIP = "accelerator,source,tpp,kw,purchase_unit,datacenter\nX,made up,1000000,1,1,yes\n"


@dataclass
class World:
    """`files` by name without .csv; `more` is added to placement.toml."""

    folder: Path
    owner: str = "A"
    entities: str = "A,IN,none\n"
    inventory: str = "A,us1,US,X,1\n"
    columns: str = "owner,site,country,accelerator,quantity"
    sites: str = "in1,IN,9\nus1,US,9\n"
    site_columns: str = "site,country,power_mw"
    supply: str = "X,2027Q1,9999,100\n"
    demand: str = ""
    period: str = "2027Q1"
    more: str = ""
    policy: str = "ai-diffusion-2025"
    written: list[str] = field(default_factory=list)

    def plan(self, **given: object) -> Plan:
        """Write the files and plan."""
        files = {
            "accelerators.csv": CHIP,
            "entities.csv": "entity,headquarters,authorization\n" + self.entities,
            "inventory.csv": self.columns + "\n" + self.inventory,
            "sites.csv": self.site_columns + "\n" + self.sites,
            "supply.csv": "accelerator,period,quantity,unit_usd\n" + self.supply,
            "placement.toml": f'[placement]\npolicy = "{self.policy}"\nowner = "{self.owner}"\n'
            f'[horizon]\nstart = "{self.period}"\n' + self.more,
        }
        if self.demand:
            files["demand.csv"] = "period,metric,quantity,countries\n" + self.demand
        for name, text in files.items():
            (self.folder / name).write_text(text)
        return make_plan(self.folder, **given)  # type: ignore[arg-type]


def rule(**fields: object) -> str:
    """Write one rule of a pack, for the columns of TOML that tests need."""
    import json

    always = {"title": "a rule", "schedule": "always", "citation": "none"}
    rows = [f"{key} = {json.dumps(value)}" for key, value in {**always, **fields}.items()]
    return "[[rules]]\n" + "\n".join(rows) + "\n"


def status(plan: Plan) -> PlanStatus:
    """Return how the plan ended."""
    assert plan.report.plan is not None
    return plan.report.plan.status


def cost(plan: Plan) -> Fraction:
    """Return its cost."""
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.tiers[-1].value)


def conflict(plan: Plan) -> str:
    """Return the conflict in one text."""
    assert plan.report.plan is not None
    assert status(plan) is PlanStatus.INFEASIBLE, status(plan)
    return "\n".join(plan.report.plan.conflict)


def lots(plan: Plan) -> list[Lot]:
    """Return the lots of the layout that are not gone."""
    assert plan.layout is not None, (status(plan), plan.report.plan)
    return [lot for lot in plan.layout.lots if lot.status is not Status.RETIRED]


def channels(plan: Plan) -> dict[tuple[str, str | None], int]:
    """Return what the plan brings, by country and channel."""
    found: dict[tuple[str, str | None], int] = {}
    assert plan.layout is not None, (status(plan), plan.report.plan)
    for lot in plan.layout.lots:
        if lot in plan.layout.brought:
            key = lot.country, lot.channel
            found[key] = found.get(key, 0) + lot.quantity
    return found
