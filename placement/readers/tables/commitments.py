"""commitments.csv: what has to stand somewhere, at least, at most or exactly."""

from __future__ import annotations

from collections.abc import Hashable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placement.readers.cells import AnyCase, Exact, Words, folded
from placement.readers.doubts import Accepting
from placement.readers.meaning import accelerator, places
from placement.readers.table import Doubts, Table, read_table
from placement.readers.tables.demand import Metric
from placement.text.lookalikes import NameKind


class CommitmentKind(StrEnum):
    """How the amount that stands must be to the amount committed."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


class CommitmentRow(BaseModel):
    """One commitment: of a model or of all, at a site, in countries, or anywhere.

    `country` holds ISO codes, names, or groups of the policy pack. `from` and `until` are dates or
    periods, both included; blank: the whole horizon.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    kind: Annotated[CommitmentKind, AnyCase]
    quantity: Exact = Field(ge=0)
    site: Annotated[str | None, NameKind.SITE] = None
    country: Words = ()
    accelerator: str | None = None
    metric: Annotated[Metric, AnyCase] = Metric.ACCELERATORS
    since: str | None = Field(default=None, alias="from")
    until: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _says_where_once(self) -> CommitmentRow:
        if self.site is not None and self.country:
            raise ValueError("give one of site and country")
        return self

    @model_validator(mode="after")
    def _is_possible(self) -> CommitmentRow:
        whole = self.quantity.denominator == 1
        exact = self.kind is CommitmentKind.EXACTLY
        if exact and self.metric is Metric.ACCELERATORS and not whole:
            raise ValueError("no part of an accelerator can stand anywhere")
        return self


def _meaning(row: CommitmentRow) -> Hashable:
    model, where = accelerator(row.accelerator), places(row.country)
    ends = {"since": _day_or_period(row.since), "until": _day_or_period(row.until)}
    return row.model_copy(update={"accelerator": model, "country": where, **ends})


def _day_or_period(text: str | None) -> str | None:
    return text if text is None else folded(text).replace("-q", "q")


def read_commitments(
    path: str | Path, *, name: str | None = None, accepting: Accepting | None = None
) -> Table[CommitmentRow]:
    """Read commitments.csv; InputError with every fault."""
    doubts: Doubts[CommitmentRow] = Doubts(repeated="note", meaning=_meaning)
    return read_table(
        path, CommitmentRow, name=name, allow_empty=True, doubts=doubts, accepting=accepting
    )
