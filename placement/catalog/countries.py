"""From a country's code or name to its ISO 3166 alpha-2 code, exactly or not at all.

Codes and names are those of the iso3166 package; country_aliases.csv adds the other names in use
and, marked `name`, the ones we print. Hong Kong, Macau, Taiwan, Puerto Rico and the like are
places of their own, as their ISO codes are. Kosovo is XK.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from iso3166 import countries

from placement.catalog.csv_tables import rows
from placement.catalog.errors import RefusedName, UnknownName, advice
from placement.catalog.near import slip_of
from placement.catalog.spelling import seen

_NO_COUNTRY = "write the country, as an ISO 3166 code such as DE"
_BARRED = ("has no ISO 3166 code and is judged nowhere", "treat it as barred")
_REFUSED: Mapping[str, tuple[str, str]] = {
    "korea": ("could be KR (South Korea) or KP (North Korea)", "write KR or KP"),
    "congo": (
        "could be CG (Republic of the Congo) or CD (Democratic Republic of the Congo)",
        "write CG or CD",
    ),
    "georgia": (
        "could be the country (GE) or the US state",
        "write GE for the country, US for the state",
    ),
    "republic of china": (
        "could be TW (Taiwan) or CN (the People's Republic)",
        "write TW or CN",
    ),
    "virgin islands": ("could be VI (of the US) or VG (British)", "write VI or VG"),
    "saint martin": ("could be MF (French part) or SX (Dutch part)", "write MF or SX"),
    "netherlands antilles": ("is now CW (Curacao), SX or BQ", "write CW, SX or BQ"),
    "america": ("could be the United States or a continent", "write US for the United States"),
    "crimea": _BARRED,
    "sevastopol": _BARRED,
    "donetsk": _BARRED,
    "luhansk": _BARRED,
    **dict.fromkeys(
        ("africa", "asia", "asia pacific", "apac", "australasia", "caribbean",
         "central america", "emea", "eu", "europe", "european union", "global", "latam",
         "latin america", "middle east", "north america", "oc", "oceania", "scandinavia",
         "south america", "southeast asia", "worldwide"),
        ("is no country", _NO_COUNTRY),
    ),
    **dict.fromkeys(
        ("alabama", "alaska", "arizona", "arkansas", "california", "colorado", "connecticut",
         "delaware", "florida", "hawaii", "idaho", "illinois", "indiana", "iowa", "kansas",
         "kentucky", "louisiana", "maine", "maryland", "massachusetts", "michigan", "minnesota",
         "mississippi", "missouri", "montana", "nebraska", "nevada", "new hampshire", "new jersey",
         "new mexico", "new york", "north carolina", "north dakota", "ohio", "oklahoma", "oregon",
         "pennsylvania", "rhode island", "south carolina", "south dakota", "tennessee", "texas",
         "utah", "vermont", "virginia", "washington", "washington dc", "district of columbia",
         "west virginia", "wisconsin", "wyoming"),
        ("is a part of the United States", "write US"),
    ),
    **dict.fromkeys(
        ("alberta", "british columbia", "manitoba", "new brunswick", "nova scotia", "ontario",
         "quebec", "saskatchewan"),
        ("is a part of Canada", "write CA"),
    ),
}  # fmt: skip

_CONTINENTS = frozenset({"AF", "AN", "AS", "EU", "NA", "OC", "SA"})
"""Codes of continents: AF, AS, NA and SA are ISO codes of countries as well."""

_ONLY_CONTINENTS = frozenset({"EU", "OC"})
_RARE = frozenset({"AF", "AN", "AS"})
_SAME_REFUSAL = {
    "st martin": "saint martin",
    "republic of crimea": "crimea",
    "donetsk peoples republic": "donetsk",
    "donetsk oblast": "donetsk",
    "luhansk peoples republic": "luhansk",
    "luhansk oblast": "luhansk",
    "lugansk": "luhansk",
    "the americas": "america",
    "americas": "america",
}


def country(text: str) -> str:
    """Return the alpha-2 code of a country code or name, in any case of letters.

    `NA` is Namibia. RefusedName for what could be several countries or is none (Korea, Georgia,
    Europe, Crimea); UnknownName for everything else that is not known. Nothing is guessed.
    """
    code = seen(text).strip()
    # Other letters may turn into ASCII ones: the capital of U+00DF is SS, South Sudan.
    if code.isascii() and code.upper() in _codes():
        return _codes()[code.upper()]
    name = _folded(text)
    refused = _REFUSED.get(_SAME_REFUSAL.get(name, name))
    if refused is not None:
        message, fix = refused
        raise RefusedName(f"{text!r} {message}", fix)
    if name in _names():
        return _names()[name]
    names = {**_alias_spellings(), **{name: code for code, name in _display().items()}}
    hint = slip_of(text, names, names.__getitem__, _folded)
    raise UnknownName(f"no country is called {text!r}", advice(hint, _NO_COUNTRY))


def continents(texts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return which codes of a column are those of continents, and which are read as countries.

    A column that holds EU or OC, or several of AF, AS, NA, SA and nothing else, is one of
    continents: none of these is a country then. Otherwise they are, which is worth saying where it
    is AS, or AF, or several.
    """
    found = {seen(text).strip().upper() for text in texts} - {""}
    both = found & _CONTINENTS
    if found & _ONLY_CONTINENTS or (len(both) > 1 and both == found):
        return frozenset(both), frozenset()
    told = both if both & _RARE or len(both) > 1 else frozenset[str]()
    return frozenset(), frozenset(one for one in told if one in _codes())


def country_name(alpha2: str) -> str:
    """Return the usual English name of an alpha-2 code; UnknownName where it is none."""
    try:
        return _display()[alpha2]
    except KeyError:
        raise UnknownName(f"{alpha2!r} is no country code", _NO_COUNTRY) from None


@cache
def all_codes() -> frozenset[str]:
    """Return all alpha-2 codes that `country` can answer with."""
    return frozenset(_display())


def _folded(text: str) -> str:
    """Fold a name: case, accents, dots, apostrophes, `&`, what joins words, a leading `the`."""
    plain = unicodedata.normalize("NFKD", seen(text))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()
    plain = re.sub(r"[.'\u2019`]", "", plain).replace("&", " and ")
    return re.sub(r"[\s,()_\u2013-]+", " ", plain).strip().removeprefix("the ")


@cache
def _codes() -> Mapping[str, str]:
    """Return alpha-2 by upper-case alpha-2 and alpha-3."""
    return {code: one.alpha2 for one in countries for code in (one.alpha2, one.alpha3)}


@cache
def _names() -> Mapping[str, str]:
    """Return alpha-2 by folded name: ISO's and ours."""
    named = {_folded(one.name): one.alpha2 for one in countries}
    named |= {_folded(one.apolitical_name): one.alpha2 for one in countries}
    return named | {_folded(row["alias"]): row["country"] for row in rows("country_aliases")}


@cache
def _alias_spellings() -> Mapping[str, str]:
    return {row["alias"]: row["country"] for row in rows("country_aliases")}


@cache
def _display() -> Mapping[str, str]:
    """Return the name we print by alpha-2: ours where the table has one, else ISO's."""
    ours = {r["country"]: r["alias"] for r in rows("country_aliases") if r["kind"] == "name"}
    return {one.alpha2: ours.get(one.alpha2, one.name) for one in countries}
