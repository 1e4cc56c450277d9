"""Options that several verbs share, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from placement.cli.setup.environment import settled
from placement.errors import Fault, UsageError

if TYPE_CHECKING:
    from placement.report import Report

Command = TypeVar("Command", bound=Callable[..., Any])


class _Day(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read a day of the calendar; 2026-W31-6 is ISO 8601, and no date here."""
        if isinstance(value, date):
            return value
        from placement.readers.cells import BadText, iso_date

        try:
            return iso_date(str(value))
        except BadText:
            self.fail(f"{value!r} is not a date; write it as YYYY-MM-DD", param, ctx)


DAY = _Day()


def policy_options(command: Command) -> Command:
    """Add --policy and --option."""
    command = click.option(
        "--option",
        multiple=True,
        metavar="[PACK:]NAME=VALUE",
        help="Answer an open question, of every pack that asks it or of one; may be repeated.",
    )(command)
    return click.option(
        "--policy",
        multiple=True,
        metavar="ID|PATH",
        help="A policy pack; may be repeated: all are judged, in one report.  "
        "[default: ai-diffusion-2025]",
    )(command)


def entities_options(command: Command) -> Command:
    """Add --entities, --headquarters and --authorization."""
    command = click.option(
        "--authorization",
        multiple=True,
        metavar="A",
        help="uveu, nveu:<country> or none, of all owners; may be repeated.",
    )(command)
    command = click.option(
        "--headquarters", metavar="CC", help="The country of all owners' headquarters."
    )(command)
    return click.option(
        "--entities",
        type=click.Path(path_type=Path),
        help="CSV of entity, parent, headquarters, authorization.",
    )(command)


def records_options(command: Command) -> Command:
    """Add --sites, --shipments and --weights."""
    for name, text in (
        ("weights", "CSV of model weights and where they are kept."),
        ("shipments", "CSV of shipments, for rules that compare flows."),
    ):
        command = click.option(f"--{name}", type=click.Path(path_type=Path), help=text)(command)
    return sites_option(command)


def sites_option(command: Command) -> Command:
    """Add --sites."""
    text = "CSV of sites: country, metro, region, and the day notice of each was filed."
    return click.option("--sites", type=click.Path(path_type=Path), help=text)(command)


def opening_option(command: Command) -> Command:
    """Add --opening."""
    text = "CSV of opening balances: what accounts were charged with by others."
    return click.option("--opening", type=click.Path(path_type=Path), help=text)(command)


def outside_option(command: Command) -> Command:
    """Add --allow-outside."""
    return click.option(
        "--allow-outside",
        is_flag=True,
        help="Let [files] of the placement.toml name tables outside its folder.",
    )(command)


def config_option(command: Command) -> Command:
    """Add --config and --allow-outside."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        help="A placement.toml.  [default: the nearest, from the folder of INVENTORY upwards]",
    )(outside_option(command))


def accept_option(command: Command) -> Command:
    """Add --accept."""
    return click.option(
        "--accept",
        multiple=True,
        metavar="FILE:LINE",
        help="Take a line that is in doubt as it stands; may be repeated.",
    )(command)


def output_option(command: Command) -> Command:
    """Add --output."""
    return click.option(
        "--output",
        multiple=True,
        metavar="text|json[=PATH]",
        help="Format, and file where not the terminal; may be repeated.  [default: text]",
    )(command)


def view_options(command: Command) -> Command:
    """Add -v, -q, --color and --timings."""
    command = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the text.  [default: auto: on a terminal, unless NO_COLOR is set]",
    )(command)
    command = click.option(
        "--timings", is_flag=True, help="Say on standard error how long each phase took."
    )(command)
    command = click.option("-q", "--quiet", is_flag=True, help="The verdict line only.")(command)
    return click.option(
        "-v",
        "--verbose",
        count=True,
        help="Show more: rules, assumptions, duties, what was not judged; -vv shows all.",
    )(command)


def names_of(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names given, with those on standard input, one a line, in the place of `-`.

    UsageError where there is nothing on it.
    """
    found: list[str] = []
    for name in given:
        if name != "-":
            found.append(name)
            continue
        from placement.readers.formats.csv_records import standard_input

        text = standard_input("<stdin>")
        lines = [line.strip() for line in text.decode("utf-8", "backslashreplace").splitlines()]
        if not any(lines):
            raise UsageError(Fault("no names on standard input", "write one a line", value="-"))
        found += filter(None, lines)
    return tuple(found)


def parse_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE options of a pack."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(Fault("--option takes NAME=VALUE", "", value=pair))
        found[name.strip()] = value.strip()
    return found


def inputs_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the shared options of a verb come to, as its function takes them.

    What the environment said in their place is told as an assumption.
    """
    found, told = settled(given)
    options = parse_pairs(found.pop("option"))
    return {**found, "options": options, "assumed": told}


def checked(inventory: Path, inputs: Mapping[str, Any], **terms: Any) -> Report:
    """Judge an inventory as `fleet_options` and their inputs (`inputs_of`) say."""
    from placement import api

    given = dict(inputs)
    plans = not given.pop("no_plans")
    return api.check(inventory, plans=plans, **given, **terms)


#: The branch that a pull request is to be merged into, where GitHub runs us for one.
BRANCH = "GITHUB_BASE_REF"

_TERMS = (
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


waivers_option = click.option(
    "--waivers",
    type=click.Path(path_type=Path),
    help="A waivers.toml.  [default: the one beside INVENTORY or its placement.toml, if any]",
)


def terms_options(command: Command) -> Command:
    """Add --base, --base-ref, --baseline, --fail-on, --warn-headroom, --only-new, --waivers."""
    for option in reversed((*_TERMS, waivers_option)):
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
    for option in reversed((*shared, waivers_option, config_option, accept_option)):
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
