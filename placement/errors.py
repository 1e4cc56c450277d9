"""Everything `placement` raises on purpose.

PlacementError               the command line shows it and exits 2
├── InputError               a user's file or argument is wrong; carries every Fault found
│   ├── NoLotsError          an inventory with a header and no lot
│   ├── PolicyError          a policy pack is wrong
│   └── UsageError           an option or configuration value is wrong
├── NothingEvaluatedError    no rule bound anything: a green that checked nothing
├── ForkedError              a forked child reads tables (of `placement.text.forked`)
└── SolverError              a solver is missing, or failed in a way that is not a result
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

SHOWN_PROBLEMS = 100
LONGEST_VALUE = 400
_NAMED = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an input: where, which value, and what to do about it.

    `line` is the line of the file as an editor counts it (the header is line 1); None where the
    problem belongs to the whole file. `column` is the column's name. `more`: on how many later
    lines the same is wrong, which are not listed. `alike`: what faults of a kind have in common
    where the message of each names another line.
    """

    message: str
    fix: str = ""
    file: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    more: int = 0
    alike: str = ""

    @property
    def shape(self) -> tuple[str | None, str | None, str]:
        """What it is about, whatever the numbers and names in its message."""
        return self.file, self.column, _NAMED.sub("", self.alike or self.message)

    @property
    def kind(self) -> Fault:
        """The same without its line: what is alike in two lines with the same wrong cell."""
        if self.alike:
            return Fault("", file=self.file, alike=self.alike)
        return replace(self, line=None, more=0)

    def __str__(self) -> str:
        """Return `file:line and n more lines: column 'value': message; fix`."""
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        if self.more:
            where += f" and {self.more:,} more {'line' if self.more == 1 else 'lines'}"
        what = " ".join(
            part
            for part in (self.column, None if self.value is None else _shown(self.value))
            if part is not None
        )
        head = ": ".join(part for part in (where, what, self.message) if part)
        return f"{head}; {self.fix}" if self.fix else head


def _shown(value: str) -> str:
    """Return a value as it is shown: the beginning and the end of one that is too long."""
    if len(value) <= LONGEST_VALUE:
        return repr(value)
    return f"{value[:40]!r}...{value[-20:]!r} ({len(value):,} characters)"


class PlacementError(Exception):
    """The root; its message is written for the user."""


class InputError(PlacementError):
    """Bad input, with all problems found, in the order of file and line.

    `total` counts the problems where `problems` holds only the first ones; of each kind there is
    one among them, so that a hundred of one kind hide no other. The message groups those of a kind.
    """

    def __init__(self, problems: Fault | Iterable[Fault], total: int | None = None) -> None:
        listed = [problems] if isinstance(problems, Fault) else list(problems)
        listed.sort(key=lambda p: (p.file or "", p.line or 0))
        self.problems = _first_of_all_kinds(listed)
        known = len(listed) + sum(problem.more for problem in listed)
        self.total = known if total is None else total
        super().__init__(self._text(listed))

    def _text(self, listed: list[Fault]) -> str:
        """Return a line for each kind of problem, and how many there are besides."""
        kinds: dict[tuple[Fault, int | None], list[Fault]] = {}
        for at, problem in enumerate(listed):
            own = at if problem.line is None else None  # what is about no line stands for itself
            kinds.setdefault((problem.kind, own), []).append(problem)
        shapes: dict[object, int] = {}
        for at, (first, *_) in enumerate(kinds.values()):
            shapes.setdefault(first.shape, at)
        first_ones = [*dict.fromkeys((*shapes.values(), *range(len(kinds))))][:SHOWN_PROBLEMS]
        groups = [*kinds.values()]
        shown = [groups[at] for at in sorted(first_ones)]
        lines, told = [], 0
        for first, *others in shown:
            later = {one.line: one.more for one in others if one.line != first.line}
            more = first.more + len(later) + sum(later.values())
            lines.append(str(replace(first, more=more)))
            told += 1 + len(others) + sum(one.more for one in (first, *others))
        hidden = self.total - told
        if hidden > 0:
            lines.append(f"... and {hidden} more problems like these ({self.total} in all)")
        return "\n".join(lines)


def _first_of_all_kinds(listed: list[Fault]) -> tuple[Fault, ...]:
    """Return so many problems as are kept: the first of each shape and kind, then as they come.

    How many of a kind with a line are dropped stands in `more` of its first one.
    """
    if len(listed) <= SHOWN_PROBLEMS:
        return tuple(listed)
    first: dict[Fault, int] = {}
    shapes: dict[object, int] = {}
    for place, problem in enumerate(listed):
        first.setdefault(problem.kind, place)
        shapes.setdefault(problem.shape, place)
    chosen = dict.fromkeys((*shapes.values(), *first.values(), *range(len(listed))))
    kept = dict.fromkeys(sorted([*chosen][:SHOWN_PROBLEMS]))
    dropped: dict[Fault, int] = {}
    for place, problem in enumerate(listed):
        if place not in kept and problem.line is not None:
            dropped[problem.kind] = dropped.get(problem.kind, 0) + 1 + problem.more
    return tuple(
        replace(one, more=one.more + dropped.get(one.kind, 0)) if first[one.kind] == place else one
        for place, one in ((place, listed[place]) for place in kept)
    )


class NoLotsError(InputError):
    """An inventory without a lot; whoever begins with nothing takes it as one."""


class PolicyError(InputError):
    """A policy pack that cannot be used."""


class UsageError(InputError):
    """An argument, option or configuration value that cannot be used."""


class FaultCollector:
    """Faults of several inputs, so that all of them are shown in one go."""

    def __init__(self) -> None:
        self.problems: list[Fault] = []
        #: How many more there are of which only the first ones were kept.
        self.unlisted = 0
        #: The inputs of which something is wrong.
        self.failed: set[str] = set()

    def add(self, problems: Iterable[Fault], total: int | None = None) -> None:
        """Keep problems; `total` counts them where these are only the first ones."""
        listed = list(problems)
        self.problems += listed
        self.unlisted += 0 if total is None else total - len(listed)

    @contextmanager
    def part(self, name: str, unsure: Callable[[Fault], bool] | None = None) -> Iterator[None]:
        """Keep the faults of one input; a bad pack or argument is raised at once.

        `unsure` tells of a fault that another input, which cannot be read, may be to blame for.
        """
        try:
            yield
        except (PolicyError, UsageError):
            raise
        except InputError as error:
            self.failed.add(name)
            kept = [problem for problem in error.problems if unsure is None or not unsure(problem)]
            doubted = len(kept) != len(error.problems)
            self.add(kept, None if doubted else error.total)

    def settle(self) -> None:
        """Raise InputError with everything that was kept, if anything was."""
        if self.problems:
            raise InputError(self.problems, len(self.problems) + self.unlisted)


class NothingEvaluatedError(PlacementError):
    """No rule was bound with a non-zero denominator, so no verdict exists."""


class SolverError(PlacementError):
    """A solver is missing or broke down; never used for infeasible or stopped programs."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` known names closest to `name`, compared without case."""
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    found = difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.6)
    return [by_folded[folded] for folded in found]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'a', 'b'?`, or an empty text where nothing is near."""
    found = nearest(name, known)
    return f"did you mean {', '.join(repr(n) for n in found)}?" if found else ""
