"""What a page said while somebody waited for it: errors, and requests that failed or still wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SHOWN = 15  # of each kind


@dataclass
class Heard:
    """Collected by `heard`; as text one line each."""

    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: dict[int, str] = field(default_factory=dict)  # id of the request -> its address

    def __str__(self) -> str:
        lines = [
            *(f"console: {text}" for text in self.console[-SHOWN:]),
            *(f"failed: {text}" for text in self.failed[-SHOWN:]),
            *(f"no answer yet: {text}" for text in list(self.waiting.values())[-SHOWN:]),
        ]
        return "\n".join(lines) or "without an error, and no request waits"

    def asked(self, request: Any) -> None:
        self.waiting[id(request)] = f"{request.method} {request.url}"

    def answered(self, request: Any) -> None:
        self.waiting.pop(id(request), None)

    def broke(self, request: Any) -> None:
        self.answered(request)
        self.failed.append(f"{request.method} {request.url} {request.failure}")

    def got(self, response: Any) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")

    def spoke(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.console.append(message.text[:500])

    def threw(self, error: Any) -> None:
        self.console.append(str(error)[:500])


@contextmanager
def heard(page: Any) -> Iterator[Heard]:
    """Listen to a page while the block runs."""
    said = Heard()
    ears = {
        "request": said.asked,
        "requestfinished": said.answered,
        "requestfailed": said.broke,
        "response": said.got,
        "console": said.spoke,
        "pageerror": said.threw,
    }
    for event, ear in ears.items():
        page.on(event, ear)
    try:
        yield said
    finally:
        for event, ear in ears.items():
            page.remove_listener(event, ear)
