"""Where the columns of a program are, while it is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from placement.vocabulary import Channel

#: (site, model)
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of each (site, model), and the charges of each (country, model) by channel."""

    stock: dict[Key, int] = field(default_factory=dict)
    install: dict[Key, int] = field(default_factory=dict)
    retire: dict[Key, int] = field(default_factory=dict)
    move_out: dict[Key, int] = field(default_factory=dict)
    move_in: dict[Key, int] = field(default_factory=dict)
    charge: dict[tuple[str, str], dict[Channel, int]] = field(default_factory=dict)


def of_model(columns: dict[Key, int], model: str) -> list[int]:
    """Give the columns of one model."""
    return [column for (_, of), column in columns.items() if of == model]
