"""Commitments: what has to stand in a period.

    sum of amount x stock[t]  >=  quantity - the least that stands undecided on any day of it
    sum of amount x stock[t]  <=  quantity - the most of it

A day of it: one of the period on which the commitment holds. What a plan brings stands throughout a
period; lots begin and end on days, and one may take the place of another.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from placement.enums import RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.optimization.data.problem import Lot
from placement.optimization.data.records import Commitment
from placement.optimization.model.label_keys import CommitmentKey
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables


def add_commitments(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Write a row for each commitment and period."""
    for commitment in grid.problem.commitments:
        covered = [name for name in grid.sites if commitment.covers(grid.problem.sites[name])]
        groups = np.flatnonzero(grid.in_sites(frozenset(covered)))
        unit = f"{commitment.model} accelerators" if commitment.model else commitment.metric.value
        for t in commitment.periods:
            terms = {
                int(columns.stock[group, t]): commitment.amount(kit) * kit.unit
                for group in groups
                for kit in [grid.problem.kits[grid.models[grid.model[group]]]]
            }
            meaning = Label(
                RowKind.COMMITMENT,
                CommitmentKey(commitment.label, grid.periods[t]),
                commitment.label,
                unit,
            )
            least, most = _standing(grid, commitment, t)
            # Two rows where both ends bind: whole units may reach neither, and a proof needs both.
            if commitment.has_floor:
                made.row(meaning, terms, commitment.quantity - least, None)
            if commitment.has_ceiling:
                made.row(meaning, terms, None, commitment.quantity - most)


def _standing(grid: PlanSets, one: Commitment, t: int) -> tuple[Fraction, Fraction]:
    """Return the least and the most that stand without a decision on a day of a commitment.

    Of the days of a period on which it holds, in its metric. What stands only changes on days on
    which a lot comes or goes.
    """
    lots = _covered(grid, one)
    first, last = one.days_in(grid.problem.periods[t])
    changes = {day for lot in lots for day in (lot.works_since, lot.end)}
    days = [first, *(day for day in changes if day and first < day <= last)]
    stands = [_amount(grid, one, [lot for lot in lots if lot.stands_on(day)]) for day in days]
    planned = _planned(grid, one)
    return min(stands) - planned, max(stands) - planned


def _covered(grid: PlanSets, one: Commitment) -> list[Lot]:
    """Return the group's lots at the sites that a commitment is about."""
    sites = grid.problem.sites
    return [lot for lot in grid.problem.lots if lot.own and one.covers(sites[lot.site])]


def _amount(grid: PlanSets, one: Commitment, lots: Iterable[Lot]) -> Fraction:
    """Return what lots add up to in a commitment's metric."""
    kits = grid.problem.kits
    return sum((lot.quantity * one.amount(kits[lot.model]) for lot in lots), Fraction(0))


def _planned(grid: PlanSets, one: Commitment) -> Fraction:
    """Return what stands at the beginning and is planned, in a commitment's metric."""
    problem, found = grid.problem, Fraction(0)
    for (name, model), units in grid.holdings.starts.items():
        if one.covers(problem.sites[name]):
            kit = problem.kits[model]
            found += units * kit.unit * one.amount(kit)
    return found
