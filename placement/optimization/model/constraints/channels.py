"""What a plan brings into a country from abroad, charged to the channels that are open.

    sum over channels of charge[country, model, channel, t]
        >= bought for the country + what is moved in beyond what is moved out, and >= bought

in single accelerators: a lot may be split. Moves inside a country are no receipt; where moves take
time, nothing moves to where it stood, so what comes to a site beyond what leaves the others of its
country is one. All of that is by the period in which it leaves. Charges have
columns only where some rule limits what comes by one of the channels.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Channel, ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import total
from placement.lp.labels import Label
from placement.optimization.model.credit.zones import weight
from placement.optimization.model.label_keys import RuleKey
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances, group_name
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables
from placement.policy.rules import CapRule
from placement.text.decimals import THOUSAND

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


def add_receipts(
    grid: PlanSets, law: RuleInstances, made: ProgramBuilder, columns: Variables
) -> None:
    """Add the charges, what they must cover, and what a channel with room has left."""
    problem = grid.problem
    counted = _counted_channels(law)
    for (country, model), groups in _by_country(grid).items():
        for t, period in enumerate(grid.periods):
            into = country, model, t
            of = country, model, period
            bought = _there(columns.install[groups, t])
            comes = _there(columns.move_in[groups, t])
            goes = _there(columns.move_out[groups, t])
            gates = grid.gates[t]
            arriving = groups[columns.move_in[groups, t] >= 0]
            sites = [problem.sites[grid.sites[place]] for place in grid.site[arriving]]
            if not all(gates.may_cross(site, model) for site in sites):
                group = f"nothing may be moved into {country} from abroad now"
                for net in _nets(grid, columns, groups, t):
                    made.row(Label(RowKind.CROSSING, of, group), net, None, 0)
                comes = []
            channels = gates.channels(country, model) or ()
            limited = not counted.isdisjoint(channels) and any(
                law.weigh_receipt(held, country, model, channel, t)
                for held in law.held
                for channel in channels
            )
            if not limited or not (bought or comes):
                continue
            unit = problem.kits[model].unit
            most = unit * total(made.most(np.array([*bought, *comes])))
            columns.charge[into] = {
                channel: made.column(
                    Label(ColumnKind.CHARGE, (country, model, channel.value, period)), most
                )
                for channel in channels
            }
            purchases = dict.fromkeys(bought, 1)
            received = [purchases] if bought and (goes or not comes) else []
            if comes:
                received += [{**purchases, **net} for net in _nets(grid, columns, groups, t)]
            for one in received:
                terms = {column: -unit * sign for column, sign in one.items()}
                covers = dict.fromkeys(columns.charge[into].values(), 1)
                row = made.row(Label(RowKind.RECEIVED, of), {**covers, **terms}, 0, None)
                columns.received.setdefault(into, []).append(row)
    _limit_rooms(grid, made, columns)


def _nets(grid: PlanSets, columns: Variables, groups: Ints, t: int) -> list[dict[int, int]]:
    """Return what comes to a country's groups of a model from abroad, at least: sums of moves."""
    into, out = columns.move_in[groups, t], columns.move_out[groups, t]
    found = [{**dict.fromkeys(_there(into), 1), **dict.fromkeys(_there(out), -1)}]
    if grid.problem.transit_periods:
        for here, there in zip(into.tolist(), out.tolist(), strict=True):
            if here >= 0 and there >= 0:
                others = (column for column in _there(out) if column != there)
                found.append({here: 1, **dict.fromkeys(others, -1)})
    return found


def _there(columns: Ints) -> list[int]:
    return [column for column in columns.tolist() if column >= 0]


def _counted_channels(law: RuleInstances) -> set[Channel]:
    """Return the channels that some row on what was received counts."""
    found: set[Channel] = set()
    for held in law.held:
        if held.is_received:
            found |= set(held.row.of.channels or Channel)
    return found


def _by_country(grid: PlanSets) -> dict[tuple[str, str], Ints]:
    """Return the groups of each country and model."""
    found: dict[tuple[str, str], list[int]] = {}
    for group, (name, model) in enumerate(grid.keys):
        found.setdefault((grid.problem.sites[name].country, model), []).append(group)
    return {key: np.array(groups) for key, groups in sorted(found.items())}


def _limit_rooms(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Leave the room of a channel that lots of later in the year take, so that none is displaced.

    A lot that is charged by default would go on to the next channel, and break a cap there.
    """
    problem = grid.problem
    ledger = problem.policy.pack.ledger
    for channel in ledger.channels if ledger is not None else ():
        rule = problem.policy.rule(channel.room) if channel.room is not None else None
        if not isinstance(rule, CapRule):
            continue
        years: dict[int, dict[int, int]] = {}
        firsts: dict[int, date] = {}
        for (_, model, t), charges in columns.charge.items():
            if channel.id in charges:
                first = problem.periods[t].first
                year = first.year if rule.calendar_year else 0
                firsts[year] = min(first, firsts.get(year, first))
                each = weight(problem, model, rule.metric)
                years.setdefault(year, {})[charges[channel.id]] = each
        for year, terms in years.items():
            first = firsts[year]
            spare = problem.case.books.ledger.spare(channel, problem.subject, first)
            if spare is not None:
                of = RuleKey(rule.id, rule.place(), str(date(first.year, 12, 31)))
                group = group_name(rule, rule.place())
                meaning = Label(RowKind.RULE, of, group, rule.unit(), Fraction(THOUSAND))
                made.row(meaning, terms, None, spare)


def tidied(program: PlanProgram, x: Ints) -> Ints:
    """Return the same plan with its charges in the ledger's order, as far as the rows allow.

    Charges cost nothing, so a solver may charge more than is received, and to any channel.
    """
    made = program.variables
    charges = {into: list(columns.values()) for into, columns in made.charge.items()}
    if not charges:
        return x
    point = x.copy()
    limits: dict[int, list[tuple[int, int]]] = {}
    spare = {
        into: min(program.activity(row, point) for row in rows)
        for into, rows in made.received.items()
    }
    is_charge = np.zeros(len(program.columns), dtype=bool)
    is_charge[[column for columns in charges.values() for column in columns]] = True
    for row in program.rows.of_kind(RowKind.RULE).tolist():
        for column, value in program.entries(row):
            if is_charge[column] and value > 0:
                limits.setdefault(column, []).append((row, value))
    for into, columns in charges.items():
        for column in reversed(columns):
            cut = min(spare.get(into, 0), int(point[column]))
            point[column] -= cut
            spare[into] = spare.get(into, 0) - cut
    for columns in charges.values():
        for place, column in enumerate(columns):
            for later in columns[place + 1 :]:
                rooms = [
                    (int(program.row_upper[row]) - program.activity(row, point)) // value
                    for row, value in limits.get(column, ())
                ]
                shift = max(0, min([int(point[later]), *rooms]))
                point[column] += shift
                point[later] -= shift
    return point
