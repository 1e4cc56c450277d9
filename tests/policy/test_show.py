"""`placement policy list`, `show` and `schema`: what a pack says, in words."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from placement.policy import load_policy, shipped_packs
from placement.policy.load import find_pack
from placement.policy.pack import pack_schema
from placement.render import policy as render
from tests.support.paths import TESTS
from tests.support.policy_command import Command

PACKS = TESTS / "packs"
EVERY_KIND = str(PACKS / "every-kind.toml")
DAY = date(2026, 8, 1)
Golden = Callable[[str, str], None]


def test_a_pack_in_words(golden: Golden) -> None:
    policy = load_policy(EVERY_KIND)
    text = render.pack(policy, DAY)
    assert all(rule.id in text for rule in policy.pack.rules)
    golden("policy/every-kind.txt", text)


def test_every_rule_in_words(golden: Golden) -> None:
    policy = load_policy(EVERY_KIND, {"islands": "home"})
    rules = policy.pack.rules
    assert {rule.kind for rule in rules} == set(
        "share cap ratio prohibition notice duty storage finetune".split()
    )
    text = "\n----\n\n".join(render.rule(policy, rule) for rule in rules)
    golden("policy/every-kind-rules.txt", text)


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_and_rule_has_words(name: str) -> None:
    policy = load_policy(name)
    text = render.pack(policy, DAY)
    for rule in policy.pack.rules:
        assert rule.id in text
        assert rule.title in render.rule(policy, rule)
    assert ("NOT JUDGED" in text) is bool(policy.pack.unjudged)
    for one in policy.pack.unjudged:
        assert one.id in text
        assert one.title.split()[0] in render.unjudged(one)


def test_list_has_every_shipped_pack(policy: Command) -> None:
    code, out, err = policy("list")
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert set(shipped_packs()) <= set(rows)
    for name in shipped_packs():
        pack = load_policy(name).pack
        assert re.search(rf"^{name}\s+{pack.version}\s+{len(pack.rules)}\s+ships\s", rows[name])
        assert str(pack.status.as_of) in rows[name]


def test_show_a_duty_that_is_not_judged(policy: Command) -> None:
    code, out, _ = policy("show", "ai-diffusion-2025:veu.monitoring")
    assert code == 0
    assert out.startswith("NOT JUDGED (no input shows it)\n  veu.monitoring  watch all")
    assert "why not: it has no date" in out
    assert "codified, not enforced as of 2026-11-30" in " ".join(out.split())


def test_show_a_pack_and_a_rule(policy: Command) -> None:
    code, out, _ = policy("show", EVERY_KIND, "--as-of", "2026-02-02")
    assert code == 0
    assert "GROUPS on 2026-02-02" in out
    assert "2 countries: CN KH" in out
    code, out, _ = policy("show", f"{EVERY_KIND}:share.each")
    assert code == 0
    assert out.startswith("share.each (share): at most 7 % in any one country of the others\n")


def test_options_are_chosen(policy: Command) -> None:
    _, out, _ = policy("show", EVERY_KIND, "--option", "islands=home")
    assert "islands = home (default apart)" in out
    assert "2 countries: PR US" in out


def test_unknown_rule_and_pack(policy: Command) -> None:
    code, out, err = policy("show", f"{EVERY_KIND}:share.eech")
    assert (code, out) == (2, "")
    assert "'share.eech': pack every-kind has no such rule; did you mean 'share.each'" in err
    code, _, err = policy("show", "ai-difusion-2025")
    assert code == 2
    assert "did you mean 'ai-diffusion-2025'" in err


def test_a_path_may_have_a_colon(tmp_path: Path, policy: Command) -> None:
    path = tmp_path / "own:pack.toml"
    path.write_bytes(find_pack(EVERY_KIND).data)
    assert policy("show", str(path))[0] == 0
    assert policy("show", f"{path}:share.each")[0] == 0


def test_no_text_of_a_pack_steers_the_terminal(tmp_path: Path, policy: Command) -> None:
    text = find_pack(EVERY_KIND).text
    for old in ("made up for tests", "friends", "at all times", "Does Puerto Rico", "low volume"):
        assert f'"{old}' in text
        text = text.replace(f'"{old}', f'"\\u001b[31m\\u202e{old}')
    text = (
        text.replace('\nid = "every-kind"', '\nid = "evil"')
        .replace('all_except = ["\\u001b[31m\\u202efriends"', 'all_except = ["friends"')
        .replace('places = "\\u001b[31m\\u202e', 'places = "')
        .replace('headquarters = "\\u001b[31m\\u202e', 'headquarters = "')
    )
    path = tmp_path / "evil.toml"
    path.write_text(text, "utf-8")
    for words in (("show", str(path)), ("show", f"{path}:share.each"), ("lint", str(path)),
                  ("diff", EVERY_KIND, str(path)), ("test", str(path))):  # fmt: skip
        _, out, err = policy(*words)
        assert "\x1b" not in out + err
        assert "\u202e" not in out + err


def test_schema_is_that_of_the_packs(policy: Command) -> None:
    code, out, _ = policy("schema")
    assert code == 0
    schema = json.loads(out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "A policy pack of placement"
    assert "from" in schema["$defs"]["ShareRule"]["properties"]
    assert not schema["additionalProperties"]


def trees() -> dict[str, dict[str, Any]]:
    folder = resources.files("placement.policy") / "packs"
    texts = {name: (folder / f"{name}.toml").read_text("utf-8") for name in shipped_packs()}
    texts["every-kind"] = find_pack(EVERY_KIND).text
    return {name: _json(tomllib.loads(text)) for name, text in texts.items()}


def _json(value: Any) -> Any:
    """Dates of TOML are texts to a JSON Schema."""
    if isinstance(value, dict):
        return {key: _json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("name", trees())
def test_packs_keep_to_the_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.Draft202012Validator
    faults = list(
        checker(pack_schema(), format_checker=checker.FORMAT_CHECKER).iter_errors(trees()[name])
    )
    assert not faults


@pytest.mark.parametrize("name", trees())
def test_the_schema_knows_every_key(name: str) -> None:
    """Where jsonschema is not installed, this much is still sure."""
    schema = pack_schema()
    assert set(trees()[name]) <= set(schema["properties"])
    known = {
        kind: schema["$defs"][reference.rpartition("/")[2]]["properties"]
        for kind, reference in schema["properties"]["rules"]["items"]["discriminator"][
            "mapping"
        ].items()
    }
    for rule in trees()[name]["rules"]:
        assert set(rule) <= set(known[rule["kind"]])


def test_whose_headquarters_a_channel_asks_for(policy: Command) -> None:
    """Of AIA, too, the company's own and its ultimate parent's: a Swedish subsidiary of China's."""
    _, out, _ = policy("show", "ai-diffusion-2025")
    said = " ".join(out.split())
    aia = said[said.index("licence exception AIA") :]
    assert aia.startswith(
        "licence exception AIA: headquarters, ultimate parent and chips in tier 1; no limit of "
        "volume: to tier1, for owners that have their own headquarters and those of their ultimate "
        "parent in tier1"
    )
    assert "for owners and consignees that have their own headquarters" in said  # LPP
    assert "only where the inventory records it" in said  # NAC, ACM
