"""A plan under two packs keeps the rules of both, and nothing of the two mixes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from placement.errors import NothingEvaluatedError, UsageError
from placement.optimization.plan import Plan
from placement.optimization.results.rule_names import as_judged, as_planned
from placement.optimization.run import make_plan
from placement.policy import load_policies
from placement.policy.combine import combined
from placement.policy.validation.references import dangling
from placement.render.optimize import render
from tests.optimization.against_oracle.test_one_period import cost_of, instances
from tests.oracles.one_period import brute_force
from tests.support.paths import TESTS
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply

PACKS = TESTS / "packs"

HEAD = """
schema = "placement.pack/1"
id = "{id}"
version = "1"
title = "{id}"
citation = "none"
[status]
text = "made up"
as_of = 2026-08-28
[counted]
title = "counted"
citation = "none"
any = [{{ tpp_at_least = "{least}" }}]
[schedules.dates]
title = "dates"
days = ["{day}"]
"""

RULE = """
[[rules]]
id = "{id}"
kind = "{kind}"
title = "{id}"
numerator = "places"
per = "{per}"
{limit}
schedule = "dates"
citation = "none"
"""


def write(folder: Path, name: str, text: str, *, day: str = "02-01", least: str = "4800") -> str:
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(id=name, day=day, least=least) + text, "utf-8")
    return str(path)


def floor(folder: Path, limit: str = "0.40", name: str = "floor", **more: str) -> str:
    """Write a pack with a floor: its group `places` is the United States."""
    share = f'denominator = "everywhere"\nlimit = "{limit}"\ncomparison = ">="'
    group = '[groups.places]\ntitle = "home"\nmembers = ["US"]\n'
    rule = RULE.format(id="rule", kind="share", per="group", limit=share)
    return write(folder, name, group + rule, **more)


def cap(folder: Path, limit: str = "0.30", name: str = "cap", **more: str) -> str:
    """Write a pack with a cap on each country: its group `places` is the rest of the world."""
    share = f'denominator = "everywhere"\nlimit = "{limit}"\ncomparison = "<="'
    others = '"US", "DE", "JP"'
    group = f"""
