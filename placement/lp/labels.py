"""What columns and rows stand for: one meaning each, kept by families so that millions fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class Label:
    """What a column or row stands for: a kind, and what it is of (site, model, country, ...).

    `group` is the name under which a row takes part in a conflict; empty: it never does, since it
    only defines what a column is. A row that is broken by v is broken by v / scale `unit`s, less
    what rounding its end inwards took: `cut`, in the numbers of the row.
    """

    kind: str
    of: tuple[str, ...] = ()
    group: str = ""
    unit: str = ""
    scale: Fraction = Fraction(1)
    cut: Fraction = Fraction(0)

    def __str__(self) -> str:
        """Return `kind of a, b`."""
        return f"{self.kind} of {', '.join(self.of)}" if self.of else self.kind


@dataclass(frozen=True, slots=True)
class LabelFamily:
    """Members of one kind: member i is of `axes[0][at[i, 0]]`, `axes[1][at[i, 1]]`, ...

    `groups` and `scales` are by position on the axis `group_axis`, or one for all.
    """

    kind: str
    axes: tuple[Sequence[str], ...]
    at: Ints
    groups: Sequence[str] = ("",)
    group_axis: int | None = None
    unit: str = ""
    scales: Sequence[Fraction] = (Fraction(1),)

    def __len__(self) -> int:
        return len(self.at)

    def meaning(self, member: int) -> Label:
        """Return the meaning of a member."""
        places = self.at[member].tolist()
        of = tuple(axis[place] for axis, place in zip(self.axes, places, strict=True))
        by = 0 if self.group_axis is None else places[self.group_axis]
        group = self.groups[by if len(self.groups) > 1 else 0]
        scale = self.scales[member if len(self.scales) > 1 else 0]
        return Label(self.kind, of, group, self.unit, scale)


class Labels(Sequence[Label]):
    """The meanings of all columns, or all rows, by number."""

    def __init__(self, parts: Sequence[LabelFamily | Label]) -> None:
        self._parts = tuple(parts)
        sizes = [len(part) if isinstance(part, LabelFamily) else 1 for part in parts]
        self._first = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self._of_kind: dict[str, list[Ints]] = {}
        for part, first, size in zip(self._parts, self._first, sizes, strict=False):
            self._of_kind.setdefault(part.kind, []).append(np.arange(first, first + size))

    def __len__(self) -> int:
        return int(self._first[-1])

    @overload
    def __getitem__(self, index: int) -> Label: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Label]: ...
    def __getitem__(self, index: int | slice) -> Label | Sequence[Label]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        part = bisect_right(self._first, index) - 1
        found = self._parts[part]
        return found if isinstance(found, Label) else found.meaning(index - self._first[part])

    def __iter__(self) -> Iterator[Label]:
        for part in self._parts:
            if isinstance(part, Label):
                yield part
            else:
                yield from (part.meaning(member) for member in range(len(part)))

    @property
    def parts(self) -> tuple[LabelFamily | Label, ...]:
        """The families and single members, in order."""
        return self._parts

    def kinds(self) -> list[str]:
        """Return the kinds there are."""
        return list(self._of_kind)

    def of_kind(self, *kinds: str) -> Ints:
        """Return the numbers of all members of some kinds, in ascending order."""
        found = [part for kind in kinds for part in self._of_kind.get(kind, ())]
        return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def with_more(self, *more: Label) -> Labels:
        """Return the names with some more at the end."""
        return Labels((*self._parts, *more))
