"""Tiny instances under caps on what is received and notices, and their answer by trying everything.

The formulas are its own. Limits are in H100s of TPP; one channel has room by the year, the other
one is charged to the country.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracles.layouts import Choice
from tests.oracles.periods import Brute
from tests.support.planned_worlds import LEDGER, PACK, rule
from tests.support.tiny_one_period import COUNTED, TPP
from tests.support.tiny_periods import Many, ManySite

NEW_SITE_DAYS, TRANSFER_DAYS = 60, 30
SINCE = date(2025, 1, 1)


@dataclass(frozen=True)
class Ledgered(Many):
    """`channels`: of each lot, None: not recorded. `others`: B's chips by country, by licence.

    `filed`: the notice of each site. `filed_moves`: that of transfers. `stock`: the cap on what may
    stand in a country abroad, None for no such rule.
    """

    channels: tuple[str | None, ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    filed: tuple[date | None, ...] = ()
    filed_moves: date | None = None
    year: int = 2
    nation: int = 3
    stock: int | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        tables = super().tables()
        lots, sites = tables["inventory"].drop(columns="row"), tables["sites"]
        lots["channel"] = [*(one or "" for one in self.channels), ""]
        others = [
            ("B", f"b-{country}", country, "H100 SXM", str(count), "installed", "2025-05-01", "",
             "licence")
            for country, count in self.others
        ]  # fmt: skip
        rest = pd.DataFrame(others, columns=lots.columns)
        sites["notice_filed"] = ["" if day is None else str(day) for day in self.filed]
        inventory = pd.concat([lots, rest])
        inventory["row"] = range(len(inventory))
        return {**tables, "inventory": inventory, "sites": sites}

    def config(self) -> dict[str, Any]:
        config = super().config()
        config["placement"] = {"owner": "A"}
        if self.filed_moves is not None:
            config["moves"]["notice_filed"] = self.filed_moves
        return config

    def pack(self, folder: Path) -> Path:
        """Write the pack with the limits."""
        h100 = int(TPP["H100 SXM"])
        received = {"kind": "cap", "measure": "received"}
        abroad = {"numerator": "abroad", "per": "each place"}
        notice = {"kind": "notice", "places": "abroad"}
        rules = [
            rule(id="year", **received, about="consignee", channels=["lpp"], calendar_year=True,
                 limit=str(self.year * h100)),
            rule(id="nation", **received, **abroad, about="all", channels=["licence"],
                 received_since="2025-01-01", limit=str(self.nation * h100),
                 ).replace('"2025-01-01"', "2025-01-01"),
            rule(id="new", **notice, of="new_site", days=NEW_SITE_DAYS),
            rule(id="transfer", **notice, of="transfer", days=TRANSFER_DAYS),
            # Of what is in no country abroad something is judged, too.
            rule(id="home", kind="cap", numerator="home", per="group", limit="1000000000"),
        ]  # fmt: skip
        if self.stock is not None:
            rules.append(rule(id="stock", kind="cap", **abroad, limit=str(self.stock * h100)))
        path = folder / f"pack-{self.year}-{self.nation}-{self.stock}.toml"
        text = PACK.replace('tpp_at_least = "1"', 'tpp_at_least = "4800"')
        path.write_text(text + LEDGER + "".join(rules))
        return path


class Received(Brute):
    """Every layout, and every split over channels of what it receives."""

    many: Ledgered

    # Notices.

    @cached_property
    def barred(self) -> set[tuple[int, int | None, int, str]]:
        found: set[tuple[int, int | None, int, str]] = set()
        places = range(len(self.many.sites))
        for t, model, to in itertools.product(range(self.many.count), self.units, places):
            if not self._may_buy(t, to, model):
                found.add((t, None, to, model))
            found |= {(t, s, to, model) for s in places if not self._may_move(t, s, to, model)}
        return found

    def _may_buy(self, t: int, s: int, model: str) -> bool:
        site, first = self.many.sites[s], self.periods[t].first
        if site.country == "US" or not COUNTED[model]:
            return True
        if any(known.country == site.country for known in self._stood_before(first)):
            return not self._new_is_late(s, first)
        filed = self.many.filed_moves or self.many.filed[s]
        return not self._new_is_late(s, first) and not _late(filed, first, TRANSFER_DAYS)

    def _may_move(self, t: int, s: int, to: int, model: str) -> bool:
        here, there, first = self.many.sites[s], self.many.sites[to], self.periods[t].first
        if there.country == "US" or not COUNTED[model]:
            return True
        crosses = here.country != there.country
        late = crosses and _late(self.many.filed_moves, first, TRANSFER_DAYS)
        return not late and not self._new_is_late(to, first)

    def _new_is_late(self, s: int, first: date) -> bool:
        if self.many.sites[s] in self._stood_before(first):
            return False
        return _late(self.many.filed[s], first, NEW_SITE_DAYS)

    def _stood_before(self, first: date) -> list[ManySite]:
        """Return the sites where counted kit of the inventory stood before a day."""
        lots = [lot for lot in self.many.lots if COUNTED[lot.model]]
        names = {lot.site for lot in lots if lot.start is None or lot.start < first}
        return [site for site in self.many.sites if site.name in names]

    # What was received.

    def kept_from(self, chosen: tuple[Choice, ...]) -> date | None:
        if not self.is_possible(chosen) or not self._is_charged(chosen):
            return None
        kept_from: date | None = None
        for day in reversed(self.days):
            kept, not_worse = self._stands(day, self.stock(chosen, self.period_of(day)))
            if not not_worse:
                return None
            if not kept:
                break
            kept_from = day
        if kept_from is None or (self.many.mode == "strict" and kept_from != self.days[0]):
            return None
        earlier = (day for day in self.days if day < kept_from)
        fine = all(self._stands(d, self.stock(chosen, self.period_of(d)))[1] for d in earlier)
        return kept_from if fine else None

    @cached_property
    def days(self) -> list[date]:
        """The days on which what stands may change."""
        return sorted({day for t in range(self.many.count) for day in self.days_in(t)})

    def _stands(self, day: date, stock: dict[tuple[int, str], int]) -> tuple[bool, bool]:
        kept = not_worse = True
        if self.many.stock is not None:
            limit = self.many.stock * TPP["H100 SXM"]
            totals, before = self.totals(day, stock), self.totals(day, None)
            for country in totals.keys() - {"US"}:
                kept = kept and totals[country] <= limit
                most = max(limit, before.get(country, Fraction(0)))
                not_worse = not_worse and totals[country] <= most
        return kept, not_worse

    @cached_property
    def _charged(self) -> tuple[dict[int, Fraction], dict[str, Fraction]]:
        """Return what the channel with room has taken by year, and licences by country."""
        room = self.many.year * TPP["H100 SXM"]
        years: dict[int, Fraction] = {}
        nations = {c: n * TPP["H100 SXM"] for c, n in self.many.others}
        country = {site.name: site.country for site in self.many.sites}
        received = [
            (lot, channel)
            for lot, channel in zip(self.many.lots, self.many.channels, strict=True)
            if COUNTED[lot.model] and country[lot.site] != "US"
        ]
        received.sort(key=lambda one: (one[1] is None, one[0].start or date.max))
        for lot, channel in received:
            each = TPP[lot.model]
            low = lot.count if channel == "lpp" else 0
            year = (lot.start or date.max).year
            if channel is None:
                low = max(0, min(lot.count, int((room - years.get(year, Fraction(0))) // each)))
            years[year] = years.get(year, Fraction(0)) + low * each
            if lot.start is None or lot.start >= SINCE:
                at = country[lot.site]
                nations[at] = nations.get(at, Fraction(0)) + (lot.count - low) * each
        return years, nations

    def _is_charged(self, chosen: tuple[Choice, ...]) -> bool:
        """Tell whether what comes fits the channels, by some split over them."""
        comes: list[tuple[int, str, Fraction, int]] = []
        for one, model in zip(chosen, self.units, strict=True):
            for (t, country), count in one.received:
                if country != "US" and COUNTED[model]:
                    comes.append((self.periods[t].first.year, country, TPP[model], count))
        key = tuple(sorted(comes))
        if key not in self._fitting_channels:
            self._fitting_channels[key] = self._fits_channels(key)
        return self._fitting_channels[key]

    @cached_property
    def _fitting_channels(self) -> dict[object, bool]:
        return {}

    def _fits_channels(self, comes: Iterable[tuple[int, str, Fraction, int]]) -> bool:
        comes = list(comes)
        years, nations = self._charged
        most_year = self.many.year * TPP["H100 SXM"]
        most_nation = self.many.nation * TPP["H100 SXM"]
        for split in itertools.product(*(range(count + 1) for *_, count in comes)):
            low: dict[int, Fraction] = {}
            licensed: dict[str, Fraction] = {}
            for (year, country, each, count), n in zip(comes, split, strict=True):
                low[year] = low.get(year, Fraction(0)) + n * each
                licensed[country] = licensed.get(country, Fraction(0)) + (count - n) * each
            if all(
                n <= max(Fraction(0), most_year - years.get(year, Fraction(0)))
                for year, n in low.items()
            ) and all(
                n <= max(Fraction(0), most_nation - nations.get(c, Fraction(0)))
                for c, n in licensed.items()
            ):
                return True
        return False


def _late(filed: date | None, first: date, days: int) -> bool:
    return filed is not None and filed + timedelta(days=days) > first