[groups.near]
title = "near"
members = [{others}]
[groups.places]
title = "far"
all_except = ["near"]
"""
    rule = RULE.format(id="rule", kind="share", per="each place", limit=share)
    return write(folder, name, group + rule, **more)


def barred(folder: Path, least: str) -> str:
    """Write a pack that bars Malaysia to all chips of so many TPP."""
    group = '[groups.places]\ntitle = "barred"\nmembers = ["MY"]\n'
    rule = RULE.format(id="rule", kind="prohibition", per="group", limit="")
    return write(folder, "barred", group + rule, least=least)


def plan(tiny: Tiny, *packs: str) -> Plan:
    return make_plan(tiny.config(), tables=tiny.tables(), policy=packs)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("packs")
    return floor(folder), cap(folder)


@settings(max_examples=12)
@given(tiny=instances())
def test_same_optimum_as_trying_every_layout(tiny: Tiny, two: tuple[str, str]) -> None:
    """The enumeration knows both rules as one text; each alone is never dearer than both."""
    both = plan(tiny, *two)
    found = cost_of(both)
    assert found == brute_force(tiny)
    if found is not None:
        assert all(cost_of(plan(tiny, one)) <= found for one in two)  # type: ignore[operator]
        assert not both.report.breaches
        assert {one.pack for one in both.report.findings} == {"floor", "cap"}


def fleet(quantity: str, *, my_price: int = 0) -> Tiny:
    """A line of demand that Malaysia serves for less than the US; only B200 may be bought."""
    return Tiny(
        sites=(TinySite("us", "US", energy=100), TinySite("my", "MY", energy=my_price)),
        supply=(TinySupply("B200", 20, 1, 10),),
        demand=(TinyDemand(quantity),),
    )


def stands(made: Plan) -> dict[str, int]:
    assert made.layout is not None
    found: dict[str, int] = {}
    for lot in made.layout.lots:
        found[lot.country] = found.get(lot.country, 0) + lot.quantity
    return found


def test_the_tighter_one_of_each_place_binds(tmp_path: Path) -> None:
    """10 B200, 360,000 TPP, besides an H100 of 15,832 on its way to the US: 375,832 in all.

    A cap of 30 % leaves Malaysia 112,749: 3 B200. A floor of 80 % leaves it 75,166: 2.
    """
    loose, tight = floor(tmp_path, "0.40"), floor(tmp_path, "0.80", "tight")
    ceiling = cap(tmp_path)
    tiny = fleet("10")
    assert stands(plan(tiny, loose))["MY"] == 6
    assert stands(plan(tiny, ceiling))["MY"] == 3
    assert stands(plan(tiny, loose, ceiling))["MY"] == 3
    assert stands(plan(tiny, ceiling, tight))["MY"] == 2
    assert stands(plan(tiny, tight, ceiling))["MY"] == 2


def crowd(folder: Path) -> str:
    """Write a pack with a ceiling on what stands at home: half of all."""
    share = 'denominator = "everywhere"\nlimit = "0.50"\ncomparison = "<="'
    group = '[groups.places]\ntitle = "home"\nmembers = ["US"]\n'
    rule = RULE.format(id="rule", kind="share", per="group", limit=share)
    return write(folder, "crowd", group + rule)


def test_infeasible_together_though_each_alone_is_feasible(tmp_path: Path) -> None:
    """At least 60 % at home, and at most half: each of them can be kept, not both."""
    ground, crowded = floor(tmp_path, "0.60"), crowd(tmp_path)
    tiny = fleet("10")
    assert stands(plan(tiny, ground))["US"] >= 6
    assert stands(plan(tiny, crowded))["MY"] >= 6
    made = plan(tiny, ground, crowded)
    assert cost_of(made) is None
    assert made.report.plan is not None
    said = " ".join(made.report.plan.conflict)
    assert "floor:rule in places" in said or "crowd:rule in crowd:places" in said
    assert [one.id for one in made.report.packs] == ["floor", "crowd"]
    assert cost_of(plan(tiny, crowded, ground)) is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_pack_that_counts_other_chips_has_its_own_test(tmp_path: Path, turned: bool) -> None:
    """T4, 1,040 TPP, count in no share; a pack that bars chips of 1,000 TPP keeps them out."""
    tiny = Tiny(
        sites=(TinySite("us", "US", energy=100), TinySite("my", "MY"),
               TinySite("de", "DE", energy=9)),
        supply=(TinySupply("T4", 5, 1, 10),),
        demand=(TinyDemand("5"),),
    )  # fmt: skip
    share = cap(tmp_path)
    alone = stands(plan(tiny, share))
    loose, strict = barred(tmp_path, "2000"), None
    packs = (share, loose)
    assert alone["MY"] == 5
    assert stands(plan(tiny, *(packs[::-1] if turned else packs)))["MY"] == 5
    strict = barred(tmp_path, "1000")
    packs = (share, strict)
    found = stands(plan(tiny, *(packs[::-1] if turned else packs)))
    assert found == {"US": 1, "DE": 5}


def test_the_plan_is_judged_by_each_pack_as_check_judges(tmp_path: Path) -> None:
    """Groups and schedules of one name are two: one measures in February, one in March."""
    ground, roof = floor(tmp_path), cap(tmp_path, day="03-01")
    made = plan(fleet("10"), ground, roof)
    found = {(f.pack, f.rule, f.place, f.date.isoformat()) for f in made.report.findings}
    assert found == {
        ("floor", "rule", "places", "2027-02-01"),
        ("cap", "rule", "MY", "2027-03-01"),
    }
    assert [one.id for one in made.report.packs] == ["floor", "cap"]
    for pack in (ground, roof):
        alone = plan(fleet("10"), pack).report
        mine = [f for f in made.report.findings if f.pack == alone.pack.id]
        assert {f.model_dump(mode="json")["limit"] for f in mine} == {
            f.model_dump(mode="json")["limit"] for f in alone.findings
        }
    rows = {(row[2], row[4]) for row in made.share_rows()}
    assert rows == {("floor:rule", "places"), ("cap:rule", "MY")}
    assert "cap:rule" in render(made)


def test_what_packs_have_to_agree_on(tmp_path: Path) -> None:
    option = (
        '[options.basis]\nquestion = "Whose?"\ndefault = "operated"\n'
        'values = { owned = "owner", operated = "operator" }\n'
    )
    other = Path(cap(tmp_path))
    other.write_text(other.read_text("utf-8") + option, "utf-8")
    with pytest.raises(UsageError) as caught:
        plan(fleet("3"), floor(tmp_path), str(other))
    assert "basis: the packs have to agree on it, and they do not (floor: owned, cap: operated" in (
        str(caught.value)
    )
    assert "--option basis=owned" in str(caught.value)


def test_shares_that_count_other_chips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shares, notices or accounts that count different chips"):
        plan(fleet("3"), floor(tmp_path), cap(tmp_path, least="20000"))


def test_a_pack_with_nothing_to_judge_is_no_green(tmp_path: Path) -> None:
    """No chip of this fleet counts there."""
    giants = barred(tmp_path, "90000")
    with pytest.raises(NothingEvaluatedError, match="under barred, nothing was evaluated"):
        plan(fleet("3"), floor(tmp_path), giants)


def test_a_margin_is_of_one_rule_of_one_pack(tmp_path: Path) -> None:
    """5 points inside 30 %: at most a quarter of 375,832 TPP, 93,958: 2 B200."""
    ground, roof = floor(tmp_path), cap(tmp_path)
    tiny = fleet("10")
    config = tiny.config()
    config["optimize"]["margin"] = {"cap:rule": "5pp"}
    made = make_plan(config, tables=tiny.tables(), policy=[ground, roof])
    assert stands(made)["MY"] == 2
    config["optimize"]["margin"] = {"rule": "5pp"}
    with pytest.raises(UsageError, match="has no rule 'rule'; did you mean"):
        make_plan(config, tables=tiny.tables(), policy=[ground, roof])


def test_every_name_of_the_shipped_packs_is_carried_over() -> None:
    """What a rule, a channel or a group refers to is there under its new name."""
    basic, whole = "ai-diffusion-2025-basic", "ai-diffusion-2025"
    names = [basic, whole, "china-h200-2026"]
    for pair in (names, names[::-1], [basic, "us-ear-enforced"], ["us-ear-enforced", basic]):
        pack = combined(load_policies(pair)).pack
        assert list(dangling(pack)) == []
        assert len({rule.id for rule in pack.rules}) == len(pack.rules)


def test_two_accounts_of_receipts_are_refused() -> None:
    accounts = str(PACKS / "accounts.toml")
    with pytest.raises(UsageError, match="accounts of what is received: accounts, ai-diffusion"):
        combined(load_policies([accounts, "ai-diffusion-2025"]))


def test_cost_is_that_of_the_dearer_rule(tmp_path: Path) -> None:
    ground, roof = floor(tmp_path, "0.80"), cap(tmp_path)
    both, alone = (cost_of(plan(fleet("10"), *packs)) for packs in ((ground, roof), (roof,)))
    assert isinstance(both, Fraction)
    assert isinstance(alone, Fraction)
    assert both > alone


def test_a_plan_says_what_is_in_force_of_its_layout(tmp_path: Path) -> None:
    """Cheap in the Emirates, where chips need a licence today: the plan's report says so."""
    tiny = Tiny(
        sites=(TinySite("us", "US", energy=100), TinySite("ae", "AE")),
        supply=(TinySupply("B200", 4, 1, 10),),
        demand=(TinyDemand("4"),),
    )
    config = tiny.config() | {"placement": {"headquarters": "US", "authorization": "none"}}
    given = {"tables": tiny.tables(), "policy": floor(tmp_path, "0.10")}
    made = make_plan(config, **given)  # type: ignore[arg-type]
    assert made.report.exit_code == 0
    (one,) = made.report.in_force
    assert (one.pack, one.verdict, one.places) == ("us-ear-enforced", "breach", ("AE",))
    assert one.sentence in render(made)


