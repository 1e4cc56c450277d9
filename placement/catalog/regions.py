"""Cloud regions and zones: in which country they stand.

A region means nothing without its provider: `ap-southeast-3` is Indonesia at AWS and Malaysia at
Alibaba. A zone may stand in another country than its region: `us-east-1-qro-1a` is in Mexico. So
only names of the table resolve, and the lettered zones of AWS and Google within them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from placement.catalog.csv_tables import rows
from placement.catalog.errors import RefusedName, UnknownName, advice
from placement.catalog.near import same_shape, slip_of
from placement.catalog.providers import provider_key
from placement.catalog.spelling import visible
from placement.enums import Confidence


@dataclass(frozen=True, slots=True)
class Region:
    """One region or zone; `country` is ISO alpha-2, `kind` region, zone or local-zone.

    In the table, several countries divided by `|`, or none, mean that nobody can say; such a row is
    never given.

    `region` is the name in the table, also where a lettered zone of it was asked for.
    """

    provider: str
    region: str
    city: str
    country: str
    kind: str
    confidence: Confidence
    source: str
    note: str


_ZONE_LETTER = {"aws": re.compile(r"(.*\d)[a-z]"), "gcp": re.compile(r"(.*\d)-[a-z]")}
_FIX = "write the country in the column country"


def region_country(provider: str, region: str) -> str:
    """Return the country (ISO alpha-2) of a provider's region or zone; UnknownName if unknown."""
    return find_region(provider, region).country


def find_region(provider: str, region: str) -> Region:
    """Return the row of a provider's region or zone; UnknownName if there is none.

    Case does not matter, at Azure nor do spaces (`West Europe`). RefusedName for a zone that is
    not in the table although its region is: it may stand in another country. So, too, where
    sources disagree on the country, or none names it.
    """
    key = provider_key(provider)
    known = _regions().get(key, {})
    name = _folded(key, region)
    if name in known:
        return _sure(known[name])
    letter = _ZONE_LETTER.get(key)
    zone = letter.fullmatch(name) if letter else None
    if zone and zone[1] in known:
        return _sure(known[zone[1]])
    parents = [one for one in known if name.startswith(f"{one}-")]
    if parents:
        parent = known[max(parents, key=len)].region
        raise RefusedName(
            f"{region!r} is no zone of {key} that is known, and a zone may stand in another "
            f"country than its region {parent}",
            _FIX,
        )
    shaped = {one.region: one.country for one in known.values() if same_shape(region, one.region)}
    hint = slip_of(region, shaped, shaped.__getitem__, lambda text: _folded(key, text))
    raise UnknownName(f"no region of {key} is called {region!r}", advice(hint, _FIX))


def _sure(found: Region) -> Region:
    """Raise RefusedName for a region whose country is open."""
    if len(found.country) == 2:
        return found
    where = found.country.replace("|", " or ")
    said = f"may be in {where}" if where else "is in a country that is not known"
    raise RefusedName(
        f"the region {found.region!r} of {found.provider} {said} ({found.note.rstrip('.')})",
        _FIX,
    )


def _folded(provider: str, region: str) -> str:
    name = visible(region).strip().casefold()
    return name.replace(" ", "") if provider == "azure" else name


@cache
def _regions() -> Mapping[str, Mapping[str, Region]]:
    """Return the table by provider, then by folded name."""
    found: dict[str, dict[str, Region]] = {}
    for row in rows("regions"):
        provider = row["provider"]
        found.setdefault(provider, {})[_folded(provider, row["region"])] = Region(
            provider=provider,
            region=row["region"],
            city=row["city"],
            country=row["country"],
            kind=row["kind"],
            confidence=Confidence(row["confidence"]),
            source=row["source"],
            note=row["note"],
        )
    return found
