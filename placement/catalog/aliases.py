"""The other spellings of the shipped accelerators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from placement.catalog.accelerators import shipped
from placement.catalog.csv_tables import rows
from placement.catalog.spelling import loose


@dataclass(frozen=True, slots=True)
class Alias:
    """A spelling, the models it may mean in catalogue order, and who spells it so."""

    models: tuple[str, ...]
    via: tuple[str, ...]


def alias_of(name: str, provider: str | None) -> Alias | None:
    """Return what a spelling may mean; None where it is none of the table.

    What only one cloud calls so counts where `provider` (its short name) is that cloud.
    """
    key = loose(name)
    found = _aliases()
    return (found.get((provider, key)) if provider else None) or found.get(("", key))


def is_clouds_own(name: str) -> bool:
    """Tell whether some cloud calls a chip so: what it means depends on the provider."""
    return loose(name) in _clouds_own()


@cache
def _clouds_own() -> frozenset[str]:
    return frozenset(key for provider, key in _aliases() if provider)


@cache
def spellings() -> Mapping[str, tuple[str, ...]]:
    """Return the models of every spelling that is no single cloud's own."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("aliases"):
        if not row["provider"]:
            found[row["alias"]] = _aliases()["", loose(row["alias"])].models
    return found


@cache
def _aliases() -> Mapping[tuple[str, str], Alias]:
    """Return the table by provider (empty: anybody's) and folded spelling.

    The candidates of all rows with the same folded spelling stand together, models' own names
    among them.
    """
    order = list(shipped())
    models: dict[tuple[str, str], set[str]] = {}
    via: dict[tuple[str, str], dict[str, None]] = {}
    for provider, spelling, named, source in _spelt():
        key = (provider, loose(spelling))
        models.setdefault(key, set()).update(named)
        via.setdefault(key, {}).update(dict.fromkeys(source))
    return {
        key: Alias(tuple(sorted(found, key=order.index)), tuple(via[key]))
        for key, found in models.items()
    }


def _spelt() -> Iterable[tuple[str, str, list[str], list[str]]]:
    for row in rows("aliases"):
        yield row["provider"], row["alias"], row["models"].split("|"), row["source"].split("; ")
    for model in shipped():
        yield "", model, [model], ["the model's own name"]
