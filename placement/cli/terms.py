"""The options that say on which terms a check passes, and what the environment says of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

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
        "--fail-on",
        metavar="error|warning",
        help="The least that exits 1; an error is a breach.  [default: error]",
    ),
    click.option(
        "--warn-headroom", metavar="N%", help="Warn of a limit of which less than this is left."
    ),
    click.option("--only-new", is_flag=True, help="Leave out what was known before, in text."),
)


def terms_options(command: Command) -> Command:
    """Add --base, --base-ref, --fail-on, --warn-headroom and --only-new."""
    for option in reversed(_OPTIONS):
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
