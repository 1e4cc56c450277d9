"""opening.csv: what accounts were charged with by others, or before the inventory begins."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from placement.enums import Channel
from placement.readers.cells import MOST_WHOLE, AnyCase, BadText, CountryCode, Exact, IsoDate
from placement.readers.doubts import Accepting
from placement.readers.table import Doubts, Table, read_table
from placement.text.decimals import THOUSAND
from placement.text.lookalikes import NameKind

#: The most that the numerator and the denominator of an amount may be: both are summed up in 64
#: bits, by row.
_MOST = 2**62


def _amount(value: Fraction) -> Fraction:
    if value < 0:
        raise BadText("is negative", "write what was charged, 0 or more")
    if value > MOST_WHOLE:
        limit = f"is more than {MOST_WHOLE:,}, the most that a cell may hold"
        raise BadText(limit, "check the number of digits")
    thousandths = value * THOUSAND
    if max(thousandths.numerator, thousandths.denominator) > _MOST:
        raise BadText("has too many digits", "leave out those after the sixth decimal")
    return value


class OpeningRow(BaseModel):
    """What an account was charged with up to a day, in TPP: that of a country, or of a consignee.

    `source` says where the figure comes from; it is printed beside it.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    country: CountryCode | None = None
    consignee: Annotated[str | None, NameKind.COMPANY] = None
    channel: Annotated[Channel, AnyCase]
    tpp: Annotated[Exact, AfterValidator(_amount)]
    as_of: IsoDate
    source: str

    @model_validator(mode="after")
    def _is_of_one(self) -> OpeningRow:
        if self.country is None and self.consignee is None:
            raise BadText("names no account", "fill country or consignee")
        if self.country is not None and self.consignee is not None:
            fix = "leave one of them blank; write two rows for two accounts"
            raise BadText("names a country and a consignee, and a balance is of one account", fix)
        return self


def read_opening(
    path: str | Path, *, name: str | None = None, accepting: Accepting | None = None
) -> Table[OpeningRow]:
    """Read opening.csv; InputError with every fault, equal rows among them."""
    return read_table(
        path,
        OpeningRow,
        name=name,
        allow_empty=True,
        doubts=Doubts(repeated="refuse"),
        accepting=accepting,
    )
