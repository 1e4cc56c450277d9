"""The public surface: a dozen names, all there, nothing heavy loaded for them."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import placement

ROOT = Path(placement.__file__).parent


def test_all_names_are_there_and_listed() -> None:
    assert len(placement.__all__) <= 17
    assert dir(placement) == placement.__all__
    for name in placement.__all__:
        assert getattr(placement, name) is not None
        assert callable(getattr(placement, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        placement.nothing  # noqa: B018


def test_the_version_is_that_of_the_metadata() -> None:
    assert placement.__version__ == version("placement")


def test_verbs_stay_functions_whatever_was_imported_first() -> None:
    code = (
        "import placement.compliance.headroom, placement.optimization.run, placement.cli.check\n"
        "import placement\nprint(placement.check, placement.optimize, placement.headroom)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    assert ran.stdout.count("<function ") == 3


SOURCES = sorted(ROOT.rglob("*.py"))
FOLDERS = sorted({path.parent for path in SOURCES})


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_prints(path: Path) -> None:
    """The directions of import are contracts in pyproject.toml: `lint-imports` checks them."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    prints = any(isinstance(call, ast.Name) and call.id == "print" for call in calls)
    assert not prints or path.relative_to(ROOT).parts[0] in ("cli", "render")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_name_crosses_modules(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not [one.name for one in node.names if one.name.startswith("_")]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_classes_and_functions_stay_small(path: Path) -> None:
    most = {ast.ClassDef: 200, ast.FunctionDef: 60}
    large = [
        f"{node.name}: {lines} lines"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > most[type(node)]
    ]
    assert large == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_folders_stay_small(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 20


def test_no_module_bears_the_name_of_a_verb() -> None:
    """Else it would be in the place of the function once somebody imports it."""
    modules = {path.stem for path in ROOT.glob("*.py")} | {path.name for path in FOLDERS}
    assert not modules.intersection(placement.__all__)
