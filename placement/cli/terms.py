"""The options that say on which terms a check passes, and what the environment says of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from placement.cli.options import (
    DAY,
    accept_option,
    config_option,
    entities_options,
    opening_option,
    policy_options,
    records_options,
)

Command = TypeVar("Command", bound=Callable[..., Any])

#: The branch that a pull request is to be merged into, where GitHub runs us for one.
BRANCH = "GITHUB_BASE_REF"

_OPTIONS = (
    click.option(
        "--base",
        type=click.Path(path_type=Path),
        help="The inventory that a change was made from: only what is new or worse fails.",
    ),
    click.option(
        "--base-ref",
        metavar="REF",
        help=f"The same out of git, as it was where HEAD left REF.  [default: ${BRANCH}]",
    ),
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        help="What was broken when `placement baseline write` wrote it: only worse fails.",
    ),
    click.option(
        "--fail-on",
        metavar="error|warning",
        help="The least that exits 1; an error is a breach.  [default: error]",
    ),
    click.option(
        "--warn-headroom", metavar="N%", help="Warn of a limit of which less than this is left."
    ),
    click.option("--only-new", is_flag=True, help="Leave out what was known before, in text."),
)


_WAIVERS = click.option(
    "--waivers",
    type=click.Path(path_type=Path),
    help="A waivers.toml.  [default: the one beside INVENTORY or its placement.toml, if any]",
)


def terms_options(command: Command) -> Command:
    """Add --base, --base-ref, --baseline, --fail-on, --warn-headroom, --only-new, --waivers."""
    for option in reversed((*_OPTIONS, _WAIVERS)):
        command = option(command)
    return command


def fleet_options(command: Command) -> Command:
    """Add all that says what is judged, on which days: of verbs that check a fleet."""
    days = (
        click.option("--as-of", type=DAY, help="Judge this day as one of every rule."),
        click.option("--from", "since", type=DAY, help="Judge every measurement date from ..."),
        click.option("--until", type=DAY, help="... until this day."),
        click.option("--today", type=DAY, help="The day of the run.  [default: the calendar's]"),
        click.option("--no-plans", is_flag=True, help="Leave ordered and planned lots out."),
    )
    shared = (policy_options, entities_options, *days, records_options, opening_option)
    for option in reversed((*shared, _WAIVERS, config_option, accept_option)):
        command = option(command)
    return command


def with_base_of_branch(given: Mapping[str, Any], inventory: Path | None) -> dict[str, Any]:
    """Return what was given, with the base that the environment names where none was.

    An inventory that is no file in a repository of git has none.
    """
    branch = os.environ.get(BRANCH, "").strip()
    is_given = given.get("base") is not None or given.get("base_ref") is not None
    if not branch or is_given or inventory is None or str(inventory) == "-":
        return dict(given)
    from placement.loading.git_base import repository_of

    if repository_of(inventory.parent) is None:
        return dict(given)
    return {**given, "base_ref": [f"origin/{branch}", branch]}
