"""Where the real inputs are: PLACEMENT_REAL_DATA, else the nearest shared/data above."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def folder(name: str) -> Path:
    """Return a folder of real inputs; skips the test where it is absent."""
    given = os.environ.get("PLACEMENT_REAL_DATA")
    if given:
        candidates = [Path(given)]
    else:
        candidates = [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    for candidate in candidates:
        if (candidate / name).is_dir():
            return candidate / name
    pytest.skip(f"no real data: set PLACEMENT_REAL_DATA to a folder that holds {name}/")
