"""What was read, in one line of text."""

from __future__ import annotations

from pathlib import PurePath

from placement.report import ReadInfo
from placement.text.decimals import grouped


def read_text(read: ReadInfo) -> str:
    """Return the lots, what they add up to, and the rows of each file: one line, not escaped."""
    lots = "1 lot" if read.lots == 1 else f"{read.lots:,} lots"
    plural = "" if read.accelerators == "1" else "s"
    said = f"{lots} of {grouped(read.accelerators)} accelerator{plural}"
    short = {name: PurePath(name).name or name for name in read.files}
    shown = short if len({*short.values()}) == len(short) else {name: name for name in short}
    files = [
        f"{shown[name]} ({rows:,}{'' if at else ' row' if rows == 1 else ' rows'})"
        for at, (name, rows) in enumerate(read.files.items())
    ]
    return "; ".join([said, ", ".join(files)]) if files else said
