"""From the problem to its program: one constraint family after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from placement.lp.builder import ProgramBuilder
from placement.optimization.model.constant_cost import constant_costs
from placement.optimization.model.constraints.budgets import add_budgets
from placement.optimization.model.constraints.capacity import add_capacity
from placement.optimization.model.constraints.channels import add_receipts
from placement.optimization.model.constraints.commitments import add_commitments
from placement.optimization.model.constraints.demand import add_service
from placement.optimization.model.constraints.moves import add_moves
from placement.optimization.model.constraints.overfull import add_overfull
from placement.optimization.model.constraints.rules import add_policy_rows
from placement.optimization.model.constraints.stock_balance import add_stock
from placement.optimization.model.constraints.supply import add_supply
from placement.optimization.model.credit.binding_shares import binding_rows
from placement.optimization.model.credit.served_alone import Fleet
from placement.optimization.model.credit.share_credit import Credits
from placement.optimization.model.credit.zones import Alone
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets


def build(
    grid: PlanSets, law: RuleInstances, kept_from: date, alone: Mapping[Alone, Fleet]
) -> PlanProgram:
    """Write the program in which every rule is kept from a day on, and not worse before.

    `alone`: what the untouched fleet serves (`credit.served_alone`), by the denominators of which
    only useful kit counts.
    """
    made = ProgramBuilder()
    columns = add_stock(grid, made)
    add_supply(grid, made, columns)
    add_moves(grid, made, columns)
    add_receipts(grid, law, made, columns)
    add_capacity(grid, made, columns)
    add_overfull(grid, made, columns)
    add_commitments(grid, made, columns)
    add_budgets(grid, made, columns)
    credited = {at: one for at, one in binding_rows(grid, law).items() if at in alone}
    service = add_service(grid, made, columns, credited)
    credit = Credits(grid, made, columns, service)
    add_policy_rows(grid, law, made, columns, credit, kept_from, credited, alone)
    return PlanProgram.of(made.build(sum(constant_costs(grid).values())), columns)
