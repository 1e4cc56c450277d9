"""Shared by all tests: the flag that rewrites golden files."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# As many workers as cores run the tests: a pool of threads in each of them only gets in the way.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# On GitHub the command says more than it was asked for; the tests of that set these themselves.
for _name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
    os.environ.pop(_name, None)

# As the command line does: what imports leave behind is not looked over again and again.
gc.set_threshold(100_000, 50, 100)

# Tests say themselves for which pull request they run.
os.environ.pop("GITHUB_BASE_REF", None)

# A background job of a script is started with Ctrl-C ignored; tests that press it need it heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no failure; in CI the same examples each time, so that a red run is repeatable.
settings.register_profile(
    "ours",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")

if TYPE_CHECKING:
    from tests.support.policy_command import Command

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare text with a golden file, or rewrite that file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The basic pack as a file, without what is watched between its dates."""
    from tests.support.tiny_one_period import write_pack

    return write_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`placement policy ...` in this process."""
    from tests.support.policy_command import command

    return command(monkeypatch, capsys)
