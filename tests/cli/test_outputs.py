"""An output never replaces an input, nor another output; [files] stay in their folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import placement
from placement.cli.main import cli
from placement.cli.output import REPORT_FORMATS
from placement.errors import InputError, UsageError
from tests.support.paths import TESTS
from tests.support.small_plan import write

INPUTS = TESTS / "inputs"
A = ("--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01")
LOTS = "owner,site,country,accelerator,quantity\nAcme,us-1,US,B200,8\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def tree(folder: Path) -> dict[str, object]:
    """Return all that stands in a folder, with what it is and holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else path.is_symlink()
        for path in folder.rglob("*")
    }


def refused(folder: Path, *words: str, said: str = "would replace an input") -> str:
    before = tree(folder)
    found = run(*words)
    assert isinstance(found.exception, UsageError), (words, found.output, found.exception)
    assert said in str(found.exception)
    assert tree(folder) == before
    return str(found.exception)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "inventory.csv").write_text(LOTS)
    (tmp_path / "entities.csv").write_text("entity,headquarters,authorization\nAcme,US,uveu\n")
    (tmp_path / "sites.csv").write_text("site,country\nus-1,US\n")
    (tmp_path / "pack.toml").write_text("")
    (tmp_path / "placement.toml").write_text('[files]\nweights = "deep/w.csv"\n')
    (tmp_path / "deep" / "w.csv").write_text("model\n")
    return tmp_path


def soft(name: str) -> str:
    Path("soft").symlink_to(name)
    return "soft"


def hard(name: str) -> str:
    os.link(name, "hard")
    return "hard"


def deeper(name: str) -> str:
    Path("deeper").symlink_to(".")
    return f"deeper/{name}"


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda name: name,
    "dots": lambda name: f"./deep/../{name}",
    "absolute": os.path.abspath,
    "symlink": soft,
    "hard link": hard,
    "linked folder": deeper,
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_an_input(folder: Path, spell: Callable[[str], str]) -> None:
    words = ("check", "inventory.csv", *A, "--output", f"json={spell('inventory.csv')}")
    assert "inventory.csv" in refused(folder, *words)


@pytest.mark.parametrize("kind", REPORT_FORMATS)
def test_every_format(folder: Path, kind: str) -> None:
    check = ("check", "inventory.csv", *A, "--output")
    assert "inventory.csv" in refused(folder, *check, f"{kind}=inventory.csv")
    refused(folder, *check, f"{kind}=r.out", "--output", "json=./r.out", said="are one file")
    source = write(folder / "in")
    optimize = ("optimize", str(source), "--out", str(folder / "out"), "--output")
    refused(folder, *optimize, f"{kind}={source / 'demand.csv'}")


@pytest.mark.parametrize("verb", ["check", "ledger"])
@pytest.mark.parametrize(
    "name",
    ["inventory.csv", "entities.csv", "sites.csv", "placement.toml", "deep/w.csv", "pack.toml"],
)
def test_every_input_of_a_verb(folder: Path, verb: str, name: str) -> None:
    words = (verb, "inventory.csv", "--entities", "entities.csv", "--policy", "./pack.toml")
    assert name in refused(folder, *words, "--output", f"json={name}")


def test_a_pack_and_records_of_the_configuration(folder: Path) -> None:
    (folder / "own.toml").write_text('[placement]\npolicy = "./pack.toml"\n')
    words = ("check", "inventory.csv", *A, "--config", "own.toml", "--output")
    assert "pack.toml" in refused(folder, *words, "json=pack.toml")
    assert "own.toml" in refused(folder, *words, "text=own.toml")
    for option in ("--shipments", "--weights", "--sites"):
        assert "deep/w.csv" in refused(folder, *words, "json=deep/w.csv", option, "deep/w.csv")


def test_two_outputs_to_one_place(folder: Path) -> None:
    Path("same.json").symlink_to("r.json")
    for one, other in (
        ("r.json", "./r.json"),
        ("r.json", "same.json"),
        ("/dev/fd/1", "/dev/stdout"),
    ):
        words = ("--output", f"json={one}", "--output", f"text={other}")
        refused(folder, "check", "inventory.csv", *A, *words, said="are one file")
    # The null device and the like take as much as one likes.
    words = ("--output", "json=/dev/null", "--output", "text=/dev/null")
    assert run("check", "inventory.csv", "--entities", "entities.csv", "--as-of", "2026-08-01",
               "--config", "sites.toml", *words).exit_code in (0, 1)  # fmt: skip


