"""The plain program as a file for any solver (MPS or LP), and the table of what its names mean.

Every column, row and whole-unit mark of the program is in it; numbers are its exact integers times
powers of ten (`file_scaling`), which the table of names states. The names are opaque: x0001 is
column 0, r0001 row 0. The objective leaves the constant out, which not all readers treat alike; the
table of names says it, with the unit of the objective.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from placement.errors import Fault, UsageError, did_you_mean
from placement.lp.aim import Aim
from placement.lp.exact_arrays import wide
from placement.lp.file_scaling import Tens, scaled
from placement.lp.labels import Kind, Label, LabelFamily, Labels
from placement.lp.program import Program
from placement.text.atomic_files import write_set
from placement.text.csv_writer import inert, quoted
from placement.text.decimals import plain

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Ints

FORMATS = (".mps", ".lp")
NAMES_SUFFIX = ".names.csv"
OBJECTIVE = "objective"
_HEADER = ("kind", "name", "meaning", "unit", "scale", "of1", "of2", "of3", "of4", "of5", "of6")
_A_LINE = 8
"""So many terms on a line of an LP file: readers have limits."""
_AT_ONCE = 10_000
_Lines = Iterator[str]


def format_of(path: Path) -> str:
    """Return the format that a file's name asks for; UsageError where it is none of ours."""
    kind = path.suffix.casefold()
    if kind not in FORMATS:
        hint = did_you_mean(kind, FORMATS) or "name it model.mps or model.lp"
        raise UsageError(Fault("no such format of a program", hint, value=str(path)))
    return kind


def export(program: Program, aim: Aim, path: Path) -> tuple[Path, Path]:
    """Write a program and its table of names beside it: both of them, or none.

    UsageError where the place cannot be written.
    """
    lines = {".mps": mps_lines, ".lp": lp_lines}[format_of(path)]
    named = beside(path)
    parts = ((path, lines(program, aim)), (named, name_lines(program, aim)))
    texts = {one.name: _pieces(text) for one, text in parts}
    write_set(path.parent, texts, fix="give another --export")
    return path, named


def beside(path: Path) -> Path:
    """Return where the table of names of an exported program stands."""
    return path.with_name(path.name + NAMES_SUFFIX)


def _pieces(lines: _Lines) -> Iterator[str]:
    while part := list(islice(lines, _AT_ONCE)):
        yield "\n".join(part)
        yield "\n"


def column_names(program: Program) -> list[str]:
    """Return the names of all columns, in order."""
    return [f"x{n:04}" for n in range(1, len(program.columns) + 1)]


def row_names(program: Program) -> list[str]:
    """Return the names of all rows, in order."""
    return [f"r{n:04}" for n in range(1, len(program.rows) + 1)]


def mps_lines(program: Program, aim: Aim) -> _Lines:
    """Return the lines of a free-format MPS file."""
    columns, rows = column_names(program), row_names(program)
    yield from _remarks(program, aim, "*")
    yield from ("NAME placement", "ROWS", f" N {OBJECTIVE}")
    low, high = program.row_lower.tolist(), program.row_upper.tolist()
    sides, tens = _sides(program), Tens.of(program)
    yield from (f" {side} {name}" for side, name in zip(sides, rows, strict=True))
    yield "COLUMNS"
    yield from _mps_columns(program, columns, rows, tens)
    yield "RHS"
    for name, side, below, above, ten in zip(rows, sides, low, high, tens.rows, strict=True):
        end = below if side == "G" else above
        if end and side != "N":
            yield f" RHS {name} {scaled(end, -ten)}"
    both = program.has_lower & program.has_upper & (program.row_lower != program.row_upper)
    if both.any():
        yield "RANGES"
        for row in np.flatnonzero(both).tolist():
            yield f" RNG {rows[row]} {scaled(high[row] - low[row], -tens.rows[row])}"
    yield "BOUNDS"
    for name, least, most in _bounds(program, tens):
        if least == most:
            yield f" FX BND {name} {least}"
            continue
        if least != "0":
            yield f" LO BND {name} {least}"
        yield f" UP BND {name} {most}"
    yield "ENDATA"


