"""demand.csv: what must be served, from where."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placement.readers.cells import AnyCase, BadText, Exact, PeriodName, Words, folded
from placement.readers.doubts import Accepting
from placement.readers.meaning import accelerator, places
from placement.readers.table import Doubts, Table, read_table
from placement.text.lookalikes import NameKind


class Metric(StrEnum):
    """What a demand line is counted in."""

    ACCELERATORS = "accelerators"
    TPP = "tpp"
    H100E = "h100e"  # TPP of one H100: [placement] h100e of placement.toml
    MW = "mw"  # IT power


class DemandRow(BaseModel):
    """One line of demand in one period: of a named model, or in a metric over all models.

    `countries` are ISO codes, names, or groups of the policy pack; blank: anywhere. A line with
    `max_latency_ms` is served only from sites that reach its zone in that time.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    period: PeriodName
    quantity: Exact = Field(ge=0)
    zone: Annotated[str, NameKind.ZONE] = ""
    accelerator: str | None = None
    metric: Annotated[Metric | None, AnyCase] = None
    countries: Words = ()
    max_latency_ms: Exact | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _counts_accelerators(cls, given: Any) -> Any:
        """Take `accelerators` of a named model for what it is: the model alone says as much."""
        if not isinstance(given, Mapping) or not given.get("accelerator"):
            return given
        if folded(str(given.get("metric") or "")) != Metric.ACCELERATORS:
            return given
        return {key: value for key, value in given.items() if key != "metric"}

    @model_validator(mode="after")
    def _says_what(self) -> DemandRow:
        if (self.accelerator is None) == (self.metric is None):
            raise BadText(
                "give one of accelerator and metric",
                "a line of one accelerator is counted in accelerators",
            )
        return self

    @model_validator(mode="after")
    def _is_near_something(self) -> DemandRow:
        if self.max_latency_ms is not None and not self.zone:
            raise ValueError("max_latency_ms needs the zone that it is measured from")
        return self


def _meaning(row: DemandRow) -> Hashable:
    model, where = accelerator(row.accelerator), places(row.countries)
    return row.model_copy(update={"accelerator": model, "countries": where})


def read_demand(
    path: str | Path, *, name: str | None = None, accepting: Accepting | None = None
) -> Table[DemandRow]:
    """Read demand.csv; InputError with every fault, rows that say the same among them."""
    doubts: Doubts[DemandRow] = Doubts(repeated="refuse", meaning=_meaning)
    return read_table(
        path, DemandRow, name=name, allow_empty=True, doubts=doubts, accepting=accepting
    )
