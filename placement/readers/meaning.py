"""What the cells of a row mean, so that two spellings of one row are known to be one."""

from __future__ import annotations

from collections.abc import Iterable

from placement.catalog import UnknownName, country, load_catalog
from placement.readers.cells import folded


def places(words: Iterable[str]) -> frozenset[str]:
    """Return ISO codes of countries, and other words (groups of a pack) in small letters."""
    return frozenset(_place(word) for word in words)


def _place(word: str) -> str:
    try:
        return country(word)
    except UnknownName:
        return folded(word)


def accelerator(name: str | None) -> str | None:
    """Return the model of the catalogue, else the name in small letters."""
    if name is None:
        return None
    try:
        return load_catalog().find(name).accelerator.model
    except UnknownName:
        return folded(name)