def _sides(program: Program) -> list[str]:
    """Return the type of each row: E, L, G, or N for one without ends."""
    equal = program.has_lower & program.has_upper & (program.row_lower == program.row_upper)
    side = np.where(program.has_upper, "L", np.where(program.has_lower, "G", "N"))
    found: list[str] = np.where(equal, "E", side).tolist()
    return found


def _bounds(program: Program, tens: Tens) -> Iterator[tuple[str, str, str]]:
    """Return the name of each column and its bounds, as they are written."""
    names, low, high = column_names(program), program.lower.tolist(), program.upper.tolist()
    for name, least, most, ten in zip(names, low, high, tens.columns, strict=True):
        yield name, scaled(least, -ten), scaled(most, -ten)


def _mps_columns(
    program: Program, columns: Sequence[str], rows: Sequence[str], tens: Tens
) -> _Lines:
    column, row, values = _entries(program)
    # The last one is the objective's, which is row -1.
    divided = np.array([*tens.rows, tens.cost])
    powers = np.array(tens.columns, dtype=int)[column] - divided[row]
    written = list(map(scaled, values.tolist(), powers.tolist()))
    called = [*rows, OBJECTIVE]
    for number, (begin, end) in enumerate(_runs(program.integer)):
        whole = bool(program.integer[begin])
        if whole:
            yield f" M{2 * number} 'MARKER' 'INTORG'"
        first, last = np.searchsorted(column, [begin, end]).tolist()
        for at in range(first, last, _AT_ONCE):
            part = slice(at, min(last, at + _AT_ONCE))
            of = zip(column[part].tolist(), row[part].tolist(), written[part], strict=True)
            yield "\n".join([f" {columns[x]} {called[r]} {value}" for x, r, value in of])
        if whole:
            yield f" M{2 * number + 1} 'MARKER' 'INTEND'"


def _entries(program: Program) -> tuple[Ints, Ints, Ints]:
    """Return (column, row, value) of every entry, column by column; row -1 is the objective.

    A column without an entry has one in the objective, so that it is written at all.
    """
    empty = np.ones(len(program.columns), dtype=bool)
    empty[program.indices] = False
    priced = np.flatnonzero((program.objective != 0) | empty)
    column = np.concatenate([priced, program.indices])
    order = np.argsort(column, kind="stable")
    row = np.concatenate([np.full(len(priced), -1), program.row_of])
    costs, values = program.objective[priced], program.values
    if values.dtype != costs.dtype:
        costs, values = wide(costs), wide(values)
    return column[order], row[order], np.concatenate([costs, values])[order]


def _runs(flags: Bools) -> list[tuple[int, int]]:
    """Return (begin, end) of the runs of equal flags."""
    if not len(flags):
        return []
    cuts = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), len(flags)]
    return list(pairwise(cuts))


def lp_lines(program: Program, aim: Aim) -> _Lines:
    """Return the lines of an LP file; a row with two ends is r<n>_low and r<n>."""
    columns, tens = column_names(program), Tens.of(program)
    by_column = np.array(tens.columns, dtype=int)
    yield from _remarks(program, aim, "\\")
    yield "Minimize"
    priced = np.flatnonzero(program.objective)
    costs = program.objective[priced].tolist()
    powers = by_column[priced] - tens.cost
    written = list(map(scaled, costs, powers.tolist()))
    yield from _sum(OBJECTIVE, priced.tolist(), written, columns, "")
    yield "Subject To"
    low, high = program.row_lower.tolist(), program.row_upper.tolist()
    starts, indices = program.starts.tolist(), program.indices.tolist()
    powers = by_column[program.indices] - np.array(tens.rows, dtype=int)[program.row_of]
    values = list(map(scaled, program.values.tolist(), powers.tolist()))
    sides = _sides(program)
    for n, name in enumerate(row_names(program)):
        part = slice(starts[n], starts[n + 1])
        below, above = (scaled(end, -tens.rows[n]) for end in (low[n], high[n]))
        ends = [(name, f"= {above}")] if sides[n] == "E" else []
        if sides[n] in "LG":
            ends += [(f"{name}_low", f">= {below}")] if program.has_lower[n] else []
            ends += [(name, f"<= {above}")] if program.has_upper[n] else []
        for called, end in ends:
            yield from _sum(called, indices[part], values[part], columns, end)
    yield "Bounds"
    bounds = _bounds(program, tens)
    yield from (f" {least} <= {name} <= {most}" for name, least, most in bounds)
    yield "General"
    yield from (f" {columns[n]}" for n in np.flatnonzero(program.integer).tolist())
    yield "End"


