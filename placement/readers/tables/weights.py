"""weights.csv: where the weights of models are stored, and what they were trained with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, model_validator

from placement.errors import Fault
from placement.readers.cells import CountryCode, Flag, Operations
from placement.readers.table import Table, read_table
from placement.text.lookalikes import NameKind


class WeightsRow(BaseModel):
    """One model at one site; operations are counted exactly, sites are names of sites.csv.

    `published` weights are open to all. A fine-tune has its operations and the site they ran at;
    `customer_headquarters` is the country of the company it was done for.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    model: Annotated[str, NameKind.MODEL]
    owner: Annotated[str, NameKind.COMPANY]
    training_operations: Operations
    published: Flag
    storage_site: Annotated[str, NameKind.SITE]
    finetune_operations: Operations | None = None
    finetune_site: Annotated[str | None, NameKind.SITE] = None
    customer_headquarters: CountryCode | None = None

    @model_validator(mode="after")
    def _says_where_it_was_tuned(self) -> WeightsRow:
        if (self.finetune_operations is None) != (self.finetune_site is None):
            raise ValueError("finetune_operations and finetune_site go together: give both or none")
        return self


def read_weights(path: str | Path, *, name: str | None = None) -> Table[WeightsRow]:
    """Read weights.csv; InputError with every fault, lines that disagree on a model among them."""
    return read_table(path, WeightsRow, name=name, allow_empty=True, check=_disagreeing)


def _disagreeing(table: Table[WeightsRow]) -> list[Fault]:
    """Say which lines on one model disagree."""
    first: dict[str, tuple[int, WeightsRow]] = {}
    problems = []
    for line, row in table.rows:
        before, other = first.setdefault(row.model, (line, row))
        for column, here, there in (
            (
                "training_operations",
                _short(row.training_operations),
                _short(other.training_operations),
            ),
            ("published", _yes(row.published), _yes(other.published)),
        ):
            if here != there:
                message = f"line {before} says {there} of the same model {row.model!r}"
                fix = "mend one of them, or give the models different names"
                problems.append(Fault(message, fix, table.file, line, column, here))
    return problems


def _short(operations: int) -> str:
    """Write operations exactly and as they may be read again: 10**26 is `1e26`."""
    digits = str(operations)
    head = digits.rstrip("0")
    zeros = len(digits) - len(head)
    return f"{head}e{zeros}" if head and zeros > 3 else digits


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
