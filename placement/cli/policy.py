"""`placement policy`: packs listed, shown, checked, tested and compared."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from placement.cli.options import (
    DAY,
    accept_option,
    entities_options,
    names_of,
    output_option,
    parse_pairs,
    records_options,
)

if TYPE_CHECKING:
    from placement.errors import Fault
    from placement.policy.load import PackFile
    from placement.policy.policy import Policy


@click.group()
def policy() -> None:
    """List, show, check, test and compare policy packs.

    \b
    Examples:
      placement policy list
      placement policy show ai-diffusion-2025:uveu.single_country
      placement policy test house-rules.toml
    """  # noqa: D301 - click reads the control character


@policy.command("list")
def list_() -> None:
    """List the packs that ship and those of other packages.

    \b
    Example:
      placement policy list

    Exit codes: 0; 2 where a pack cannot be read, or two have one id.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show
    from placement.errors import PolicyError
    from placement.policy.load import installed_packs, read_pack
    from placement.render import policy as render

    files, faults = installed_packs()
    found = []
    for file in files:
        try:
            found.append((read_pack(file), file.source))
        except PolicyError as error:
            faults.extend(error.problems)
    show(render.listed(found))
    if faults:
        raise PolicyError(faults)


@policy.command()
@click.argument("pack", metavar="PACK[:RULE]")
@click.option("--as-of", type=DAY, help="The day of the countries in groups.  [default: today]")
@click.option("--option", multiple=True, metavar="NAME=VALUE", help="Answer an open question.")
@click.option("--places", metavar="CC,CC", help="One line for each of these countries instead.")
@click.option("--headquarters", metavar="CC", help="Of the company, with --places.")
@click.option("--authorization", multiple=True, metavar="A", help="What it holds; may be repeated.")
@click.option("--accelerator", metavar="MODEL", help="The chip.  [default: H100-SXM5-80GB]")
@output_option
def show(
    pack: str,
    as_of: date | None,
    option: tuple[str, ...],
    places: str | None,
    headquarters: str | None,
    authorization: tuple[str, ...],
    accelerator: str | None,
    output: tuple[str, ...],
) -> None:
    """Show a pack, by id or path, or one of its rules, in words.

    With --places: for each country its tier, the channel that is open to the company's chip,
    whether a licence is needed, the limits that bind there, and whether they are enforced. Without
    a company, each is shown with what it rests on.

    \b
    Examples:
      placement policy show ai-diffusion-2025 --as-of 2026-08-01
      placement policy show us-ear-enforced --places AE,MY,IN,GB --headquarters US
      placement policy show house-rules.toml:house.metro
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import Outputs
    from placement.cli.output import show as shown
    from placement.compliance.dates import today
    from placement.errors import Fault, UsageError, did_you_mean
    from placement.policy import load_policy
    from placement.render import policy as render

    name, rule = _split(pack)
    found = load_policy(name, parse_pairs(option))
    if places is not None and rule is None:
        from placement.cli.places import lines_of
        from placement.render import policy_places as lines

        table = lines_of(found, places, headquarters, authorization, as_of or today(), accelerator)
        renderers = {"text": lines.text, "json": lines.to_json}
        Outputs.parse(output).write_as(lambda kind: renderers[kind](table))
        return
    if headquarters or authorization or accelerator or output or places is not None:
        fix = "give PACK --places CC,CC" if places is None else "name the pack alone, no rule"
        raise UsageError(Fault("these options go with the places of a whole pack", fix))
    if rule is None:
        shown(render.pack(found, as_of or today()))
        return
    rules = {rule.id: rule for rule in found.pack.rules}
    unjudged = {one.id: one for one in found.pack.unjudged}
    if rule in unjudged:
        shown(render.unjudged(unjudged[rule]))
        return
    if rule not in rules:
        hint = did_you_mean(rule, [*rules, *unjudged]) or f"rules: {', '.join(rules)}"
        raise UsageError(Fault(f"pack {found.pack.id} has no such rule", hint, value=rule))
    shown(render.rule(found, rules[rule]))


@policy.command()
def schema() -> None:
    """Print the JSON Schema of a pack, for an editor.

    \b
    Example:
      placement policy schema > pack.schema.json
    """  # noqa: D301 - click reads the control character
    import json

    from placement.cli.output import show as output
    from placement.policy.pack import pack_schema

    output(json.dumps(pack_schema(), indent=2) + "\n", "json")


@policy.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def lint(files: tuple[str, ...]) -> None:
    """Say what is wrong with packs, and what is doubtful in those that load.

    \b
    Example:
      placement policy lint house-rules.toml

    Exit codes: 0 nothing found (notes apart); 1 something doubtful; 2 a pack that does not load.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show as output
    from placement.compliance.dates import today
    from placement.policy.load import installed_packs
    from placement.policy.validation.lint import Remark
    from placement.policy.validation.lint import lint as remarks_on
    from placement.render import policy as render

    read = _read(files)
    installed, faults = installed_packs()
    found = [Remark(fault) for fault in faults]
    for file, policy in read:
        found += remarks_on(file, policy, installed, today())
    output(render.remarks(found, len(read)))
    sys.exit(0 if all(one.is_note for one in found) else 1)


