"""The two ways in which an inventory is read line by line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", params=[None, 0], ids=["rows", "scan"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read lots line by line both ways: row by row, and by one scan."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param is not None:
            patch.setattr("placement.readers.inventory.read.ROW_BY_ROW_BELOW", request.param)
        yield
