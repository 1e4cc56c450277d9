"""What is possible and hardly meant: said, or refused unless the user accepts it line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from shlex import quote

from placement.errors import Fault, UsageError
from placement.text.decimals import plain

OPTION = "--accept"

MOST_PUE = 3
"""The highest ratio of a site's power to that of its IT that is taken without asking."""

MOST_MW = 5_000
"""The largest site that is taken without asking, in MW."""

MOST_PRICE = 250_000
"""The dearest accelerator that is taken without asking, in dollars, or what is worth about one."""

_ABOUT_A_DOLLAR = frozenset({"USD", "EUR", "GBP", "CHF"})


def large_site(power_mw: Fraction | None, file: str, line: int) -> Iterator[Fault]:
    """Yield a doubt where a site has more power than any site has: it may be in kW."""
    if power_mw is not None and power_mw > MOST_MW:
        message = f"is more than {MOST_MW:,} MW at one site: is that kW?"
        yield Fault(message, "write MW", file, line, "power_mw", plain(power_mw))


def dear_price(
    price: Fraction | None, currency: str, file: str, line: int | None, column: str
) -> Iterator[Fault]:
    """Yield a doubt where an accelerator costs more than any does: it may be a rack's price."""
    if price is not None and abs(price) > MOST_PRICE and currency in _ABOUT_A_DOLLAR:
        message = f"is more than {MOST_PRICE:,} {currency} per accelerator: is that a rack's price?"
        yield Fault(message, "write it per accelerator", file, line, column, plain(price))


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of a file, as it was given."""

    text: str
    file: str
    line: int

    def is_of(self, file: str | None) -> bool:
        """Tell whether it is of a file, by the name in messages, its path, or its last part."""
        if file is None:
            return False
        bare = Path(self.file).name == self.file and Path(file).name == self.file
        return self.file == file or bare or Path(self.file).resolve() == Path(file).resolve()


@dataclass
class Accepting:
    """The lines that the user accepts as they stand, and what was accepted so far."""

    places: tuple[_Place, ...] = ()
    assumed: list[str] = field(default_factory=list)
    used: set[_Place] = field(default_factory=set)
    #: Whatever is in doubt is taken: for tables that we wrote.
    everything: bool = False

    @classmethod
    def of(cls, texts: str | Iterable[str]) -> Accepting:
        """Read texts as `demand.csv:3`; UsageError for others."""
        places = []
        for text in [texts] if isinstance(texts, str) else texts:
            file, colon, line = str(text).rpartition(":")
            if not colon or not file or not line.isascii() or not line.isdigit():
                fix = "write it as the message does, demand.csv:3"
                raise UsageError(Fault(f"{OPTION} takes FILE:LINE", fix, value=str(text)))
            places.append(_Place(text, file, int(line)))
        return cls(tuple(places))

    def lines(self, file: str) -> list[int]:
        """Return the lines of a file that are accepted."""
        return [place.line for place in self.places if place.is_of(file)]

    def refused(self, doubts: Iterable[Fault]) -> list[Fault]:
        """Return those that are not accepted, each with the way to accept it."""
        left = [doubt for doubt in doubts if not self._takes(doubt)]
        return [replace(one, fix=f"{one.fix}, or accept it with {_option(one)}") for one in left]

    def noted(self, doubts: Iterable[Fault]) -> list[str]:
        """Return a note on each that is not accepted."""
        return [
            f"DOUBTFUL {doubt}, or accept it with {_option(doubt)}"
            for doubt in doubts
            if not self._takes(doubt)
        ]

    def require_used(self) -> None:
        """Raise UsageError for what was accepted and is not in doubt, or not there."""
        unused = [place for place in self.places if place not in self.used]
        if unused:
            raise UsageError(
                Fault(f"{OPTION}: nothing there is in doubt", "leave it out", value=one.text)
                for one in unused
            )

    def _takes(self, doubt: Fault) -> bool:
        places = [
            place for place in self.places if place.is_of(doubt.file) and place.line == doubt.line
        ]
        if places:
            self.used.update(places)
            self.assumed.append(f"accepted: {replace(doubt, fix='')}")
        return bool(places) or self.everything


def _option(doubt: Fault) -> str:
    """Return what to add to the command, as a shell reads it."""
    return f"{OPTION} {quote(f'{doubt.file}:{doubt.line}')}"
