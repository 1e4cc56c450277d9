"""From a country's code or name to its ISO 3166 alpha-2 code, exactly or not at all.

Codes and names are those of the iso3166 package; country_aliases.csv adds the other names in use
and, marked `name`, the ones we print. Hong Kong, Macau, Taiwan, Puerto Rico and the like are
places of their own, as their ISO codes are. Kosovo is XK.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from iso3166 import countries

from placement.catalog.tables import rows
from placement.catalog.unknown import RefusedName, UnknownName, advice
from placement.errors import did_you_mean

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
        ("africa", "asia", "asia pacific", "apac", "caribbean", "emea", "eu", "europe",
         "european union", "global", "latam", "latin america", "middle east", "north america",
         "oceania", "south america", "worldwide"),
        ("is no country", _NO_COUNTRY),
    ),
}  # fmt: skip
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
    """Give the alpha-2 code of a country code or name, in any case of letters.

    `NA` is Namibia. RefusedName for what could be several countries or is none (Korea, Georgia,
    Europe, Crimea); UnknownName for everything else that is not known. Nothing is guessed.
    """
    code = text.strip()
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
    hint = did_you_mean(text, (*_display().values(), *_alias_spellings()))
    raise UnknownName(f"no country is called {text!r}", advice(hint, _NO_COUNTRY))


def country_name(alpha2: str) -> str:
    """Give the usual English name of an alpha-2 code; UnknownName where it is none."""
    try:
        return _display()[alpha2]
    except KeyError:
        raise UnknownName(f"{alpha2!r} is no country code", _NO_COUNTRY) from None


@cache
def all_codes() -> frozenset[str]:
    """Give all alpha-2 codes that `country` can answer with."""
    return frozenset(_display())


def _folded(text: str) -> str:
    """Fold a name: case, accents, dots, apostrophes, `&`, what joins words, a leading `the`."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()
    plain = re.sub(r"[.'\u2019`]", "", plain).replace("&", " and ")
    return re.sub(r"[\s,()_\u2013-]+", " ", plain).strip().removeprefix("the ")


@cache
def _codes() -> Mapping[str, str]:
    """Give alpha-2 by upper-case alpha-2 and alpha-3."""
    return {code: one.alpha2 for one in countries for code in (one.alpha2, one.alpha3)}


@cache
def _names() -> Mapping[str, str]:
    """Give alpha-2 by folded name: ISO's and ours."""
    named = {_folded(one.name): one.alpha2 for one in countries}
    named |= {_folded(one.apolitical_name): one.alpha2 for one in countries}
    return named | {_folded(row["alias"]): row["country"] for row in rows("country_aliases")}


@cache
def _alias_spellings() -> tuple[str, ...]:
    return tuple(row["alias"] for row in rows("country_aliases"))


@cache
def _display() -> Mapping[str, str]:
    """Give the name we print by alpha-2: ours where the table has one, else ISO's."""
    ours = {r["country"]: r["alias"] for r in rows("country_aliases") if r["kind"] == "name"}
    return {one.alpha2: ours.get(one.alpha2, one.name) for one in countries}
