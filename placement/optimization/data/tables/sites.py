"""sites.csv as records of the problem: what is open when, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from placement.errors import Fault, did_you_mean
from placement.optimization.data.problem import Lot
from placement.optimization.data.records import Limit, Site, status_in
from placement.optimization.data.tables.lookups import Reading, some
from placement.readers.table import Table
from placement.readers.tables.site_limits import SiteLimitRow, read_site_limits
from placement.readers.tables.sites import SiteRow, SiteStatus


def read_sites(table: Table[SiteRow], lots: tuple[Lot, ...], reading: Reading) -> dict[str, Site]:
    """Return the sites by name, with those of the lots that sites.csv lacks as frozen ones."""
    sites: dict[str, Site] = {}
    for line, row in table.rows:
        if row.pue is None:
            reading.assume("PUE 1 where sites.csv gives none", row.site)
        _note_dates(row, reading)
        models = [
            reading.model(text, table.file, line, "accelerators") for text in row.accelerators
        ]
        sites[row.site] = Site(
            name=row.site,
            country=row.country,
            status=status_in(reading.periods[0], row.status, row.opens, row.closes),
            power_kw=row.power_mw * 1000,
            pue=row.pue or Fraction(1),
            racks=row.racks,
            energy_usd_per_mwh=row.energy_usd_per_mwh,
            hosting_usd_per_kw_month=row.hosting_usd_per_kw_month,
            fixed_usd_per_month=row.fixed_usd_per_month,
            accepts=frozenset(m.model for m in models if m) if row.accelerators else None,
            metro=row.metro,
            region=row.region,
            notice_filed=row.notice_filed,
            stated=row.status,
            opens=row.opens,
            closes=row.closes,
            carbon_g_per_kwh=row.carbon_g_per_kwh,
        )
    unlisted = {lot.site: lot.country for lot in lots if lot.site not in sites}
    if unlisted:
        named = [
            f"{name} ({did_you_mean(name, sites)})" if did_you_mean(name, sites) else name
            for name in sorted(unlisted)
        ]
        reading.notes.append(f"frozen, since sites.csv lacks them: {some(named)}")
    for name, where in sorted(unlisted.items()):
        sites[name] = Site(name, where, SiteStatus.FROZEN, None)
    return sites


def with_limits(sites: dict[str, Site], reading: Reading) -> dict[str, Site]:
    """Return the sites with the power and places of site_limits.csv, from each row's period on."""
    table = reading.table(
        "site_limits",
        lambda path, name: read_site_limits(path, name=name, accepting=reading.accepting),
    )
    if table is None:
        return sites
    rows: dict[str, dict[date, tuple[int, int | None, SiteLimitRow]]] = {}
    for line, row in table.rows:
        if sites and row.site not in sites:
            fix = did_you_mean(row.site, sites) or "add it to sites.csv"
            fault = Fault("no such site in sites.csv", fix, table.file, line, "site", row.site)
            reading.faults.append(fault)
        period = reading.period(row.period, table.file, line)
        if period is None:
            continue
        of_site = rows.setdefault(row.site, {})
        before = period.last < reading.periods[0].first
        t = None if before else reading.index_of(row.period, table.file, line)
        if period.first in of_site:
            message = f"{row.site} from {period.first} on is already on line "
            message += str(of_site[period.first][0])
            fault = Fault(message, "keep one row", table.file, line, "period", row.period)
            reading.faults.append(fault)
        elif before or t is not None:
            of_site[period.first] = line, t, row
    found = dict(sites)
    for name in rows.keys() & sites.keys():
        ordered = [rows[name][day] for day in sorted(rows[name])]
        found[name] = _limited(sites[name], ordered)
    return found


def _limited(site: Site, rows: Iterable[tuple[int, int | None, SiteLimitRow]]) -> Site:
    """Apply the rows of one site (line, index of the period, row), in the order of periods.

    No index: it holds before the first period.
    """
    now = before = Limit(0, site.power_kw, site.racks)
    limits: dict[int, Limit] = {}
    for line, t, row in rows:
        power = now.power_kw if row.power_mw is None else row.power_mw * 1000
        racks = now.racks if row.racks is None else row.racks
        now = Limit(t or 0, power, racks, line)
        if t is None:
            before = now
        else:
            limits[t] = now
    first = limits.get(0, before)
    return replace(
        site, power_kw=first.power_kw, racks=first.racks, limits=tuple(limits.values()),
        before=before,
    )  # fmt: skip


def _note_dates(row: SiteRow, reading: Reading) -> None:
    """Say what the days on which a site opens and closes bar."""
    periods = reading.periods
    one = len(periods) == 1
    if row.opens is not None and row.opens > periods[0].first:
        after = [period.name for period in periods if row.opens <= period.first]
        barred = f": nothing comes there before {after[0]}" if after else ": nothing comes there"
        barred = ", after the period's first day" if one else barred
        reading.note_lesser(f"{row.site} opens on {row.opens}{barred}")
        if one:
            return
    if row.closes is None or row.closes > periods[-1].last or row.status is SiteStatus.FROZEN:
        return
    since = next(period.name for period in periods if row.closes <= period.last)
    barred = "nothing new comes there" + ("" if one else f" from {since} on")
    reading.notes.append(f"{row.site} closes on {row.closes}: {barred}")
