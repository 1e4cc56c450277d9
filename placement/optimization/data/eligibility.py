"""Gates: what may come to a site at all, and by which channels into its country."""

from __future__ import annotations

from placement.enums import Channel
from placement.optimization.data.notices import ArrivalKind, Notices
from placement.optimization.data.problem import Problem, Site
from placement.policy import Subject

_MOST_NAMED = 5


class Eligibility:
    """What the channels of the ledger and late notices let through in a period."""

    def __init__(self, problem: Problem, t: int) -> None:
        self._problem = problem
        self._first = problem.periods[t].first
        self._name = problem.periods[t].name if len(problem.periods) > 1 else "the period"
        self.notices = Notices(problem, t)
        self._ledger = problem.case.books.ledger if problem.policy.pack.ledger else None
        self._home = (
            self._ledger.home(self._first) if self._ledger is not None else frozenset[str]()
        )
        parents = problem.case.companies.parents
        # Where operators are planned, the lots may belong to others: what comes has to be open to
        # each of them, since nobody knows which lots a plan moves.
        owners = {lot.owner for lot in problem.lots if lot.own} | {problem.owner}
        self._payers = sorted(
            {parents.get(owner, problem.subject) for owner in owners}, key=lambda one: one.name
        )
        self._channels: dict[tuple[str, str], tuple[Channel, ...]] = {}

    def channels(self, country: str, model: str) -> tuple[Channel, ...] | None:
        """Return the channels by which a model may come into a country, in the ledger's order.

        None: what comes is no receipt. Empty: none is open, and nothing may come.
        """
        if self._ledger is None or country in self._home:
            return None
        if not self._problem.scope.matters(model):
            return None
        key = country, model
        if key not in self._channels:
            open_to = [self._way(payer, country, model) for payer in self._payers]
            common = frozenset(open_to[0]).intersection(*open_to[1:])
            self._channels[key] = tuple(one for one in open_to[0] if one in common)
        return self._channels[key]

    def late(self) -> tuple[str, ...]:
        """Say which notices were filed too late for its first day, and what they bar."""
        barred: dict[str, set[str]] = {}
        for site in self._problem.sites.values():
            for model in self._problem.kits:
                for how in ArrivalKind:
                    for one in self.notices.needed(site, model, how):
                        if one.is_late:
                            said = f"{one.rule}: filed on {one.filed}, after {one.by}"
                            barred.setdefault(said, set()).add(one.what)
        found = []
        for said, whats in sorted(barred.items()):
            listed = sorted(whats)
            more = len(listed) - _MOST_NAMED
            names = ", ".join(listed[:_MOST_NAMED]) + (f", and {more} more" if more > 0 else "")
            found.append(f"{said}, too late for {self._name}: {names}")
        return tuple(found)

    def may_buy(self, site: Site, model: str) -> bool:
        """Tell whether a model may be bought for a site."""
        barred = self.notices.bars(site, model, ArrivalKind.BOUGHT)
        return not barred and self.channels(site.country, model) != ()

    def may_cross(self, site: Site, model: str) -> bool:
        """Tell whether a model may be moved to a site from another country."""
        if (site.country, model) in self._problem.uncovered:
            return False
        barred = self.notices.bars(site, model, ArrivalKind.CROSSES)
        return not barred and self.channels(site.country, model) != ()

    def may_move_inside(self, site: Site, model: str) -> bool:
        """Tell whether a model may be moved to a site from another one in its country.

        Not where some of it stands that nothing covers: what then leaves a site leaves the country,
        and that it is no longer uncovered is plain.
        """
        if (site.country, model) in self._problem.uncovered:
            return False
        return not self.notices.bars(site, model, ArrivalKind.INSIDE)

    def _way(self, payer: Subject, country: str, model: str) -> tuple[Channel, ...]:
        if self._ledger is None:
            return ()
        way = self._ledger.way(payer, payer, country, self._first, model)
        last = () if way.last is None else (way.last,)
        return (*(one.id for one in way.roomy), *last)
