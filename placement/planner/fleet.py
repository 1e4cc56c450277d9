"""What stands: lots of the inventory as whole accelerators, and the planned group's part of it."""

from __future__ import annotations

from collections.abc import Sequence

from placement.errors import InputError
from placement.errors import Problem as Fault
from placement.inventory import Inventory
from placement.planner.problem import Lot
from placement.vocabulary import Basis, Status

_KEYS = [
    "owner", "operator", "site", "country", "model", "status", "start", "end", "consignee",
    "channel", "licensed", "from_country", "unit_den",
]  # fmt: skip


def read_lots(
    inventory: Inventory, basis: Basis, members: Sequence[str]
) -> tuple[Inventory, tuple[Lot, ...]]:
    """Give the inventory of the group whose companies are `members`, and all lots of everyone.

    Lots that agree in everything but quantity are one. InputError where a part of an accelerator
    is left (instance types may count in parts).
    """
    import polars as pl

    company = "owner" if basis is Basis.OWNED else "operator"
    fleet = Inventory(
        inventory.lots.filter(pl.col(company).is_in(list(members))),
        inventory.source,
        inventory.rows,
        inventory.notes,
    )
    sums = (
        inventory.lots.group_by(_KEYS)
        .agg((pl.col("quantity") * pl.col("unit_num")).sum().alias("count"), pl.col("line").min())
        .sort(["line", *_KEYS], nulls_last=False)
    )
    lots, faults = [], []
    own = set(members)
    for row in sums.iter_rows(named=True):
        whole, part = divmod(row["count"], row["unit_den"])
        if part:
            faults.append(
                Fault(
                    f"{row['count']}/{row['unit_den']} accelerators are no whole number, and a "
                    "plan is made of whole ones",
                    "write the lot by accelerator and quantity",
                    inventory.source,
                    row["line"],
                )
            )
        elif whole:
            lots.append(
                Lot(
                    owner=row["owner"],
                    operator=row["operator"],
                    site=row["site"],
                    country=row["country"],
                    model=row["model"],
                    quantity=whole,
                    status=Status(row["status"]),
                    start=row["start"],
                    end=row["end"],
                    own=row[company] in own,
                    consignee=row["consignee"],
                    channel=row["channel"],
                    licensed=row["licensed"],
                    from_country=row["from_country"],
                )
            )
    if faults:
        raise InputError(faults)
    return fleet, tuple(lots)