def _sum(
    name: str,
    indices: Sequence[int],
    values: Sequence[str],
    columns: Sequence[str],
    end: str,
) -> _Lines:
    pairs = zip(indices, values, strict=True)
    terms = [f"{'' if text[0] == '-' else '+'}{text} {columns[n]}" for n, text in pairs]
    terms = terms or ([f"+0 {columns[0]}"] if columns else ["+0"])
    for at in range(0, len(terms), _A_LINE):
        head = f" {name}: " if at == 0 else "  "
        last = at + _A_LINE >= len(terms)
        yield f"{head}{' '.join(terms[at : at + _A_LINE])}{f' {end}' if end and last else ''}"


def _remarks(program: Program, aim: Aim, mark: str) -> _Lines:
    """Say what the objective is; no text of a user's is here."""
    constant, unit = _objective(program, aim)
    yield f"{mark} The program of a plan, in units that the table of names beside it states."
    yield f"{mark} To the objective add {constant}; divide by {unit} for the value of a report."


def _objective(program: Program, aim: Aim) -> tuple[str, str]:
    """Return the constant of the file's objective, and how many of its units are one of the aim."""
    ten = Fraction(10) ** Tens.of(program).cost
    return plain(program.constant / ten), plain(aim.unit / ten)


def name_lines(program: Program, aim: Aim) -> _Lines:
    """Return the lines of the table of names, harmless in a spreadsheet.

    A row of the file that is broken by v, or a column or an objective of v, is v / scale `unit`s.
    """
    yield ",".join(_HEADER)
    constant, scale = _objective(program, aim)
    yield _line(("objective", OBJECTIVE, aim.name, aim.measured_in, scale))
    meaning = "to be added to the objective"
    yield _line(("constant", constant, meaning, aim.measured_in, scale))
    tens = Tens.of(program)
    yield from _named("column", column_names(program), program.columns, tens.columns)
    yield from _named("row", row_names(program), program.rows, tens.rows)


def _named(
    kind: str, names: Sequence[str], meanings: Labels[Kind], powers: Sequence[int]
) -> _Lines:
    at = 0
    for part in meanings.parts:
        count = len(part) if isinstance(part, LabelFamily) else 1
        called = names[at : at + count]
        if isinstance(part, Label):
            scale = plain(part.scale / Fraction(10) ** powers[at])
            yield _line((kind, called[0], part.name, part.unit, scale, *part.of))
        else:
            yield from _family(kind, called, part, powers[at : at + count])
        at += count


def _family(
    kind: str, names: Sequence[str], part: LabelFamily[Kind], powers: Sequence[int]
) -> _Lines:
    """Write a family: its words are made harmless once, not once for each member."""
    known = {power: plain(Fraction(1, 10) ** power) for power in set(powers)}
    head = f"{kind},"
    what = f",{_cell(part.name)},,"
    words = [[_cell(word) for word in axis] for axis in part.axes]
    places = [part.at[:, n].tolist() for n in range(part.at.shape[1])]
    of = [[axis[place] for place in column] for axis, column in zip(words, places, strict=True)]
    blanks = "," * (len(_HEADER) - 5 - len(of))
    rows: Iterable[tuple[str, ...]] = zip(*of, strict=True) if of else ((),) * len(part)
    for name, power, cells in zip(names, powers, rows, strict=True):
        yield f"{head}{name}{what}{','.join((known[power], *cells))}{blanks}"


def _line(cells: Sequence[str]) -> str:
    given, room = [*cells], len(_HEADER)
    if len(given) > room:
        given[room - 1 :] = ["; ".join(given[room - 1 :])]
    return ",".join(map(_cell, chain(given, [""] * (room - len(given)))))


def _cell(text: str) -> str:
    return quoted(inert(text))
