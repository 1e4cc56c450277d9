"""The entry point: one group, its verbs loaded only when they are called."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

# Validation is ours alone: no plugin of another package may change it, or cost a start its time.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

#: verb -> (module, one line for --help)
_VERBS = {
    "check": ("check", "Judge an inventory under a policy: pass or fail, with exact numbers."),
    "optimize": ("optimize", "Find the cheapest layout that is compliant, or say why none is."),
    "compare": ("compare", "Say what differs between two plans."),
    "advance": ("advance", "Write the inputs of a later period of a plan, to plan on."),
    "headroom": ("headroom", "Say how many more accelerators fit in each country."),
    "ledger": ("ledger", "Show the accounts behind the caps: each charge, and what is left."),
    "report-form": ("report_form", "Fill in the semi-annual account of facilities."),
    "catalog": ("catalog", "Look up accelerators, instance types, regions and countries."),
    "policy": ("policy", "List, show, check, test and compare policy packs."),
}


class _Verbs(click.Group):
    """A group that imports a verb's module when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"placement.cli.{_VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(verb, help_) for verb, (_, help_) in _VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _VERBS:
            from placement.errors import did_you_mean

            hint = did_you_mean(args[0], _VERBS) or f"commands: {', '.join(_VERBS)}"
            ctx.fail(f"no such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"placement {version('placement')}")
        ctx.exit()


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Decide where AI chips may stand: exact compliance checks and optimal layouts.

    \b
    Examples:
      placement check inventory.csv --entities entities.csv
      placement optimize inputs/example

    Exit codes: 0 all rules kept; 1 a breach; 2 bad input, or nothing evaluated;
    3 proven that no plan exists; 4 stopped without a usable plan.
    """  # noqa: D301 - click reads the control character


def main() -> NoReturn:
    """Run the command line and leave; every error of ours is shown and exits 2."""
    # What imports leave behind lives to the end: looking it over again and again, and taking it
    # apart at the end, would be a third of a small check.
    gc.set_threshold(100_000, 50, 100)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that it cannot show is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _run() -> int:
    from placement.errors import PlacementError

    try:
        cli.main(standalone_mode=False)
    except PlacementError as error:
        from placement.render.escape import terminal

        for line in str(error).splitlines() or [type(error).__name__]:
            shown = terminal(line)
            click.echo(shown if line.startswith(" ") else f"error: {shown}", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 4
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except Exception:  # noqa: BLE001 - Python's own exit code for these is 1, which means a breach
        import traceback

        traceback.print_exc()
        click.echo("error: this is a fault of placement itself; no verdict was reached", err=True)
        return 2
    return 0
