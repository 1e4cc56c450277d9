"""The inventory of a day, by hand."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement import UsageError, advance
from placement.errors import InputError
from placement.optimization.run import make_plan
from placement.text.csv_writer import csv_text
from tests.support.carried_on import cost_of, planned
from tests.support.carried_on import write as write_many
from tests.support.small_plan import CONFIG, DEMAND, write
from tests.support.tiny_periods import (
    Many,
    ManyDemand,
    ManyLot,
    ManyPromise,
    ManySite,
    ManySupply,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a plan of five quarters, 2027Q1 to 2028Q1, and its inputs."""
    found = tmp_path_factory.mktemp("carried")
    planned(write(found / "in"), found / "plan")
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def stands(folder: Path) -> dict[tuple[str, str, str], int]:
    """Return accelerators by site, model and whether they stay."""
    found: dict[tuple[str, str, str], int] = {}
    for row in rows(folder / "inventory.csv"):
        if row.get("out_of_service"):
            continue
        key = row["site"], row["accelerator"], row["stays"]
        found[key] = found.get(key, 0) + int(row["quantity"])
    return found


def test_what_was_done_stands_and_what_was_not_is_undone(folder: Path, tmp_path: Path) -> None:
    """The plan moves 8 from windhoek to =new() and buys 8 for home in 2027Q1.

    In 2027Q2 it moves 8 from home to =new(), 8 from home to windhoek and 8 from old to windhoek;
    in 2027Q3 8 go from windhoek home: these still stand where they were.
    """
    found = advance(folder / "plan", to="2027Q2", out=tmp_path / "q2")
    h100 = "H100-SXM5-80GB"
    assert stands(tmp_path / "q2") == {
        ("home", h100, ""): 160, ("home", h100, "yes"): 8, ("windhoek", h100, ""): 8,
        ("=new()", h100, "yes"): 8, ("old", h100, ""): 19,
    }  # fmt: skip
    assert found.done == {"move": 8, "install": 8}
    assert (found.under_way, found.ordered, found.undone) == (0, 0, 48)
    assert {row["status"] for row in rows(tmp_path / "q2" / "inventory.csv")} == {"installed"}
    # What has left is known with the day on which it did.
    advance(folder / "plan", to="2027Q3", out=tmp_path / "q3")
    gone = [row for row in rows(tmp_path / "q3" / "inventory.csv") if row["out_of_service"]]
    assert {(one["site"], one["quantity"], one["out_of_service"]) for one in gone} == {
        ("windhoek", "8", "2027-01-01"), ("old", "8", "2027-04-01"), ("home", "16", "2027-04-01"),
    }  # fmt: skip


def test_supply_demand_and_horizon_are_those_of_the_rest(folder: Path, tmp_path: Path) -> None:
    """24 H100 came in 2027Q1 and 8 were bought; the price of the quarter after is the same."""
    found = advance(folder / "plan", to="2027Q2", out=tmp_path / "q2")
    supply = [tuple(row.values()) for row in rows(tmp_path / "q2" / "supply.csv")]
    assert supply == [
        ("H100 SXM", "2027Q2", "16", "30000", "8", "1.25"),
        ("H100 SXM", "2027Q3", "24", "25000", "", ""),
        ("B200", "2027Q2", "16", "40000.5", "8", "2"),
    ]
    assert [(one.accelerator, one.quantity) for one in found.supply] == [
        ("H100-SXM5-80GB", 40), ("B200", 16),
    ]  # fmt: skip
    demand = (tmp_path / "q2" / "demand.csv").read_text()
    assert demand == "".join(
        line for line in DEMAND.splitlines(keepends=True) if not line.startswith("2027Q1")
    )
    text = (tmp_path / "q2" / "placement.toml").read_text()
    for line in ('start = "2027Q2"', "periods = 4", "discounted_to = 2027-01-01"):
        assert line in text.splitlines()
    assert (tmp_path / "q2" / "sites.csv").read_bytes() == (folder / "in/sites.csv").read_bytes()


def test_what_is_spent_and_what_is_left_are_the_cost(folder: Path, tmp_path: Path) -> None:
    found = advance(folder / "plan", to="2027Q3", out=tmp_path / "q3")
    costs = rows(folder / "plan" / "costs.csv")
    for column, name in (("cost", "paid"), ("discounted", "discounted")):
        early = sum(Fraction(r[column]) for r in costs if r["period"] in ("2027Q1", "2027Q2"))
        late = sum(Fraction(row[column]) for row in costs) - early
        assert Fraction(getattr(found.spent, name)) == early
        assert Fraction(getattr(found.left, name)) == late
    again = make_plan(tmp_path / "q3").report.plan
    assert again is not None
    assert again.tiers[0].value == found.left.discounted
    assert again.discounted_to == date(2027, 1, 1)


