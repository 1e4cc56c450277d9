"""Lines of demand with a latency are served from the sites that reach their zone in time."""

from __future__ import annotations

from pathlib import Path

from placement.optimization.data.load import load_task
from tests.optimization.data.test_horizon import fault, notes, read

SITES = "site,country,power_mw\nus,US,5\nwindhoek,NA,2\nparis,FR,2\nlyon,FR,2\n"
LATENCY = "zone,site,ms\nEU,us,80\nEU,paris,8.5\nEU,windhoek,140\nAF,windhoek,3\n"
DEMAND = "period,zone,metric,quantity,countries,max_latency_ms\n"


def files(demand: str, latency: str = LATENCY) -> dict[str, str]:
    return {"sites.csv": SITES, "demand.csv": DEMAND + demand, "latency.csv": latency}


def test_the_sites_that_reach_a_zone(tmp_path: Path) -> None:
    demand = "2027Q1,EU,tpp,1,,80\n2027Q1,EU,tpp,1,US;NA,139.9\n2027Q1,EU,tpp,1,,\n"
    problem = read(tmp_path, files(demand))
    first, second, third = problem.demands
    assert first.sites == frozenset({"us", "paris"})
    assert second.sites == frozenset({"us"})
    assert (third.sites, third.max_latency_ms) == (None, None)
    allowed = [name for name, site in problem.sites.items() if first.allows_site(site)]
    assert allowed == ["us", "paris"]
    said = f"{tmp_path}/latency.csv lacks what demand asks for, so these do not serve it: "
    assert f"{said}EU to lyon" in problem.notes


def test_sites_that_are_not_listed_are_left_out(tmp_path: Path) -> None:
    problem = read(tmp_path, files("2027Q1,AF,tpp,1,,9\n", LATENCY + "AF,windhuk,1\n"))
    assert problem.demands[0].sites == frozenset({"windhoek"})
    assert notes(tmp_path, problem)[0] == (
        "latency.csv names sites that sites.csv lacks: windhuk (did you mean 'windhoek'?)"
    )


def test_a_zone_that_nobody_reaches(tmp_path: Path) -> None:
    demand = "2027Q1,EU,tpp,1,US;NA,20\n2027Q2,AS,tpp,1,,20\n2027Q2,AF,tpp,1,FR,20\n"
    assert fault(tmp_path, files(demand)).splitlines() == [
        "demand.csv:2: max_latency_ms '20': no site in its countries reaches EU within 20 ms: "
        "the best is us with 80 ms; allow more, or add a site that is nearer",
        f"demand.csv:3: zone 'AS': {tmp_path}/latency.csv has no zone 'AS'; "
        "add its sites there".replace(f"{tmp_path}/", ""),
        "demand.csv:4: max_latency_ms '20': no site in its countries reaches AF within 20 ms; "
        "allow more, or add a site that is nearer",
    ]


def test_faults_of_latency(tmp_path: Path) -> None:
    found = fault(tmp_path, files("2027Q1,EU,tpp,1,,9\n", LATENCY + "EU,us,81\n"))
    assert found == "latency.csv:6: site 'us': EU to us is already on line 2; keep one row"
    found = fault(tmp_path, files("2027Q1,,tpp,1,,9\n", LATENCY + "EU,lyon,-1\n"))
    assert found.splitlines() == [
        "demand.csv:2: max_latency_ms needs the zone that it is measured from",
        "latency.csv:6: ms '-1': must be greater than or equal to 0",
    ]


def test_a_latency_needs_a_table(tmp_path: Path) -> None:
    found = fault(tmp_path, {"demand.csv": DEMAND + "2027Q1,EU,tpp,1,,9\n2027Q2,EU,tpp,1,,9\n"})
    assert found == (
        "demand.csv:2: max_latency_ms: there is no latency.csv, and the line has a "
        "max_latency_ms; add a latency.csv with zone, site and ms, or leave it blank"
    )


def test_a_zone_called_na(tmp_path: Path) -> None:
    problem = read(tmp_path, files("2027Q1,NA,tpp,1,NA,9\n", "zone,site,ms\nNA,windhoek,1\n"))
    assert problem.demands[0].zone == "NA"
    assert problem.demands[0].sites == frozenset({"windhoek"})


def test_a_table_that_no_line_asks_for(tmp_path: Path) -> None:
    said = "latency.csv limits nothing: no line of demand in 2027Q1 to 2027Q4 has a max_latency_ms"
    problem = read(tmp_path, files("2027Q1,EU,tpp,1,,\n2028Q1,EU,tpp,1,,80\n"))
    assert said in notes(tmp_path, problem)
    problem = read(tmp_path, files("2027Q1,EU,tpp,1,,80\n"))
    assert said not in notes(tmp_path, problem)
    (tmp_path / "demand.csv").unlink()
    alone = load_task(tmp_path).problem
    assert said in notes(tmp_path, alone)
