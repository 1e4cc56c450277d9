"""Settings from the environment: PLACEMENT_POLICY stands for --policy where that is not given.

What decides a verdict has to be seen in it: every setting that was taken from the environment is
told as an assumption, and a variable that is nearly one of ours is an error.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import click
from click.core import ParameterSource

PREFIX = "PLACEMENT_"

SETTINGS = (
    "policy", "option", "entities", "headquarters", "authorization", "sites", "shipments",
    "weights", "opening", "config", "today", "objective", "solver", "effort", "gap", "time_limit",
    "threads", "output", "fail_on", "warn_headroom",
)  # fmt: skip
"""The options that a variable may stand for; none that is about one run, or turns a red green."""

WHOSE = ("entities", "headquarters", "authorization")
"""Three ways to say one thing: whoever says it by one of them has said it."""

_OF_TESTS = frozenset({"REAL_DATA", "OPTION_WORLDS", "USELESS_PROBLEMS"})
_NEAR = 0.75


class _Listed(click.types.StringParamType):
    """Several texts in one variable, separated by `;` as in a cell of a table."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [part.strip() for part in rv.split(";") if part.strip()]


def variable(option: str) -> str:
    """Return the name of the variable of an option."""
    return PREFIX + option.upper()


def take_environment(command: click.Command) -> click.Command:
    """Let the options of a verb that are settings be given by the environment."""
    for option in _settings(command):
        option.envvar = variable(option.name or "")
        option.show_envvar = True
        if option.multiple:
            option.type = _Listed()
    return command


def check_environment(
    command: click.Command, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Return notes on variables that the verb does not use; UsageError for what is nearly one."""
    used = _taken(command)
    known = set(map(variable, SETTINGS))
    faults, notes = [], []
    found = os.environ if environ is None else environ
    for name in sorted(name for name in found if name.startswith(PREFIX) and found[name]):
        rest = name.removeprefix(PREFIX)
        if name in used or rest in _OF_TESTS:
            continue
        if name in known:
            notes.append(f"{name} is no setting of {command.name}, and was not used")
            continue
        near = difflib.get_close_matches(rest, map(str.upper, SETTINGS), n=1, cutoff=_NEAR)
        if near:
            from placement.errors import Fault

            faults.append(Fault(f"{name} is no setting", f"did you mean {PREFIX}{near[0]}?"))
        else:
            notes.append(f"{name} is no setting of placement, and was not used")
    if faults:
        from placement.errors import UsageError

        raise UsageError(faults)
    return notes


def has_settings(command: click.Command) -> bool:
    """Tell whether a verb takes anything that the environment may say."""
    return bool(_taken(command))


def settled(given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what was given to the verb that runs, and sentences on what the environment said.

    Where the command line says whose kit it is, what the environment says of that does not count.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return dict(given), ()
    source = context.get_parameter_source
    found = dict(given)
    dropped = [name for name in WHOSE if source(name) is ParameterSource.ENVIRONMENT]
    if not any(source(name) is ParameterSource.COMMANDLINE for name in WHOSE):
        dropped = []
    for name in dropped:
        found[name] = () if name == "authorization" else None
    told = [
        f"{name.replace('_', '-')} from {variable(name)}"
        for name in SETTINGS
        if name not in (*dropped, "output") and source(name) is ParameterSource.ENVIRONMENT
    ]
    return found, tuple(told)


def _taken(command: click.Command) -> set[str]:
    """Return the variables that a verb, or one below it, reads."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    own = {str(one.envvar) for one in _settings(command) if one.envvar}
    return own.union(*map(_taken, below))


def _settings(command: click.Command) -> list[click.Option]:
    options = [one for one in command.params if isinstance(one, click.Option)]
    return [one for one in options if one.name in SETTINGS]
