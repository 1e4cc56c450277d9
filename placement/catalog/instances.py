"""Cloud instance types: which accelerator they carry, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from placement.catalog.csv_tables import rows
from placement.catalog.errors import RefusedName, UnknownName, advice
from placement.catalog.near import same_shape, slip_of
from placement.catalog.plain_instances import is_plain, plain_providers
from placement.catalog.providers import provider_key
from placement.catalog.spelling import visible
from placement.enums import Confidence


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance type; `count` is in accelerators and may be a fraction of one."""

    provider: str
    instance_type: str
    accelerator: str
    count: Fraction
    confidence: Confidence
    source: str
    note: str


def find_instance(provider: str | None, instance_type: str) -> Instance:
    """Return the row of an instance type, in any case of letters; UnknownName if there is none.

    Without a provider, RefusedName where several providers have a type of that name.
    """
    offers = _instances().get(_folded(instance_type), {})
    if provider is not None:
        key = provider_key(provider)
        if key in offers:
            return offers[key]
        _refuse_plain(instance_type, (key,))
        raise UnknownName(
            f"no instance type of {key} is called {instance_type!r}", _hint(instance_type, key)
        )
    if len(offers) == 1:
        return next(iter(offers.values()))
    if offers:
        raise RefusedName(
            f"the instance type {instance_type!r} exists at {', '.join(offers)}",
            "say which provider",
        )
    _refuse_plain(instance_type, plain_providers())
    raise UnknownName(f"no instance type is called {instance_type!r}", _hint(instance_type, None))


def _hint(instance_type: str, provider: str | None) -> str:
    known = {
        offer.instance_type: (offer.accelerator, offer.count)
        for offers in _instances().values()
        for key, offer in offers.items()
        if provider in (None, key) and same_shape(instance_type, offer.instance_type)
    }
    hint = slip_of(instance_type, known, known.__getitem__, _folded)
    return advice(hint, "write the accelerator and its quantity")


def _refuse_plain(instance_type: str, providers: tuple[str, ...]) -> None:
    """Raise RefusedName for a type of a family that has no accelerators."""
    name = _folded(instance_type)
    for provider in providers:
        if is_plain(provider, name):
            raise RefusedName(
                f"the instance type {instance_type!r} of {provider} has no accelerators",
                "leave the line out, or write the accelerator and its quantity",
            )


def _folded(instance_type: str) -> str:
    return visible(instance_type).strip().casefold()


@cache
def _instances() -> Mapping[str, Mapping[str, Instance]]:
    """Return the table by folded type, then by provider."""
    found: dict[str, dict[str, Instance]] = {}
    for row in rows("instances"):
        found.setdefault(_folded(row["instance_type"]), {})[row["provider"]] = Instance(
            provider=row["provider"],
            instance_type=row["instance_type"],
            accelerator=row["accelerator"],
            count=Fraction(row["count"]),
            confidence=Confidence(row["confidence"]),
            source=row["source"],
            note=row["note"],
        )
    return found
