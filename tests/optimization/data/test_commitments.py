"""What is committed to, in which periods; what nothing can keep is refused."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.optimization.data.records import Commitment
from placement.readers.tables.commitments import CommitmentKind
from placement.readers.tables.demand import Metric
from tests.optimization.data.test_horizon import fault, notes, read

HEADER = "kind,site,country,accelerator,metric,quantity,from,until,note\n"


def commitments(folder: Path, text: str) -> tuple[Commitment, ...]:
    return read(folder, {"commitments.csv": HEADER + text}).commitments


def refused(folder: Path, text: str) -> list[str]:
    return fault(folder, {"commitments.csv": HEADER + text}).splitlines()


def test_the_records(tmp_path: Path) -> None:
    one, two, three = commitments(
        tmp_path,
        "at_least,us,,H200 SXM,,8,2027-05-15,2027-07-01,lease\n"
        "at_most,,NA;Germany,,tpp,1000.5,,2027Q2,\n"
        "exactly,,,H100 SXM,mw,0.0168,2027-04,,\n",
    )
    assert one == Commitment(
        label="commitment line 2 (lease, us)",
        kind=CommitmentKind.AT_LEAST,
        quantity=Fraction(8),
        metric=Metric.ACCELERATORS,
        periods=(1, 2),
        model="H200-SXM5-141GB",
        site="us",
        note="lease",
        since=date(2027, 5, 15),
        until=date(2027, 7, 1),
    )
    assert (two.countries, two.periods, two.metric) == (frozenset({"NA", "DE"}), (0, 1), Metric.TPP)
    assert (three.kind, three.periods) == (CommitmentKind.EXACTLY, (1, 2, 3))
    assert three.label == "commitment line 4 (anywhere)"


def test_what_a_commitment_adds_up(tmp_path: Path) -> None:
    problem = read(tmp_path, {"commitments.csv": HEADER + "at_most,,NA,H100 SXM,tpp,9,,,\n"})
    one = problem.commitments[0]
    assert one.amount(problem.kits["H100-SXM5-80GB"]) == 15832
    assert one.amount(problem.kits["H200-SXM5-141GB"]) == 0
    assert [one.covers(problem.sites[name]) for name in ("windhoek", "us")] == [True, False]
    assert (one.has_floor, one.has_ceiling) == (False, True)


def test_a_group_of_the_pack(tmp_path: Path) -> None:
    one = commitments(tmp_path, "at_most,,tier2,,,9,,,\n")[0]
    assert one.countries is not None
    assert "NA" in one.countries
    assert "US" not in one.countries


def test_days_outside_the_horizon(tmp_path: Path) -> None:
    problem = read(tmp_path, {"commitments.csv": HEADER + "at_most,us,,,,9,2028Q1,,\n"})
    assert problem.commitments == ()
    assert "commitments.csv:2 binds no period that is planned" in notes(tmp_path, problem)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("atleast,us,,,,8,,,", "kind 'atleast': is not one of at_least, at_most, exactly; did you"),
        ("at_least,us,US,,,8,,,", "give one of site and country"),
        ("at_least,uss,,,,8,,,", "site 'uss': no such site in sites.csv; did you mean 'us'?"),
        ("at_least,,Utopia,,,8,,,", "country 'Utopia': no country is called 'Utopia'"),
        ("at_least,us,,H2000,,8,,,", "accelerator 'H2000': "),
        ("at_least,us,,,,-8,,,", "quantity '-8': must be greater than or equal to 0"),
        ("exactly,us,,,,8.5,,,", "no part of an accelerator can stand anywhere"),
        ("at_least,us,,,,8,soon,,", "from 'soon': is neither a date nor a period; write 2027-02"),
        ("at_least,us,,,,8,2027Q3,2027-06-30,", "until '2027-06-30': ends before it begins, on "),
        ("at_least,us,,B200,,8,,,", "quantity '8': no B200 stands anywhere or is delivered; add"),
        ("at_least,,FR,,,8,,,", "quantity '8': no site is in its countries; add one to sites.csv"),
        (
            "at_least,us,,,mw,5.001,,,",
            "quantity '5.001': takes at least 5.001 MW of IT power, and the site has 5 MW in "
            "2027Q1; commit to less",
        ),
        (
            "exactly,,NA,,,2000,2027Q3,,",
            "quantity '2000': takes at least 2.1 MW of IT power, and its sites have 2 MW in 2027Q3",
        ),
    ],
)
def test_messages(tmp_path: Path, row: str, expected: str) -> None:
    found = refused(tmp_path, f"{row}\n")
    assert len(found) == 1
    assert found[0].startswith(f"commitments.csv:2: {expected}")


def test_a_floor_above_a_ceiling(tmp_path: Path) -> None:
    text = (
        "at_least,us,,,,8,,2027Q2,\nat_most,us,,,,7,2027Q2,,\nat_most,us,,,,7,2027Q3,,\n"
        "at_least,us,,,tpp,8,,,\nexactly,us,,,,9,2027Q4,,\n"
    )
    assert refused(tmp_path, text) == [
        "commitments.csv:3: quantity '7': at_most 7 contradicts at_least 8 on line 2 in 2027Q2; "
        "mend one of them",
        "commitments.csv:6: quantity '9': exactly 9 contradicts at_most 7 on line 3 in 2027Q4; "
        "mend one of them",
    ]


def test_what_stands_beyond_the_power_may_be_committed(tmp_path: Path) -> None:
    sites = "site,country,power_mw\nus,US,0.01\n"
    files = {"sites.csv": sites, "commitments.csv": HEADER + "at_least,us,,,,16,,,\n"}
    assert len(read(tmp_path, files).commitments) == 1
    files["commitments.csv"] = HEADER + "at_least,us,,,,17,,,\n"
    assert "takes at least 0.018 MW of IT power, and the site has 0.01 MW" in fault(tmp_path, files)


def test_power_of_a_later_period(tmp_path: Path) -> None:
    files = {
        "site_limits.csv": "site,period,power_mw\nus,2027Q3,4\n",
        "commitments.csv": HEADER + "at_least,us,,,mw,4.5,,,\n",
    }
    assert "and the site has 4 MW in 2027Q3" in fault(tmp_path, files)
    files["commitments.csv"] = HEADER + "at_least,us,,,mw,4.5,,2027Q2,\n"
    assert read(tmp_path, files).commitments[0].periods == (0, 1)


def test_a_closed_site_holds_nothing(tmp_path: Path) -> None:
    files = {
        "sites.csv": "site,country,power_mw,closes\nus,US,5,\nwindhoek,NA,2,2027-06-30\n",
        "commitments.csv": HEADER + "at_least,windhoek,,,,8,,,\n",
    }
    assert "every site of it is closed in 2027Q2, or in a part of it" in fault(tmp_path, files)
