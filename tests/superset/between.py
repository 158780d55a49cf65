"""What stands between us and a Superset, as proxies and balancers do, and answers in its place."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

Answer = tuple[str, list[tuple[str, str]], bytes]


class Between:
    """What stands between us and a Superset: `answer(environ)` may answer in its place."""

    def __init__(self, app: Any, answer: Callable[[Any], Answer | None]) -> None:
        self.app, self.answer = app, answer
        self.asked: list[str] = []

    def __call__(self, environ: Any, start: Any) -> Any:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(sent)
        given = self.answer(environ)
        if given is None:
            return self.app(environ, start)
        status, headers, body = given
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def page(text: str, status: str = "200 OK") -> Answer:
    return status, [("Content-Type", "text/html")], text.encode()
