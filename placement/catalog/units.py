"""Names of servers and racks: how many accelerators of which model one of them holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from placement.catalog.csv_tables import figure, rows
from placement.catalog.errors import RefusedName
from placement.catalog.spelling import loose
from placement.enums import Unit

_LIKE_ONE = re.compile(r"(?:dgx|hgx).*|.+nvl\d{1,3}")

LARGEST_SERVER = 16
"""More accelerators than this in a purchase unit make it a rack."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A server or rack that has a name: `count` accelerators, of one of `models`."""

    name: str
    unit: Unit
    models: tuple[str, ...]
    count: int
    source: str
    note: str

    @property
    def one_model(self) -> str:
        """The model, or those that it may be."""
        return " or ".join(self.models)


class HolderName(RefusedName):
    """A name of a server or rack where accelerators are counted: both readings are possible."""

    def __init__(self, asked: str, holder: Holder) -> None:
        self.asked = asked
        self.holder = holder
        super().__init__(*self._said(None))

    def of(self, quantity: int | Fraction | None) -> tuple[str, str]:
        """Return what is wrong with a quantity of such a name, and what to do about it."""
        return self._said(quantity)

    def _said(self, quantity: int | Fraction | None) -> tuple[str, str]:
        one = self.holder
        message = f"{self.asked!r} names a {one.unit} of {one.count} {one.one_model}"
        if quantity is not None:
            many = figure(quantity)
            message += (
                f": {many} may be {many} accelerators, or {many} {one.unit}s with "
                f"{figure(quantity * one.count)}"
            )
        model = one.models[0]
        return message, (
            f"write {one.one_model} and the number of accelerators, or say what is counted: by "
            f"unit = accelerator or {one.unit} in the inventory, or under [aliases] in "
            f'placement.toml, "{one.name}" = "{model}" or = "{one.count} x {model}"'
        )


def find_holder(name: str) -> Holder | None:
    """Return the server or rack of a name, in any spelling; None where it is none.

    RefusedName for one that is named like a server or rack and is not in the table.
    """
    key = loose(name)
    found = _holders().get(key)
    if found is None and _LIKE_ONE.fullmatch(key):
        raise RefusedName(
            f"{name!r} names a server or rack that is not in the catalogue",
            "write the accelerators in it and their number, or settle it under [aliases] in "
            'placement.toml, as "8 x H100-SXM5-80GB"',
        )
    return found


@cache
def _holders() -> Mapping[str, Holder]:
    """Return the table by folded name."""
    return {
        loose(row["name"]): Holder(
            name=row["name"],
            unit=Unit(row["kind"]),
            models=tuple(row["models"].split("|")),
            count=int(row["count"]),
            source=row["source"],
            note=row["note"],
        )
        for row in rows("units")
    }
