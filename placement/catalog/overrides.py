"""A user's own figures: they replace fields of the shipped table or add models, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from placement.catalog.accelerators import BITS, Accelerator, tpp_text
from placement.catalog.csv_tables import figure
from placement.catalog.errors import UnknownName
from placement.enums import Confidence


@dataclass(frozen=True, slots=True)
class Override:
    """One row of a user's accelerators.csv; None leaves a field as it is.

    `tpp` is in TPP (at most three decimals), `kw` in kilowatts per accelerator with its share of
    the server, `performance_density` in TPP per mm2, `memory_bandwidth_gb_s` in GB/s. `released`
    is the day of the launch, `release_year` its year, where the day is not known. `source` says
    where the figures come from and may not be empty.
    """

    model: str
    _: KW_ONLY
    source: str
    tpp: Fraction | None = None
    kw: Fraction | None = None
    purchase_unit: int | None = None
    performance_density: Fraction | None = None
    memory_bandwidth_gb_s: Fraction | None = None
    datacenter: bool | None = None
    release_year: int | None = None
    released: date | None = None


YEARS = range(1990, 2100)
"""What a year of a launch may be."""

MOST_TPP = 10**9
"""More than this is refused: the planner's totals hold 64 bits."""

_LABELS: Mapping[str, str] = {
    "kw": "kW",
    "purchase_unit": "purchase unit",
    "performance_density": "performance density",
    "memory_bandwidth_gb_s": "memory bandwidth in GB/s",
    "datacenter": "designed for data centres",
    "release_year": "launch year",
    "released": "day of launch",
}


def check(override: Override) -> None:
    """Raise UnknownName where a figure cannot be used, whatever model it is for."""
    name = override.model.strip()
    if not name:
        raise UnknownName("an accelerator has no name", "fill the column accelerator")
    if not override.source.strip():
        raise UnknownName(f"{name}: no source is given", "say where the figures come from")
    figures = {
        "tpp": override.tpp,
        "kw": override.kw,
        "purchase_unit": override.purchase_unit,
        "performance_density": override.performance_density,
        "memory_bandwidth_gb_s": override.memory_bandwidth_gb_s,
    }
    for field, value in figures.items():
        if value is not None and (value < 0 or (value == 0 and field != "performance_density")):
            raise UnknownName(f"{name}: {field} may not be {_text(value)}", "give what is above 0")
    if override.tpp is not None and override.tpp > MOST_TPP:
        raise UnknownName(
            f"{name}: tpp {_text(override.tpp)} is more than {_text(MOST_TPP)}",
            "give the TPP of one accelerator",
        )
    if override.tpp is not None and (override.tpp * 1000).denominator != 1:
        raise UnknownName(f"{name}: tpp has more than three decimals", "round it to thousandths")
    _check_launch(name, override.release_year, override.released)


def _check_launch(name: str, year: int | None, day: date | None) -> None:
    if year is not None and year not in YEARS:
        raise UnknownName(f"{name}: release_year may not be {year}", "write it as 2025")
    if year is not None and day is not None and day.year != year:
        raise UnknownName(
            f"{name}: released {day} is not in release_year {year}", "keep the one that is right"
        )


def changed(old: Accelerator, override: Override) -> tuple[Accelerator, str]:
    """Return `old` with the user's fields in it, and one sentence that says what changed.

    A new TPP without a new performance density makes the density unknown: it was the old TPP's.
    """
    new = replace(old, **_fields(override))
    if override.release_year is not None and override.released is None:
        new = replace(new, released=None)
    parts = []
    if override.tpp is not None:
        was = old.mtpp()
        parts.append(f"TPP {_tpp(new.mtpp())} instead of {_tpp(was)}")
        new = replace(
            new,
            confidence=Confidence.HIGH,
            source=override.source,
            memory_only_fields=_without(old, {*BITS, "all"}),
        )
        if override.performance_density is None and new.mtpp() != was:
            new = replace(new, performance_density=None)
            if old.performance_density is not None:
                parts.append(
                    f"performance density unknown instead of {_text(old.performance_density)}, "
                    "which went with the old TPP"
                )
    else:
        new = replace(new, source=f"{old.source}; changed fields: {override.source}")
    supplied = {field for field in _LABELS if _given(override, field)}
    new = replace(new, memory_only_fields=_without(new, supplied))
    for field, label in _LABELS.items():
        if _given(override, field):
            parts.append(f"{label} {_said(override, field)} instead of {_said(old, field)}")
    said = ", ".join(parts) or "nothing, no figure is given"
    return new, f"{old.model}: your accelerators.csv sets {said} (source: {override.source})"


def added(override: Override) -> tuple[Accelerator, str]:
    """Return a model that the catalogue lacks, and the sentence; UnknownName without a TPP."""
    if override.tpp is None:
        raise UnknownName(
            f"{override.model!r} is not in the catalogue and no tpp is given for it",
            "supply tpp for it in accelerators.csv, or write a model that `catalog list` shows",
        )
    new = replace(
        Accelerator(
            model=override.model.strip(),
            vendor="",
            rates=(),
            fixed_mtpp=None,
            performance_density=None,
            datacenter=None,
            memory_bandwidth_gb_s=None,
            tdp_w=None,
            kw=None,
            purchase_unit=None,
            confidence=Confidence.HIGH,
            source=override.source,
            note="",
            memory_only_fields=(),
        ),
        **_fields(override),
    )
    parts = [f"TPP {_tpp(new.mtpp())}"]
    parts += [
        f"{label} {_said(override, field)}"
        for field, label in _LABELS.items()
        if _given(override, field)
    ]
    said = ", ".join(parts)
    return new, f"{new.model}: added by your accelerators.csv, {said} (source: {override.source})"


def _fields(override: Override) -> dict[str, Any]:
    fields = {name: getattr(override, name) for name in _LABELS if _given(override, name)}
    if override.tpp is not None:
        fields["fixed_mtpp"] = int(override.tpp * 1000)
    if override.released is not None:
        fields["release_year"] = override.released.year
    return fields


def _said(one: Override | Accelerator, field: str) -> str:
    """Return a field as text; a year has no separators."""
    value = getattr(one, field)
    return str(value) if field == "release_year" and value is not None else _text(value)


def _given(override: Override, field: str) -> bool:
    return getattr(override, field) is not None


def _without(accelerator: Accelerator, fields: set[str]) -> tuple[str, ...]:
    return tuple(name for name in accelerator.memory_only_fields if name not in fields)


def _tpp(mtpp: int | None) -> str:
    return "none" if mtpp is None else tpp_text(mtpp)


def _text(value: Fraction | int | bool | date | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return str(value)
    return figure(value)
