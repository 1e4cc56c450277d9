"""What columns and rows stand for: one meaning each, kept by families so that millions fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Generic, TypeVar, overload

import numpy as np

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

Kind = TypeVar("Kind", bound=StrEnum)
Key = TypeVar("Key", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Label(Generic[Kind]):
    """What a column or row stands for: a kind, and what it is of (site, model, country, ...).

    `group` is the name under which a row takes part in a conflict; empty: it never does, since it
    only defines what a column is. A row that is broken by v is broken by v / scale `unit`s, less
    what rounding its end inwards took: `cut`, in the numbers of the row. `called`: how files call
    the kind, where that says more than its own word.
    """

    kind: Kind
    of: tuple[str, ...] = ()
    group: str = ""
    unit: str = ""
    scale: Fraction = Fraction(1)
    cut: Fraction = Fraction(0)
    called: str = ""

    @property
    def name(self) -> str:
        """How files call the kind."""
        return self.called or self.kind.value

    def key(self, of: type[Key]) -> Key:
        """Return what it is of, by the fields of its kind's key."""
        if not isinstance(self.of, of):
            raise TypeError(f"{self} is of no {of.__name__}")
        return self.of

    def __str__(self) -> str:
        """Return `kind of a, b`."""
        return f"{self.name} of {', '.join(self.of)}" if self.of else self.name


@dataclass(frozen=True, slots=True)
class LabelFamily(Generic[Kind]):
    """Members of one kind: member i is of `key(axes[0][at[i, 0]], axes[1][at[i, 1]], ...)`."""

    kind: Kind
    key: Callable[..., tuple[str, ...]]
    axes: tuple[Sequence[str], ...]
    at: Ints
    called: str = ""

    def __len__(self) -> int:
        return len(self.at)

    @property
    def name(self) -> str:
        """How files call the kind."""
        return self.called or self.kind.value

    def meaning(self, member: int) -> Label[Kind]:
        """Return the meaning of a member."""
        places = self.at[member].tolist()
        of = self.key(*(axis[place] for axis, place in zip(self.axes, places, strict=True)))
        return Label(self.kind, of, called=self.called)


class Labels(Sequence[Label[Kind]]):
    """The meanings of all columns, or all rows, by number."""

    def __init__(self, parts: Sequence[LabelFamily[Kind] | Label[Kind]]) -> None:
        self._parts = tuple(parts)
        sizes = [len(part) if isinstance(part, LabelFamily) else 1 for part in parts]
        self._first = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self._of_kind: dict[StrEnum, list[Ints]] = {}
        for part, first, size in zip(self._parts, self._first, sizes, strict=False):
            self._of_kind.setdefault(part.kind, []).append(np.arange(first, first + size))

    def __len__(self) -> int:
        return int(self._first[-1])

    @overload
    def __getitem__(self, index: int) -> Label[Kind]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Label[Kind]]: ...
    def __getitem__(self, index: int | slice) -> Label[Kind] | Sequence[Label[Kind]]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        part = bisect_right(self._first, index) - 1
        found = self._parts[part]
        return found if isinstance(found, Label) else found.meaning(index - self._first[part])

    def __iter__(self) -> Iterator[Label[Kind]]:
        for part in self._parts:
            if isinstance(part, Label):
                yield part
            else:
                yield from (part.meaning(member) for member in range(len(part)))

    @property
    def parts(self) -> tuple[LabelFamily[Kind] | Label[Kind], ...]:
        """The families and single members, in order."""
        return self._parts

    def names(self) -> list[str]:
        """Return how files call the kinds there are."""
        return list(dict.fromkeys(part.name for part in self._parts))

    def of_kind(self, *kinds: Kind) -> Ints:
        """Return the numbers of all members of some kinds, in ascending order."""
        found = [part for kind in kinds for part in self._of_kind.get(kind, ())]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def named(self, name: str) -> Ints:
        """Return the numbers of all members that files call so, in ascending order."""
        firsts = zip(self._parts, self._first[:-1], self._first[1:], strict=True)
        found = [np.arange(first, end) for part, first, end in firsts if part.name == name]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def keys(self, kind: Kind, of: type[Key]) -> Iterator[tuple[int, Key]]:
        """Yield the number of each member of a kind, and what it is of."""
        for number in self.of_kind(kind).tolist():
            yield number, self[number].key(of)

    def with_more(self, *more: LabelFamily[Kind] | Label[Kind]) -> Labels[Kind]:
        """Return the names with some more at the end."""
        return Labels((*self._parts, *more))
