"""What the verbs take beside an inventory, or a folder to plan, by the names of their keywords."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

if TYPE_CHECKING:
    from placement.readers.formats.data_frames import Frame


class SettingsArguments(TypedDict, total=False):
    """The policies and companies of a run; what each means says `placement.check`."""

    policy: str | Sequence[str] | None
    options: Mapping[str, str] | None
    entities: str | Path | Frame | None
    headquarters: str | None
    authorization: str | Sequence[str]
    assumed: Sequence[str]
    waivers: str | Path | None


class InputArguments(SettingsArguments, total=False):
    """What is read beside an inventory; see `placement.check`."""

    sites: str | Path | None
    shipments: str | Path | None
    weights: str | Path | None
    opening: str | Path | None
    config: str | Path | None
    allow_outside: bool
    accept: str | Sequence[str]


class TermsArguments(TypedDict, total=False):
    """On which terms a check passes; see `placement.check`."""

    base: str | Path | Frame | None
    base_ref: str | Sequence[str] | None
    baseline: str | Path | None
    fail_on: str | None
    warn_headroom: str | None


class CheckArguments(InputArguments, TermsArguments, total=False):
    """What a check takes beside an inventory: what is read, and on which terms it passes."""


class ProblemArguments(SettingsArguments, total=False):
    """What a problem of planning is made of beside its folder; see `placement.optimize`."""

    tables: Mapping[str, str | Path | Frame] | None
    opening: str | Path | None
    allow_outside: bool
    accept: str | Sequence[str]


class SearchArguments(TypedDict, total=False):
    """How a plan is searched; see `placement.optimize`."""

    solver: str | None
    time_limit: float | None
    gap: Fraction | None
    effort: int | None
    threads: int
    seed: int
    cross_check: str | None
    hook: str | Callable[[Any, Any], object] | None
    objective: str | Sequence[str] | None
    previous: str | Path | None


class PlanArguments(ProblemArguments, SearchArguments, total=False):
    """What a plan takes: its problem, and how it is searched."""


def settings_of(given: Mapping[str, object]) -> SettingsArguments:
    """Return those of some arguments that are settings."""
    names = SettingsArguments.__annotations__
    found = {name: value for name, value in given.items() if name in names}
    return cast("SettingsArguments", found)


def input_arguments_of(given: Mapping[str, object]) -> InputArguments:
    """Return those of some arguments that say what is read."""
    names = {*InputArguments.__annotations__, *SettingsArguments.__annotations__}
    found = {name: value for name, value in given.items() if name in names}
    return cast("InputArguments", found)


def texts_of(given: str | Sequence[str]) -> Sequence[str]:
    """Return one text, or several, as several."""
    return [given] if isinstance(given, str) else given
