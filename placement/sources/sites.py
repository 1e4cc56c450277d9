"""sites.csv: where kit may stand, with its power, places and prices."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placement.errors import InputError, Problem
from placement.sources.fields import CountryCode, Exact, IsoDate, Whole, Words
from placement.sources.table import Table, read_table


class SiteStatus(StrEnum):
    """What may happen at a site."""

    OPEN = "open"  # kit may come and go
    FROZEN = "frozen"  # everything stays as it is
    DRAINING = "draining"  # kit may only go
    STORAGE = "storage"  # kit stands there without power, and counts; nothing is installed


class SiteRow(BaseModel):
    """One site; power in MW at the meter, prices in USD, PUE >= 1."""

    model_config = ConfigDict(frozen=True)

    site: str
    country: CountryCode
    power_mw: Exact = Field(ge=0)
    status: SiteStatus = SiteStatus.OPEN
    opens: IsoDate | None = None
    closes: IsoDate | None = None
    pue: Exact | None = Field(default=None, ge=1)
    racks: Whole | None = None
    energy_usd_per_mwh: Exact = Fraction(0)
    hosting_usd_per_kw_month: Exact = Fraction(0)
    fixed_usd_per_month: Exact = Fraction(0)
    accelerators: Words = ()

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> SiteRow:
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            raise ValueError(f"opens on {self.opens} and closes on {self.closes}, not after it")
        return self


class SiteCountry(BaseModel):
    """Where a site is, whatever else its row says."""

    model_config = ConfigDict(frozen=True)

    site: str
    country: CountryCode


def site_countries(path: str | Path) -> dict[str, str]:
    """Read only the countries of sites.csv; InputError with every fault of those."""
    return {row.site: row.country for _, row in read_table(path, SiteCountry).rows}


def read_sites(path: str | Path, *, name: str | None = None) -> Table[SiteRow]:
    """Read sites.csv; InputError with every fault, a site named twice among them."""
    table = read_table(path, SiteRow, name=name)
    first: dict[str, int] = {}
    problems = []
    for line, row in table.rows:
        if first.setdefault(row.site, line) != line:
            message = f"the site is already on line {first[row.site]}"
            problems.append(Problem(message, "keep one row", table.file, line, "site", row.site))
    if problems:
        raise InputError(problems)
    return table
