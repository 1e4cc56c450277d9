"""The counted test: whether an accelerator model is within a pack's scope at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated

from pydantic import Field, model_validator

from placement.catalog import Accelerator
from placement.enums import Counted
from placement.policy.base_model import DecimalText, Record


class Alternative(Record):
    """Conditions on catalogue fields that must all hold (units: TPP; TPP per mm2; GB/s).

    `vendors`, `models`: names as the catalogue has them; a model is of one of them. `released_by`:
    launched on that day or before; the catalogue knows only the year.
    """

    tpp_at_least: DecimalText | None = None
    tpp_below: DecimalText | None = None
    performance_density_at_least: DecimalText | None = None
    performance_density_below: DecimalText | None = None
    memory_bandwidth_below: DecimalText | None = None
    datacenter: bool | None = None
    released_by: date | None = None
    vendors: Annotated[list[str] | None, Field(min_length=1)] = None
    models: Annotated[list[str] | None, Field(min_length=1)] = None

    @model_validator(mode="after")
    def _says_something(self) -> Alternative:
        if not self.model_fields_set:
            raise ValueError("an empty alternative would count everything; name a field")
        return self


class CountedTest(Record):
    """A model is counted where all conditions of any one alternative hold."""

    title: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    any_: Annotated[list[Alternative], Field(alias="any", min_length=1)]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a model is counted, and the fields to supply where that is unknown."""

    counted: Counted
    missing: tuple[str, ...] = ()


def is_counted(
    test: CountedTest, accelerator: Accelerator, mtpp: int | None, scale: Fraction = Fraction(1)
) -> Answer:
    """Evaluate the test in three-valued (Kleene) logic; `mtpp` is in thousandths of a TPP.

    `scale`: by what the rate, and with it the performance density, is taken to be off.
    """
    missing: list[str] = []
    for alternative in test.any_:
        results = _conditions(alternative, accelerator, mtpp, scale)
        if any(result is False for _, result in results):
            continue
        unknown = [field for field, result in results if result is None]
        if not unknown:
            return Answer(Counted.YES)
        missing.extend(unknown)
    if missing:
        return Answer(Counted.UNKNOWN, tuple(dict.fromkeys(missing)))
    return Answer(Counted.NO)


def _conditions(
    alternative: Alternative, accelerator: Accelerator, mtpp: int | None, scale: Fraction
) -> list[tuple[str, bool | None]]:
    tpp = None if mtpp is None else Fraction(mtpp, 1000) * scale
    density = accelerator.performance_density
    density = None if density is None else density * scale
    results: list[tuple[str, bool | None]] = []
    if alternative.vendors is not None:
        results.append(("vendor", accelerator.vendor in alternative.vendors))
    if alternative.models is not None:
        results.append(("model", accelerator.model in alternative.models))
    for field, value, floor in (
        ("tpp", tpp, alternative.tpp_at_least),
        ("performance_density", density, alternative.performance_density_at_least),
    ):
        if floor is not None:
            results.append((field, None if value is None else value >= Fraction(floor)))
    for field, value, ceiling in (
        ("tpp", tpp, alternative.tpp_below),
        ("performance_density", density, alternative.performance_density_below),
        (
            "memory_bandwidth_gb_s",
            accelerator.memory_bandwidth_gb_s,
            alternative.memory_bandwidth_below,
        ),
    ):
        if ceiling is not None:
            results.append((field, None if value is None else value < Fraction(ceiling)))
    if alternative.datacenter is not None:
        flag = accelerator.datacenter
        results.append(("datacenter", None if flag is None else flag is alternative.datacenter))
    if alternative.released_by is not None:
        field = "released" if accelerator.release_year is not None else "release_year"
        results.append((field, accelerator.released_by(alternative.released_by)))
    return results
