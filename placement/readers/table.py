"""Read one of the small tables: rows of a CSV file as validated records, or every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from placement.errors import Fault, InputError, did_you_mean
from placement.readers.cells import BadText
from placement.readers.config.money import CURRENCY, in_currency, money_field, other_currency
from placement.readers.doubts import Accepting
from placement.readers.formats.csv_records import (
    SPACE,
    Header,
    Record,
    Source,
    body,
    check_readable,
    folded_name,
    header_of,
    ignored_note,
    printable,
    records,
    source_of,
)
from placement.readers.inventory.continents import Continents
from placement.text.lookalikes import Mention, NameKind, lookalikes, others

ModelT = TypeVar("ModelT", bound=BaseModel)

_PLAIN = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "bool_parsing": "must be yes or no",
    "date_from_datetime_parsing": "must be a date as YYYY-MM-DD",
    "extra_forbidden": "is not a known column",
}


@dataclass(frozen=True, slots=True)
class Table(Generic[ModelT]):
    """The records of one file with the line each begins on, and what the reader left out.

    `columns` are those of the record that the header names, be their cells blank or not; `names`
    has each spelling of a name once.
    """

    file: str
    rows: tuple[tuple[int, ModelT], ...]
    notes: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    names: tuple[Mention, ...] = ()


def _none(_: Table[ModelT]) -> Iterable[Fault]:
    return ()


def _itself(row: ModelT) -> Hashable:
    return row


@dataclass(frozen=True, slots=True)
class Doubts(Generic[ModelT]):
    """What is hardly meant in a table: what to refuse, what to note, and what of equal rows.

    Rows are equal where `meaning` gives the same of both, and what is not read is the same.
    """

    refuse: Callable[[Table[ModelT]], Iterable[Fault]] = _none
    note: Callable[[Table[ModelT]], Iterable[Fault]] = _none
    repeated: Literal["refuse", "note", "take"] = "take"
    meaning: Callable[[ModelT], Hashable] = _itself


def read_table(
    path: str | Path,
    model: type[ModelT],
    *,
    columns: Sequence[str] = (),
    allow_empty: bool = False,
    check: Callable[[Table[ModelT]], Iterable[Fault]] | None = None,
    name: str | None = None,
    currency: str = CURRENCY,
    doubts: Doubts[ModelT] | None = None,
    accepting: Accepting | None = None,
) -> Table[ModelT]:
    """Read `path` into records of `model`; InputError with every fault found.

    Columns are the model's field names, or their aliases. Cells are text, stripped; an empty cell
    is an absent one, so a field with a default takes it. `NA` is the text NA. `columns` must be
    there although their fields have defaults. Two spellings of one name, in fields that are marked
    with a `NameKind`, are a fault. `check` gives the faults that only good rows together show.
    `name` is how messages call the file. `currency` is that of the columns with money:
    `unit_usd` is read from `unit_eur` where it is EUR. `doubts` are refused or noted, unless they
    are on lines in `accepting`.
    """
    called = printable(name or str(path))
    source = source_of(path, called)
    check_readable(source, called)
    accepting, doubts = accepting or Accepting(), doubts or Doubts()
    read = _rows_of(source, model, columns, currency, called)
    problems = read.problems
    if not problems and not read.rows and not allow_empty:
        problems.append(Fault("no rows", "write at least one row below the header", called))
    problems += read.places.problems(called)
    notes = [ignored_note(called, read.header.extra)] if read.header.extra else []
    twice: list[Fault] = []
    if doubts.repeated != "take":
        meant = [(line, doubts.meaning(row)) for line, row in read.rows]
        twice = _repeated(called, meant, read.rests)
    problems += accepting.refused(twice) if doubts.repeated == "refuse" else ()
    notes += accepting.noted(twice) if doubts.repeated == "note" else ()
    names = _names(model, called, read.rows)
    has = frozenset(read.shown[column] for column in read.header.columns)
    table = Table(called, tuple(read.rows), (), has, names)
    problems += accepting.refused(doubts.refuse(table))
    notes += accepting.noted(doubts.note(table))
    table = replace(table, notes=tuple(notes))
    alike = lookalikes(names)
    problems = [*others(problems, alike), *alike]
    problems += check(table) if check is not None else ()
    if problems:
        raise InputError(problems, len(problems) + read.unlisted)
    return table


@dataclass(slots=True)
class _Read(Generic[ModelT]):
    """The rows as records, the cells of each that are not read, and what is wrong with them.

    `shown`: the field of each column, by how the file may call it; `unlisted`: faults that are
    counted only.
    """

    shown: Mapping[str, str]
    header: Header
    rows: list[tuple[int, ModelT]] = field(default_factory=list)
    rests: list[tuple[str, ...]] = field(default_factory=list)
    problems: list[Fault] = field(default_factory=list)
    places: Continents = field(default_factory=Continents)
    unlisted: int = 0


def _rows_of(
    source: Source, model: type[ModelT], columns: Sequence[str], currency: str, called: str
) -> _Read[ModelT]:
    """Read every row, with the faults of all cells; InputError where the header is at fault."""
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    shown = {in_currency(column, currency): column for column in fields}
    required = [name for name, c in shown.items() if fields[c].is_required() or c in columns]
    with closing(records(source, called)) as rows:
        first = next(rows, None)
        _check_currency(first, fields, currency, called)
        read = _Read[ModelT](shown, header_of(first, list(shown), required, called))
        try:
            for line, cells in body(rows, read.header, called):
                given = {shown[column]: text for column, text in _given(read.header, cells).items()}
                read.places.see(line, given)
                try:
                    read.rows.append((line, model.model_validate(given)))
                    read.rests.append(_rest(read.header, cells))
                except ValidationError as error:
                    read.problems += [
                        _problem(fault, given, currency, called, line) for fault in error.errors()
                    ]
        except InputError as error:
            read.problems += error.problems
            read.unlisted = error.total - len(error.problems)
    return read


def _rest(header: Header, cells: list[str]) -> tuple[str, ...]:
    """Return the cells of columns that are not read."""
    if len(header.columns) == len(cells):
        return ()
    read = {*header.columns.values()}
    return tuple(cell.strip(SPACE) for place, cell in enumerate(cells) if place not in read)


def _repeated(
    file: str, meant: Sequence[tuple[int, Hashable]], rests: Sequence[tuple[str, ...]]
) -> list[Fault]:
    """Return the rows that say the same as an earlier one, columns that are not read included."""
    first: dict[tuple[Hashable, tuple[str, ...]], int] = {}
    found = []
    for (line, row), rest in zip(meant, rests, strict=True):
        if first.setdefault((row, rest), line) != line:
            message = f"the row says the same as line {first[row, rest]}"
            found.append(Fault(message, "drop one of them", file, line, alike="repeated row"))
    return found


def _names(
    model: type[BaseModel], file: str, rows: Iterable[tuple[int, BaseModel]]
) -> tuple[Mention, ...]:
    """Return the names in the fields that are marked as such, each spelling where it is first."""
    named = [
        (name, field.alias or name, kind)
        for name, field in model.model_fields.items()
        for kind in field.metadata
        if isinstance(kind, NameKind)
    ]
    found: dict[tuple[NameKind, str], Mention] = {}
    for line, row in rows if named else ():
        for name, column, kind in named:
            text = getattr(row, name)
            if text and (kind, text) not in found:
                found[kind, text] = Mention(kind, text, file, line, column)
    return tuple(found.values())


def _check_currency(record: Record | None, fields: Iterable[str], currency: str, name: str) -> None:
    """Refuse columns with money in another currency than the configured one."""
    problems = []
    for cell in record[1] if record else ():
        money = money_field(folded_name(cell), fields)
        if money is not None and money[1] != currency:
            message, fix = other_currency(*money, currency)
            problems.append(Fault(message, fix, name, record[0] if record else None, cell))
    if problems:
        raise InputError(problems)


def _given(header: Header, cells: list[str]) -> dict[str, str]:
    pairs = ((column, cells[place].strip(SPACE)) for column, place in header.columns.items())
    return {column: text for column, text in pairs if text}


def _problem(
    error: Mapping[str, Any], given: Mapping[str, str], currency: str, name: str, line: int
) -> Fault:
    field = str(error["loc"][0]) if error["loc"] else None
    value = given.get(field) if field else None
    column = in_currency(field, currency) if field else None
    message, fix = _plain_words(error, column)
    return Fault(message, fix, name, line, column, value)


def _plain_words(error: Mapping[str, Any], column: str | None) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is blank", f"fill the column {column}"
    cause = context.get("error")
    if isinstance(cause, BadText):
        return cause.message, cause.fix
    if isinstance(cause, ValueError):
        return str(cause), ""
    if kind in ("enum", "literal_error"):
        choices = [
            part.strip("'") for part in context["expected"].replace(" or ", ", ").split(", ")
        ]
        fix = did_you_mean(str(error["input"]), choices)
        return f"is not one of {', '.join(choices)}", fix
    message: str = _PLAIN.get(kind) or error["msg"].replace("Input should be", "must be")
    return message[0].lower() + message[1:], ""
