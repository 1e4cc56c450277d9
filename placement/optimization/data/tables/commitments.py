"""commitments.csv as records of the problem; those that nothing can keep are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from placement.errors import Fault, did_you_mean
from placement.optimization.data.periods import Period, parse_period
from placement.optimization.data.problem import Lot
from placement.optimization.data.records import AcceleratorSpec, Commitment, Site
from placement.optimization.data.tables.lookups import Reading
from placement.readers.cells import BadText, iso_date
from placement.readers.table import Table
from placement.readers.tables.commitments import CommitmentRow, read_commitments
from placement.readers.tables.demand import Metric
from placement.readers.tables.sites import SiteStatus
from placement.text.decimals import plain

Numbered = tuple[int, Commitment]
Span = tuple[date | None, date | None]


def read_commitment_lines(
    sites: Mapping[str, Site],
    kits: Mapping[str, AcceleratorSpec],
    lots: Sequence[Lot],
    reading: Reading,
) -> tuple[Commitment, ...]:
    """Read the rows that bind a period; `sites` is empty where they have faults."""
    rooms = _Rooms(sites, kits, [lot for lot in lots if lot.own], reading)
    table = reading.table(
        "commitments",
        lambda path, name: read_commitments(path, name=name, accepting=reading.accepting),
    )
    if table is None:
        return ()
    found: list[Numbered] = []
    for line, row in table.rows:
        told = len(reading.faults)
        span = _span(table, line, row, reading)
        periods = _periods(table, line, span, reading)
        made = _commitments(table, line, row, span, periods, sites, reading)
        if len(reading.faults) == told:
            found += [(line, commitment) for commitment in made]
    for number, (line, commitment) in enumerate(found):
        _check_against(found[:number], line, commitment, table.file, reading)
        if sites:
            rooms.check(table.file, line, commitment)
    return tuple(commitment for _, commitment in found)


def _span(table: Table[CommitmentRow], line: int, row: CommitmentRow, reading: Reading) -> Span:
    """Return the first and last day of a row, None where it does not say so."""
    since = _day(table.file, line, "from", row.since, reading)
    return since, _day(table.file, line, "until", row.until, reading)


def _periods(
    table: Table[CommitmentRow], line: int, span: Span, reading: Reading
) -> tuple[int, ...]:
    """Return the periods that share a day with `from` .. `until`: stock is one over a period."""
    since, until = span
    if since and until and until < since:
        message = f"ends before it begins, on {since}"
        text = dict(table.rows)[line].until
        fault = Fault(message, "mend one of them", table.file, line, "until", text)
        reading.faults.append(fault)
        return ()
    bound = tuple(
        t
        for t, period in enumerate(reading.periods)
        if (since is None or since <= period.last) and (until is None or period.first <= until)
    )
    if not bound:
        reading.notes.append(f"{table.file}:{line} binds no period that is planned")
    return bound


def _day(file: str, line: int, column: str, text: str | None, reading: Reading) -> date | None:
    """Read a date, or a period: its first day in `from`, its last one in `until`."""
    if text is None:
        return None
    period = parse_period(text)
    if period is not None:
        return period.first if column == "from" else period.last
    try:
        return iso_date(text)
    except BadText:
        fix = "write 2027-02-01, 2027Q1, 2027-02 or 2027"
        fault = Fault("is neither a date nor a period", fix, file, line, column, text)
        reading.faults.append(fault)
        return None


def _commitments(
    table: Table[CommitmentRow],
    line: int,
    row: CommitmentRow,
    span: Span,
    periods: tuple[int, ...],
    sites: Mapping[str, Site],
    reading: Reading,
) -> list[Commitment]:
    """Return one commitment, or several where the countries of a group change in the meantime."""
    if row.site is not None and sites and row.site not in sites:
        fix = did_you_mean(row.site, sites) or "add it to sites.csv"
        fault = Fault("no such site in sites.csv", fix, table.file, line, "site", row.site)
        reading.faults.append(fault)
    model, quantity = None, row.quantity
    if row.accelerator is not None and row.metric is Metric.ACCELERATORS:
        counted = reading.counted(row.accelerator, quantity, table.file, line)
        model = counted[0].model if counted else None
        quantity *= counted[1] if counted else 1
    elif row.accelerator is not None:
        named = reading.model(row.accelerator, table.file, line, "accelerator")
        model = named.model if named else None
    where: dict[frozenset[str] | None, list[int]] = {}
    told = len(reading.faults)
    for t in periods:
        day = reading.periods[t].last
        countries = reading.places(row.country, day, table.file, line, "country")
        where.setdefault(countries if row.country else None, []).append(t)
        if len(reading.faults) > told:
            break
    place = row.site or ";".join(row.country) or "anywhere"
    label = f"commitment line {line} ({', '.join(part for part in (row.note, place) if part)})"
    return [
        Commitment(
            label=label,
            kind=row.kind,
            quantity=quantity,
            metric=row.metric,
            periods=tuple(bound),
            model=model,
            site=row.site,
            countries=countries,
            note=row.note,
            since=span[0],
            until=span[1],
        )
        for countries, bound in where.items()
    ]


def _check_against(
    earlier: Iterable[Numbered], line: int, one: Commitment, file: str, reading: Reading
) -> None:
    """Refuse a floor above a ceiling of an earlier line on the same kit at the same place."""
    for number, other in earlier:
        alike = (one.site, one.countries, one.model, one.metric) == (
            other.site,
            other.countries,
            other.model,
            other.metric,
        )
        if not alike or not one.shares_a_day(other):
            continue
        shared = sorted({*one.periods} & {*other.periods})
        above = one.has_floor and other.has_ceiling and one.quantity > other.quantity
        below = one.has_ceiling and other.has_floor and one.quantity < other.quantity
        if above or below:
            message = (
                f"{one.kind} {plain(one.quantity)} contradicts {other.kind} "
                f"{plain(other.quantity)} on line {number} in {reading.periods[shared[0]].name}"
            )
            fault = Fault(message, "mend one of them", file, line, "quantity", plain(one.quantity))
            reading.faults.append(fault)
            return


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Whether a floor has room at its sites, even with the kit that draws the least."""

    sites: Mapping[str, Site]
    kits: Mapping[str, AcceleratorSpec]
    own: Sequence[Lot]
    reading: Reading

    def check(self, file: str, line: int, one: Commitment) -> None:
        """Refuse a floor that its sites could not hold in some period."""
        if not one.has_floor or not one.quantity or not self.reading.is_whole:
            return
        message, fix = "", "commit to less"
        if not any(one.amount(kit) for kit in self.kits.values()):
            message = f"no {one.model or 'accelerator'} stands anywhere or is delivered"
            fix = "add it to supply.csv"
        elif not any(one.covers(site) for site in self.sites.values()):
            message, fix = "no site is in its countries", "add one to sites.csv"
        for t in one.periods:
            message = message or self._lack(one, t)
        if message:
            fault = Fault(message, fix, file, line, "quantity", plain(one.quantity))
            self.reading.faults.append(fault)

    def _lack(self, one: Commitment, t: int) -> str:
        """Say why a floor has no room in a period, empty where it may have."""
        period = self.reading.periods[t]
        inside = [site for site in self.sites.values() if one.covers(site)]
        last = one.days_in(period)[1]
        inside = [site for site in inside if not site.is_closed_on(last)]
        if not inside:
            return f"every site of it is closed in {period.name}, or in a part of it"
        draw = min(kit.kw / one.amount(kit) for kit in self.kits.values() if one.amount(kit))
        room = unpowered = most = Fraction(0)
        is_beyond = False
        for site in inside:
            power = site.power_in(t)
            if site.closes_by(period):  # what a plan may touch has left by the period's first day
                most += self._held(one, site.name, period)[0]
                continue
            if power is None or site.stated is SiteStatus.STORAGE or not draw:
                return ""
            held, dark = self._held(one, site.name, period)
            fits = power / site.pue / draw + dark
            # What stands may be more than there is power for: it may stay, and nothing comes.
            most += max(held, fits)
            is_beyond = is_beyond or held > fits
            room += power / site.pue
            unpowered += dark
        if one.quantity <= most:
            return ""
        need = (one.quantity - unpowered) * draw
        where = "the site has" if one.site is not None else "its sites have"
        least = plain(Fraction(int(most * 1000), 1000))
        return (
            f"takes at least {plain(Fraction(ceil(need), 1000))} MW of IT power, and {where} "
            f"{plain(Fraction(int(room), 1000))} MW in {period.name}"
            + (f": with what stands above that, no more than {least}" if is_beyond else "")
        )

    def _held(self, one: Commitment, name: str, period: Period) -> tuple[Fraction, Fraction]:
        """Return what stands at a site at some time of a period, and what of it has no power."""
        held = unpowered = Fraction(0)
        for lot in self.own:
            if lot.site == name and lot.days_in(period):
                amount = lot.quantity * one.amount(self.kits[lot.model])
                held += amount
                unpowered += 0 if lot.works else amount
        return held, unpowered