def test_findings_have_the_names_of_the_plans_rows_and_back(tmp_path: Path) -> None:
    """Groups of the second pack are named after it; countries and those of the first are not."""
    packs = floor(tmp_path), crowd(tmp_path)
    policies = load_policies(packs)
    judged = plan(fleet("10"), packs[0]).report
    (own,) = (one for one in judged.findings if one.place == "places")
    other = own.model_copy(update={"pack": "crowd"})
    country = other.model_copy(update={"place": "MY"})
    both = judged.model_copy(update={"findings": (own, other, country)})
    named = as_planned(both, policies)
    assert [(one.rule, one.place) for one in named.findings] == [
        ("floor:rule", "places"), ("crowd:rule", "crowd:places"), ("crowd:rule", "MY"),
    ]  # fmt: skip
    assert tuple(map(as_judged, named.findings)) == both.findings
    assert as_planned(both, policies[:1]) is both
    rows = {rule.id: rule.place() for rule in combined(policies).on_totals}
    assert rows == {"floor:rule": "places", "crowd:rule": "crowd:places"}


def test_the_limits_of_2025_and_what_is_enforced_today(tmp_path: Path) -> None:
    """100 B200 for a holder of uveu; the Emirates are cheapest, then Malaysia, then the US.

    The rule of 2025 leaves each country 7 %: of 3,600,000 TPP and an H100 of 15,832 that is
    253,108, 7 B200 in each. What is enforced today asks for a licence in the Emirates: none there.
    """
    tiny = Tiny(
        sites=(
            TinySite("us", "US", energy=100), TinySite("my", "MY", energy=50),
            TinySite("ae", "AE"),
        ),
        supply=(TinySupply("B200", 100, 1, 10),),
        demand=(TinyDemand("100"),),
    )  # fmt: skip
    tables = tiny.tables()
    tables["sites"]["notice_filed"] = "2026-01-01"
    config = tiny.config() | {"placement": {"headquarters": "US", "authorization": "uveu"}}

    def planned(*packs: str) -> dict[str, int]:
        return stands(make_plan(config, tables=tables, policy=packs))

    assert planned("ai-diffusion-2025") == {"US": 87, "MY": 7, "AE": 7}
    both = {"US": 94, "MY": 7}
    assert planned("ai-diffusion-2025", "us-ear-enforced") == both
    assert planned("us-ear-enforced", "ai-diffusion-2025") == both
