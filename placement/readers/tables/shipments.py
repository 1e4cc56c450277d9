"""shipments.csv: what was shipped from one country to another, and for use in which."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, model_validator

from placement.catalog import Catalog, HolderName, UnknownName, refusal
from placement.enums import Channel
from placement.errors import Fault, InputError
from placement.readers.cells import AnyCase, CountryCode, Flag, IsoDate, Whole
from placement.readers.doubts import Accepting
from placement.readers.meaning import accelerator
from placement.readers.table import Doubts, Table, read_table
from placement.text.lookalikes import NameKind


class ShipmentRow(BaseModel):
    """One shipment of one model; quantity in accelerators."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    date: IsoDate
    exporter: Annotated[str, NameKind.COMPANY]
    accelerator: str
    quantity: Whole
    from_country: CountryCode
    to_country: CountryCode
    end_use_country: CountryCode
    application: str | None = None
    licensed: Flag | None = None
    channel: Annotated[Channel, AnyCase] | None = None

    @model_validator(mode="after")
    def _licence_is_licensed(self) -> ShipmentRow:
        if self.channel is Channel.LICENCE and self.licensed is False:
            raise ValueError("the channel is licence, and no licence is held")
        return self

    @property
    def has_licence(self) -> bool | None:
        """Whether a licence is on record, by itself or by the channel; None: not said."""
        return True if self.channel is Channel.LICENCE else self.licensed


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment whose accelerator is a model of the catalogue; countries are ISO codes.

    `application` is the licence application that it went under, where the table names one;
    `licensed`: whether a licence for it is on record, None where the table does not say; `channel`:
    the licence exception that it went by, if any.
    """

    line: int
    day: date
    exporter: str
    model: str
    quantity: int
    from_country: str
    to_country: str
    end_use: str
    application: str | None
    licensed: bool | None = None
    channel: Channel | None = None


def _meaning(row: ShipmentRow) -> Hashable:
    return row.model_copy(update={"accelerator": accelerator(row.accelerator)})


def read_shipments(
    path: str | Path,
    *,
    name: str | None = None,
    catalog: Catalog | None = None,
    accepting: Accepting | None = None,
) -> Table[ShipmentRow]:
    """Read shipments.csv; InputError with every fault, those of names in a catalogue among them."""

    def check(table: Table[ShipmentRow]) -> list[Fault]:
        return [] if catalog is None else _resolved(table, catalog)[1]

    return read_table(
        path,
        ShipmentRow,
        name=name,
        allow_empty=True,
        check=check,
        doubts=Doubts(repeated="note", meaning=_meaning),
        accepting=accepting,
    )


def resolve_shipments(table: Table[ShipmentRow], catalog: Catalog) -> tuple[Shipment, ...]:
    """Look every accelerator up in the catalogue; InputError with every name that does not do.

    A name that covers several models is refused even where the inventory takes it: a ratio
    compares shipments of the same product.
    """
    shipments, problems = _resolved(table, catalog)
    if problems:
        raise InputError(problems)
    return tuple(shipments)


def _resolved(table: Table[ShipmentRow], catalog: Catalog) -> tuple[list[Shipment], list[Fault]]:
    """Return the shipments whose names are known, and what is wrong with the others."""
    problems: list[Fault] = []
    found: dict[str, tuple[str, int] | UnknownName] = {}
    shipments: list[Shipment] = []
    for line, row in table.rows:
        text = row.accelerator
        if text not in found:
            found[text] = _product(text, catalog)
        model = found[text]
        if isinstance(model, UnknownName):
            said = (model.message, model.fix)
            if isinstance(model, HolderName):
                said = model.of(row.quantity)
            problems.append(Fault(*said, table.file, line, "accelerator", text))
            continue
        shipments.append(
            Shipment(
                line=line,
                day=row.date,
                exporter=row.exporter,
                model=model[0],
                quantity=row.quantity * model[1],
                from_country=row.from_country,
                to_country=row.to_country,
                end_use=row.end_use_country,
                application=row.application,
                licensed=row.has_licence,
                channel=row.channel,
            )
        )
    return shipments, problems


def _product(text: str, catalog: Catalog) -> tuple[str, int] | UnknownName:
    """Return the one model that a name means and how many of it, or why none with a TPP.

    One accelerator, but for a name that the user's [aliases] settle as several.
    """
    try:
        match = catalog.find(text)
    except UnknownName as error:
        return error
    if match.note:
        fix = f"write the model that was shipped: `placement catalog find {text!r}` lists them"
        return UnknownName(f"{text!r} covers several models, and shipments are of one", fix)
    if match.accelerator.mtpp() is None:
        message, _, fix = refusal(match.accelerator).partition("; ")
        return UnknownName(message, fix)
    return match.accelerator.model, match.count
