"""What stands: lots of the inventory as whole accelerators, and the planned group's part of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from placement.enums import Basis, Status, Which
from placement.errors import Fault, InputError
from placement.fleet.context import FleetContext
from placement.inventory import Inventory
from placement.optimization.data.problem import Lot
from placement.policy.rules import ProhibitionRule

if TYPE_CHECKING:
    import polars as pl

_KEYS = [
    "owner", "operator", "site", "country", "model", "status", "start", "end", "consignee",
    "channel", "licensed", "from_country", "notice_filed", "in_service", "stays",
    "unit_den", "uncovered", "excepted",
]  # fmt: skip


def read_lots(
    inventory: Inventory,
    basis: Basis,
    members: Sequence[str],
    uncovered: Collection[int] = (),
    excepted: Collection[int] = (),
) -> tuple[Lot, ...]:
    """Return all lots of everyone; own are those of the companies that are `members`.

    `uncovered`: the lines of which nothing covers what is under no channel. `excepted`: those of
    lots that need no licence.
    Lots that agree in everything but quantity are one. InputError where a part of an accelerator
    is left (instance types may count in parts).
    """
    import polars as pl

    company = "owner" if basis is Basis.OWNED else "operator"
    later = pl.when(pl.col("in_service") != pl.col("start")).then(pl.col("in_service"))
    bare = pl.col("line").is_in(list(uncovered)) & pl.col("channel").is_null()
    sums = (
        inventory.lots.with_columns(
            in_service=later,
            stays=pl.col("stays").fill_null(value=False),
            uncovered=bare,
            excepted=pl.col("line").is_in(list(excepted)),
        )
        .group_by(_KEYS)
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
            lots.append(_lot(row, whole, own=row[company] in own))
    if faults:
        raise InputError(faults)
    return tuple(lots)


def _lot(row: Mapping[str, Any], quantity: int, *, own: bool) -> Lot:
    return Lot(
        owner=row["owner"],
        operator=row["operator"],
        site=row["site"],
        country=row["country"],
        model=row["model"],
        quantity=quantity,
        status=Status(row["status"]),
        start=row["start"],
        end=row["end"],
        own=own,
        consignee=row["consignee"],
        channel=row["channel"],
        licensed=row["licensed"],
        from_country=row["from_country"],
        notice_filed=row["notice_filed"],
        in_service=row["in_service"],
        stays=row["stays"],
        uncovered=row["uncovered"],
        excepted=row["excepted"],
    )


def uncovered_lines(case: FleetContext) -> frozenset[int]:
    """Return the lines of lots that nothing covers, where some rule asks for them."""
    if not any(rule.which is Which.UNCOVERED for rule in case.policy.on_totals):
        return frozenset()
    return frozenset(case.books.ledger.uncovered(None, date.max)["line"].to_list())


def excepted_lines(case: FleetContext) -> frozenset[int]:
    """Return the lines of lots that an exception frees from the need of a licence."""
    rules = (rule for rule in case.policy.on_totals if isinstance(rule, ProhibitionRule))
    channels = frozenset(channel for rule in rules for channel in rule.exceptions)
    return frozenset(case.books.selection.excepted(channels)) if channels else frozenset()


def lots_of(inventory: Inventory, basis: Basis, members: Sequence[str]) -> pl.DataFrame:
    """Return the lots of some companies: those they own, or operate where that is the basis."""
    import polars as pl

    company = "owner" if basis is Basis.OWNED else "operator"
    return inventory.lots.filter(pl.col(company).is_in(list(members)))


def record_channels(inventory: Inventory, case: FleetContext) -> Inventory:
    """Return the inventory with the channels on its lines to which the ledger charges them.

    Only where some lot is charged to a channel with room by the order of the lines: a layout has
    another order, and has to be charged the same.
    """
    import polars as pl

    ledger = case.policy.pack.ledger
    channels = ledger.channels if ledger else ()
    rooms = [channel.id.value for channel in channels if channel.room is not None]
    if not rooms:
        return inventory
    charges = case.books.ledger.charges
    chosen = charges.filter(
        ~pl.col("recorded")
        & ~pl.col("licensed").fill_null(value=False)
        & pl.col("day").is_not_null()
    )
    if chosen.filter(pl.col("channel").is_in(rooms)).is_empty():
        return inventory
    # A line that some channel takes a part of keeps the rest, which none does.
    taken = chosen.filter(pl.col("channel").is_not_null())["line"].unique()
    chosen = chosen.filter(pl.col("line").is_in(taken.implode()))
    parts = ["channel", "quantity", "unit_num", "unit_den", "line_quantity"]
    charged = inventory.lots.drop(parts).join(chosen.select("line", *parts), on="line")
    others = inventory.lots.filter(~pl.col("line").is_in(chosen["line"].unique().implode()))
    lots = pl.concat([others, charged.select(others.columns)]).sort("line", maintain_order=True)
    return replace(inventory, lots=lots)
