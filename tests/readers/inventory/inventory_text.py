"""Texts of inventories as files: read, or refused with what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from placement.catalog import load_catalog
from placement.errors import InputError
from placement.inventory import Inventory
from placement.readers import read_inventory
from placement.readers.doubts import Accepting

CATALOG = load_catalog()


HEADER = "owner,site,country,accelerator,quantity,status,arrived,in_service,out_of_service,asset_id"


NAMIBIA = "Acme,Windhoek,NA,H100-SXM5-80GB,8,,,,,"


WIDE = "owner,site,country,accelerator,quantity,provider,region,instance_type"


NAMIBIA_WIDE = "Acme,Windhoek,NA,H100-SXM5-80GB,8,,,"


#: Merged lots, or one a line. Below ROW_BY_ROW_BELOW the latter are read row by row, see `way`.
MODES = [pytest.param(1 << 40, id="small"), pytest.param(0, id="big")]


def read(path: Path, content: str | bytes, merge_from: int = 1 << 40, **more: Any) -> Inventory:
    """Read text as a file; rows may be equal, which is of no account but in test_doubts."""
    file = path / "inv.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    given = {"catalog": CATALOG, "name": "inv.csv", "merge_from": merge_from, **more}
    return read_inventory(file, accepting=Accepting(everything=True), **given)


def refused(path: Path, content: str | bytes, merge_from: int = 1 << 40, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(path, content, merge_from, **more)
    return str(caught.value)
