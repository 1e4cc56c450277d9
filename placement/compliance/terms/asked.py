"""The terms of a run, from what a user gives."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.compliance.terms.terms import Terms
from placement.enums import Verdict
from placement.errors import Fault, UsageError, did_you_mean
from placement.loading.arguments import CheckArguments, input_arguments_of, texts_of
from placement.loading.inputs import Inputs
from placement.readers.cells import BadText, exact

if TYPE_CHECKING:
    from placement.compliance.terms.base import Base
    from placement.compliance.terms.baseline import Baseline


_FAIL_ON = {"error": Verdict.BREACH, "warning": Verdict.WARNING}

_NOT_THERE = "the inventory is not in the base, so all that is found is new"


def terms_of(head: Inputs, inventory: object, given: CheckArguments) -> Terms:
    """Return the terms of a run on an inventory that was read as `head`.

    UsageError for what cannot be used; InputError, which names the base, where that has faults.
    """
    return Terms(
        base=_base(head, inventory, given),
        baseline=_baseline(given.get("baseline")),
        fail_on=fail_on_of(given.get("fail_on") or "error"),
        warn_headroom=part_of_limit(given.get("warn_headroom")),
    )


def terms_against(base: Inputs | None, fail_on: str | None, warn_headroom: str | None) -> Terms:
    """Return the terms of a run against a fleet that was read, if any; UsageError as above."""
    from placement.compliance.terms.base import Base

    before = None if base is None else Base(base.lots.source, base)
    return Terms(before, fail_on=fail_on_of(fail_on or "error"),
                 warn_headroom=part_of_limit(warn_headroom))  # fmt: skip


def fail_on_of(word: str) -> Verdict:
    """Return the least verdict that fails a run; UsageError for another word."""
    if word not in _FAIL_ON:
        hint = did_you_mean(word, _FAIL_ON) or "write error or warning"
        raise UsageError(Fault("is neither error nor warning", hint, column="fail_on", value=word))
    return _FAIL_ON[word]


def part_of_limit(text: str | None) -> Fraction | None:
    """Read the part of a limit of which less is a warning, as `10%`; UsageError for others."""
    if text is None:
        return None
    number, sign, rest = text.partition("%")
    try:
        if not sign or rest.strip():
            raise BadText("is no percentage", "write it as 10%")
        percent = exact(number)
        if not 0 < percent <= 100:
            raise BadText("is not above 0 and at most 100 %", "write it as 10%")
    except BadText as error:
        fault = Fault(error.message, error.fix, column="warn_headroom", value=text)
        raise UsageError(fault) from error
    return percent / 100


def _baseline(path: str | Path | None) -> Baseline | None:
    if path is None:
        return None
    from placement.compliance.terms.baseline import Baseline
    from placement.readers.baseline import read_baseline

    return Baseline.of(read_baseline(path), str(path))


def _base(head: Inputs, inventory: object, given: CheckArguments) -> Base | None:
    base, refs = given.get("base"), texts_of(given.get("base_ref") or ())
    if base is None and not refs:
        return None
    from placement.compliance.terms.base import Base
    from placement.loading.base import load_base, load_base_of_ref

    if base is not None and refs:
        raise UsageError(Fault("base and base_ref exclude each other", "give one of them"))
    inputs: Mapping[str, Any] = input_arguments_of(given)
    if base is not None:
        if str(base) == "-" == str(inventory):
            message = "the inventory and its base cannot both be standard input"
            raise UsageError(Fault(message, "give one of them as a file"))
        name = str(base) if isinstance(base, str | Path) else "a DataFrame"
        return Base(name, load_base(head, inventory, base, inputs))
    if not isinstance(inventory, str | Path) or str(inventory) == "-":
        message = "git knows files only, and this inventory is none"
        raise UsageError(Fault(message, "give an inventory file, or the base as a file: --base"))
    name, found = load_base_of_ref(head, Path(inventory), refs, inputs)
    return Base(name, found, "" if found is not None else _NOT_THERE)
