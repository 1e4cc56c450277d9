"""A waiver of a rule of a pack, and the waivers of a file for the packs of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Waiver:
    """What may be broken: one rule of a pack, for an owner group at a place, until a day.

    `at_most`: the measure in the rule's own unit that it covers, a share or an amount, of a floor
    the least; None: of a rule that measures nothing. `said` is that as it was written.
    """

    pack: str
    rule: str
    owner: str
    place: str
    item: str | None
    at_most: Fraction | None
    said: str
    reason: str
    author: str
    approver: str
    granted: date
    expires: date
    file: str
    line: int | None

    @property
    def where(self) -> str:
        """Where it is written."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of a run; `file` None: there is no file. `left_out`: of packs not chosen."""

    file: str | None = None
    listed: tuple[Waiver, ...] = ()
    left_out: int = 0

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What a report says of them."""
        if self.file is None:
            return ()
        said = [f"waivers from {self.file}: {len(self.listed)}"]
        if self.left_out:
            said.append(
                f"not of the packs chosen here, so left out of {self.file}: {self.left_out}"
            )
        return tuple(said)


NO_WAIVERS = Waivers()
