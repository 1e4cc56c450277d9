"""What a pack in force finds of a fleet that was judged under others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import placement
from placement.catalog import load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.in_force import in_force
from placement.compliance.run import check_inventory
from placement.fleet.context import build_context
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory, no_lots
from placement.policy import load_policy, packs_in_force, parse_policy
from placement.policy.load import shipped_packs
from placement.readers.tables.entities import Entities
from placement.readers.tables.shipments import Shipment
from placement.report import InForce
from tests.support.fleets import Lot, inventory
from tests.support.paths import TESTS

HOUSE = TESTS / "packs" / "house.toml"
D = date(2026, 8, 1)
US = Entities.assume("US", ["none"])
PACK = load_policy(str(HOUSE))


def found(
    lots: list[Lot], entities: Entities | None = US, days: tuple[date, ...] = (D,), text: str = ""
) -> InForce:
    pack = parse_policy(text.encode(), "house.toml") if text else PACK
    (one,) = in_force(
        inventory(lots), chosen={"other"}, catalog=load_catalog(), entities=entities, days=days,
        records=SideTables(), packs=[pack],
    )  # fmt: skip
    return one


def test_a_breach_names_its_places() -> None:
    one = found([Lot("US", 90), Lot("CN", 5), Lot("AE", 5)])
    assert (one.pack, one.verdict, one.places) == ("house", "breach", ("AE", "CN"))
    assert one.sentence == (
        "in force today, not judged: house finds a breach in AE, CN; add --policy house"
    )


def test_no_breach_and_nothing_to_judge() -> None:
    kept = found([Lot("US", 90)])
    assert (kept.verdict, kept.places) == ("ok", ())
    assert kept.sentence == "in force today, not judged: house finds no breach"
    nothing = found([Lot("US", 90, "T4")])
    assert nothing.verdict == "not_applicable"
    assert nothing.sentence == "in force today, not judged: house finds nothing to judge"


def test_it_says_why_it_could_not_judge() -> None:
    one = found([Lot("CN", 5)], None)
    assert (one.verdict, one.places) == (None, ())
    assert one.sentence == (
        "in force today, not judged: house could not be judged: no headquarters are given; "
        "add --entities FILE or --headquarters CC"
    )


def test_each_day_of_the_run_is_looked_at() -> None:
    """The lot leaves China in July: only an earlier day shows it."""
    lots = [Lot("US", 90), Lot("CN", 5, end=date(2026, 7, 1))]
    assert found(lots).verdict == "ok"
    assert found(lots, days=(date(2026, 6, 30), D)).places == ("CN",)


def test_many_places_are_counted() -> None:
    codes = "CN AE DE JP MY IN NA PL GB FR".split()
    members = ", ".join(f'"{one}"' for one in codes)
    text = HOUSE.read_text("utf-8").replace('["CN", "AE"]', f"[{members}]")
    one = found([Lot("US", 900), *(Lot(code, 1) for code in codes)], text=text)
    assert sorted(one.places) == sorted(codes)
    assert "AE, CN, DE, FR, GB, IN, JP, ... (10 places); add" in one.sentence


def test_what_was_chosen_and_a_fleet_without_lots_are_passed_over() -> None:
    given = {"catalog": load_catalog(), "entities": US, "days": (D,), "records": SideTables()}
    lots = inventory([Lot("CN", 5)])
    assert in_force(lots, chosen={"house"}, packs=[PACK], **given) == ()  # type: ignore[arg-type]
    assert in_force(no_lots(), chosen=(), packs=[PACK], **given) == ()  # type: ignore[arg-type]


def test_it_judges_as_a_check_under_it_does_with_the_timeline_of_another() -> None:
    lots = inventory([Lot("US", 90), Lot("CN", 5), Lot("AE", 5)])
    basic = load_policy("ai-diffusion-2025-basic")
    like = build_context(lots, basic, load_catalog(), US)
    (one,) = in_force(
        lots, chosen={basic.pack.id}, like=like, catalog=load_catalog(), entities=US, days=(D,),
        records=SideTables(), packs=[PACK],
    )  # fmt: skip
    checked = check_inventory(
        lots,
        policy=PACK,
        catalog=load_catalog(),
        entities=US,
        days=EvaluationDates(as_of=D),
        ran_on=D,
    )
    assert one.places == tuple(f.place for f in checked.breaches)
    again = build_context(lots, PACK, load_catalog(), US, like=like)
    assert again.books.timeline is like.books.timeline


@pytest.mark.parametrize(("answer", "verdict"), [("forecast", "breach"), ("ignore", "ok")])
def test_the_answers_of_the_run_are_its_answers_too(answer: str, verdict: str) -> None:
    lots = [
        {"owner": "A", "site": "u", "country": "US", "accelerator": "H100 SXM", "quantity": 5},
        {"owner": "A", "site": "a", "country": "AE", "accelerator": "H100 SXM", "quantity": 5},
    ]
    frame = pd.DataFrame(lots).assign(status=["installed", "planned"], arrived=["", "2026-10-01"])
    given = {"headquarters": "US", "authorization": "none", "as_of": "2026-12-01"}
    report = placement.check(frame, options={"planned": answer}, **given)  # type: ignore[arg-type]
    assert [one.verdict for one in report.in_force] == [verdict]


def test_which_packs_are_in_force_is_said_by_the_packs() -> None:
    """The line is found without reading the packs; each that is found says so when it is read."""
    says = [name for name in shipped_packs() if load_policy(name).pack.in_force]
    assert packs_in_force() == says == ["china-h200-2026", "us-ear-enforced"]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("in_force = true\n[a]\n", True),
        ('id = "x"\n# about\nin_force=true\n', True),
        ("in_force = false\n", False),
        ("[a]\nin_force = true\n", False),
        ('id = "in_force = true"\n', False),
        ("# in_force = true\n", False),
    ],
)
def test_the_line_is_one_of_the_pack_itself(text: str, is_found: bool) -> None:
    from placement.policy.load import _IN_FORCE

    assert bool(_IN_FORCE.match(text.encode())) == is_found


def test_a_pack_on_shipments_is_named_where_there_are_any() -> None:
    sent = Shipment(2, date(2026, 3, 1), "A", "H200-SXM5-141GB", 1, "US", "CN", "CN", None)
    given = {"chosen": {"us-ear-enforced"}, "catalog": load_catalog(), "entities": US, "days": (D,)}
    lots = inventory([Lot("US", 90)])

    def named(records: SideTables, lots: Inventory = lots) -> list[tuple[str, str | None]]:
        found = in_force(lots, records=records, **given)  # type: ignore[arg-type]
        return [(one.pack, one.verdict) for one in found]

    assert named(SideTables()) == []
    assert named(SideTables(shipments=(sent,))) == [("china-h200-2026", "breach")]
    assert named(SideTables(shipments=(sent,)), no_lots()) == [("china-h200-2026", "breach")]
    licensed = replace(sent, licensed=True)
    assert named(SideTables(shipments=(licensed,)))[0][1] == "breach"  # nothing went to US users
    at_home = replace(sent, quantity=2, to_country="US", end_use="US", line=3)
    assert named(SideTables(shipments=(licensed, at_home))) == [("china-h200-2026", "ok")]