@policy.command()
@click.argument("packs", metavar="FILE|ID...", nargs=-1, required=True)
def test(packs: tuple[str, ...]) -> None:
    """Run the examples beside each rule of packs, as `placement check` would judge them.

    Each rule needs a passing, a failing and an at_limit example.

    `-` stands for names on standard input, one a line.

    \b
    Examples:
      placement policy test house-rules.toml ai-diffusion-2025
      ls packs/*.toml | placement policy test -

    Exit codes: 0 all as expected; 1 not; 2 a pack or an example that cannot be read.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show as output
    from placement.errors import InputError
    from placement.policy_testing.run_examples import run_examples
    from placement.render import policy as render

    problems: list[Fault] = []
    results = []
    for file, _ in _read(names_of(packs)):
        try:
            results.append((file.name, run_examples(file)))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    output(render.results(results))
    sys.exit(0 if all(rule.is_ok for _, rules in results for rule in rules) else 1)


@policy.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--inventory", type=click.Path(path_type=Path), help="Judge these lots under both.")
@entities_options
@records_options
@accept_option
@click.option("--as-of", type=DAY, help="The day to look at and to judge.  [default: today]")
def diff(
    old: str,
    new: str,
    inventory: Path | None,
    entities: Path | None,
    headquarters: str | None,
    authorization: tuple[str, ...],
    sites: Path | None,
    shipments: Path | None,
    weights: Path | None,
    accept: tuple[str, ...],
    as_of: date | None,
) -> None:
    """Say what pack B says differently from A; with an inventory, what that changes for it.

    Rules are matched by their ids.

    \b
    Examples:
      placement policy diff ai-diffusion-2025-basic house-rules.toml
      placement policy diff old.toml new.toml --inventory inventory.csv --entities entities.csv

    Exit codes: 0, whatever the difference is; 2 bad input.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show as output
    from placement.compliance.dates import today
    from placement.errors import Fault, UsageError
    from placement.policy.diff import diff as differences
    from placement.render import policy_diff as render

    day = as_of or today()
    given = (entities, headquarters, *authorization, *accept, sites, shipments, weights)
    if inventory is None and any(one is not None for one in given):
        raise UsageError(Fault("there is nothing to judge", "give --inventory, too"))
    (_, before), (_, after) = _read((old, new)) if old != new else _read((old,)) * 2
    text = render.changes(before, after, differences(before, after, day), day)
    if inventory is not None:
        from placement.policy_testing.impact import compare

        found = compare(
            inventory,
            old,
            new,
            as_of=day,
            entities=entities,
            headquarters=headquarters,
            authorization=authorization,
            sites=sites,
            shipments=shipments,
            weights=weights,
            accept=accept,
        )
        text += "\n" + render.compared(found)
    output(text)


def _read(names: tuple[str, ...]) -> list[tuple[PackFile, Policy]]:
    """Read packs by id or path; PolicyError with the faults of all of them."""
    from placement.errors import InputError, PolicyError
    from placement.policy.load import find_pack, read_pack

    problems: list[Fault] = []
    found = []
    for name in dict.fromkeys(names):
        try:
            file = find_pack(name)
            found.append((file, read_pack(file)))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise PolicyError(problems)
    return found


def _split(text: str) -> tuple[str, str | None]:
    """Tell a pack from the rule after its last colon; paths may have colons of their own."""
    name, colon, rule = text.rpartition(":")
    if not colon or not name or "/" in rule or "\\" in rule or Path(text).is_file():
        return text, None
    return name, rule
