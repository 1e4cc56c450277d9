"""The grid: every (site, model) with something to decide, by period, as arrays.

A group is one (site, model); arrays by group and period are G x T. What comes to a site stays there
to the end of the horizon, so it has to fit in every later period, too. Kit that stands throughout
may leave once. Everything is in purchase units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Counted
from placement.lp.exact_arrays import exact_ints
from placement.optimization.data.eligibility import Eligibility
from placement.optimization.data.existing_stock import MOVABLE, ExistingStock, Key
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Site
from placement.optimization.model.discounting import discounts
from placement.optimization.model.variables import later
from placement.readers.tables.sites import SiteStatus

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Ints

_RECEIVING = (SiteStatus.OPEN, SiteStatus.STORAGE)
_PLENTY = 10**12


@dataclass(frozen=True)
class PlanSets:
    """Groups and what may happen to them.

    `sites`, `models`: names, in order; `site`, `model`: of each group, as places in them. `start`:
    units that stand throughout and may leave. `install`, `move_in`: the most units that may come in
    a period, or leave for it; `may_leave`: whether some may leave in it; `may_move`: and arrive
    within the horizon; `most`: the most that may stand there.
    `delivered`: the units of each model that are delivered until a period (K x T). `factors`: the
    discount of each period.
    """

    problem: Problem
    holdings: ExistingStock
    gates: tuple[Eligibility, ...]
    sites: tuple[str, ...]
    models: tuple[str, ...]
    site: Ints
    model: Ints
    start: Ints
    install: Ints
    move_in: Ints
    may_leave: Bools
    may_move: Bools
    most: Ints
    delivered: Ints
    factors: tuple[Fraction, ...]

    @cached_property
    def keys(self) -> list[Key]:
        """The (site, model) of each group."""
        pairs = zip(self.site.tolist(), self.model.tolist(), strict=True)
        return [(self.sites[site], self.models[model]) for site, model in pairs]

    @property
    def periods(self) -> tuple[str, ...]:
        """The names of the periods."""
        return tuple(period.name for period in self.problem.periods)

    def unit(self) -> Ints:
        """Return the accelerators per purchase unit of each group."""
        units = [self.problem.kits[model].unit for model in self.models]
        return np.array(units, dtype=np.int64)[self.model]

    def in_sites(self, names: frozenset[str]) -> Bools:
        """Tell which groups are at some sites."""
        return np.array([name in names for name in self.sites], dtype=bool)[self.site]


def build_sets(problem: Problem, *, roomy: bool = False) -> PlanSets:
    """Work out the grid of a problem.

    `roomy`: full sites, and models asked for of which none is delivered, are in it, too. No plan
    may use them, by rows that a conflict then names.
    """
    holdings = ExistingStock(problem)
    sites, models = tuple(sorted(problem.sites)), tuple(sorted(problem.kits))
    gates = tuple(Eligibility(problem, t) for t in range(len(problem.periods)))
    room = _Room(problem, holdings, sites, models)
    rooms = room.units(least=1 if roomy else 0)
    # What comes stays, so it has to fit from then on.
    fits = np.minimum.accumulate(rooms[:, :, ::-1], axis=2)[:, :, ::-1]
    start = np.zeros((len(sites), len(models)), dtype=np.int64)
    at = {name: place for place, name in enumerate(sites)}, {m: n for n, m in enumerate(models)}
    for (name, of), units in holdings.starts.items():
        start[at[0][name], at[1][of]] = units
    delivered = _delivered(problem, models)
    asked = {line.model for line in problem.demands} if roomy else set()
    wanted = np.array([[model in asked] for model in models], dtype=np.int64).reshape(-1, 1)
    # What may be bought, but for the rows of supply.
    offered = np.maximum(delivered, wanted)
    install = _installs(problem, gates, sites, models, fits, offered)
    move_in = _arrivals(problem, gates, sites, models, fits, start)
    leaving = _leaving(problem, sites) & (start > 0)[:, :, None]
    in_time = np.arange(len(problem.periods)) + problem.transit_periods < len(problem.periods)
    moving = leaving & (problem.moves is not None) & in_time
    used = (start > 0) | install.any(axis=2) | move_in.any(axis=2)
    site, model = np.nonzero(used)
    begin = start[site, model]
    comes = np.minimum(np.cumsum(install, axis=2), offered[None, :, :])
    others = start.sum(axis=0) - start
    arrived = np.cumsum(later(move_in, problem.transit_periods, none=0), axis=2)
    comes = comes + np.minimum(arrived, others[:, :, None])
    # What stands may leave again after others came, so later periods do not limit earlier ones.
    most = np.minimum(start[:, :, None] + comes, np.maximum(start[:, :, None], rooms))
    return PlanSets(
        problem, holdings, gates, sites, models, site, model, begin, install[site, model],
        move_in[site, model], leaving[site, model], moving[site, model], most[site, model],
        delivered, discounts(problem),
    )  # fmt: skip


class _Room:
    """How many units of each model a site could take in each period, besides constant kit."""

    def __init__(
        self,
        problem: Problem,
        holdings: ExistingStock,
        sites: tuple[str, ...],
        models: tuple[str, ...],
    ) -> None:
        self._problem, self._holdings = problem, holdings
        self._sites, self._models = sites, models

    def units(self, *, least: int = 0) -> Ints:
        """Return them as S x K x T; 0 where a site takes nothing, else `least` where it is full."""
        periods = range(len(self._problem.periods))
        found = np.full((len(self._sites), len(self._models), len(periods)), _PLENTY)
        kits = [self._problem.kits[model] for model in self._models]
        each = [kit.kw * kit.unit for kit in kits]
        scale = lcm(*(kw.denominator for kw in each))
        needs = np.array([max(1, int(kw * scale)) for kw in each], dtype=object)
        drawing = np.array([kw > 0 for kw in each])
        for place, name in enumerate(self._sites):
            site = self._problem.sites[name]
            for t in periods:
                closes = site.closes_by(self._problem.periods[t])
                full = name in self._holdings.loads.overfull[t]
                if (full and name not in self._holdings.emptied) or closes:
                    found[place, :, t] = 0
                    continue
                power = site.power_in(t)
                if power is not None and site.stated is not SiteStatus.STORAGE:
                    free = (power - self._holdings.constant_kw(name, t)) / site.pue * scale
                    units = np.array(free.numerator, dtype=object) // (needs * free.denominator)
                    fits = np.minimum(units, _PLENTY).astype(np.int64)
                    found[place, drawing, t] = np.maximum(least, fits[drawing])
                racks = site.racks_in(t)
                if racks is not None:
                    places = racks - self._holdings.constant_racks(name, t)
                    found[place, :, t] = np.minimum(found[place, :, t], max(least, places))
        return found


def _delivered(problem: Problem, models: tuple[str, ...]) -> Ints:
    """Return the units of each model that are delivered until each period."""
    found = np.zeros((len(models), len(problem.periods)), dtype=object)
    for place, model in enumerate(models):
        for one in problem.deliveries.get(model, ()):
            found[place, one.t :] += one.quantity
        found[place] //= problem.kits[model].unit
    return exact_ints(found.ravel()).reshape(found.shape)


def _installs(
    problem: Problem,
    gates: tuple[Eligibility, ...],
    sites: tuple[str, ...],
    models: tuple[str, ...],
    fits: Ints,
    delivered: Ints,
) -> Ints:
    allowed = np.zeros(fits.shape, dtype=bool)
    for place, name in enumerate(sites):
        site = problem.sites[name]
        if site.closes_by(problem.periods[-1]):
            continue  # what comes could not stay
        taken = np.array([site.takes(model) for model in models])
        for t, period in enumerate(problem.periods):
            if site.status_in(period) is SiteStatus.OPEN:
                allowed[place, :, t] = taken & _by_counted(problem, models, gates[t].may_buy, site)
    return np.where(allowed, np.minimum(delivered[None, :, :], fits), 0)


def _arrivals(
    problem: Problem,
    gates: tuple[Eligibility, ...],
    sites: tuple[str, ...],
    models: tuple[str, ...],
    fits: Ints,
    start: Ints,
) -> Ints:
    """Return the most units that may leave for a site in a period: they fit when they arrive."""
    found = np.zeros(fits.shape, dtype=np.int64)
    if problem.moves is None or not start.any():
        return found
    country = [problem.sites[name].country for name in sites]
    everywhere = start.sum(axis=0)
    within = {
        c: start[[place for place, of in enumerate(country) if of == c]].sum(axis=0)
        for c in set(country)
    }
    for place, name in enumerate(sites):
        site = problem.sites[name]
        if site.closes_by(problem.periods[-1]):
            continue  # what comes could not stay
        taken = np.array([site.takes(model) for model in models])
        for t in range(len(problem.periods) - problem.transit_periods):
            if site.status_in(problem.arrival(t)) not in _RECEIVING:
                continue
            crosses = _by_counted(problem, models, gates[t].may_cross, site)
            inside = _by_counted(problem, models, gates[t].may_move_inside, site)
            source = np.where(crosses, everywhere, within[site.country])
            others = np.maximum(0, source - start[place])
            room = fits[place, :, t + problem.transit_periods]
            found[place, :, t] = np.where(taken & inside, np.minimum(others, room), 0)
    return found


def _by_counted(
    problem: Problem, models: tuple[str, ...], asked: Callable[[Site, str], bool], site: Site
) -> Bools:
    """Ask a gate once for the models that count alike, and that the same channels are open to."""
    ledger = problem.policy.pack.ledger
    tested = (
        [channel for channel in ledger.channels if channel.counted is not None] if ledger else []
    )
    scope = problem.scope
    known: dict[tuple[object, ...], bool] = {}
    answers = []
    for model in models:
        counts = scope.weight(model, "tpp").counted is not Counted.NO
        bare = (site.country, model) in problem.uncovered
        kind = (counts, bare, scope.matters(model), *(scope.passes(one, model) for one in tested))
        if kind not in known:
            known[kind] = asked(site, model)
        answers.append(known[kind])
    return np.array(answers, dtype=bool)


def _leaving(problem: Problem, sites: tuple[str, ...]) -> Bools:
    """Tell in which periods kit may leave a site (S x 1 x T)."""
    return np.array(
        [
            [[problem.sites[name].status_in(period) in MOVABLE for period in problem.periods]]
            for name in sites
        ],
        dtype=bool,
    ).reshape(len(sites), 1, len(problem.periods))
