"""Reading that ends: what has no end, or would fill the memory, is refused by its size."""

from __future__ import annotations

import errno
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

MIB = 1 << 20

MOST_TEXT = 16 * MIB
"""Bytes of a placement.toml or a pack."""

MOST_STREAM = 1024 * MIB
"""Bytes of a table that comes from a pipe or device; a file may be of any size."""

MOST_DIGITS = 4300
"""Python turns no longer text into a whole number."""

_DEEPEST = 64
_PART = MIB


class BadToml(ValueError):  # noqa: N818 - the name says what is wrong
    """A text that is not TOML, or none that anyone would write; `line`: where, if that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        self.fix = "" if line is None else "mend that line"
        super().__init__(message)


def read_file(path: Path, most: int = MOST_TEXT) -> bytes:
    """Return the content of a file; OSError also where it has more bytes than `most`."""
    with path.open("rb") as opened:
        return read_stream(opened, most)


def read_stream(opened: IO[bytes], most: int = MOST_STREAM) -> bytes:
    """Return what is left of a stream; OSError where it is more than `most` bytes.

    Reading ends at a NUL byte, which no text has: its reader finds it there.
    """
    content = bytearray()
    while part := opened.read(_PART):
        content += part
        if b"\0" in part:
            break
        if len(content) > most:
            raise OSError(errno.EFBIG, f"is larger than {most // MIB:,} MiB, if it ends at all")
    return bytes(content)


def parse_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Parse TOML; BadToml with what is wrong, and the line where that is known."""
    try:
        tree = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise BadToml(f"is not TOML: {error}", int(at[1]) if at else None) from error
    except RecursionError:
        raise BadToml("nested too deeply") from None
    except ValueError as error:
        if "digits" in str(error):
            said = f"a number in it has more than {MOST_DIGITS:,} digits"
            raise BadToml(said) from None
        raise BadToml(f"is not TOML: {error}") from None
    _check(tree)
    return tree


def _check(tree: dict[str, Any]) -> None:
    """Refuse a tree that nothing could walk, and numbers that nothing could print."""
    todo: list[tuple[object, int]] = [(tree, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > _DEEPEST:
            raise BadToml("nested too deeply")
        if isinstance(value, dict):
            todo += [(one, depth + 1) for one in value.values()]
        elif isinstance(value, list):
            todo += [(one, depth + 1) for one in value]
        elif isinstance(value, int) and value.bit_length() > 3 * MOST_DIGITS:
            raise BadToml(f"a number in it has more than {MOST_DIGITS:,} digits")
