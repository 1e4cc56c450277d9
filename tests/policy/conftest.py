"""Shared by the tests of packs: the command line, in this process."""

from __future__ import annotations

import pytest

from tests.policy.command import Command, command


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command(monkeypatch, capsys)