def test_two_steps_are_one(folder: Path, tmp_path: Path) -> None:
    """Carried on, planned with nothing to change, and carried on again."""
    advance(folder / "plan", to="2027Q2", out=tmp_path / "q2")
    planned(tmp_path / "q2", tmp_path / "plan2")
    twice = advance(tmp_path / "plan2", to="2027Q4", out=tmp_path / "twice")
    once = advance(folder / "plan", to="2027Q4", out=tmp_path / "once")
    assert twice.left == once.left
    for name in ("inventory.csv", "supply.csv", "demand.csv", "placement.toml"):
        assert (tmp_path / "twice" / name).read_text() == (tmp_path / "once" / name).read_text()


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("2027Q1", "is the first period of"),
        ("2028Q2", "is none of the periods of"),
        ("2027-04", "is none of the periods of"),
        ("soon", "is no period"),
        ("2026Q4", "is none of the periods of"),
    ],
)
def test_periods_that_a_plan_does_not_have(
    folder: Path, tmp_path: Path, to: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as error:
        advance(folder / "plan", to=to, out=tmp_path / "out")
    assert "2027Q2" in str(error.value)
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(folder / "in")
    for out, said in (
        (folder / "plan", "is the plan's own folder"),
        (folder / "plan" / ".." / "in", "is the folder of the plan's inputs"),
        (tmp_path / "link", "is the folder of the plan's inputs"),
        (tmp_path / "full", "is not empty"),
        (tmp_path / "file", "is a file"),
    ):
        with pytest.raises(UsageError, match=said):
            advance(folder / "plan", to="2027Q2", out=out)
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_what_is_no_plan(folder: Path, tmp_path: Path) -> None:
    for plan in (folder / "in", tmp_path / "none"):
        with pytest.raises(InputError):
            advance(plan, to="2027Q2", out=tmp_path / "out")


def test_a_mixture_of_files_is_refused(folder: Path, tmp_path: Path) -> None:
    import shutil

    for name in ("layout.csv", "actions.csv", "costs.csv"):
        shutil.copytree(folder / "plan", tmp_path / name)
        path = tmp_path / name / name
        path.write_bytes(path.read_bytes() + b"\n")
        with pytest.raises(InputError, match="is of another run") as error:
            advance(tmp_path / name, to="2027Q2", out=tmp_path / "out")
        assert [one.file for one in error.value.problems] == [str(path)]


def test_inputs_that_have_changed_are_refused(tmp_path: Path) -> None:
    planned(write(tmp_path / "in"), tmp_path / "plan")
    demand = tmp_path / "in" / "demand.csv"
    demand.write_text(DEMAND.replace("208", "200"))
    with pytest.raises(InputError, match=r"is not what .* was made from") as error:
        advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "out")
    assert [one.file for one in error.value.problems] == [str(demand)]
    demand.unlink()
    with pytest.raises(InputError, match="was read for the plan and is not there"):
        advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "out")
    write(tmp_path / "in")
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"no such file.*--inputs"):
        advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "out")
    advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "out", inputs=tmp_path / "elsewhere")


def test_a_plan_from_tables_in_memory_says_so(tmp_path: Path) -> None:
    import pandas as pd

    from tests.support.carried_on import save

    write(tmp_path / "in")
    plan = make_plan(
        tmp_path / "in", tables={"demand": pd.read_csv(tmp_path / "in" / "demand.csv")}
    )
    save(plan, tmp_path / "plan")
    with pytest.raises(InputError, match="does not say from which files"):
        advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "out")


def test_what_was_asked_beside_the_configuration_is_kept(tmp_path: Path) -> None:
    """A pack by path, an option, an objective, a table elsewhere and budgets by period."""
    from importlib import resources

    config = CONFIG.replace('policy = "ai-diffusion-2025-basic"\n', "") + (
        "[optimize]\nbudget_usd_per_period = [9e9, 8e9, 7e9, 6e9, 5e9]\nby = 2027-02-01\n"
    ).replace("e9", "000000000")
    write(tmp_path / "in", placement=config)
    (tmp_path / "in" / "demand.csv").rename(tmp_path / "asked.csv")
    pack = tmp_path / "mine.toml"
    source = resources.files("placement.policy") / "packs/ai-diffusion-2025-basic.toml"
    pack.write_bytes(source.read_bytes())
    plan = make_plan(
        tmp_path / "in", policy=str(pack), options={"basis": "owned"},
        objective="cost, moves", tables={"demand": tmp_path / "asked.csv"},
    )  # fmt: skip
    from tests.support.carried_on import save

    save(plan, tmp_path / "plan")
    found = advance(tmp_path / "plan", to="2027Q3", out=tmp_path / "out")
    assert {Path(name).name for name in found.written} == {
        "inventory.csv", "sites.csv", "supply.csv", "demand.csv", "policy.toml", "placement.toml",
    }  # fmt: skip
    text = (tmp_path / "out" / "placement.toml").read_text()
    assert "budget_usd_per_period = [7000000000, 6000000000, 5000000000]" in text
    assert 'objective = ["cost", "moves"]' in text
    assert 'policy = "./policy.toml"' in text
    assert 'basis = "owned"' in text
    assert "by = " not in text
    (tmp_path / "mine.toml").unlink()  # nothing is needed of where it was planned
    again = make_plan(tmp_path / "out").report.plan
    assert again is not None
    assert again.tiers[0].value == found.left.discounted


