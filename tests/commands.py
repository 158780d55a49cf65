"""Commands run in this process, what they say on stderr apart, with click 8.1 and after."""

from __future__ import annotations

import inspect

from click.testing import CliRunner, Result

from superset_crmkpi.cli import main

_APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def run(*arguments: str) -> Result:
    """`crmkpi ARGUMENTS`."""
    return CliRunner(**_APART).invoke(main, arguments)  # type: ignore[arg-type]
