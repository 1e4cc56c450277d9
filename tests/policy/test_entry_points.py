"""Packs of other packages: found by entry point, and never two of one id."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from placement.errors import PolicyError, UsageError
from placement.policy import load_policy, shipped_packs
from placement.policy.load import installed_packs
from tests.support.policy_command import Command

TEXT = """\
schema = "placement.pack/1"
id = "{id}"
version = "1"
title = "a pack of another package"
citation = "none"
status = {{ text = "an example", as_of = 2026-08-01 }}
[counted]
title = "everything"
citation = "none"
any = [{{ tpp_at_least = "0" }}]
[groups.us]
title = "United States"
members = ["US"]
[schedules.always]
title = "at all times"
every_day = true
[[rules]]
id = "half"
kind = "share"
title = "at least half in the United States"
numerator = "us"
limit = "0.5"
comparison = ">="
schedule = "always"
citation = "none"
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages that Python sees, for this test only."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(site: Path, name: str, pack: str, text: str | None = None) -> None:
    """Put a package with one pack into the folder, as pip would."""
    module = name.replace("-", "_")
    (site / module).mkdir()
    (site / module / "__init__.py").write_text("", "utf-8")
    if text is not None:
        (site / module / f"{pack}.toml").write_text(text, "utf-8")
    meta = site / f"{module}-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", "utf-8")
    (meta / "entry_points.txt").write_text(f"[placement.policies]\n{pack} = {module}\n", "utf-8")
    importlib.invalidate_caches()


def test_a_pack_of_a_package_is_found_by_its_id(site: Path) -> None:
    install(site, "own-rules", "own-2026", TEXT.format(id="own-2026"))
    policy = load_policy("own-2026")
    assert (policy.pack.id, policy.origin) == ("own-2026", "own-2026")
    files, faults = installed_packs()
    assert [(file.name, file.source) for file in files if file.source != "ships"] == [
        ("own-2026", "package own-rules")
    ]
    assert not faults
    with pytest.raises(UsageError, match="did you mean 'own-2026'"):
        load_policy("own-2025")


def test_two_packages_with_one_id(site: Path) -> None:
    install(site, "one", "own", TEXT.format(id="own"))
    install(site, "two", "own", TEXT.format(id="own"))
    message = "two packs have this id: of package one, and of package two; rename or uninstall one"
    with pytest.raises(PolicyError, match=message):
        load_policy("own")
    assert [fault.message for fault in installed_packs()[1]] == [message.partition(";")[0]]


def test_a_package_cannot_take_the_id_of_a_shipped_pack(site: Path) -> None:
    name = shipped_packs()[0]
    install(site, "thief", name, TEXT.format(id=name))
    assert load_policy(name).pack.title != "a pack of another package"
    files, (fault,) = installed_packs()
    assert [file.source for file in files] == ["ships"] * len(shipped_packs())
    assert str(fault) == (
        f"placement.policies '{name}': two packs have this id: of placement itself, "
        "and of package thief; rename or uninstall one"
    )


def test_a_file_with_another_id(site: Path) -> None:
    install(site, "own-rules", "own", TEXT.format(id="other"))
    with pytest.raises(PolicyError, match="package own-rules calls it 'own', and the file itself"):
        load_policy("own")


def test_a_package_without_the_file(site: Path) -> None:
    install(site, "own-rules", "own")
    with pytest.raises(PolicyError, match=r"has no own\.toml in own_rules.*uninstall it"):
        load_policy("own")


def test_a_shipped_pack_is_loaded_without_asking_other_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked(**_: str) -> None:
        raise AssertionError("a look at every installed package takes longer than a small check")

    monkeypatch.setattr("importlib.metadata.entry_points", asked)
    assert load_policy().pack.id in shipped_packs()


def test_list_and_lint_tell_of_packs_with_one_id(site: Path, policy: Command) -> None:
    name = shipped_packs()[0]
    install(site, "thief", name, TEXT.format(id=name))
    install(site, "own-rules", "own", TEXT.format(id="own"))
    code, out, err = policy("list")
    assert code == 2
    assert "package own-rules" in out
    assert "two packs have this id: of placement itself, and of package thief" in err
    code, out, _ = policy("lint", "own")
    assert code == 1
    assert "warning: placement.policies" in out
