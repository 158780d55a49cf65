"""Progress of the demo: two things go on at once, each with its own line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

Report = Callable[[str], None]


class Steps:
    """Shows steps as they come: moving lines on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.console = console
        self.started = time.monotonic()
        self.progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("[bold]{task.fields[line]:<9}[/]"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    @contextmanager
    def line(self, name: str, first: str) -> Iterator[Report]:
        """A line of its own; the report that comes with it changes its text."""
        task = self.progress.add_task(first, total=1, line=name)

        def report(text: str) -> None:
            self.progress.update(task, description=text)
            if not self.console.is_terminal:
                seconds = time.monotonic() - self.started
                self.console.print(f"{seconds:6.1f} s  {name:<9} {text}", highlight=False)

        report(first)
        yield report
        self.progress.update(task, completed=1)
