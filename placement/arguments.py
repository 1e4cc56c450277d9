"""The types of what the verbs take as functions: a wrong one is a UsageError that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import ParamSpec, TypeVar

from placement.errors import Problem, UsageError

P = ParamSpec("P")
R = TypeVar("R")

_TEXT = frozenset(
    {"accelerator", "channel", "consignee", "country", "cross_check", "headquarters", "owner",
     "solver"}
)  # fmt: skip
_TEXTS = frozenset({"accept", "authorization", "objective", "places", "policy"})
_PATHS = frozenset({"config", "opening", "previous", "shipments", "sites", "weights"})
_TEXT_BY_TEXT = frozenset({"options"})


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Check the arguments of a verb by their names before it is called; UsageError with all."""
    known = signature(function)

    @wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        bound = known.bind(*args, **given).arguments
        faults = [fault for name, value in bound.items() for fault in _faults(name, value)]
        if faults:
            raise UsageError(faults)
        return function(*args, **given)

    return call


def _faults(name: str, value: object) -> Iterator[Problem]:
    if value is None:
        return
    if name in _TEXT and not isinstance(value, str):
        yield _fault(name, value, "text")
    elif name in _PATHS and not isinstance(value, str | Path):
        yield _fault(name, value, "a path")
    elif name in _TEXTS and not isinstance(value, str):
        if not isinstance(value, Sequence | set | frozenset) or isinstance(value, bytes):
            yield _fault(name, value, "text, or a sequence of texts")
            return
        yield from (_fault(name, one, "texts") for one in value if not isinstance(one, str))
    elif name in _TEXT_BY_TEXT:
        if not isinstance(value, Mapping):
            yield _fault(name, value, "a mapping of names to answers, both text")
            return
        for pair in value.items():
            yield from (_fault(name, one, "texts") for one in pair if not isinstance(one, str))


def _fault(name: str, value: object, wanted: str) -> Problem:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    return Problem(f"cannot be {type(value).__name__}", f"give {wanted}", column=name, value=shown)
