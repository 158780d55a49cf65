"""The `crmkpi` command group: one file a command, imported only when it is called.

`superset` loads this module on each of its calls, so nothing heavy stands here.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

COMMANDS = {
    "build": "Canonical tables in the warehouse.",
    "bundle": "A zip for the Superset UI.",
    "calc": "A KPI from numbers given by hand.",
    "doctor": "What can be computed, and what is missing.",
    "export": "The dashboards under dashboards/export.",
    "fields": "Columns of your CRM that nobody reads yet.",
    "init": "Whose CRM tables these are, and a profile for them.",
    "install": "Datasets, charts, dashboards and roles into Superset.",
    "kpis": "The KPI catalogue.",
    "load": "CSV, Excel and Parquet files into the warehouse.",
    "messages": "Texts of dashboards in other languages.",
    "plan": "What install would do.",
    "plugin": "Write and check a connector for a CRM.",
    "pull": "What people changed in Superset, back into the specs.",
    "status": "Whether Superset's definitions are still the catalogue's.",
    "uninstall": "Out of this Superset, without a trace.",
}


#: entry points of this group are commands too: `demo = "crmkpi_demo.cli.demo:demo"`
GROUP = "superset_crmkpi.commands"
#: commands of distributions of their own, to say where they are when they are not installed
ELSEWHERE = {"bench": "crmkpi-demo", "demo": "crmkpi-demo"}

#: when Python looks for circles of objects that nobody needs: trees of SQL are many such circles,
#: and at its usual 700 new objects the search takes a quarter of the time of compiling
COLLECT = (100_000, 10, 10)


class Aside:
    """Standard output, lent to standard error while Superset starts.

    `superset crmkpi ...` prints where its configuration is from, after it loaded this module and
    before it calls the command; but standard output is the command's, whose JSON others read.
    """

    def __init__(self) -> None:
        self.kept: int | None = None

    def begin(self) -> None:
        """Only under `superset crmkpi`: what other commands of Superset print is theirs."""
        name, *arguments = sys.argv or [""]
        if Path(name).stem != "superset" or arguments[:1] != ["crmkpi"]:
            return
        try:
            self.kept = os.dup(1)
            os.dup2(2, 1)
        except OSError:  # one of them is closed
            self.kept = None

    def end(self) -> None:
        if self.kept is not None:
            sys.stdout.flush()
            os.dup2(self.kept, 1)
            os.close(self.kept)
            self.kept = None


ASIDE = Aside()
ASIDE.begin()


class LazyGroup(click.Group):
    """Commands by name; each is a module of this package with a function of its name."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does; from here on standard output is ours."""
        ASIDE.end()
        return super().make_context(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *_installed()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            command: Any = getattr(import_module(f"{__name__}.{name}"), name)
            return command
        installed = _installed()
        if name in installed:
            return _loaded(installed[name])
        if name in ELSEWHERE:
            raise click.UsageError(
                f"`{name}` comes with another package; `pip install {ELSEWHERE[name]}`", ctx
            )
        return None

    def invoke(self, ctx: click.Context) -> Any:
        """As click does; an error that nobody expected becomes one line, with whose bug it is."""
        from superset_crmkpi.cli.logs import show_traceback, told

        gc.set_threshold(*COLLECT)
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except click.ClickException as error:
            show_traceback(error)
            raise
        except Exception as error:
            show_traceback(error)
            raise told(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        installed = {name: _about(entry) for name, entry in _installed().items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted({**installed, **COMMANDS}.items()))


def _installed() -> dict[str, EntryPoint]:
    """Commands that other distributions bring; ours cannot be taken."""
    return {e.name: e for e in entry_points(group=GROUP) if e.name not in COMMANDS}


def _loaded(entry: EntryPoint) -> click.Command:
    """The command of another distribution. ClickException when it cannot be loaded."""
    try:
        found: click.Command = entry.load()
    except Exception as error:
        owner = entry.dist.name if entry.dist is not None else entry.value
        raise click.ClickException(
            f"`{entry.name}` of {owner} cannot be loaded: {error}; upgrade or uninstall it"
        ) from error
    return found


def _about(entry: EntryPoint) -> str:
    owner = entry.dist.name if entry.dist is not None else entry.value
    try:
        return f"{entry.load().get_short_help_str(60)} ({owner})"
    except Exception as error:
        return f"Cannot be loaded: {error} ({owner})"


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="superset-crmkpi")
@click.option("-v", "--verbose", is_flag=True, help="Say what is done, and how long it takes.")
@click.option("--debug", is_flag=True, help="Say everything: SQL, timings, tracebacks of errors.")
@click.pass_context
def main(ctx: click.Context, verbose: bool, debug: bool) -> None:
    """CRM KPIs for Apache Superset.

    Start with `crmkpi demo`, or write a crmkpi.yaml and ask `crmkpi doctor`.
    """
    from superset_crmkpi.cli.logs import log_to_stderr

    level = logging.DEBUG if debug else logging.INFO if verbose else logging.WARNING
    log_to_stderr(ctx, level)
