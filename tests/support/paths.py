"""Where things are: the repository, its tests, and the packs that ship."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