def test_a_plan_that_would_replace_its_inventory(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(INPUTS / "out-overwrites-input", folder)
    said = refused(folder, "optimize", str(folder), "--out", str(folder))
    assert "layout.csv of --out" in said


def test_every_output_of_a_plan(tmp_path: Path) -> None:
    folder = write(tmp_path / "in")
    words = ("optimize", str(folder), "--out", str(tmp_path / "out"))
    previous = tmp_path / "out" / "layout.csv"
    previous.parent.mkdir()
    previous.write_text(LOTS)
    changes = ("--objective", "cost,changes", "--previous", str(previous))
    assert "layout.csv" in refused(tmp_path, *words, *changes)
    (folder / "model.mps").write_text(LOTS)
    (folder / "placement.toml").write_text(
        (folder / "placement.toml").read_text() + '[files]\ninventory = "model.mps"\n'
    )
    assert "model.mps" in refused(tmp_path, *words, "--export", str(folder / "model.mps"))
    refused(tmp_path, *words, "--output", f"json={folder / 'demand.csv'}")
    report = f"json={tmp_path / 'out' / 'report.json'}"
    refused(tmp_path, *words, "--output", report, said="are one file")


def test_outputs_of_compare_and_report_form(tmp_path: Path, folder: Path) -> None:
    for name in ("report.json", "layout.csv", "actions.csv"):
        (folder / "deep" / name).write_text("x")
    refused(folder, "compare", "deep", "deep", "--output", "json=deep/report.json")
    form = folder / "uveu-acme-2026-08-01.csv"
    form.write_text(LOTS)
    words = ("--entities", "entities.csv", "--as-of", "2026-08-01", "--sites", "sites.csv")
    (folder / "placement.toml").unlink()
    first = run("report-form", "uveu", "inventory.csv", *words, "--out", "deep")
    assert first.exit_code == 0, first.exception
    name = next(path.name for path in (folder / "deep").glob("uveu-*.csv"))
    (folder / name).write_text(LOTS)
    refused(folder, "report-form", "uveu", name, *words, "--out", ".")


@pytest.mark.parametrize("listed", ["../x.csv", "deep/../../x.csv", "/etc/hostname", "out.csv"])
def test_files_outside_the_folder(folder: Path, listed: str) -> None:
    """The last one is a link that leads outside."""
    inside = folder / "in"
    inside.mkdir()
    (folder / "x.csv").write_text(LOTS)
    (inside / "out.csv").symlink_to(folder / "x.csv")
    (inside / "inventory.csv").write_text(LOTS)
    (inside / "placement.toml").write_text(f'[files]\nentities = "{listed}"\n')
    words = ("check", str(inside / "inventory.csv"), "--as-of", "2026-08-01")
    found = run(*words)
    assert isinstance(found.exception, UsageError)
    assert str(found.exception) == (
        f"{inside}/placement.toml:2: files.entities {listed!r}: lies outside the folder of the "
        "configuration; put it there, or allow it with --allow-outside"
    )
    found = run(*words, "--allow-outside")
    assert isinstance(found.exception, InputError)  # read, and no table of companies
    assert "lies outside" not in str(found.exception)
    with pytest.raises(UsageError, match="lies outside"):
        placement.check(inside / "inventory.csv", as_of="2026-08-01")
    with pytest.raises(InputError) as error:
        placement.check(inside / "inventory.csv", as_of="2026-08-01", allow_outside=True)
    assert "lies outside" not in str(error.value)


@pytest.mark.parametrize(
    "verb",
    [
        ("optimize", "in"),
        ("headroom", "in/i.csv", "--accelerator", "B200"),
        ("ledger", "in/i.csv"),
        ("report-form", "uveu", "in/i.csv", "--as-of", "2026-08-01"),
        ("catalog", "list", "--config", "in/placement.toml"),
        ("catalog", "find", "B200", "--config", "in/placement.toml"),
    ],
)
def test_every_verb_keeps_to_the_folder(folder: Path, verb: tuple[str, ...]) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "i.csv").write_text(LOTS)
    (folder / "in" / "placement.toml").write_text('[files]\naccelerators = "../a.csv"\n')
    refused(folder, *verb, said="lies outside the folder")
    found = run(*verb, "--allow-outside")
    assert "lies outside" not in str(found.exception)
