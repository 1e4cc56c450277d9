"""Read CSV text slowly and exactly: true line numbers, every file-level fault in plain words."""

from __future__ import annotations

import csv
import difflib
import errno
import io
import os
import re
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from placement.errors import Fault, InputError, did_you_mean
from placement.readers.formats.quotes import swallowed
from placement.text.bounded import MIB, MOST_STREAM, read_file, read_stream
from placement.text.name_keys import visible

#: A file, or its content where there is none (standard input).
Source = Path | bytes

#: A line of a file and the cells of the row that begins on it.
Record = tuple[int, list[str]]

BOM = b"\xef\xbb\xbf"

#: What is stripped from a cell: the White_Space of Unicode, as polars strips it. Python's own
#: `strip` takes U+001C to U+001F too.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_LONGEST_CELL = 2**31 - 1
_LONGEST_LINE = 64 * MIB

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONE_RETURN = re.compile(r"(?<=\r)(?!\n)")
_NAMELESS = re.compile(r"Unnamed: [0-9]+(_level_[0-9]+)?")
_JOINTS = re.compile(r"[\s_-]+")
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAVE_AS_UTF8 = "save the file as UTF-8"

#: How near a column's name must be to a known one that is absent, to be taken for a slip.
_MISSPELT = 0.85


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its line, its cells as written, and which cell holds which column."""

    line: int
    names: tuple[str, ...]
    columns: dict[str, int]
    extra: tuple[str, ...]

    @property
    def unnamed(self) -> tuple[int, ...]:
        """The places of the columns that have no name."""
        return tuple(place for place, name in enumerate(self.names) if not name)


def printable(name: str) -> str:
    """Return a file's name with the bytes that are no UTF-8 written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def source_of(path: str | Path, name: str) -> Source:
    """Return the path, or the content of what can be read only once (a pipe, a device)."""
    source = Path(path)
    if not os.path.exists(source) or os.path.isfile(source) or os.path.isdir(source):
        return source
    try:
        return read_file(source, MOST_STREAM)
    except OSError as error:
        raise InputError(_unreadable(error, name)) from error


def standard_input(name: str) -> bytes:
    """Return what is left of standard input; InputError where there is none, or no end of it."""
    stream = sys.stdin
    if stream is None or stream.closed:
        fix = "pipe a table into it, or name a file"
        raise InputError(Fault("standard input is closed", fix, name))
    try:
        return read_stream(stream.buffer, MOST_STREAM)
    except OSError as error:
        raise InputError(_unreadable(error, name)) from error


def check_readable(source: Source, name: str) -> None:
    """Raise InputError where there is no such file, or nothing in it."""
    if isinstance(source, bytes):
        size = len(source)
    elif os.path.isdir(source):
        raise InputError(Fault("is a directory", "name a CSV file", file=name))
    elif os.path.islink(source) and not os.path.exists(source):
        said = "is a link that leads to no file, or to itself"
        raise InputError(Fault(said, "mend the link, or name the file", file=name))
    elif not os.path.exists(source):
        near = did_you_mean(source.name, _neighbours(source.parent))
        raise InputError(Fault("no such file", near or "check the path", file=name))
    else:
        try:
            with source.open("rb") as opened:
                size = len(opened.read(1))
        except OSError as error:
            raise InputError(_unreadable(error, name)) from error
    if not size:
        raise InputError(Fault("the file is empty", "write a header and rows", file=name))


def first_record(source: Source, name: str) -> Record | None:
    """Return the header row, None where every line is blank."""
    with closing(records(source, name)) as rows:
        return next(rows, None)


def records(source: Source, name: str) -> Generator[Record, None, None]:
    """Yield the line and cells of every row that is not blank, the header first.

    Raise what is wrong with quotes after the last row. The file is open until then: close the
    generator where reading may stop before.
    """
    before = expected = 0
    lines_read: list[str] = []
    lost: list[Fault] = []
    # The csv module knows one limit for all its readers; the scan of big files has none.
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    with closing(_text_lines(source, name, lines_read)) as lines:
        reader = csv.reader(lines, strict=True)
        try:
            for cells in reader:
                if any(cell and cell.strip(SPACE) for cell in cells):
                    expected = expected or len(cells)
                    if len(lines_read) > 1:
                        lost += swallowed(lines_read, before + 1, expected, name)
                    yield before + 1, cells
                before = reader.line_num
                lines_read.clear()
        except csv.Error as error:
            lost.append(_quote_problem(str(error), name, before + 1))
            raise InputError(lost) from error
    if lost:
        raise InputError(lost)


def body(rows: Iterable[Record], header: Header, name: str) -> Iterator[Record]:
    """Yield the rows that follow the header.

    Raise at the end, together, the ragged ones, what is wrong with quotes, and columns with values
    that have no name.
    """
    expected = len(header.names)
    problems: list[Fault] = []
    unnamed = set(header.unnamed)
    filled: set[int] = set()
    try:
        for line, cells in rows:
            if len(cells) == expected:
                if unnamed:
                    full = {place for place in unnamed if cells[place].strip(SPACE)}
                    filled |= full
                    unnamed -= full
                yield line, cells
            else:
                problems.append(_ragged(name, line, expected, len(cells)))
    except InputError as error:
        problems += error.problems
    problems += [no_name(place, header.line, name) for place in sorted(filled)]
    if problems:
        raise InputError(problems)


def no_name(place: int, line: int, name: str) -> Fault:
    """Return the fault of a column, the `place`-th from 0, that has values and no name."""
    message = f"the {_ordinal(place + 1)} column has values and no name"
    return Fault(message, "write its name, or delete the column", name, line)


