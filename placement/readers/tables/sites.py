"""sites.csv: where kit may stand, with its power, places and prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placement.errors import Fault
from placement.readers.cells import AnyCase, CountryCode, Exact, IsoDate, Whole, Words
from placement.readers.config.money import CURRENCY
from placement.readers.doubts import MOST_PUE, Accepting, large_site
from placement.readers.table import Doubts, Table, read_table
from placement.text.decimals import plain
from placement.text.lookalikes import Mention, NameKind


class SiteStatus(StrEnum):
    """What may happen at a site."""

    OPEN = "open"  # kit may come and go
    FROZEN = "frozen"  # everything stays as it is
    DRAINING = "draining"  # kit may only go
    STORAGE = "storage"  # kit stands there without power, and counts; nothing is installed


class SiteRow(BaseModel):
    """One site; power in MW at the meter, prices in the currency of the configuration, PUE >= 1.

    `provider` and `region` are a cloud's names for the place. `notice_filed` is the day on which
    notice of the site was filed with the authority.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    site: Annotated[str, NameKind.SITE]
    country: CountryCode
    power_mw: Exact = Field(ge=0)
    metro: Annotated[str | None, NameKind.METRO] = None
    provider: str | None = None
    region: Annotated[str | None, NameKind.REGION] = None
    status: Annotated[SiteStatus, AnyCase] = SiteStatus.OPEN
    opens: IsoDate | None = None
    closes: IsoDate | None = None
    pue: Exact | None = Field(default=None, ge=1)
    racks: Whole | None = None
    energy_usd_per_mwh: Exact = Fraction(0)
    hosting_usd_per_kw_month: Exact = Fraction(0)
    fixed_usd_per_month: Exact = Fraction(0)
    carbon_g_per_kwh: Exact | None = Field(default=None, ge=0)
    accelerators: Words = ()
    notice_filed: IsoDate | None = None

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> SiteRow:
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            raise ValueError(f"opens on {self.opens} and closes on {self.closes}, not after it")
        return self


class SiteCountry(BaseModel):
    """Where a site is, whatever else its row says."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    site: Annotated[str, NameKind.SITE]
    country: CountryCode


class _PlaceRow(SiteCountry):
    metro: Annotated[str | None, NameKind.METRO] = None
    region: Annotated[str | None, NameKind.REGION] = None
    notice_filed: IsoDate | None = None


@dataclass(frozen=True, slots=True)
class SitePlace:
    """The places a site is in, and the day on which notice of it was filed (None: not said)."""

    site: str
    country: str
    metro: str | None
    region: str | None
    notice_filed: date | None


@dataclass(frozen=True, slots=True)
class Sites:
    """The places of all sites by name; `has_notices` tells whether there is a column for notices.

    Without that column nobody said which notices were filed; in it, a blank cell says: none.
    """

    file: str
    places: Mapping[str, SitePlace]
    has_notices: bool
    names: tuple[Mention, ...] = ()


def site_countries(path: str | Path) -> dict[str, str]:
    """Read only the countries of sites.csv; InputError with every fault of those."""
    return {row.site: row.country for _, row in read_table(path, SiteCountry).rows}


def read_places(path: str | Path, *, name: str | None = None) -> Sites:
    """Read where the sites of sites.csv are, whatever else it says; InputError with every fault."""
    return places_in(read_table(path, _PlaceRow, name=name, check=_repeated))


def places_in(table: Table[SiteRow] | Table[_PlaceRow]) -> Sites:
    """Return where the sites of a table are."""
    places = {
        row.site: SitePlace(row.site, row.country, row.metro, row.region, row.notice_filed)
        for _, row in table.rows
    }
    return Sites(table.file, places, "notice_filed" in table.columns, table.names)


def read_sites(
    path: str | Path,
    *,
    name: str | None = None,
    currency: str = CURRENCY,
    accepting: Accepting | None = None,
) -> Table[SiteRow]:
    """Read sites.csv; InputError with every fault, a site named twice among them."""
    return read_table(
        path,
        SiteRow,
        name=name,
        check=_repeated,
        currency=currency,
        doubts=Doubts(refuse=_wasteful, note=_large),
        accepting=accepting,
    )


def _wasteful(table: Table[SiteRow]) -> Iterator[Fault]:
    """Yield the sites with a PUE that no site has."""
    for line, row in table.rows:
        if row.pue is not None and row.pue > MOST_PUE:
            message, fix = f"is more than {MOST_PUE}", "write it as 1.25"
            yield Fault(message, fix, table.file, line, "pue", plain(row.pue))


def _large(table: Table[SiteRow]) -> Iterator[Fault]:
    for line, row in table.rows:
        yield from large_site(row.power_mw, table.file, line)


def _repeated(table: Table[SiteRow] | Table[_PlaceRow]) -> list[Fault]:
    """Say which sites stand on two lines."""
    first: dict[str, int] = {}
    problems = []
    for line, row in table.rows:
        if first.setdefault(row.site, line) != line:
            message = f"the site is already on line {first[row.site]}"
            problems.append(Fault(message, "keep one row", table.file, line, "site", row.site))
    return problems
