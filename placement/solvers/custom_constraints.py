"""A user's own Python function that adds constraints to the program before it is solved.

It runs as the user does, so it is taken from the command line or the API only: a placement.toml
that came with someone's data names no code.

    def add(problem, columns):
        racks = columns.find("stock", None, "GB200", "2027Q1")
        problem += sum(racks.values()) <= 40, "forty racks at most"

`problem` is the `pulp.LpProblem`; the function adds constraints (and columns of its own, if need
be) and leaves the objective alone. It may be called several times, and adds the same each time.
"""

from __future__ import annotations

import importlib.util
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placement.enums import ColumnKind
from placement.errors import Fault, UsageError, did_you_mean
from placement.lp.labels import LabelFamily, Labels

_FIX = "write it as my_rules.py:add"
_AXES = ("site", "model", "period")
_ON_GRID = {
    ColumnKind.STOCK, ColumnKind.INSTALL, ColumnKind.RETIRE, ColumnKind.MOVE_OUT,
    ColumnKind.MOVE_IN,
}  # fmt: skip
_MOST = 5
"""So many names are told of those that there are."""


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """The columns of a program by what they mean, as variables of an LpProblem."""

    names: Labels[ColumnKind]
    variables: Sequence[Any]
    exponents: Sequence[int]

    @property
    def kinds(self) -> list[str]:
        """The kinds of columns there are."""
        return self.names.names()

    def find(self, kind: str, *of: str | None) -> dict[tuple[str, ...], Any]:
        """Return the columns of a kind by what they are of; None, or nothing, stands for any.

        LookupError for a kind, or a site, model or period, that no column of the program is of.
        `stock`, `install`, `retire`, `move_out` and `move_in` are of (site, model, period), in
        purchase units. Sums of computing power are in thousandths of a TPP.
        """
        if kind not in self.kinds:
            hint = did_you_mean(kind, self.kinds) or f"kinds: {', '.join(self.kinds)}"
            raise LookupError(f"no columns of kind {kind!r}; {hint}")
        found = {}
        self._check(kind, of)
        for column in self.names.named(kind).tolist():
            meant = self.names[column].of
            asked = zip(of, meant, strict=False)
            if len(of) <= len(meant) and all(one in (None, is_) for one, is_ in asked):
                found[meant] = self._expression(column)
        return found

    def _check(self, kind: str, of: Sequence[str | None]) -> None:
        """Refuse a name that no column has: a constraint on nothing would hold silently.

        A site at which nothing may be bought has stock: only what is of no column at all is wrong.
        """
        known = self._known(kind)
        if len(of) > len(known):
            many = len(known)
            raise LookupError(f"columns of kind {kind!r} are of {many} things, not of {len(of)}")
        for place, (one, there) in enumerate(zip(of, known, strict=False)):
            if one is None or one in there:
                continue
            word = _AXES[place] if kind in _ON_GRID else f"name in place {place + 1}"
            hint = did_you_mean(one, there) or f"there are: {', '.join(sorted(there)[:_MOST])}"
            raise LookupError(f"no {word} {one!r} in columns of kind {kind!r}; {hint}")

    def _known(self, kind: str) -> list[dict[str, None]]:
        """Return the names that columns have by place; of those on the grid, of any such kind."""
        found: list[dict[str, None]] = []
        for part in self.names.parts:
            if part.name != kind and not {kind, part.name} <= _ON_GRID:
                continue
            axes = part.axes if isinstance(part, LabelFamily) else [(name,) for name in part.of]
            found += [{} for _ in range(len(axes) - len(found))]
            for names, axis in zip(found, axes, strict=False):
                names.update(dict.fromkeys(axis))
        return found

    def _expression(self, column: int) -> Any:
        """Return the variable, or what it stands for where the solver's is scaled."""
        exponent = self.exponents[column]
        variable = self.variables[column]
        return variable if exponent == 0 else 2.0**exponent * variable


@dataclass(frozen=True, slots=True)
class Hook:
    """The function, and how messages call it."""

    name: str
    function: Callable[[Any, NamedColumns], object]

    def add(self, problem: Any, columns: NamedColumns) -> None:
        """Let it add its constraints; UsageError with the line of its file where it fails."""
        try:
            self.function(problem, columns)
        except Exception as error:
            raise UsageError(self.fault(f"{type(error).__name__}: {error}", error)) from error

    def fault(self, message: str, error: Exception | None = None) -> Fault:
        """Return a fault of the function, at the last line of its file that ran."""
        code = getattr(self.function, "__code__", None)
        if code is None:
            return Fault(message, "mend the function", self.name)
        line = code.co_firstlineno
        for frame in traceback.extract_tb(error.__traceback__) if error is not None else ():
            if frame.filename == code.co_filename:
                line = frame.lineno or line
        return Fault(message, f"mend {code.co_name}(problem, columns)", code.co_filename, line)


def read_hook(text: str) -> Hook:
    """Read `FILE:FUNCTION` and run the file; UsageError where that cannot be done."""
    file, colon, name = text.rpartition(":")
    if not colon or not file or not name:
        raise UsageError(Fault("names no function", _FIX, column="hook", value=text))
    path = Path(file)
    if not path.is_file():
        raise UsageError(Fault("no such file", _FIX, column="hook", value=text))
    spec = importlib.util.spec_from_file_location("placement_hook", path)
    if spec is None or spec.loader is None:
        raise UsageError(Fault("is no Python file", _FIX, column="hook", value=text))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        at = error.lineno if isinstance(error, SyntaxError) else None
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename) == path:
                at = frame.lineno or at
        message = f"{type(error).__name__}: {error}"
        raise UsageError(Fault(message, "mend the file", file, at)) from error
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value)]
        fix = did_you_mean(name, known) or _FIX
        raise UsageError(Fault(f"has no function {name!r}", fix, file))
    return Hook(text, function)


def hook_of(given: str | Callable[[Any, NamedColumns], object] | None) -> Hook | None:
    """Take a function, or the text that names one."""
    if given is None:
        return None
    if isinstance(given, str):
        return read_hook(given)
    if not callable(given):
        kind = type(given).__name__
        raise UsageError(Fault(f"a hook cannot be a {kind}", "give a function", column="hook"))
    return Hook(getattr(given, "__name__", type(given).__name__), given)
