"""The types of what the verbs take as functions: a wrong one is a UsageError that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import ParamSpec, TypeVar

from placement.errors import Fault, UsageError
from placement.loading.arguments import (
    CheckArguments,
    InputArguments,
    PlanArguments,
    ProblemArguments,
    SearchArguments,
)

P = ParamSpec("P")
R = TypeVar("R")

#: What a verb may take as `**inputs: Unpack[...]`.
_KEYWORDS = {
    kind.__name__: kind
    for kind in (CheckArguments, InputArguments, PlanArguments, ProblemArguments, SearchArguments)
}

_TEXT = frozenset(
    {"accelerator", "channel", "consignee", "country", "cross_check", "fail_on", "headquarters",
     "owner", "solver", "warn_headroom"}
)  # fmt: skip
_TEXTS = frozenset(
    {"accept", "assumed", "authorization", "base_ref", "objective", "places", "policy"}
)
_PATHS = frozenset(
    {"baseline", "config", "opening", "previous", "shipments", "sites", "waivers", "weights"}
)
_TABLES = frozenset({"base", "entities"})
_TEXT_BY_TEXT = frozenset({"options"})


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Check the arguments of a verb by their names before it is called; UsageError with all.

    Keywords that a verb takes as a TypedDict stand one by one in its signature, for `help`.
    """
    known = _one_by_one(signature(function))

    @wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        bound = known.bind(*args, **given).arguments
        faults = [fault for name, value in bound.items() for fault in _faults(name, value)]
        if faults:
            raise UsageError(faults)
        return function(*args, **given)

    vars(call)["__signature__"] = known
    return call


def _one_by_one(known: Signature) -> Signature:
    """Return a signature with the keywords of `**name: Unpack[...]` in the place of `name`."""
    listed: list[Parameter] = []
    for parameter in known.parameters.values():
        if parameter.kind is not Parameter.VAR_KEYWORD:
            listed.append(parameter)
            continue
        taken = _KEYWORDS[str(parameter.annotation).removeprefix("Unpack[").removesuffix("]")]
        listed += [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind.__forward_arg__)
            for name, kind in taken.__annotations__.items()
        ]
    return known.replace(parameters=listed)


def day_of(given: date | str | None, name: str) -> date | None:
    """Take a date, a datetime (its day) or text; `name`: of the argument."""
    if given is None:
        return None
    from placement.readers.cells import BadText, iso_date

    if given != given:
        raise UsageError(
            Fault("is no day", "give a date, or leave it out", None, None, name, "NaT")
        )
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return iso_date(str(given))
    except BadText as error:
        raise UsageError(Fault(error.message, error.fix, column=name, value=str(given))) from error


def _faults(name: str, value: object) -> Iterator[Fault]:
    if name == "source" and not isinstance(value, str | Path | Mapping):
        yield _fault(name, value, "a folder, a placement.toml, or its content as a mapping")
    if value is None:
        return
    is_table = isinstance(value, str | Path) or hasattr(value, "columns")
    if name in _TABLES and not is_table and not (name == "base" and hasattr(value, "inputs")):
        yield _fault(name, value, "a path, or a DataFrame of pandas or polars")
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


def _fault(name: str, value: object, wanted: str) -> Fault:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    return Fault(f"cannot be {type(value).__name__}", f"give {wanted}", column=name, value=shown)
