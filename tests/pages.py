"""A page of the docs, followed to the letter: files are written, commands run, in its order."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
#: `path` and a block below it, or a block of commands
_STEPS = re.compile(r"^`([^`\n]+)`[^\n]*\n\n```\w+\n(.*?)^```|^```console\n(.*?)^```", re.M | re.S)


@dataclass(frozen=True)
class Done:
    """A command that was run; `output` is all it printed."""

    command: str
    code: int
    output: str


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def follow(
    page: str, folder: Path, environment: Mapping[str, str], without: str | None = None
) -> list[Done]:
    """What the page's commands did in the folder, but for those that begin with `without`."""
    done = []
    for step in _STEPS.finditer(page):
        name, text, commands = step.groups()
        if name is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            continue
        for line in commands.splitlines():
            command = line.removeprefix("$ ")
            if without is not None and command.startswith(without):
                continue
            ran = subprocess.run(
                command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
            )
            done.append(Done(command, ran.returncode, ran.stdout + ran.stderr))
    return done
