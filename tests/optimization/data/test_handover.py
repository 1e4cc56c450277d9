"""Kit that takes the place of other kit on a day: what stands is counted by day."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.errors import InputError
from tests.support.planned_worlds import World, cost, status

COLUMNS = "owner,site,country,accelerator,quantity,in_service,out_of_service"
HOME = "A,us1,US,X,40,,\n"
ON_A_DAY = HOME + "A,ca1,CA,X,4,,2027-02-15\nA,ca1,CA,X,4,2027-02-15,\n"
LEAVES = HOME + "A,ca1,CA,X,4,,\nA,ca1,CA,X,4,,2027-03-10\n"


def world(folder: Path, inventory: str, commitments: str, **more: str) -> World:
    header = "kind,site,quantity,from,until\n"
    (folder / "commitments.csv").write_text(header + commitments)
    given = {"sites": "ca1,CA,1\nus1,US,1\n", "demand": "2027Q1,accelerators,40,\n", **more}
    return World(folder, columns=COLUMNS, inventory=inventory, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inventory", "commitments", "paid"),
    [
        (ON_A_DAY, "exactly,ca1,4,,\n", 0),
        (ON_A_DAY, "at_least,ca1,4,,\n", 0),
        (ON_A_DAY, "at_most,ca1,4,,\n", 0),
        (ON_A_DAY, "at_least,ca1,5,,\n", 100),
        (LEAVES, "at_most,ca1,4,2027-03-15,2027-03-20\n", 0),
        (LEAVES, "at_most,ca1,4,2027-03-10,2027-03-20\n", 0),
        (LEAVES, "at_least,ca1,8,,2027-03-09\n", 0),
        (LEAVES, "at_least,ca1,8,,2027-03-10\n", 400),
        (LEAVES, "exactly,ca1,8,,2027-03-09\nexactly,ca1,4,2027-03-10,\n", 0),
    ],
)
def test_what_stands_on_every_day_of_it(
    tmp_path: Path, inventory: str, commitments: str, paid: int
) -> None:
    assert cost(world(tmp_path, inventory, commitments).plan()) == paid


def test_a_day_on_which_more_stands(tmp_path: Path) -> None:
    found = world(tmp_path, LEAVES, "at_most,ca1,4,2027-03-09,2027-03-20\n").plan()
    assert status(found) == "infeasible"


def test_a_site_that_closes_after_a_commitment_ends(tmp_path: Path) -> None:
    """Its lot ends by itself on the day on which it closes."""
    given = {
        "site_columns": "site,country,power_mw,closes",
        "sites": "ca1,CA,1,2027-02-15\nus1,US,1,\n",
    }
    lots = HOME + "A,ca1,CA,X,4,,2027-02-15\n"
    found = world(tmp_path, lots, "at_least,ca1,4,,2027-02-14\n", **given)
    assert cost(found.plan()) == 0
    with pytest.raises(InputError, match="every site of it is closed in 2027Q1"):
        world(tmp_path, lots, "at_least,ca1,4,,2027-02-15\n", **given).plan()


def test_floors_and_ceilings_that_share_no_day_do_not_contradict(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exactly 4 contradicts exactly 8 on line 2 in 2027Q1"):
        world(tmp_path, LEAVES, "exactly,ca1,8,,2027-03-10\nexactly,ca1,4,2027-03-10,\n").plan()
