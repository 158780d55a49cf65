"""What alerts need around them, on 127.0.0.1: a mail server that keeps mails, and a web server."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any


class MailSink(socketserver.ThreadingTCPServer):
    """As much of SMTP as a sender speaks."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Message] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def take(self) -> list[Message]:
        """The mails that came since it was last asked."""
        taken, self.mails = self.mails, []
        return taken


class _Session(socketserver.StreamRequestHandler):
    server: MailSink

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            command = line[:4].strip().upper()
            if command == b"QUIT":
                self._say("221 bye")
                return
            if command == b"DATA":
                self._say("354 go on")
                self.server.mails.append(email.message_from_bytes(b"".join(self._content())))
            self._say("250 ok")

    def _content(self) -> Iterator[bytes]:
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            yield line.removeprefix(b".")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server of its own port."""
    with MailSink() as sink, _running(sink):
        yield sink


@contextmanager
def web_server(app: Any) -> Iterator[str]:
    """The app, served; its address."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _running(server):
        yield f"http://127.0.0.1:{server.server_port}/"


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def text_of(mail: Message) -> str:
    """What the parts of a mail say."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join(str(part.get_payload(decode=True), "utf-8") for part in parts)
