"""Read one of the small tables: rows of a CSV file as validated records, or every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from placement.errors import InputError, Problem, did_you_mean
from placement.sources.csvfile import (
    SPACE,
    Header,
    body,
    check_readable,
    header_of,
    ignored_note,
    printable,
    records,
    source_of,
)
from placement.sources.fields import BadText

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

    `columns` are those of the record that the header names, be their cells blank or not.
    """

    file: str
    rows: tuple[tuple[int, ModelT], ...]
    notes: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()


def read_table(
    path: str | Path,
    model: type[ModelT],
    *,
    columns: Sequence[str] = (),
    allow_empty: bool = False,
    check: Callable[[Table[ModelT]], Iterable[Problem]] | None = None,
    name: str | None = None,
) -> Table[ModelT]:
    """Read `path` into records of `model`; InputError with every fault found.

    Columns are the model's field names. Cells are text, stripped; an empty cell is an absent one,
    so a field with a default takes it. `NA` is the text NA. `columns` must be there although their
    fields have defaults. `check` gives the faults that only good rows together show. `name` is
    how messages call the file.
    """
    called = printable(name or str(path))
    source = source_of(path, called)
    check_readable(source, called)
    fields = model.model_fields
    required = [c for c, field in fields.items() if field.is_required() or c in columns]
    read: list[tuple[int, ModelT]] = []
    problems: list[Problem] = []
    unlisted = 0
    with closing(records(source, called)) as rows:
        header = header_of(next(rows, None), list(fields), required, called)
        try:
            for line, cells in body(rows, header, called):
                given = _given(header, cells)
                try:
                    read.append((line, model.model_validate(given)))
                except ValidationError as error:
                    problems += [_problem(one, given, called, line) for one in error.errors()]
        except InputError as error:
            problems += error.problems
            unlisted = error.total - len(error.problems)
    if not problems and not read and not allow_empty:
        problems.append(Problem("no rows", "write at least one row below the header", called))
    notes = (ignored_note(called, header.extra),) if header.extra else ()
    table = Table(called, tuple(read), notes, frozenset(header.columns))
    problems += check(table) if check is not None else ()
    if problems:
        raise InputError(problems, len(problems) + unlisted)
    return table


def _given(header: Header, cells: list[str]) -> dict[str, str]:
    pairs = ((column, cells[place].strip(SPACE)) for column, place in header.columns.items())
    return {column: text for column, text in pairs if text}


def _problem(error: Mapping[str, Any], given: Mapping[str, str], name: str, line: int) -> Problem:
    column = str(error["loc"][0]) if error["loc"] else None
    value = given.get(column) if column else None
    message, fix = _plain_words(error, column)
    return Problem(message, fix, name, line, column, value)


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
