"""The counted test at its thresholds (ECCN 3A090.a and its note 2), in three values."""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction

import pytest

from placement.catalog import Override, load_catalog
from placement.enums import Counted
from placement.policy import load_policy
from placement.policy.counted import Answer, CountedTest, is_counted

POLICY = load_policy()
NO, YES = Answer(Counted.NO), Answer(Counted.YES)


@pytest.mark.parametrize(
    ("tpp", "density", "datacenter", "answer"),
    [
        ("4800", None, None, YES),
        ("4799.999", "5.91", True, NO),
        ("4799.999", "5.92", True, YES),
        ("4799.999", "5.92", False, NO),  # note 2: not for data centres, and below 4,800
        ("4800", "1", False, YES),
        ("1600", "5.92", True, YES),
        ("1599.999", "99", True, NO),
        ("1600", None, True, Answer(Counted.UNKNOWN, ("performance_density",))),
        ("1600", "5.92", None, Answer(Counted.UNKNOWN, ("datacenter",))),
        ("1600", None, None, Answer(Counted.UNKNOWN, ("performance_density", "datacenter"))),
        ("1600", None, False, NO),
        ("1599.999", None, None, NO),
    ],
)
def test_thresholds(tpp: str, density: str | None, datacenter: bool | None, answer: Answer) -> None:
    own = Override(
        "X1",
        tpp=Fraction(tpp),
        performance_density=None if density is None else Fraction(density),
        datacenter=datacenter,
        source="test",
    )
    assert POLICY.counts(load_catalog([own]).accelerators["X1"]) == answer


def test_a_model_without_a_rate_is_unknown() -> None:
    model = load_catalog().accelerators["Ascend 910D"]
    assert POLICY.counts(model).counted is Counted.UNKNOWN


@pytest.mark.parametrize(
    ("model", "counted"),
    [("H100-SXM5-80GB", "yes"), ("A100-SXM4-40GB", "yes"), ("L4", "yes"), ("H20-96GB", "no")],
)
def test_known_models(model: str, counted: str) -> None:
    assert POLICY.counts(load_catalog().accelerators[model]).counted == counted


DAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("year", "day", "answer"),
    [
        (2025, None, YES),
        (2026, None, Answer(Counted.UNKNOWN, ("released",))),  # before the day, or after it
        (2027, None, NO),
        (None, None, Answer(Counted.UNKNOWN, ("release_year",))),
        (None, DAY, YES),
        (2026, date(2026, 1, 16), NO),
        (2026, date(2026, 1, 14), YES),
    ],
)
def test_launched_by_a_day(year: int | None, day: date | None, answer: Answer) -> None:
    own = Override("X1", tpp=Fraction(5000), release_year=year, released=day, source="test")
    test = CountedTest.model_validate(
        {"title": "t", "citation": "c", "any": [{"tpp_at_least": "4800", "released_by": DAY}]}
    )
    one = load_catalog([own]).accelerators["X1"]
    assert is_counted(test, one, one.mtpp()) == answer
    assert is_counted(test, one, 4_799_999) == NO  # the other condition settles it


@pytest.mark.parametrize(
    ("day", "known"), [(date(2024, 12, 31), True), (date(2023, 12, 31), False)]
)
def test_a_year_is_launched_by_its_last_day(day: date, known: bool) -> None:
    assert load_catalog().accelerators["H200-SXM5-141GB"].released_by(day) is known


@pytest.mark.parametrize(
    ("alternative", "model", "counted"),
    [
        ('vendors = ["Huawei", "Biren"]', "Ascend 910B1", "yes"),
        ('vendors = ["Biren"]', "Ascend 910B1", "no"),
        ('models = ["Ascend 910B1"]', "Ascend 910B1", "yes"),
        ('models = ["Ascend 910B1"], datacenter = false', "Ascend 910B1", "no"),
        # 910D: no rate is published, so nobody knows; its maker is known all the same.
        ('vendors = ["Huawei"]', "Ascend 910D", "yes"),
        ('vendors = ["Huawei"], tpp_at_least = "1"', "Ascend 910D", "unknown"),
        ('vendors = ["NVIDIA"], tpp_at_least = "1"', "Ascend 910D", "no"),
    ],
)
def test_makers_and_models_by_name(alternative: str, model: str, counted: str) -> None:
    test = CountedTest.model_validate(
        tomllib.loads(f'title = "t"\ncitation = "c"\nany = [{{ {alternative} }}]')
    )
    accelerator = load_catalog().accelerators[model]
    assert is_counted(test, accelerator, accelerator.mtpp()).counted == counted


@pytest.mark.parametrize(
    ("density", "counted"), [("5.919", "yes"), ("5.92", "no"), (None, "unknown")]
)
def test_a_density_below_a_ceiling(density: str | None, counted: str) -> None:
    own = Override(
        "X1",
        tpp=Fraction(2000),
        performance_density=None if density is None else Fraction(density),
        source="test",
    )
    found = load_catalog([own]).accelerators["X1"]
    test = CountedTest.model_validate(
        {"title": "t", "citation": "c", "any": [{"performance_density_below": "5.92"}]}
    )
    assert is_counted(test, found, found.mtpp()).counted == counted
