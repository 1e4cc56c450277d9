"""The open questions that the tool itself acts on, and the answers that it understands.

A pack asks them by putting an option of that name; without it the first answer holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from placement.enums import Basis

UNDERSTOOD: Mapping[str, tuple[str, ...]] = {
    "tf32_bits": ("19", "32", "0"),  # the width at which a TF32 rate counts; 0: not at all
    "basis": (Basis.OWNED, Basis.OPERATED),
    "planned": ("forecast", "ignore"),  # ordered and planned lots
    "in_country": ("transferred", "installed"),  # from when on a chip is in a country
    "siblings": ("include", "exclude"),  # whether a group has the other children of its parents
    "limit_on": ("stock", "transfers"),  # whether a share binds what stands, or only what comes
    "passive": ("breach", "warning"),  # a share that rose although nothing came
    "blank_licence": ("assumed", "unlicensed"),  # what a blank says where only a licence is open
    "charge_by": ("location", "headquarters", "both"),  # the country that a licence is charged to
    "report_scope": ("outside_tier3", "tier1"),  # the facilities of the semi-annual account
}


class Answers:
    """The answers chosen, by the names that the tool acts on."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def of(self, name: str) -> str:
        """Return the answer to one of `UNDERSTOOD`."""
        return self._options.get(name, UNDERSTOOD[name][0])

    @property
    def tf32_bits(self) -> int:
        """The bit length at which a TF32 rate counts; 0: not at all."""
        return int(self.of("tf32_bits"))

    @property
    def basis(self) -> Basis:
        """Whether the legal owner's or the operator's chips are a company's own."""
        return Basis(self.of("basis"))
