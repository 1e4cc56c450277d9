"""Where in the text of a TOML file each of its keys stands: `tomllib` does not say."""

from __future__ import annotations

import re

#: A place in the tree of a TOML file: keys, and indices of arrays.
Location = tuple[int | str, ...]

_TOKEN = re.compile(
    r"(?P<skip>[ \t\r]+|\#[^\n]*)"
    r'|(?P<text>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<mark>[\[\]{}=,.\n])"
    r"|(?P<bare>[^\s\[\]{}=,.#\"']+)",
    re.DOTALL,
)


def line_of(text: str, where: Location) -> int | None:
    """Return the line (from 1) of a place, or of the nearest one above it; None for the whole file.

    `text` is good TOML. An element of an array has the line on which it begins.
    """
    lines = _lines(text)
    return next((lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in lines), None)


def _lines(text: str) -> dict[Location, int]:
    """Return the line of every table, key and element of an array."""
    found: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    line, tokens = 1, []
    for token in _TOKEN.finditer(text):
        if token.lastgroup != "skip":
            tokens.append((token.group(), token.lastgroup == "text", line))
        line += token.group().count("\n")
    place = 0
    while place < len(tokens):
        word, quoted, line = tokens[place]
        if word == "\n" and not quoted:
            place += 1
            continue
        end = place
        if word == "[" and not quoted:
            end = _until(tokens, place, "\n")
            names, doubled = _names(tokens[place:end]), tokens[place + 1][0] == "["
            table = _entered(names, doubled, counts)
            for n in range(1, len(table) + 1):
                found.setdefault(table[:n], line)
        else:
            equals = _until(tokens, place, "=")
            key = (*table, *_names(tokens[place:equals]))
            found.setdefault(key, line)
            end = _value(tokens, equals + 1, key, found)
        place = end
    return found


_Token = tuple[str, bool, int]


def _until(tokens: list[_Token], place: int, mark: str) -> int:
    while place < len(tokens) and (tokens[place][0] != mark or tokens[place][1]):
        place += 1
    return place


def _names(tokens: list[_Token]) -> tuple[str, ...]:
    """Return the parts of a dotted key."""
    return tuple(
        word.strip("\"'") if quoted else word
        for word, quoted, _ in tokens
        if quoted or word not in (".", "[", "]")
    )


def _entered(names: tuple[str, ...], doubled: bool, counts: dict[Location, int]) -> Location:
    """Return the place of a table's header; the last element of each array of tables is meant."""
    path: Location = ()
    for n, name in enumerate(names, start=1):
        path = (*path, name)
        if doubled and n == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _value(tokens: list[_Token], place: int, key: Location, found: dict[Location, int]) -> int:
    """Note the elements of an array, and give the place after the value."""
    depth, index = 0, -1
    is_array = place < len(tokens) and tokens[place][:2] == ("[", False)
    awaited = False
    while place < len(tokens):
        word, quoted, line = tokens[place]
        plain = not quoted
        if plain and word == "\n" and depth == 0:
            break
        if awaited and not (plain and word in "\n]"):
            awaited, index = False, index + 1
            found[(*key, index)] = line
        if plain and word in "[{":
            depth += 1
            awaited = awaited or (is_array and depth == 1)
        elif plain and word in "]}":
            depth -= 1
        elif plain and word == "," and is_array and depth == 1:
            awaited = True
        place += 1
    return place
