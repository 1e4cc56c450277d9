"""`ai-diffusion-2025-basic`: the third group, and whom it binds."""

from __future__ import annotations

import pytest

from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError, UsageError
from placement.fleet.owner_groups import needs_companies
from placement.policy import load_policy
from placement.readers.tables.entities import Entities, Entity
from placement.report import Report
from tests.compliance.test_judge import CATALOG, D
from tests.support.fleets import Lot, inventory

BASIC = "ai-diffusion-2025-basic"
WRITTEN = "is written for US companies"


def judge(lots: list[Lot], seats: dict[str, str] | None = None, binds: str = "everyone") -> Report:
    """Judge lots; `seats` are the headquarters of owners, None: no entities are given."""
    known = None
    if seats is not None:
        known = Entities(Entity(name, None, seat, frozenset()) for name, seat in seats.items())
    return check_inventory(
        inventory(lots),
        policy=load_policy(BASIC, {"binds": binds}),
        catalog=CATALOG,
        entities=known,
        days=EvaluationDates(as_of=D),
    )


def verdicts(report: Report, owner: str) -> dict[str, str]:
    return {one.rule: str(one.verdict) for one in report.findings if one.owner == owner}


@pytest.mark.parametrize(("place", "broken"), [("CN", True), ("MO", True), ("AE", False)])
def test_nothing_may_stand_in_the_third_group(place: str, broken: bool) -> None:
    report = judge([Lot("US", 99), Lot(place, 1)])
    found = [(one.rule, one.place, one.enforced) for one in report.breaches]
    assert found == ([("basic.tier3", place, False)] if broken else [])
    assert report.exit_code == int(broken)


def test_a_licence_is_not_known_to_it() -> None:
    report = judge([Lot("US", 99), Lot("CN", 1, licensed=True)])
    assert [one.rule for one in report.breaches] == ["basic.tier3"]


def test_it_needs_nobodys_seat_unless_it_binds_us_companies() -> None:
    assert not needs_companies(load_policy(BASIC))
    assert needs_companies(load_policy(BASIC, {"binds": "us_companies"}))
    assert judge([Lot("US", 1)]).exit_code == 0
    with pytest.raises(UsageError, match="--headquarters US"):
        judge([Lot("US", 1)], binds="us_companies")


def test_others_are_told_that_it_is_written_for_us_companies() -> None:
    lots = [Lot("US", 1), Lot("MY", 1, owner="Malay"), Lot("DE", 1, owner="Rhein")]
    seats = {"USco": "US", "Malay": "MY", "Rhein": "DE"}
    report = judge(lots, seats)
    (note,) = [one for one in report.notes if WRITTEN in one]
    assert note.startswith("Malay (MY), Rhein (DE): ")
    assert verdicts(report, "Malay")["basic.single_country"] == "breach"
    assert not any(WRITTEN in one for one in judge(lots).notes)  # nobody's seat is known
    assert not any(WRITTEN in one for one in judge(lots[:1], {"USco": "US"}).notes)


def test_an_option_binds_us_companies_alone() -> None:
    lots = [Lot("US", 1), Lot("CN", 1, owner="Red"), Lot("MY", 9), Lot("PR", 9, owner="Isla")]
    seats = {"USco": "US", "Red": "CN", "Isla": "PR"}
    report = judge(lots, seats, "us_companies")
    assert verdicts(report, "USco") == {
        "basic.us": "breach",
        "basic.single_country": "breach",
        "basic.tier3": "ok",
    }
    assert verdicts(report, "Isla")["basic.us"] == "ok"  # territories are in the United States
    assert set(verdicts(report, "Red").values()) == {"not_applicable"}
    reasons = {one.reason for one in report.findings if one.owner == "Red"}
    assert reasons == {"Red has headquarters in CN, outside bound, so this rule does not bind it"}
    assert not any(WRITTEN in one for one in report.notes)
    assert verdicts(judge(lots, seats), "Red")["basic.tier3"] == "breach"
    with pytest.raises(NothingEvaluatedError):
        judge(lots[1:2], {"Red": "CN"}, "us_companies")
