"""The tables of a plan as records of the problem; what was assumed is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from placement.catalog import H100E, H100E_TPP, Catalog
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot
from placement.optimization.data.records import AcceleratorSpec, Commitment, Delivery, Demand, Site
from placement.optimization.data.tables.commitments import read_commitment_lines
from placement.optimization.data.tables.demand import read_demands
from placement.optimization.data.tables.lookups import Paths, Reading, some
from placement.optimization.data.tables.sites import read_sites, with_limits
from placement.optimization.data.tables.supply import read_kits, read_supplies
from placement.policy import Policy
from placement.readers.config.money import CURRENCY
from placement.readers.doubts import Accepting
from placement.readers.table import Table
from placement.readers.tables.demand import Metric
from placement.readers.tables.sites import SiteRow, SiteStatus
from placement.text.decimals import grouped
from placement.text.lookalikes import Mention


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a problem, and what was assumed on the way; `read`: the rows of each."""

    sites: Mapping[str, Site]
    kits: Mapping[str, AcceleratorSpec]
    deliveries: Mapping[str, tuple[Delivery, ...]]
    demands: tuple[Demand, ...]
    commitments: tuple[Commitment, ...]
    has_demand: bool
    has_supply: bool
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    lesser_notes: tuple[str, ...]
    read: Mapping[str, int]


def read_tables(
    sites: Table[SiteRow] | None,
    paths: Paths,
    periods: tuple[Period, ...],
    catalog: Catalog,
    policy: Policy,
    lots: Iterable[Lot],
    currency: str = CURRENCY,
    names: Iterable[Mention] = (),
    accepting: Accepting | None = None,
    h100e: int = H100E_TPP,
    *,
    is_whole: bool = True,
) -> Tables:
    """Read sites, supply and demand against the lots; InputError with every fault.

    `is_whole` False: sites (None) or lots have faults of their own, and only those of the others
    are wanted, which say nothing of what is not known. `names`
    are those of the inventory and the companies, which no table may write in another way;
    `accepting` the lines that are taken although they are in doubt; `h100e` the TPP of one H100.
    """
    lots = tuple(lots)
    reading = Reading(
        paths, catalog, policy, periods, currency, accepting or Accepting(), h100e=h100e,
        is_whole=is_whole,
    )  # fmt: skip
    found: dict[str, Site] = {}
    if sites is not None:
        reading.notes.extend(sites.notes)
        reading.read[sites.file] = len(sites.rows)
        found = read_sites(sites, lots, reading)
    found = with_limits(found, reading)
    supply = read_supplies(reading)
    kits = read_kits(supply, {lot.model for lot in lots}, reading)
    deliveries = {model: supply.deliveries(model) for model in supply.lines}
    _note_homeless(deliveries, found, reading)
    demands = read_demands(found, reading)
    commitments = read_commitment_lines(found, kits, lots, reading)
    reading.settle([*names, *(sites.names if sites is not None else ())])
    said = [f"{what}: {some(whose)}" for what, whose in reading.assumed.items()]
    metrics = {
        *(demand.metric for demand in demands),
        *(commitment.metric for commitment in commitments),
    }
    if Metric.H100E in metrics:
        said.append(f"h100e = TPP / {grouped(str(h100e))} ({H100E[h100e]})")
    return Tables(
        found,
        kits,
        deliveries,
        demands,
        commitments,
        "demand" in paths,
        "supply" in paths,
        tuple(said),
        tuple(reading.notes),
        tuple(reading.lesser_notes),
        reading.read,
    )


def _note_homeless(models: Iterable[str], sites: Mapping[str, Site], reading: Reading) -> None:
    """Name the models that are delivered and that no site takes in any period."""
    opened = [
        site
        for site in sites.values()
        if any(site.status_in(period) is SiteStatus.OPEN for period in reading.periods)
    ]
    homeless = [model for model in models if not any(site.takes(model) for site in opened)]
    if sites and homeless:
        reading.notes.append(f"no open site takes what is delivered of {some(homeless)}")
