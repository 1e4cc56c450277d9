"""What kit is good for: which of it serves nobody, by trying every use of a layout.

The formulas are its own; nothing of the planner is used. This is what `allow_dilution = false`
means, decided from the layout alone:

A **use** of the kit that stands all of a period gives each accelerator to one line of demand that
it may serve, or to one commitment (at_least, exactly) that covers it, or to nobody: then it is
idle. Each line gets what it asks for, and at most a purchase unit (of any model there is) more.
A commitment gets at most its quantity, filled up to a whole purchase unit. Kit that cannot serve
(in storage, on its way) may still be committed.

The **untouched fleet** (nothing bought, moved or retired) leaves so much idle, in TPP that counts,
as it does in the use that leaves the least; where kit may be moved or retired, in one in which no
line has an accelerator more than it needs. A plan may leave as much idle. What it leaves idle
beyond that is its **surplus**. Of a model at a site it is what is idle there of

- purchases: they serve nobody; or
- kit that stood there before and has no work now, because purchases do what it did. Of all the kit
  in a share's numerator that is no more than what the untouched fleet could not do without it.

What is bought and idle at a site counts as idle before the rest of the model does.

A layout is allowed where each period has one use, and one choice of which idle kit the surplus is,
so that no share rests on surplus that lowers it: for each share that is asked for,

    numerator <= limit x (all that counts - surplus outside the numerator)

Surplus in the numerator (for a floor: outside it) raises what is limited, and so lowers nothing.
Surplus outside is there because of purchases: of those that are idle, or of those that do the work
of what was moved away from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.oracles.layouts import Layouts, vectors
from tests.support.tiny_one_period import COUNTED, TPP, amount_of
from tests.support.tiny_periods import ManyDemand, ManyPromise

#: Units by (site, model).
Units = dict[tuple[int, str], int]


@dataclass(frozen=True)
class Use:
    """TPP that counts: what serves or is committed, and by country what is idle.

    `bought`: of purchases; `before`: of what stood there.
    """

    useful: Fraction
    bought: tuple[Fraction, ...]
    before: tuple[Fraction, ...]


@dataclass(frozen=True)
class Limit:
    """The most that what stands in some countries may be of all, and what stands there now."""

    countries: frozenset[str]
    limit: Fraction
    part: Fraction


class Uses(Layouts):
    """Every use of what stands in a period."""

    @cached_property
    def countries(self) -> list[str]:
        return sorted({site.country for site in self.many.sites} | {"US"})

    def lines(self, t: int) -> list[ManyDemand]:
        return [line for line in self.many.demand if line.t == t]

    def asking(self, t: int) -> list[ManyPromise]:
        return [
            one
            for one in self.many.promises
            if one.kind != "at_most" and one.quantity and one.since <= t <= one.until
        ]

    def uses(self, t: int, stock: Units, bought: Units) -> list[Use]:
        """Return every use of planned units (`bought`: of them) and of what no decision touches."""
        key = t, *stock.values(), *bought.values()
        if key not in self._used:
            self._used[key] = self._uses(t, stock, bought, asked=True)
        return self._used[key]

    @cached_property
    def _used(self) -> dict[object, list[Use]]:
        return {}

    def _uses(
        self,
        t: int,
        stock: Units,
        bought: Units,
        *,
        asked: bool,
        without: frozenset[str] = frozenset(),
        spare: bool = True,
    ) -> list[Use]:
        lines, promises = self.lines(t), self.asking(t)
        ends = [
            Fraction(line.quantity)
            + max(amount_of(line, m) * (self.units[m] if spare else 1) for m in self.serves)
            for line in lines
        ]
        ends += [
            Fraction(one.quantity + max(
                (self.units[m] for m in self.there if one.model in (None, m)), default=1
            ) - 1)
            for one in promises
        ]  # fmt: skip
        none = tuple(Fraction(0) for _ in self.countries)
        states = {(tuple(Fraction(0) for _ in ends), Fraction(0), none, none)}
        for site, country, model, count, new in self._kit(t, stock, bought):
            if country in without:
                continue
            weight = TPP[model] if COUNTED[model] else Fraction(0)
            gives = [
                self._serves(line, site, model) if site is not None else Fraction(0)
                for line in lines
            ]
            gives += [self._is_for(one, site, country, model) for one in promises]
            usable = [n for n, each in enumerate(gives) if each]
            at = self.countries.index(country)
            more = set()
            for amounts, useful, idle, before in states:
                for split in vectors(len(usable), count):
                    now = list(amounts)
                    for n, part in zip(usable, split, strict=True):
                        now[n] += part * gives[n]
                    if all(
                        a < end if n < len(lines) and not spare else a <= end
                        for n, (a, end) in enumerate(zip(now, ends, strict=True))
                    ):
                        used, rest = sum(split), count - sum(split)
                        free, old = list(idle), list(before)
                        free[at] += min(new, rest) * weight
                        old[at] += max(0, rest - new) * weight
                        more.add((tuple(now), useful + used * weight, tuple(free), tuple(old)))
            states = more
        return list({
            Use(useful, idle, before)
            for amounts, useful, idle, before in states
            if not asked
            or all(a >= Fraction(d.quantity) for a, d in zip(amounts, lines, strict=False))
        })  # fmt: skip

    def _kit(
        self, t: int, stock: Units, bought: Units
    ) -> Iterable[tuple[int | None, str, str, int, int]]:
        """Return (site, country, model, accelerators, those bought); site None: on its way."""
        for s, site in enumerate(self.many.sites):
            for model, unit in self.units.items():
                count = self.all_period(t, site.name, model)
                count += (stock[s, model] - self.starts[s, model]) * unit
                if count:
                    yield s, site.country, model, count, bought[s, model] * unit
        if self.many.adrift:
            yield None, "US", "H100 SXM", self.many.adrift, 0

    def _serves(self, line: ManyDemand, s: int, model: str) -> Fraction:
        site = self.many.sites[s]
        if self.is_shut(line.t, s):
            return Fraction(0)
        if site.status == "storage" or (line.countries and site.country not in line.countries):
            return Fraction(0)
        if line.within is not None and self.many.ms[s] > line.within:
            return Fraction(0)
        return amount_of(line, model)

    def _is_for(self, one: ManyPromise, s: int | None, country: str, model: str) -> Fraction:
        at = one.site is None or (s is not None and self.many.sites[s].name == one.site)
        inside = not one.countries or country in one.countries
        return Fraction(int(at and inside and one.model in (None, model)))

    @cached_property
    def there(self) -> list[str]:
        """The models that work somewhere or are delivered."""
        found = {lot.model for lot in self.many.lots}
        return sorted(
            found | {o.model for o in self.many.supply if any(row and row[0] for row in o.rows)}
        )

    @cached_property
    def serves(self) -> list[str]:
        """The models that may serve at all; where there are none, nothing serves anyway."""
        stored = {site.name for site in self.many.sites if site.status == "storage"}
        found = {lot.model for lot in self.many.lots if lot.site not in stored}
        found |= {o.model for o in self.many.supply if any(row and row[0] for row in o.rows)}
        return sorted(found or self.units)

    @cached_property
    def alone(self) -> list[Fraction]:
        """The most that the untouched fleet serves, or that is committed of it, by period."""
        return [self._alone(t, frozenset()) for t in range(self.many.count)]

    def _alone(self, t: int, without: frozenset[str]) -> Fraction:
        key = t, without
        if key not in self._served_alone:
            nothing = dict.fromkeys(self.starts, 0)
            spare = self.many.move is None and self.many.retire is None
            spare = spare or not any(self.starts.values())
            uses = self._uses(t, self.starts, nothing, asked=False, without=without, spare=spare)
            self._served_alone[key] = max(use.useful for use in uses)
        return self._served_alone[key]

    @cached_property
    def _served_alone(self) -> dict[object, Fraction]:
        return {}

    def _needs(self, t: int, countries: frozenset[str]) -> Fraction:
        """Return what the untouched fleet could not do without its kit in some countries."""
        return self.alone[t] - self._alone(t, countries)

    def is_kept_without(
        self, t: int, use: Use, whole: Fraction, surplus: Fraction, limits: Iterable[Limit]
    ) -> bool:
        """Tell whether all limits are kept without the surplus outside, in the best choice of it.

        `whole`: all that counts. Shares are of one country each, but for that of all outside the
        US: so what is chosen is how much of the surplus stands in each country.
        """
        bought = dict(zip(self.countries, use.bought, strict=True))
        outside = [country for country in self.countries if country != "US"]
        all_outside = self._needs(t, frozenset(outside))
        most = {c: min(self._displaced(t, use, c), all_outside) for c in outside}
        surplus = max(Fraction(0), surplus)
        least = dict.fromkeys(outside, Fraction(0))
        abroad = Fraction(0)
        for one in limits:
            inside = surplus - whole + one.part / one.limit
            if len(one.countries) == 1 and one.limit <= Fraction(1, 2):
                (country,) = one.countries
                least[country] = max(least[country], inside)
            else:
                abroad = max(abroad, inside)
        if any(least[c] > bought[c] + most[c] for c in outside):
            return False
        if sum(max(Fraction(0), least[c] - bought[c]) for c in outside) > all_outside:
            return False
        there = sum(bought[c] for c in outside) + min(all_outside, sum(most[c] for c in outside))
        return max(abroad, sum(least.values())) <= min(surplus, there)

    def excess_without(
        self,
        t: int,
        use: Use,
        whole: Fraction,
        surplus: Fraction,
        limits: Sequence[Limit],
        weights: Sequence[Fraction],
    ) -> Fraction:
        """Return by how much limits are broken at the least, in the best choice of the surplus.

        The weights of all shares of one country are the same, so that it does not matter in which
        of these the surplus stands.
        """
        none = found = each = Fraction(0)
        surplus = max(none, surplus)
        room = {c: (use.bought[n], self._displaced(t, use, c)) for n, c in enumerate(self.countries)
                if c != "US"}  # fmt: skip
        needs = self._needs(t, frozenset(room))
        inside: dict[str, Fraction] = {}
        for one, weight in zip(limits, weights, strict=True):
            least = max(none, surplus - whole + one.part / one.limit)
            if len(one.countries) == 1 and one.limit <= Fraction(1, 2):
                (country,) = one.countries
                inside[country] = least
                found += one.limit * least * weight
                each = one.limit * weight
            else:
                there = sum((b for b, _ in room.values()), none)
                there += min(needs, sum((d for _, d in room.values()), none))
                found += one.limit * max(none, least - min(surplus, there)) * weight
        if inside:
            first = sum((min(least, room[c][0]) for c, least in inside.items()), none)
            over = {c: max(none, least - room[c][0]) for c, least in inside.items()}
            rest = sum((min(more, room[c][1]) for c, more in over.items()), none)
            found -= each * min(surplus, first + min(needs, rest))
        return found

    def _displaced(self, t: int, use: Use, country: str) -> Fraction:
        """Return how much of what stood in a country before may be without work."""
        at = self.countries.index(country)
        return min(use.before[at], self._needs(t, frozenset({country})))
