"""The accelerators and their total processing performance (TPP, as ECCN 3A090 measures it).

TPP is never stored. It is derived, exactly, from the published dense rates: the highest over all
precisions of rate (TOPS) x bit length. Sparse rates do not count. The figures of accelerators.csv
come from the page that each row names; README.md beside it says what the columns are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil
from types import MappingProxyType

from placement.catalog.csv_tables import optional, rows
from placement.enums import Confidence

H100E: Mapping[int, str] = MappingProxyType(
    {
        15_832: "H100-SXM5-80GB",
        15_831: "as SemiAnalysis counts",
        15_825: "as the tables of BIS imply",
    }
)
"""What the TPP of one H100-equivalent may be, the default first, and whose figure each is."""

H100E_TPP = next(iter(H100E))
"""The TPP of one H100-equivalent where nobody chose another."""

BITS: Mapping[str, int] = MappingProxyType(
    {
        "fp64": 64,
        "fp32": 32,
        "tf32": 19,
        "fp16": 16,
        "fp9": 9,
        "fp8": 8,
        "int8": 8,
        "fp6": 6,
        "fp4": 4,
        "int4": 4,
    }
)
"""Bit length of every precision of the table; that of TF32 is the caller's choice."""

TF32_WIDTHS = (19, 32, 0)
"""The ways to count TF32: by its 19 bits, by the 32 it is stored in, or not at all."""

BY_USER = "your own figure"


@dataclass(frozen=True, slots=True)
class Rate:
    """One dense rate: `tops` is in tera-operations per second, a multiply-add being two."""

    precision: str
    tops: Fraction


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One model of AI chip, as clouds count it (one GPU, one TPU chip).

    `performance_density` is TPP per mm2 of applicable die area, `memory_bandwidth_gb_s` GB/s,
    `tdp_w` watts of the chip, `kw` kilowatts of the chip with its share of the server (only ever
    a user's figure), `purchase_unit` the accelerators in the server or rack it is bought in,
    `fixed_mtpp` a user's TPP in thousandths, which replaces the derived one. None is "not known".
    `memory_only_fields` names the fields that no source backs. `one_is` says what is counted where
    schedulers or data sheets count something else: a die, a board. `release_year` is that of its
    launch; `released` the day, which only a user supplies.
    """

    model: str
    vendor: str
    rates: tuple[Rate, ...]
    fixed_mtpp: int | None
    performance_density: Fraction | None
    datacenter: bool | None
    memory_bandwidth_gb_s: Fraction | None
    tdp_w: Fraction | None
    kw: Fraction | None
    purchase_unit: int | None
    confidence: Confidence
    source: str
    note: str
    memory_only_fields: tuple[str, ...]
    one_is: str = ""
    release_year: int | None = None
    released: date | None = None

    def released_by(self, day: date) -> bool | None:
        """Return whether it was launched on that day or before, None where nobody knows.

        A year says so only where the day is not within it.
        """
        if self.released is not None:
            return self.released <= day
        if self.release_year is None:
            return None
        if date(self.release_year, 12, 31) <= day:
            return True
        return False if date(self.release_year, 1, 1) > day else None

    def mtpp(self, tf32_bits: int = 19) -> int | None:
        """Return the TPP in thousandths, None where no dense rate is published.

        `tf32_bits` is 19, 32, or 0 (TF32 is not counted); ValueError for anything else. A value
        finer than a thousandth would be rounded up; no rate of the catalogue is.
        """
        if self.fixed_mtpp is not None:
            _check_width(tf32_bits)
            return self.fixed_mtpp
        ranked = self._ranked(tf32_bits)
        return ceil(max(ranked.values()) * 1000) if ranked else None

    def decided_by(self, tf32_bits: int = 19) -> str:
        """Name the precision, or the several equal ones, that the TPP comes from.

        Empty where there is no TPP; "your own figure" where a user supplied it.
        """
        if self.fixed_mtpp is not None:
            _check_width(tf32_bits)
            return BY_USER
        ranked = self._ranked(tf32_bits)
        top = max(ranked.values(), default=None)
        return ", ".join(name for name, product in ranked.items() if product == top)

    def _ranked(self, tf32_bits: int) -> dict[str, Fraction]:
        _check_width(tf32_bits)
        bits = {**BITS, "tf32": tf32_bits}
        return {r.precision: r.tops * bits[r.precision] for r in self.rates if bits[r.precision]}


def _check_width(tf32_bits: int) -> None:
    if tf32_bits not in TF32_WIDTHS:
        raise ValueError(f"TF32 counts as one of {TF32_WIDTHS} bits, not {tf32_bits!r}")


def tpp_text(mtpp: int) -> str:
    """Write thousandths of TPP as TPP: 2899200 is `2,899.2`."""
    whole, rest = divmod(mtpp, 1000)
    return f"{whole:,}.{rest:03d}".rstrip("0").rstrip(".")


def refusal(accelerator: Accelerator) -> str:
    """Return the sentence for a model without TPP, of which nothing can be computed."""
    return f"{accelerator.model}: no published rate; supply tpp for it in accelerators.csv"


@cache
def shipped() -> Mapping[str, Accelerator]:
    """Return the accelerators of the table by model name, without any user's changes."""
    found = (_accelerator(row) for row in rows("accelerators"))
    return MappingProxyType({accelerator.model: accelerator for accelerator in found})


def _accelerator(row: dict[str, str]) -> Accelerator:
    return Accelerator(
        model=row["model"],
        vendor=row["vendor"],
        rates=tuple(Rate(name, Fraction(row[name])) for name in BITS if row[name]),
        fixed_mtpp=None,
        performance_density=optional(row["performance_density"]),
        datacenter={"yes": True, "no": False, "": None}[row["datacenter"]],
        memory_bandwidth_gb_s=optional(row["memory_bandwidth_gb_s"]),
        tdp_w=optional(row["tdp_w"]),
        kw=None,
        purchase_unit=int(row["purchase_unit"]) if row["purchase_unit"] else None,
        confidence=Confidence(row["confidence"]),
        source=row["source"],
        note=row["note"],
        memory_only_fields=tuple(filter(None, row["memory_only_fields"].split(";"))),
        one_is=row["one_is"],
        release_year=int(row["release_year"]) if row["release_year"] else None,
    )
