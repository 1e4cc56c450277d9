"""What a plan brings into a country from abroad, charged to the channels that are open.

    sum over channels of charge[country, model, channel]
        >= bought for the country + what is moved in beyond what is moved out, and >= bought

in single accelerators: a lot may be split. Moves inside a country are no receipt. Charges have
columns only where some rule limits what comes by one of the channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from placement.amounts import THOUSAND
from placement.planner.cells import Cells
from placement.planner.columns import Columns
from placement.planner.law import Law, group_name
from placement.planner.problem import Problem
from placement.planner.program import Meaning, Program, ProgramBuilder
from placement.planner.service import weight
from placement.policy.kinds import CapRule

#: (country, model)
Into = tuple[str, str]


def add_receipts(
    problem: Problem, cells: Cells, law: Law, made: ProgramBuilder, columns: Columns
) -> None:
    """Add the charges, what they must cover, and what a channel with room has left."""
    for into, keys in _by_country(problem, columns).items():
        country, model = into
        bought = {columns.install[key]: 1 for key in keys if key in columns.install}
        comes = {columns.move_in[key]: 1 for key in keys if key in columns.move_in}
        goes = {columns.move_out[key]: -1 for key in keys if key in columns.move_out}
        sites = [problem.sites[name] for name, of in keys if (name, of) in columns.move_in]
        if not all(cells.gates.may_cross(site, model) for site in sites):
            group = f"nothing may be moved into {country} from abroad now"
            made.row(Meaning("crossing", into, group), {**comes, **goes}, None, 0)
            comes = {}
        channels = cells.gates.channels(country, model) or ()
        limited = any(
            law.weigh_receipt(held, country, model, one) for held in law.held for one in channels
        )
        if not limited or not (bought or comes):
            continue
        unit = cells.kits[model].unit
        most = unit * sum(made.upper[column] for column in (*bought, *comes))
        columns.charge[into] = {
            one: made.column(Meaning("charge", (country, model, one.value)), most)
            for one in channels
        }
        received = [bought] if bought and (goes or not comes) else []
        if comes:
            received.append({**bought, **comes, **goes})
        for one in received:
            terms = {column: -unit * sign for column, sign in one.items()}
            covers = dict.fromkeys(columns.charge[into].values(), 1)
            made.row(Meaning("received", into), {**covers, **terms}, 0, None)
    _limit_rooms(problem, made, columns)


def _by_country(problem: Problem, columns: Columns) -> dict[Into, list[tuple[str, str]]]:
    found: dict[Into, list[tuple[str, str]]] = {}
    for name, model in columns.stock:
        found.setdefault((problem.sites[name].country, model), []).append((name, model))
    return dict(sorted(found.items()))


def _limit_rooms(problem: Problem, made: ProgramBuilder, columns: Columns) -> None:
    """Leave the room of a channel that lots of later in the year take, so that none is displaced.

    A lot that is charged by default would go on to the next channel, and break a cap there.
    """
    ledger, first = problem.policy.pack.ledger, problem.period.first
    for channel in ledger.channels if ledger is not None else ():
        rule = problem.policy.rule(channel.room) if channel.room is not None else None
        terms = {
            charges[channel.id]: weight(problem, model, rule.metric)
            for (_, model), charges in columns.charge.items()
            if isinstance(rule, CapRule) and channel.id in charges
        }
        spare = problem.case.books.ledger.spare(channel, problem.subject, first)
        if isinstance(rule, CapRule) and terms and spare is not None:
            of = (rule.id, rule.place(), str(date(first.year, 12, 31)))
            group = group_name(rule, rule.place())
            meaning = Meaning("rule", of, group, rule.unit(), Fraction(THOUSAND))
            made.row(meaning, terms, None, spare)


def tidied(program: Program, x: Sequence[int]) -> list[int]:
    """Give the same plan with its charges in the ledger's order, as far as the rows allow.

    Charges cost nothing, so a solver may charge more than is received, and to any channel.
    """
    point = list(x)
    charges: dict[tuple[str, str], list[int]] = {}
    for column, meaning in enumerate(program.columns):
        if meaning.kind == "charge":
            charges.setdefault((meaning.of[0], meaning.of[1]), []).append(column)
    if not charges:
        return point
    limits: dict[int, list[tuple[int, int]]] = {}
    spare: dict[tuple[str, ...], int] = {}
    for row, meaning in enumerate(program.rows):
        if meaning.kind == "received":
            over = program.activity(row, point)
            spare[meaning.of] = min(over, spare.get(meaning.of, over))
        elif meaning.kind == "rule":
            for column, value in program.entries(row):
                if program.columns[column].kind == "charge" and value > 0:
                    limits.setdefault(column, []).append((row, value))
    for into, columns in charges.items():
        for column in reversed(columns):
            cut = min(spare.get(into, 0), point[column])
            point[column] -= cut
            spare[into] = spare.get(into, 0) - cut
    for columns in charges.values():
        for place, column in enumerate(columns):
            for later in columns[place + 1 :]:
                rooms = [
                    ((program.row_upper[row] or 0) - program.activity(row, point)) // value
                    for row, value in limits.get(column, ())
                ]
                shift = max(0, min([point[later], *rooms]))
                point[column] += shift
                point[later] -= shift
    return point
