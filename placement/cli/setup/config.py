"""`placement config`: the settings that count, and where each comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource

from placement.cli.options import (
    config_option,
    entities_options,
    opening_option,
    parse_pairs,
    policy_options,
    records_options,
)
from placement.cli.setup.environment import settled, take_environment, variable

if TYPE_CHECKING:
    from placement.loading.arguments import InputArguments
    from placement.loading.origins import Given


@click.group()
def config() -> None:
    """Show the settings that count, and where each comes from."""


@config.command()
@click.argument(
    "source", metavar="[INVENTORY|DIR]", default=".", type=click.Path(path_type=Path, exists=True)
)
@policy_options
@entities_options
@records_options
@opening_option
@config_option
# Settings that other verbs take, and that the environment may say here, too.
@click.option("--today", hidden=True)
@click.option("--objective", hidden=True)
@click.option("--solver", hidden=True)
@click.option("--effort", hidden=True)
@click.option("--gap", hidden=True)
@click.option("--time-limit", hidden=True)
@click.option("--threads", hidden=True)
@click.option("--output", multiple=True, hidden=True)
@click.option("--fail-on", hidden=True)
@click.option("--warn-headroom", hidden=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(source: Path, as_json: bool, **given: Any) -> None:
    """Print every setting of INVENTORY, or of the folder DIR, and who says it.

    A flag wins over a variable of the environment, that over the configuration, and that over the
    default. The configuration is the nearest placement.toml, or pyproject.toml with a table
    [tool.placement], from the folder upwards to the root of the repository; none is merged.

    \b
    Examples:
      placement config show inputs/example
      placement config show fleets/asia/inventory.csv --policy ai-diffusion-2025-basic --json

    Exit codes: 0, or 2 for bad input.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show as printed
    from placement.loading.inputs import config_for
    from placement.loading.origins import origins_of
    from placement.render import config as render

    taken, _ = settled(given)
    folder = source if os.path.isdir(source) else source.parent
    setup = config_for(folder, cast("InputArguments", taken))
    found = origins_of(setup, *_given(taken))
    printed(*((render.to_json(found), "json") if as_json else (render.text(found), "text")))


def _given(taken: dict[str, Any]) -> tuple[dict[str, Given], dict[str, Given]]:
    """Return what flags and variables say, by option, and the answers to open questions."""
    from placement.loading.origins import Given, Origin

    source = click.get_current_context().get_parameter_source
    origins = {
        ParameterSource.COMMANDLINE: Origin.FLAG,
        ParameterSource.ENVIRONMENT: Origin.ENVIRONMENT,
    }
    found: dict[str, Given] = {}
    answers: dict[str, Given] = {}
    for name, value in taken.items():
        origin = origins.get(source(name) or ParameterSource.DEFAULT)
        if origin is None or value in (None, ()):
            continue
        by = f"--{name.replace('_', '-')}" if origin is Origin.FLAG else variable(name)
        if name == "option":
            pairs = parse_pairs(value)
            answers = {key: Given(one, origin, by) for key, one in pairs.items()}
        elif name != "allow_outside":
            shown = str(value) if isinstance(value, Path) else value
            found[name] = Given(shown, origin, by)
    return found, answers


take_environment(show)
