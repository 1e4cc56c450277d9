"""Instance types that exist and have no accelerators, told by their families."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from placement.catalog.csv_tables import rows

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "aws": re.compile(
        r"(?P<family>[a-z0-9-]+)"
        r"\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)"
    ),
    "azure": re.compile(r"(?:standard|basic)_(?P<family>[a-z]+?)\d[a-z0-9-]*(?:_v\d+)?"),
    "digitalocean": re.compile(r"(?P<family>[a-z]+)-\d+vcpu-\d+gb(?:-.*)?"),
    "gcp": re.compile(
        r"(?P<family>[a-z]\d+[a-z]?)"
        r"-(?:standard|highmem|highcpu|micro|small|medium|custom|megamem|ultramem)(?:-.*)?"
    ),
    "lambda": re.compile(r"(?P<family>cpu)_.*"),
    "nebius": re.compile(r"(?P<family>cpu)-.*"),
}
"""How the names of a provider's types hold their family."""


def is_plain(provider: str, instance_type: str) -> bool:
    """Tell whether a folded name is that of a type without accelerators."""
    shape = _SHAPES.get(provider)
    found = shape.fullmatch(instance_type) if shape is not None else None
    return found is not None and found["family"] in _families()[provider]


def plain_providers() -> tuple[str, ...]:
    """Return the providers whose types can be told so."""
    return tuple(_SHAPES)


@cache
def _families() -> Mapping[str, frozenset[str]]:
    """Return the families without accelerators, by provider."""
    found: dict[str, set[str]] = {}
    for row in rows("plain_instances"):
        found.setdefault(row["provider"], set()).add(row["family"])
    return {provider: frozenset(families) for provider, families in found.items()}
