"""What a run knows beside its inventory: sites, shipments, model weights, opening balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from placement.fleet.opening_balances import NO_BALANCES, Balances

if TYPE_CHECKING:
    from placement.readers.table import Table
    from placement.readers.tables.shipments import Shipment
    from placement.readers.tables.sites import Sites
    from placement.readers.tables.weights import WeightsRow
    from placement.text.lookalikes import Mention


@dataclass(frozen=True, slots=True)
class SideTables:
    """What a run knows beside its inventory: sites, shipments, model weights (None: not given).

    `balances`: what accounts were charged with by others. `notes` say what was not read; `empty`
    are the files in which there is no row; `read` has the rows of each file, `names` the companies
    and places that they name.
    """

    sites: Sites | None = None
    shipments: tuple[Shipment, ...] = ()
    shipments_file: str = "shipments.csv"
    weights: Table[WeightsRow] | None = None
    balances: Balances = NO_BALANCES
    notes: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    names: tuple[Mention, ...] = ()

    def having(self, table: Table[Any]) -> SideTables:
        """Return the same with what is said of one table more."""
        return replace(
            self,
            notes=(*self.notes, *table.notes),
            empty=(*self.empty, *([] if table.rows else [table.file])),
            read={**self.read, table.file: len(table.rows)},
            names=(*self.names, *table.names),
        )

    @property
    def companies(self) -> dict[str, str]:
        """Every company that is named in them, and the file that names it."""
        found = {shipment.exporter: self.shipments_file for shipment in self.shipments}
        if self.weights is not None:
            found |= {row.owner: self.weights.file for _, row in self.weights.rows}
        return found


NO_SIDE_TABLES = SideTables()
