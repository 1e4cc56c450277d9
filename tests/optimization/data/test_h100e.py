"""One H100-equivalent: by the data sheet, by SemiAnalysis, or as the tables of BIS imply."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from placement.catalog import H100E, H100E_TPP
from placement.errors import InputError
from placement.readers.config.placement_toml import PlacementSection
from tests.support.planned_worlds import World, lots

#: X has 1,000,000 TPP: 63.1632 H100 of 15,832, 63.1672 of 15,831, 63.1912 of 15,825.
DEMAND = "period,metric,quantity,countries\n"


@pytest.mark.parametrize(
    ("tpp", "asked", "needed"),
    [
        (None, "63.1633", 2),
        (None, "63.1632", 1),
        (15832, "63.1633", 2),
        (15831, "63.1633", 1),
        (15831, "63.18", 2),
        (15825, "63.18", 1),
        (15825, "63.1912", 2),
    ],
)
def test_which_figure_one_h100_is(tmp_path: Path, tpp: int | None, asked: str, needed: int) -> None:
    world = World(tmp_path, demand=f"2027Q1,h100e,{asked},IN\n")
    if tpp is not None:
        world.policy += f'"\nh100e = {tpp}\ncurrency = "USD'
    plan = world.plan()
    assert sum(lot.quantity for lot in lots(plan) if lot.country == "IN") == needed
    each = tpp or 15832
    assert f"h100e = TPP / {each:,} ({H100E[each]})" in plan.report.assumptions


def test_no_other_figure_is_taken(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.policy += '"\nh100e = 16000\ncurrency = "USD'
    with pytest.raises(InputError, match="15832"):
        world.plan()


def test_the_figures_are_those_of_the_catalogue() -> None:
    assert get_args(PlacementSection.model_fields["h100e"].annotation) == tuple(H100E)
    assert PlacementSection().h100e == H100E_TPP == 15832