def test_filtering_the_layout_is_warned_of(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In `optimize` wherever a layout is the inventory, in `check` where its plan has begun."""
    from placement import check

    write(tmp_path / "in", placement=CONFIG.replace("2027Q1", "2027Q2").replace("= 5", "= 4"))
    layout = rows(folder / "plan" / "layout.csv")
    kept = [row for row in layout if row["period"] == "2027Q1"]
    text = csv_text(list(layout[0]), [list(row.values()) for row in kept])
    (tmp_path / "in" / "inventory.csv").write_text(text)
    said = [note for note in make_plan(tmp_path / "in").report.notes if "layout of a plan" in note]
    assert len(said) == 1
    assert "`placement advance PLAN --to 2027Q2 --out DIR`" in said[0]
    for day, warned in ((date(2026, 12, 31), 0), (date(2027, 1, 1), 1)):
        monkeypatch.setattr("placement.compliance.check.today", lambda day=day: day)
        notes = check(
            tmp_path / "in" / "inventory.csv", policy="ai-diffusion-2025-basic", as_of="2027-08-01"
        ).notes
        assert len([one for one in notes if "placement advance" in one]) == warned
    advance(folder / "plan", to="2027Q2", out=tmp_path / "q2")
    for report in (
        make_plan(tmp_path / "q2").report,
        check(
            tmp_path / "q2" / "inventory.csv", policy="ai-diffusion-2025-basic", as_of="2027-08-01"
        ),
    ):
        assert not any("layout of a plan" in note for note in report.notes)


def test_nothing_gets_worse_than_without_any_plan(pack: Path, tmp_path: Path) -> None:
    """Retiring the one chip in the US makes the share of MY worse, which the first plan mends.

    Seen from 2027-08, with that chip gone, MY might be as bad as that: the baseline is the fleet
    before the plan, so the second plan has to mend it, too, at the cost of what is left.
    """
    many = Many(
        "2027-07", 3,
        (ManySite("s0", "US", energy=125, pue="1.25"),
         ManySite("s1", "MY", energy=-25, hosting=3, fixed=7)),
        (ManySupply("H100 SXM", 1, (None, (2, 3), (0, 2))),),
        (ManyLot("s0", "H100 SXM", 1), ManyLot("s1", "H100 SXM", 2)),
        demand=(ManyDemand(1, "2", countries=("US", "MY")), ManyDemand(2, "0.001", "mw")),
        promises=(ManyPromise("at_most", 2, 0, 2, None, ("US",)),), retire=-1, dilution=True,
    )  # fmt: skip
    plan = planned(write_many(many, tmp_path / "in", pack), tmp_path / "plan")
    assert plan.layout is not None
    assert [(one.period, one.action) for one in plan.layout.actions] == [
        ("2027-07", "retire"), ("2027-08", "install"), ("2027-09", "retire"),
    ]  # fmt: skip
    found = advance(tmp_path / "plan", to="2027-08", out=tmp_path / "08")
    assert "baseline.csv" in {Path(name).name for name in found.written}
    inventory = (tmp_path / "in" / "inventory.csv").read_bytes()
    assert (tmp_path / "08" / "baseline.csv").read_bytes() == inventory
    again = make_plan(tmp_path / "08")
    assert cost_of(again) == Fraction(found.left.discounted) == Fraction("212.55")
    # Without it the second plan may be as bad as the fleet is by then.
    (tmp_path / "08" / "baseline.csv").unlink()
    assert cost_of(make_plan(tmp_path / "08")) < cost_of(again)


def test_what_moves_in_is_not_taken_for_what_leaves(pack: Path, tmp_path: Path) -> None:
    """Two chips move from s1 to s0 at once, where an equal one stands, which is retired later."""
    many = Many(
        "2026-12", 3,
        (ManySite("s0", "US", 8, pue="1.25", hosting=3, fixed=7, opens=date(2026, 12, 1)),
         ManySite("s1", "US", status="draining", energy=125, pue="1.25", opens=date(2026, 12, 1),
                  closes=date(2027, 1, 26), limits=((1, None, 3),))),
        (ManySupply("H100 SXM", 1, ((2, 4), None, (0, 4))),),
        (ManyLot("s0", "H100 SXM", 1), ManyLot("s1", "H100 SXM", 2)),
        promises=(ManyPromise("at_least", 4, 0, 1, "s0"),), move=5, most_moved=3, retire=2,
        dilution=True, mode="strict", place="by_end", rate="0.08",
    )  # fmt: skip
    planned(write_many(many, tmp_path / "in", pack), tmp_path / "plan")
    for name in ("2027-01", "2027-02"):
        found = advance(tmp_path / "plan", to=name, out=tmp_path / name)
        assert cost_of(make_plan(tmp_path / name)) == Fraction(found.left.discounted)
