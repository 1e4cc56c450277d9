"""Texts that nobody would write, and files that have no end: a message for each, never a crash."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

import placement
from placement.errors import Fault, InputError, PlacementError, PolicyError, UsageError
from placement.optimization.run import make_plan
from placement.policy import load_policy
from placement.policy.country_groups import Group, resolve_groups
from placement.readers.cells import BadText, exact, operations, price, whole
from placement.readers.config.placement_toml import read_config
from placement.text import bounded
from placement.text.bounded import BadToml, parse_toml, read_stream
from tests.support.paths import TESTS
from tests.support.small_plan import write

INPUTS = TESTS / "inputs"
PACKS = Path(placement.__file__).parent / "policy" / "packs"
ASSUMED: dict[str, Any] = {"headquarters": "US", "authorization": "none"}
START = '[horizon]\nstart = "2027Q1"\n'


def test_deep_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(INPUTS / "deep-toml", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^placement\.toml: nested too deeply"):
        placement.check("inventory.csv", **ASSUMED)


@pytest.mark.parametrize("depth", [65, 200, 500, 20_000])
@pytest.mark.parametrize(
    "form",
    [
        lambda n: "a = " + "[" * n + "]" * n,
        lambda n: "a = " + "{b = " * n + "1" + "}" * n,
        lambda n: ".".join(["a"] * min(n, 2000)) + " = 1",
        lambda n: "[" + ".".join(["a"] * min(n, 2000)) + "]",
        lambda n: "a = " + "[" * n,
    ],
    ids=["arrays", "tables", "dotted key", "header", "never closed"],
)
def test_nesting(tmp_path: Path, form: Callable[[int], str], depth: int) -> None:
    text = form(depth)
    (tmp_path / "placement.toml").write_text(text)
    (tmp_path / "pack.toml").write_text(text)
    for read in (
        lambda: read_config(tmp_path),
        lambda: load_policy(str(tmp_path / "pack.toml")),
    ):
        with pytest.raises((UsageError, PolicyError)) as error:
            read()
        said = str(error.value)
        # Where brackets are few enough, one that is not closed is what is wrong.
        assert "nested too deeply" in said or "is not TOML" in said


@drawn(st.integers(0, 63))
def test_what_anyone_would_write_is_read(depth: int) -> None:
    assert parse_toml("a = " + "[" * depth + "1" + "]" * depth)


@pytest.mark.parametrize("number", ["9" * 200_000, "-" + "1" * 5000, "0x" + "f" * 200_000])
def test_numbers_of_toml(tmp_path: Path, number: str) -> None:
    (tmp_path / "placement.toml").write_text(f"{START}periods = {number}\n")
    with pytest.raises(UsageError, match=r"a number in it has more than 4,300 digits") as error:
        read_config(tmp_path)
    assert len(str(error.value)) < 1000
    with pytest.raises(BadToml):
        parse_toml(f"a = [[{number}]]")
    (tmp_path / "placement.toml").write_text(f"{START}[optimize]\ngap = {number[:9]}.{number}\n")
    with pytest.raises(UsageError) as error:
        read_config(tmp_path)
    assert len(str(error.value)) < 1000


LONG = ("9" * 200_000, "-" + "9" * 5000, "1." + "0" * 200_000, "1e" + "9" * 200_000,
        "1," + "0" * 200_000, "9" * 200_000 + "e1", "1" + ",000" * 60_000)  # fmt: skip


@pytest.mark.parametrize("read", [whole, exact, price, operations])
@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_numbers_of_cells(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(BadText) as error:
        read(text)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_numbers_of_tables(tmp_path: Path, text: str) -> None:
    cell = f'"{text}"'
    inventory = tmp_path / "inventory.csv"
    inventory.write_text(f"owner,site,country,accelerator,quantity\nA,us,US,B200,{cell}\n")
    with pytest.raises(InputError, match="quantity") as error:
        placement.check(inventory, **ASSUMED)
    assert len(str(error.value)) < 1000
    folder = write(tmp_path / "in")
    for name, old in (("supply", ",30000,"), ("demand", ",20.5,"), ("sites", ",1.2,")):
        path = folder / f"{name}.csv"
        before = path.read_text()
        path.write_text(before.replace(old, f",{cell},"))
        with pytest.raises(InputError, match=rf"{name}\.csv:\d+: ") as error:
            make_plan(folder)
        assert len(str(error.value)) < 1000
        path.write_text(before)


def test_a_long_value_is_shown_by_its_ends() -> None:
    said = str(Fault("is no number", value="1" * 200_000))
    assert said == f"'{'1' * 40}'...'{'1' * 20}' (200,000 characters): is no number"
    assert str(Fault("is no name", value="x" * 400)) == f"'{'x' * 400}': is no name"


def test_a_chain_of_groups(tmp_path: Path) -> None:
    """g0 is NA, each other one all countries but those of the group before."""
    count = 1500
    chain = {"g0": Group(title="first", members=["NA"])}
    for n in range(1, count):
        chain[f"g{n}"] = Group(title="next", all_except=[f"g{n - 1}"])
    everywhere = frozenset({"NA", "US", "MY"})
    backwards = dict(reversed(chain.items()))
    for groups in (chain, backwards):
        found = resolve_groups(groups, {}, everywhere, date(2026, 8, 1))
        assert all(found[f"g{n}"] == ({"NA"} if n % 2 == 0 else {"US", "MY"}) for n in range(count))
    pack = (PACKS / "ai-diffusion-2025-basic.toml").read_text()
    text = "".join(
        f'[groups.h{n}]\ntitle = "h"\nall_except = ["h{n + 1}"]\n' for n in range(count)
    ) + f'[groups.h{count}]\ntitle = "h"\nmembers = ["NA"]\n'  # fmt: skip
    path = tmp_path / "pack.toml"
    path.write_text(f"{pack}\n{text}")
    assert len(load_policy(str(path)).pack.groups) > count


PATHS = ("x" * 300, "./" + "y/" * 3000 + "z")


@pytest.mark.parametrize("path", PATHS, ids=["name", "whole"])
def test_paths_that_no_file_has(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("i.csv").write_text("owner,site,country,accelerator,quantity\nA,us,US,B200,8\n")
    for given in (
        {"inventory": path},
        {"inventory": "i.csv", "sites": path},
        {"inventory": "i.csv", "shipments": path},
        {"inventory": "i.csv", "weights": path},
        {"inventory": "i.csv", "config": path},
        {"inventory": "i.csv", "policy": f"./{path}"},
    ):
        with pytest.raises(PlacementError):
            placement.check(given.pop("inventory"), **ASSUMED, **given)  # type: ignore[arg-type]
    with pytest.raises(PlacementError):
        placement.check("i.csv", entities=path)
    with pytest.raises(PlacementError):
        make_plan(path)


def test_what_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            view = memoryview(buffer)  # type: ignore[arg-type]
            view[:] = b"a" * len(view)
            return len(view)

    monkeypatch.setattr(bounded, "MOST_STREAM", 3 * bounded.MIB)
    with pytest.raises(OSError, match="is larger than 3 MiB, if it ends at all"):
        read_stream(io.BufferedReader(Endless()), 3 * bounded.MIB)
    assert read_stream(io.BytesIO(b"a" * 100), 100) == b"a" * 100


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero here")
def test_endless_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of zeros the first bytes say that they are no text."""
    monkeypatch.chdir(tmp_path)
    Path("i.csv").write_text("owner,site,country,accelerator,quantity\nA,us,US,B200,8\n")
    zero = "/dev/zero"
    for given in (
        {"inventory": zero},
        {"inventory": "i.csv", "sites": zero},
        {"inventory": "i.csv", "shipments": zero},
        {"inventory": "i.csv", "weights": zero},
        {"inventory": "i.csv", "config": zero},
        {"inventory": "i.csv", "policy": zero},
    ):
        with pytest.raises(InputError, match=r"/dev/zero:?.*(NUL|TOML)"):
            placement.check(given.pop("inventory"), **ASSUMED, **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="NUL"):
        placement.check("i.csv", entities=zero)
    folder = write(tmp_path / "in")
    for table in ("sites", "supply", "demand", "commitments", "latency", "site_limits"):
        with pytest.raises(InputError, match="/dev/zero"):
            make_plan(folder, tables={table: zero})
    (folder / "accelerators.csv").symlink_to(zero)
    (folder / "placement.toml").write_text(
        (folder / "placement.toml").read_text() + '[files]\naccelerators = "accelerators.csv"\n'
    )
    with pytest.raises(InputError, match=r"accelerators\.csv"):
        make_plan(folder, allow_outside=True)


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement.readers.formats.csv_records._LONGEST_LINE", bounded.MIB)
    path = tmp_path / "i.csv"
    with path.open("wb") as file:
        file.write(b"owner,site,country,accelerator,quantity\nA,us,US,B200,8\n")
        file.write(b"x" * (bounded.MIB + 5))
    with pytest.raises(InputError, match=r"i\.csv:3: a line has more than 1 MiB"):
        placement.check(path, **ASSUMED)
    with path.open("wb") as file:
        file.truncate(10 * bounded.MIB)  # a file of zeros that takes no room on the disk
    with pytest.raises(InputError, match="NUL"):
        placement.check(path, **ASSUMED)
