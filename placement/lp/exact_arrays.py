"""Arrays of exact integers: 64 bits wide where that is certainly enough, Python's own otherwise.

numpy's 64-bit sums wrap without a word, so every sum here is first bounded by one of floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[Any]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SAFE = 2.0**62
"""Sums of 64-bit integers that a float says are smaller than this are exact."""


def exact_ints(values: Iterable[int] | Ints) -> Ints:
    """Return integers as an array: of 64 bits where every one is below 2**62, else of objects."""
    if isinstance(values, np.ndarray) and values.dtype == np.int64:
        return values
    wide = np.array([*values], dtype=object) if not isinstance(values, np.ndarray) else values
    if wide.size == 0 or all(-(2**62) < value < 2**62 for value in wide.ravel().tolist()):
        return wide.astype(np.int64)
    return wide


def wide(values: Ints) -> Ints:
    """Return the same integers as objects, which never wrap."""
    return values if values.dtype == object else values.astype(object)


def joined(*parts: Ints) -> Ints:
    """Join arrays end to end."""
    if any(part.dtype == object for part in parts):
        return exact_ints(np.concatenate([wide(part) for part in parts]))
    return np.concatenate(parts)


def product(left: Ints, right: Ints) -> Ints:
    """Multiply two arrays, element by element."""
    if left.dtype == object or right.dtype == object:
        return wide(left) * wide(right)
    most = _largest(left) * _largest(right)
    if most < SAFE:
        return left * right
    if left.size and float(np.max(np.abs(left.astype(float)) * np.abs(right.astype(float)))) < SAFE:
        return left * right
    return wide(left) * wide(right)


def add(*parts: Ints) -> Ints:
    """Add arrays, element by element."""
    if any(part.dtype == object for part in parts) or sum(map(_largest, parts)) >= SAFE:
        return sum((wide(part) for part in parts[1:]), wide(parts[0]))
    return sum(parts[1:], parts[0])


def sums(values: Ints, starts: Ints) -> Ints:
    """Sum values over segments: segment i holds starts[i] to starts[i + 1]; empty ones are 0."""
    count = len(starts) - 1
    filled = np.flatnonzero(starts[1:] > starts[:-1])
    if not len(filled):
        return np.zeros(count, dtype=np.int64)
    first = starts[:-1][filled]
    if values.dtype != object:
        most = np.add.reduceat(np.abs(values.astype(float)), first)
        if float(most.max()) >= SAFE:
            values = wide(values)
    found = np.zeros(count, dtype=values.dtype)
    found[filled] = np.add.reduceat(values, first)
    return found


def total(values: Ints) -> int:
    """Sum all values."""
    if values.dtype != object and float(np.abs(values.astype(float)).sum()) < SAFE:
        return int(values.sum())
    return sum(values.tolist())


def scatter(size: int, at: Ints, values: Ints) -> Ints:
    """Sum values by position."""
    order = np.argsort(at, kind="stable")
    starts = np.searchsorted(at[order], np.arange(size + 1))
    return sums(values[order], starts)


def _largest(values: Ints) -> float:
    """Return the largest magnitude, as a float."""
    if not values.size:
        return 0.0
    return max(abs(float(values.max())), abs(float(values.min())))


def whole_numbers(values: Sequence[Fraction]) -> tuple[Ints, int]:
    """Return fractions as whole numbers over one denominator."""
    scale = lcm(*(value.denominator for value in values))
    return np.array([int(value * scale) for value in values], dtype=object), scale