def _ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{ends.get(number % 10, 'th') if number % 100 not in (11, 12, 13) else 'th'}"


def header_of(
    record: Record | None, known: Sequence[str], required: Sequence[str], name: str
) -> Header:
    """Match the cells of the header row to known columns, whatever their case and joints.

    `In service`, `in-service` and `in_service` are one column.
    """
    if record is None:
        raise InputError(Fault("the file is empty", "write a header and rows", file=name))
    line, cells = record
    names = tuple(column_name(cell) for cell in cells)
    problems: list[Fault] = []
    places: dict[str, int] = {}
    for place, cell in enumerate(names):
        folded = folded_name(cell)
        if folded and folded in places:
            problems.append(
                Fault("the column appears twice", "drop or rename one", name, line, cell)
            )
        places.setdefault(folded, place)
    columns = {column: places[column] for column in known if column in places}
    missing = [column for column in required if column not in columns]
    problems += missing_columns(names, missing, known, name, line)
    if problems:
        raise InputError(problems)
    taken = set(columns.values())
    extra = tuple(cell for place, cell in enumerate(names) if cell and place not in taken)
    absent = [column for column in known if column not in columns]
    for cell in extra:
        near = difflib.get_close_matches(folded_name(cell), absent, n=1, cutoff=_MISSPELT)
        if near:
            fix = f"write {near[0]}, or rename the column so that it is not taken for it"
            problems.append(Fault("is no known column", fix, name, line, cell))
    if problems:
        raise InputError(problems)
    return Header(line, names, columns, extra)


def column_name(cell: str) -> str:
    """Return the name of a column without outer space; empty where the cell holds nothing seen.

    `Unnamed: 3` is what pandas calls a column without a name.
    """
    name = cell.strip()
    return "" if _NAMELESS.fullmatch(name) or not visible(name) else name


def folded_name(cell: str) -> str:
    """Fold the name of a column: case, outer space, and what joins its words."""
    return _JOINTS.sub("_", cell.strip().casefold())


def missing_columns(
    names: Sequence[str], missing: Sequence[str], known: Sequence[str], name: str, line: int
) -> list[Fault]:
    """Say which columns are missing, or that the wrong character separates them."""
    if not missing:
        return []
    if len(names) == 1:
        for mark, word in _DELIMITERS.items():
            if mark in names[0]:
                fix = (
                    "separate them with commas (spreadsheets use the list separator of the system)"
                )
                return [Fault(f"the cells are separated by {word}, not commas", fix, name, line)]
    found = f"columns found are {', '.join(repr(n) for n in names)}"
    problems = []
    for column in missing:
        hint = did_you_mean(column, [n for n in names if n])
        if column == "country" and {"provider", "region"} <= {*known}:
            otherwise = "give it, or provider and region."
            hint = f"{hint} Else {otherwise}" if hint else otherwise
        fix = f"{hint} The {found}" if hint else f"the {found}"
        problems.append(Fault(f"no column {column!r}", fix, name, line))
    return problems


def ignored_note(name: str, extra: Sequence[str]) -> str:
    """Return the note that names the columns nothing reads."""
    word = "column" if len(extra) == 1 else "columns"
    return f"{name}: {word} not used: {', '.join(repr(column) for column in extra)}"


def _text_lines(source: Source, name: str, read: list[str]) -> Generator[str, None, None]:
    """Yield the physical lines of a file, each of which is added to `read` as well."""
    number = 0
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as opened:
        for raw in iter(lambda: opened.readline(_LONGEST_LINE), b""):
            if len(raw) == _LONGEST_LINE and b"\0" not in raw:
                message = f"a line has more than {_LONGEST_LINE // MIB} MiB"
                raise InputError(Fault(message, "this is no table", name, number + 1))
            if not number and raw.startswith(_UTF16):
                raise InputError(Fault("is UTF-16 text", _SAVE_AS_UTF8, name, 1))
            if b"\0" in raw:
                message = "holds a NUL byte, so this is no CSV text"
                raise InputError(Fault(message, _SAVE_AS_UTF8, name, number + 1))
            try:
                text = (raw.removeprefix(BOM) if not number else raw).decode()
            except UnicodeDecodeError as error:
                byte = raw[error.start + (len(BOM) if not number and raw.startswith(BOM) else 0)]
                message = f"is not UTF-8 text (byte 0x{byte:02x}; often Latin-1, from Excel)"
                raise InputError(Fault(message, _SAVE_AS_UTF8, name, number + 1)) from error
            for part in _LONE_RETURN.split(text) if "\r" in text else (text,):
                if part:
                    number += 1
                    read.append(part)
                    yield part


def _quote_problem(said: str, name: str, line: int) -> Fault:
    if "limit" in said:
        message = f"a cell has more than {_LONGEST_CELL} characters"
        return Fault(message, "shorten it, or close the quote before it", name, line)
    if "unexpected end" in said:
        return Fault("a quote opens here and never closes", "close it, or drop it", name, line)
    return Fault(
        "a quoted cell goes on after its closing quote",
        "double the quotes inside it, or drop them",
        name,
        line,
    )


def _unreadable(error: OSError, name: str) -> Fault:
    said = error.strerror or "unknown reason"
    fix = "write it to a file" if error.errno == errno.EFBIG else "check its permissions"
    return Fault(f"cannot be read: {said}", fix, file=name)


def _ragged(name: str, line: int, expected: int, found: int) -> Fault:
    cells = "1 cell" if found == 1 else f"{found} cells"
    fix = "quote cells that hold commas" if found > expected else "add commas for the missing cells"
    return Fault(f"has {cells}, the header has {expected}", fix, name, line)


def _neighbours(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if entry.exists()]
    except OSError:
        return []
