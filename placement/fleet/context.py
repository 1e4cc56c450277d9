"""Everything that is known in a run, for whoever judges a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placement.catalog import Catalog
from placement.enums import Basis
from placement.errors import FaultCollector
from placement.fleet.classification import Classification
from placement.fleet.consistency import unknown_sites
from placement.fleet.opening_balances import unknown_consignees, with_consignees
from placement.fleet.owner_groups import OwnerGroups, owner_groups_of
from placement.fleet.positions import Timeline
from placement.fleet.side_tables import NO_SIDE_TABLES, SideTables
from placement.fleet.totals import FleetTotals
from placement.inventory import Inventory
from placement.policy import Policy

if TYPE_CHECKING:
    from placement.readers.table import Table
    from placement.readers.tables.entities import Entities
    from placement.readers.tables.sites import Sites
    from placement.readers.tables.weights import WeightsRow


@dataclass(frozen=True, slots=True)
class FleetContext:
    """A run's books and records; `source` names the inventory. None: no such file was given."""

    scope: Classification
    companies: OwnerGroups
    books: FleetTotals
    source: str
    sites: Sites | None = None
    weights: Table[WeightsRow] | None = None
    has_notices: bool = False

    @property
    def policy(self) -> Policy:
        """The pack with its options chosen."""
        return self.scope.policy


def build_context(
    inventory: Inventory,
    policy: Policy,
    catalog: Catalog,
    entities: Entities | None,
    *,
    plans: bool = True,
    records: SideTables = NO_SIDE_TABLES,
    like: FleetContext | None = None,
    lines: bool = True,
) -> FleetContext:
    """Put together what the judge looks at; InputError, UsageError as above.

    `like`: what another policy looks at of the same inventory: its timelines serve here, too, where
    they are the same. `lines` False: no finding names the lines that weigh most.
    """
    gathering = FaultCollector()
    with gathering.part("entities"):
        companies = owner_groups_of(inventory, policy, entities, records.companies)
        gathering.add(unknown_consignees(records.balances, companies, entities))
    gathering.add(unknown_sites(inventory, policy, records))
    gathering.settle()
    companies = with_consignees(companies, records.balances, entities)
    answers = policy.answers
    plans = plans and answers.of("planned") == "forecast"
    timeline = _timeline(like, inventory, companies, plans=plans)
    transferred = answers.of("in_country") == "transferred"
    shares = None
    if policy.basis is not Basis.OWNED or not transferred:
        shares = _timeline(like, inventory, companies, policy.basis, plans, transferred)
    scope = Classification(policy, catalog)
    books = FleetTotals(
        timeline,
        companies,
        scope,
        inventory.source,
        shares=shares,
        shipments=records.shipments,
        shipments_file=records.shipments_file,
        sites=records.sites,
        balances=records.balances.known(companies),
        lines=lines,
    )
    if inventory.each_line is not None and policy.pack.ledger and books.ledger.is_ordered:
        # Lots of one day take room in the order of their lines, which merged lots have lost.
        other = like.books.timeline.inventory if like is not None else inventory
        whole = other if other.each_line is None else inventory.each_line()
        return build_context(
            whole, policy, catalog, entities, plans=plans, records=records, like=like
        )
    return FleetContext(
        scope, companies, books, inventory.source, records.sites, records.weights,
        has_notices="notice_filed" in inventory.columns,
    )  # fmt: skip


def _timeline(
    like: FleetContext | None,
    inventory: Inventory,
    companies: OwnerGroups,
    basis: Basis = Basis.OWNED,
    plans: bool = True,
    transferred: bool = True,
) -> Timeline:
    """Return the timeline of some companies, that of another policy where it is the same."""
    pairs = [(name, group.name) for name, groups in companies.groups.items() for group in groups]
    by = tuple(pairs), basis, plans, transferred
    for one in () if like is None else (like.books.timeline, like.books.shares):
        if one.inventory is inventory and one.by == by:
            return one
    return Timeline(inventory, companies.names, basis, plans, transferred)
