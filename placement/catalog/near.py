"""What an unknown name may have been meant to be, where a wrong guess does no harm.

A name of another country, or of a chip of another generation or rate, is never proposed because
its letters look alike: nothing is better than that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from placement.catalog.accelerators import Accelerator
from placement.catalog.spelling import joined, loose, numbers

_ALIKE = 0.85
"""How alike two spellings must be for one to be taken for a slip of the other."""

_AS_GOOD = 0.03
"""A spelling that is less alike than the best by this much is not proposed beside it."""

_MOST_APART = 10
"""Chips whose rates differ by more than this many percent are not proposed side by side."""

_SHOWN = 3
_DIGITS = re.compile(r"\d+")


def slip_of(
    name: str, spellings: Iterable[str], meant: Callable[[str], object], fold: Callable[[str], str]
) -> str:
    """Return `did you mean ...?` where all spellings that are very near mean the same.

    `meant` gives what a spelling stands for: a country, a provider.
    """
    near = _near(fold(name), {fold(spelling): spelling for spelling in spellings})
    return _asked(near) if len({meant(one) for one in near}) == 1 else ""


def chips_near(
    name: str, spellings: Iterable[str], of: Callable[[str], tuple[Accelerator, ...]]
) -> str:
    """Return `did you mean ...?` with the spellings that agree in the model's number, or nothing.

    `of` gives the models that a spelling may mean. Those of another number are not looked at, and
    nothing is said where the rates of what is near differ by more than a tenth.
    """
    model = numbers(name)
    agreeing = [spelling for spelling in spellings if _same_model(numbers(spelling), model)]
    near = _near(loose(name), {loose(one): one for one in agreeing})
    rates = [chip.mtpp() for one in near for chip in of(one)]
    known = [rate for rate in rates if rate is not None]
    if not near or len(known) != len(rates):
        return ""
    return _asked(near) if max(known) * (100 - _MOST_APART) <= min(known) * 100 else ""


def _same_model(other: frozenset[str], asked: frozenset[str]) -> bool:
    """Tell whether a spelling names no model number but those asked for."""
    return bool(other) == bool(asked) and other <= asked


def same_shape(name: str, other: str) -> bool:
    """Tell whether two names of regions agree in their first word and in their numbers."""
    first, second = joined(name), joined(other)
    heads = (_DIGITS.split(one)[0].partition("-") for one in (first, second))
    (head, joint, _), (its_head, its_joint, _) = heads
    same_head = head == its_head or not (joint or its_joint)
    return same_head and _DIGITS.findall(first) == _DIGITS.findall(second)


def _near(name: str, by_folded: dict[str, str]) -> list[str]:
    """Return what is most alike, and what is hardly less so."""
    found = difflib.get_close_matches(name, by_folded, n=_SHOWN, cutoff=_ALIKE)
    alike = [difflib.SequenceMatcher(None, one, name).ratio() for one in found]
    return [
        by_folded[one] for one, how in zip(found, alike, strict=True) if how > alike[0] - _AS_GOOD
    ]


def _asked(near: list[str]) -> str:
    return f"did you mean {', '.join(map(repr, near))}?" if near else ""
