"""Open questions of law: asked where the files of a run have what their answers differ about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from placement.catalog import load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.fleet.side_tables import SideTables
from placement.inventory import no_lots
from placement.policy import load_policy
from placement.readers.table import Table
from placement.readers.tables.entities import Entities, Entity
from placement.readers.tables.shipments import Shipment
from placement.readers.tables.sites import SitePlace, Sites
from placement.readers.tables.weights import WeightsRow
from placement.report import Report
from tests.support.fleets import Lot, inventory

CATALOG = load_catalog()
D = date(2026, 8, 1)
SITES = {
    name: SitePlace(name, country, None, None, None)
    for name, country in (("sj-1", "PR"), ("st-1", "JE"), ("va-1", "US"))
}
CLOSED = WeightsRow(
    model="W", owner="USco", training_operations=10**26, published=False, storage_site="va-1"
)
SENT = Shipment(2, date(2026, 3, 1), "USco", "H200-SXM5-141GB", 8, "US", "US", "US", None)


def judge(
    lots: list[Lot],
    weights: WeightsRow | None = None,
    shipments: tuple[Shipment, ...] = (),
    policy: str = "ai-diffusion-2025",
    **options: str,
) -> Report:
    return check_inventory(
        inventory(lots) if lots else no_lots(),
        policy=load_policy(policy, options),
        catalog=CATALOG,
        entities=Entities.assume("US", ["uveu"]),
        days=EvaluationDates(as_of=D),
        records=SideTables(
            sites=Sites("sites.csv", SITES, has_notices=False),
            weights=Table("weights.csv", ((2, weights),)) if weights is not None else None,
            shipments=shipments,
        ),
    )


def why(report: Report, name: str) -> str | None:
    """Return why a question matters, None where it is not asked."""
    asked = [text for text in report.questions if text.startswith(f"{name} = ")]
    return asked[0].partition("It matters here: ")[2] if asked else None


@pytest.mark.parametrize(
    ("changed", "option", "said"),
    [
        ({"storage_site": "sj-1"}, "us_territories", "closed model weights or fine-tuning in PR"),
        ({"storage_site": "st-1"}, "dependencies", "closed model weights or fine-tuning in JE"),
        (
            {"finetune_site": "st-1", "finetune_operations": 10**25},
            "dependencies",
            "closed model weights or fine-tuning in JE",
        ),
        ({"customer_headquarters": "GU"}, "us_territories", "customers of fine-tuning in GU"),
    ],
)
def test_sites_and_customers_that_only_weights_name(
    changed: dict[str, object], option: str, said: str
) -> None:
    lots = [Lot("US", 9)]
    assert why(judge(lots, CLOSED), option) is None
    assert why(judge(lots, CLOSED.model_copy(update=changed)), option) == said
    free = CLOSED.model_copy(update={**changed, "published": True})
    assert why(judge(lots, free), option) is None


def test_territories_that_only_shipments_name() -> None:
    china = {"policy": "china-h200-2026"}
    there = replace(SENT, to_country="CN", end_use="CN")
    assert why(judge([], shipments=(SENT, there), **china), "us_territories") is None  # type: ignore[arg-type]
    for changed in ({"to_country": "PR"}, {"end_use": "PR"}, {"from_country": "PR"}):
        sent = (replace(SENT, **changed), there)  # type: ignore[arg-type]
        said = why(judge([], shipments=sent, **china), "us_territories")  # type: ignore[arg-type]
        assert said == "shipments from, to or for use in PR"
    # A pack that does not look at shipments does not ask about them.
    assert (
        why(judge([Lot("US", 9)], shipments=(replace(SENT, end_use="PR"),)), "us_territories")
        is None
    )


def test_a_lot_and_weights_are_both_named() -> None:
    stored = CLOSED.model_copy(update={"storage_site": "sj-1"})
    said = "lots or headquarters in GU; closed model weights or fine-tuning in PR"
    assert why(judge([Lot("US", 9), Lot("GU", 1)], stored), "us_territories") == said


def test_the_limit_on_transfers_is_asked_where_old_stock_breaks_a_share() -> None:
    old = [Lot("US", 9), Lot("MY", 1)]
    said = "nothing newly came to what is above the limit of uveu.single_country in MY"
    assert why(judge(old), "limit_on") == said
    assert why(judge(old, limit_on="transfers"), "limit_on") == said
    new = [Lot("US", 9), Lot("MY", 1, start=date(2026, 3, 1))]
    assert why(judge(new), "limit_on") is None
    assert why(judge([Lot("US", 99), Lot("MY", 1)]), "limit_on") is None


@pytest.mark.parametrize(
    ("own", "parent", "said"),
    [
        ("JP", "US", "it bears on uveu.outside_us"),
        ("US", "JP", "it bears on uveu.outside_us"),
        ("US", "US", None),
        ("JP", "JP", None),
    ],
)
def test_whose_seat_is_asked_where_a_holder_and_its_parent_differ(
    own: str, parent: str, said: str | None
) -> None:
    entities = Entities(
        [Entity("A", "P", own, frozenset({"uveu"})), Entity("P", None, parent, frozenset())]
    )
    report = check_inventory(
        inventory([Lot("US", 9, owner="A")]),
        policy=load_policy(),
        catalog=CATALOG,
        entities=entities,
        days=EvaluationDates(as_of=D),
    )
    assert why(report, "us_seat") == said
