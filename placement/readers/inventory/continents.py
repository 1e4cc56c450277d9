"""Columns of countries that hold codes of continents: NA, SA, AS and AF are both."""

from __future__ import annotations

from collections.abc import Mapping

from placement.catalog import continents
from placement.errors import Fault

_COUNTRIES = frozenset(("country", "headquarters", "from_country", "to_country", "end_use_country"))
_ALONE = frozenset({"EU", "OC"})


class Continents:
    """The codes that stand in the columns of countries of one table, with their first lines."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[str, int]] = {}

    def see(self, line: int, given: Mapping[str, str]) -> None:
        """Take the cells of a row."""
        for column in _COUNTRIES & given.keys():
            self._lines.setdefault(column, {}).setdefault(given[column], line)

    def problems(self, file: str) -> list[Fault]:
        """Return a problem for each code that is a continent's here, and would be a country's."""
        found = []
        for column, lines in self._lines.items():
            refused, _ = continents(lines)
            for text, line in lines.items():
                code = text.strip().upper()
                if code in refused - _ALONE:  # those are no countries anywhere, and told as such
                    found.append(Fault(*said_of(refused), file, line, column, text))
        return found


def said_of(refused: frozenset[str]) -> tuple[str, str]:
    """Return what is wrong with the code of a continent in a column, and what to do."""
    held = ", ".join(sorted(refused))
    return f"is a continent: the column holds {held}", "write countries, as ISO 3166 codes or names"
