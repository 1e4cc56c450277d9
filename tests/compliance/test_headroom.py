"""Headroom against the judge: one more accelerator than `most` breaks or worsens something."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement import api
from placement.catalog import Catalog, Override, load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.headroom import Headroom, headroom
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError, UsageError
from placement.fleet.context import FleetContext, build_context
from placement.fleet.owner_groups import Acquirer
from placement.policy import Subject, load_policy
from placement.readers.tables.entities import Entities
from placement.report import Report
from tests.support.fleets import Lot, inventory

D = date(2026, 8, 1)
USCO = Acquirer.group(Subject("USco", "US", frozenset({"uveu"})))
CATALOG = load_catalog()
POLICY = load_policy()


def solve(lots: list[Lot], place: str, model: str = "H100-SXM5-80GB") -> Headroom:
    return headroom(case(lots), USCO, place, model, D)


def case(lots: list[Lot], catalog: Catalog = CATALOG) -> FleetContext:
    assumed = Entities.assume("US", ["uveu"])
    return build_context(inventory(lots), POLICY, catalog, assumed)


def judge(lots: list[Lot]) -> Report:
    return check_inventory(
        inventory(lots),
        policy=POLICY,
        catalog=CATALOG,
        entities=Entities.assume("US", ["uveu"]),
        days=EvaluationDates(as_of=D),
    )


def measures(report: Report) -> dict[tuple[str, str], Fraction]:
    return {
        (f.rule, f.place): Fraction(f.numerator) / Fraction(f.denominator or 1)
        for f in report.findings
        if f.numerator is not None
    }


def test_the_denominator_grows_with_what_is_added() -> None:
    found = solve([Lot("US", 93)], "MY")
    assert found.least is None
    assert found.most is not None
    assert (found.most.amount, found.most.rule, found.most.place) == (
        7,
        "uveu.single_country",
        "MY",
    )


def test_a_broken_country_is_mended_elsewhere_only() -> None:
    lots = [Lot("US", 80), Lot("MY", 20)]
    at_home = solve(lots, "US")
    assert at_home.least is not None
    assert (at_home.least.amount, at_home.most, at_home.complies) == (186, None, True)  # 20 / 286
    there = solve(lots, "MY")
    assert there.hopeless == (("uveu.single_country", "MY"),)
    assert there.most is not None
    assert (there.most.amount, there.complies) == (0, False)


def test_both_ends_may_exclude_each_other() -> None:
    found = solve([Lot("US", 50), Lot("DE", 20), Lot("MY", 30)], "DE")
    assert found.least is not None
    assert found.most is not None
    assert found.least.amount > found.most.amount
    assert not found.complies


def test_tier_3_takes_nothing_and_uncounted_chips_are_free() -> None:
    assert (most := solve([Lot("US", 93)], "CN").most) is not None
    assert most.amount == 0
    assert solve([Lot("US", 93)], "CN", "T4").most is None


def test_a_model_that_may_count_is_refused() -> None:
    catalog = load_catalog([Override("X1", tpp=Fraction(2000), source="test")])
    with pytest.raises(UsageError, match="unknown whether X1 counts; supply its performance_den"):
        headroom(case([Lot("US", 1)], catalog), USCO, "MY", "X1", D)


@given(
    st.lists(
        st.builds(
            Lot,
            country=st.sampled_from(["US", "DE", "MY", "NA", "AE"]),
            quantity=st.integers(1, 60),
            model=st.sampled_from(["H100-SXM5-80GB", "B200"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["US", "DE", "MY", "BR"]),
    st.sampled_from(["H100-SXM5-80GB", "B200"]),
)
def test_ends_are_where_the_judge_changes_its_mind(lots: list[Lot], place: str, model: str) -> None:
    found = solve(lots, place, model)
    before = measures(judge(lots))
    limits = {rule.id: Fraction(getattr(rule, "limit", None) or 0) for rule in POLICY.pack.rules}

    def worse(count: int) -> bool:
        after = measures(judge([*lots, Lot(place, count, model)]))
        return any(
            value > max(limits[rule], before.get((rule, where), Fraction()))
            for (rule, where), value in after.items()
        )

    def complies(count: int) -> bool:
        return judge([*lots, Lot(place, count, model)]).exit_code == 0

    if found.most is not None:
        assert not worse(found.most.amount)
        assert worse(found.most.amount + 1)
    low = found.least.amount if found.least is not None else 0
    assert complies(low) is found.complies
    if found.complies and low:
        assert not complies(low - 1)


def test_api_takes_a_frame_and_names(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"owner": "USco", "site": ["a", "b"], "country": ["US", "NA"],
         "accelerator": "H100 SXM", "quantity": [93, 1]}
    )  # fmt: skip
    found = api.headroom(
        frame, "b200", places=["Malaysia"], headquarters="US", authorization="uveu", as_of=D
    )
    assert [(one.place, one.model, one.complies) for one in found] == [("MY", "B200", True)]
    everywhere = api.headroom(frame, "b200", headquarters="US", authorization="uveu", as_of=D)
    assert [one.place for one in everywhere] == ["NA", "US"]
    with pytest.raises(UsageError, match="could be KR"):
        api.headroom(frame, "b200", places=["Korea"], headquarters="US", authorization="uveu")


def test_nothing_at_all_is_still_solved() -> None:
    with pytest.raises(NothingEvaluatedError):
        judge([Lot("US", 0)])
    assert (most := solve([], "MY").most) is not None
    assert most.amount == 0
