"""Countries that a user adds to groups: who is in them then, and what cannot be added."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from placement.errors import UsageError
from placement.policy import load_policies, load_policy
from placement.policy.additions import added_said
from placement.policy.load import find_pack
from placement.policy_testing.run_examples import run_examples

DAY = date(2026, 8, 1)
AI = "ai-diffusion-2025"


def faults(groups: dict[str, list[str]], pack: str = AI) -> list[str]:
    with pytest.raises(UsageError) as caught:
        load_policy(pack, groups=groups)
    return str(caught.value).split("\n")


def test_a_country_joins_and_the_groups_of_all_others_follow() -> None:
    plain, raised = load_policy(), load_policy(groups={"assured": ["India", "AE"]})
    before, after = plain.groups_on(DAY), raised.groups_on(DAY)
    assert not before["assured"]
    assert after["assured"] == {"IN", "AE"}
    assert before["tier2"] - after["tier2"] == {"IN", "AE"}
    assert after["tier2"] <= before["tier2"]
    for name in ("tier1", "tier3", "us"):
        assert before[name] == after[name]
    assert raised.digest == plain.digest  # the file is what it was
    assert raised.groups_under(raised.options, date(2025, 2, 1))["assured"] == {"IN", "AE"}
    (said,) = added_said(raised)
    assert said.endswith("by [policy.groups]: AE (United Arab Emirates), IN (India)")
    assert added_said(plain) == ()


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (
            {"asured": ["IN"]},
            "policy.groups.asured: pack ai-diffusion-2025 has no group 'asured'; "
            "did you mean 'assured'?",
        ),
        (
            {"tier2": ["DE"]},
            "policy.groups.tier2: group 'tier2' lists no members: it is all countries but those of "
            "tier1, tier3, assured; add to a group that lists members, and it follows",
        ),
        (
            {"tier1": ["FR"]},
            "policy.groups.tier1 'FR': FR is in group 'tier1' by the pack itself; drop it",
        ),
        (
            {"assured": ["IN", "DE"]},
            "policy.groups.assured 'DE': cannot be added: groups overlap: DE is in tier1 and in "
            "assured on a day; drop it: an addition takes a country out of no other list",
        ),
        (
            {"assured": ["IN"], "tier3": ["IN"]},
            "policy.groups: cannot be added: groups overlap: IN is in assured and in tier3 on "
            "a day; drop it: an addition takes a country out of no other list",
        ),
    ],
)
def test_what_cannot_be_added(groups: dict[str, list[str]], said: str) -> None:
    (found,) = faults(groups)
    # The first day on which they overlap is one of the pack's own.
    assert re.sub(r"on 20\S+;", "on a day;", found) == said


def test_all_faults_at_once() -> None:
    found = faults({"assured": ["Narnia", "Korea"], "tier2": ["IN"]})
    assert [line.split(": ")[0] for line in found] == [
        "policy.groups.assured 'Narnia'",
        "policy.groups.assured 'Korea'",
        "policy.groups.tier2",
    ]


def test_several_packs_each_take_their_own() -> None:
    packs = (AI, "china-h200-2026")
    law, china = load_policies(packs, groups={"assured": ["IN"]})
    assert law.added == {"assured": {"IN"}}
    assert china.added == {}
    law, china = load_policies(packs, groups={f"{AI}:tier3": ["IN"]})
    assert (dict(law.added), dict(china.added)) == ({"tier3": frozenset({"IN"})}, {})
    with pytest.raises(UsageError, match=r"none of the packs .* has such a group"):
        load_policies(packs, groups={"china-h200-2026:assured": ["IN"]})


def test_examples_are_run_with_their_additions(tmp_path: Path) -> None:
    file = find_pack(AI)
    path = tmp_path / "own.toml"
    # One accelerator less in the limit: the example at it, with IN added, fails, and no other.
    text = file.text.replace('limit = "1580000000"', 'limit = "1579990000"')
    head, _, rest = text.partition("[[rules]]")
    rules = rest.split("[[rules]]")
    (kept,) = (one for one in rules if '"country.alloc_g2g"' in one)
    (without,) = (one for one in rules if '"country.alloc"' in one)
    tail = "\n".join(["", *rules[-1].partition("[[unjudged]]")[1:]])
    path.write_text(head + "[[rules]]" + without + "[[rules]]" + kept + tail)
    if "lpp.cap" in head:  # the ledger's room is a cap of its own
        (room,) = (one for one in rules if 'id = "lpp.cap"' in one)
        path.write_text(path.read_text().replace(tail, "[[rules]]" + room + tail))
    results = {one.rule: one for one in run_examples(find_pack(str(path)))}
    found = results["country.alloc_g2g"]
    assert [one.example.case for one in found.failures] == ["at_limit", "passing"]
    assert found.missing == ()
