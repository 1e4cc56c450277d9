"""Sites: what the planner reads, and the places alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from placement.errors import InputError
from placement.readers.tables.sites import SitePlace, Sites, read_places, read_sites
from tests.support.paths import ROOT

EXAMPLE = ROOT / "inputs" / "example" / "sites.csv"


def written(folder: Path, text: str) -> Path:
    path = folder / "sites.csv"
    path.write_text(text)
    return path


def test_places_need_a_country_only(tmp_path: Path) -> None:
    found = read_places(written(tmp_path, "site,country\nWindhoek,NA\nNA,Germany\n"), name="s")
    assert [(one.text, one.line) for one in found.names] == [("Windhoek", 2), ("NA", 3)]
    assert replace(found, names=()) == Sites(
        "s",
        {
            "Windhoek": SitePlace("Windhoek", "NA", None, None, None),
            "NA": SitePlace("NA", "DE", None, None, None),
        },
        has_notices=False,
    )


def test_a_blank_notice_is_not_a_missing_column(tmp_path: Path) -> None:
    text = "site,country,metro,region,Notice filed\na,NA,Windhoek,af-1,2026-05-01\nb,NO,,,\n"
    found = read_places(written(tmp_path, text))
    assert found.has_notices
    assert found.places["a"] == SitePlace("a", "NA", "Windhoek", "af-1", date(2026, 5, 1))
    assert found.places["b"].notice_filed is None
    alone = "site,country,notice_filed\nb,NO,\n"
    assert read_places(written(tmp_path, alone)).has_notices


def test_the_planner_and_the_places_agree_on_the_example() -> None:
    sites, places = read_sites(EXAMPLE), read_places(EXAMPLE)
    assert {row.site: row.country for _, row in sites.rows} == {
        name: place.country for name, place in places.places.items()
    }
    assert places.places["ashburn-1"].metro == "Ashburn"
    assert not sites.notes
    assert not places.has_notices


def test_the_planner_knows_place_and_notice(tmp_path: Path) -> None:
    text = (
        "site,country,power_mw,metro,provider,region,notice_filed\n"
        "a,NA,5,Windhoek,aws,af-south-1,2026-05-01\n"
    )
    table = read_sites(written(tmp_path, text))
    ((_, row),) = table.rows
    assert (row.metro, row.provider, row.region) == ("Windhoek", "aws", "af-south-1")
    assert row.notice_filed == date(2026, 5, 1)
    assert table.notes == ()


@pytest.mark.parametrize("read", [read_places, read_sites])
def test_faults(tmp_path: Path, read: Callable[..., object]) -> None:
    header = "site,country,power_mw,notice_filed\n"
    path = written(tmp_path, header + "a,NA,5,\na,NO,5,\na,NA,1,\n")
    with pytest.raises(InputError) as caught:
        read(path, name="sites.csv")
    assert str(caught.value) == (
        "sites.csv:3 and 1 more line: site 'a': the site is already on line 2; keep one row"
    )
    assert [problem.line for problem in caught.value.problems] == [3, 4]
    path = written(tmp_path, header + "a,Korea,5,1.5.26\n")
    with pytest.raises(InputError) as caught:
        read(path, name="sites.csv")
    assert [problem.column for problem in caught.value.problems] == ["country", "notice_filed"]
