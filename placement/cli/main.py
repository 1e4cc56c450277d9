"""The entry point: one group, its verbs loaded only when they are called."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from time import perf_counter
from typing import NoReturn

import click

# Validation is ours alone: no plugin of another package may change it, or cost a start its time.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

#: When the command line began, for --timings.
STARTED = perf_counter()

#: verb -> (module, one line for --help)
_VERBS = {
    "check": ("check", "Judge an inventory under a policy: pass or fail, with exact numbers."),
    "optimize": ("optimize", "Find the cheapest layout that is compliant, or say why none is."),
    "baseline": ("baseline", "Record what is broken, so that only what is worse fails a check."),
    "waiver": ("waiver", "Write waivers for what is broken, to be read and approved."),
    "explain": ("planning.explain", "Say why a plan is as it is, or why there is none."),
    "compare": ("compare", "Say what differs between two plans."),
    "advance": ("advance", "Write the inputs of a later period of a plan, to plan on."),
    "headroom": ("headroom", "Say how many more accelerators fit in each country."),
    "ledger": ("ledger", "Show the accounts behind the caps: each charge, and what is left."),
    "report-form": ("report_form", "Fill in the semi-annual account of facilities."),
    "catalog": ("catalog", "Look up accelerators, instance types, regions and countries."),
    "init": ("setup.init", "Write a small set of inputs that passes, to begin with."),
    "config": ("setup.config", "Show the settings that count, and where each comes from."),
    "policy": ("policy", "List, show, check, test and compare policy packs."),
}


#: How --help groups them.
_SECTIONS = {
    "Judge a fleet": ("check", "baseline", "waiver", "headroom", "ledger", "report-form"),
    "Plan": ("optimize", "explain", "compare", "advance"),
    "Begin, and look up": ("init", "config", "policy", "catalog"),
}


class _Failed(Exception):  # noqa: N818 - it only carries what the system said
    """A file or a device failed in a way that nobody foresaw."""

    def __init__(self, error: OSError) -> None:
        self.error = error
        super().__init__(str(error))


class _Verbs(click.Group):
    """A group that imports a verb's module when the verb is called."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; click would take a broken pipe for an exit of 1, which means a breach."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise _Failed(error) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"placement.cli.{_VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        if not isinstance(command, click.Command):
            return None
        from placement.cli.setup.environment import take_environment

        return take_environment(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, _VERBS))
        for title, verbs in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{verb:<{width}}", _VERBS[verb][1]) for verb in verbs])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _VERBS:
            from placement.errors import did_you_mean

            hint = did_you_mean(args[0], _VERBS) or f"commands: {', '.join(_VERBS)}"
            ctx.fail(f"no such command {args[0]!r}; {hint}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not {"-h", "--help"}.intersection(rest):
            from placement.cli.setup.environment import check_environment, has_settings
            from placement.cli.streams import say

            for note in check_environment(command) if has_settings(command) else ():
                say(f"note: {note}")
        return name, command, rest


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

    Completion of a shell: _PLACEMENT_COMPLETE=bash_source placement > FILE, and read FILE
    in ~/.bashrc (zsh_source, fish_source likewise).
    """  # noqa: D301 - click reads the control character


def main() -> NoReturn:
    """Run the command line and leave; every error of ours is shown and exits 2."""
    from placement.cli.leaving import leave, on_sigterm
    from placement.cli.streams import safe_streams

    # What imports leave behind lives to the end: looking it over again and again, and taking it
    # apart at the end, would be a third of a small check.
    gc.set_threshold(100_000, 50, 100)
    code = 2
    try:
        safe_streams()
        on_sigterm()
        code = _run()
    finally:
        leave(code)


def _run() -> int:
    from placement.cli.leaving import STOPPED, TOLD, is_asked
    from placement.cli.streams import say

    try:
        cli.main(standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - Python's own exit code is 1: a breach
        if not is_asked():
            return _told(error)
    else:
        if not is_asked():
            return 0
    say(TOLD)
    return STOPPED


def _told(error: BaseException) -> int:
    """Say what went wrong, and return the exit code: never 1 unless a verb says so."""
    from placement.cli.leaving import STOPPED
    from placement.cli.streams import say
    from placement.errors import PlacementError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0
    if isinstance(error, click.Abort | KeyboardInterrupt):
        say("stopped")
        return STOPPED
    if isinstance(error, PlacementError):
        for line in str(error).splitlines() or [type(error).__name__]:
            say(line if line.startswith(" ") else f"error: {line}")
    elif isinstance(error, click.ClickException):
        _show(error)
    elif isinstance(error, _Failed):
        said = f"{error.error.strerror or error.error}; nothing was decided"
        where = error.error.filename
        say(f"error: {said}" if where is None else f"error: {where}: {said}")
    elif isinstance(error, MemoryError):
        say("error: there is not enough memory; no verdict was reached")
    else:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            say(line)
        say("error: this is a fault of placement itself; no verdict was reached")
    return 2


def _show(error: click.ClickException) -> None:
    """Show an error of usage as click does, what the user typed made harmless."""
    from placement.cli.streams import say

    if isinstance(error, click.UsageError) and error.ctx is not None:
        for line in error.ctx.get_usage().splitlines():
            say(line)
        hint = error.ctx.help_option_names
        if hint and error.ctx.command.get_help_option(error.ctx) is not None:
            say(f"Try '{error.ctx.command_path} {hint[0]}' for help.")
        say("")
    for line in error.format_message().splitlines():
        say(f"Error: {line}")
