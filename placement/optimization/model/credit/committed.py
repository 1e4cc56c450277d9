"""Kit that serves nobody and is useful all the same: a commitment asks for it.

`committed[commitment, part, model]` counts accelerators that stand where a commitment covers them
and that serve no line. A part is kit that the same commitments cover, in one zone. A commitment
asks for its quantity, filled up to a whole purchase unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import total
from placement.lp.labels import Label
from placement.optimization.data.existing_stock import Key
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Commitment
from placement.optimization.model.credit.zones import Zone, weight
from placement.optimization.model.label_keys import CommitmentKey

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class Usable:
    """Kit of a model: constant accelerators, and columns with their accelerators per unit."""

    fixed: int
    columns: Ints
    unit: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Kit of a model at a site; `zone` None: it can serve nobody."""

    zone: int | None
    site: str
    model: str
    kit: Usable


@dataclass(frozen=True, slots=True)
class Committed:
    """One column: accelerators of a model at some sites that are idle and committed."""

    column: int
    t: int
    zone: int | None
    model: str
    sites: frozenset[str]


def pools_of(
    problem: Problem,
    zones: Sequence[Zone],
    serving: Mapping[Key, int],
    present: Mapping[Key, int],
    stock: Mapping[Key, int],
) -> Iterator[Pool]:
    """Yield the kit of a period by site and model.

    `serving`, `present`: constant accelerators that can serve, and all that stand throughout;
    `stock`: the columns of the others.
    """
    place = {name: number for number, zone in enumerate(zones) for name in zone.sites}
    none = np.zeros(0, dtype=np.int64)
    for name, model in dict.fromkeys([*present, *stock]):
        at, unit = (name, model), problem.kits[model].unit
        columns = np.array([stock[at]], dtype=np.int64) if at in stock else none
        zone, stands, serves = place.get(name), present.get(at, 0), serving.get(at, 0)
        if zone is None:
            yield Pool(None, name, model, Usable(stands, columns, unit))
            continue
        yield Pool(zone, name, model, Usable(serves, columns, unit))
        if stands > serves:
            yield Pool(None, name, model, Usable(stands - serves, none, unit))


def asking(problem: Problem, t: int) -> list[int]:
    """Return the places of the commitments that ask for kit in a period."""
    return [
        number
        for number, one in enumerate(problem.commitments)
        if one.has_floor and one.quantity > 0 and t in one.periods
    ]


def add_committed(
    problem: Problem,
    made: ProgramBuilder,
    t: int,
    zones: Sequence[Zone],
    pools: Iterable[Pool],
    metrics: frozenset[str],
    sides: Sequence[frozenset[str]],
    cost: Callable[[frozenset[str], str], int] = lambda _sites, _model: 0,
) -> list[Committed]:
    """Add the columns of what is committed, and how much of it there can be.

    `metrics`: of the shares of the period; `sides`: sites that those, or their rows, tell apart;
    `cost` of a column by its sites and model.
    """
    found: list[Committed] = []
    terms: dict[int, dict[int, Fraction]] = {number: {} for number in asking(problem, t)}
    for (zone, asked, _, model), group in _parts(
        problem, list(terms), pools, metrics, sides
    ).items():
        sites = frozenset(pool.site for pool in group)
        stock = np.concatenate([pool.kit.columns for pool in group])
        fixed, unit = sum(pool.kit.fixed for pool in group), problem.kits[model].unit
        most = fixed + total(made.most(stock)) * unit
        if not most:
            continue
        where = "" if zone is None else zones[zone].name
        of = (where, str(len(found)), model, problem.periods[t].name)
        columns = []
        for number in asked:
            one = problem.commitments[number]
            meaning = Label(ColumnKind.COMMITTED, (one.label, *of))
            column = made.column(meaning, most, cost=cost(sites, model))
            terms[number][column] = one.amount(problem.kits[model])
            columns.append(column)
            found.append(Committed(column, t, zone, model, sites))
        made.row_of(
            Label(RowKind.COMMITTED_KIT, of),
            np.concatenate([np.array(columns, dtype=np.int64), stock]),
            np.concatenate([np.ones(len(columns), np.int64), np.full(len(stock), -unit)]),
            None,
            fixed,
        )
    for number, amounts in terms.items():
        if amounts:
            one = problem.commitments[number]
            of_one = CommitmentKey(one.label, problem.periods[t].name)
            made.row(Label(RowKind.COMMITMENT_LIMIT, of_one), amounts, None, _most(problem, one))
    return found


def _parts(
    problem: Problem,
    asks: Sequence[int],
    pools: Iterable[Pool],
    metrics: frozenset[str],
    sides: Sequence[frozenset[str]],
) -> dict[tuple[int | None, tuple[int, ...], object, str], list[Pool]]:
    """Return kit that the same commitments and shares treat alike, by what is alike."""
    found: dict[tuple[int | None, tuple[int, ...], object, str], list[Pool]] = {}
    for pool in pools:
        site, kit = problem.sites[pool.site], problem.kits[pool.model]
        if not any(weight(problem, pool.model, metric) for metric in metrics):
            continue
        asked = tuple(
            number
            for number in asks
            if problem.commitments[number].covers(site) and problem.commitments[number].amount(kit)
        )
        # What serves nobody is told apart by site.
        alike = *(pool.site in side for side in sides), pool.site if pool.zone is None else None
        if asked:
            found.setdefault((pool.zone, asked, alike, pool.model), []).append(pool)
    return found


def _most(problem: Problem, one: Commitment) -> Fraction:
    """Return what a commitment asks for at most: less than a purchase unit beyond its quantity."""
    models = {model for model, rows in problem.deliveries.items() if any(r.quantity for r in rows)}
    models |= {lot.model for lot in problem.lots if lot.own and lot.works}
    kits = [problem.kits[model] for model in sorted(models)]
    amounts = [one.amount(kit) for kit in kits]
    least = Fraction(1, lcm(one.quantity.denominator, *(each.denominator for each in amounts)))
    most = max((each * kit.unit for each, kit in zip(amounts, kits, strict=True)), default=least)
    return one.quantity + max(Fraction(0), most - least)
