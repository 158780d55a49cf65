"""The link of a row as a browser reads it, and what it should be, worked out without SQL."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAIL = '" target="_blank" rel="noopener noreferrer">Open</a>'


class _Anchor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def address(html: str) -> str:
    """Where the one link in it leads; '' for none. AssertionError for anything else in it."""
    if html == "":
        return ""
    read = _Anchor()
    read.feed(html)
    read.close()
    assert len(read.tags) == 1, html
    tag, attributes = read.tags[0]
    assert (tag, read.text) == ("a", "Open"), html
    href = attributes.pop("href")
    assert attributes == {"target": "_blank", "rel": "noopener noreferrer"}, html
    assert href is not None
    return href


def expected(record: str | None, pages: list[tuple[str, str, str, str]]) -> str:
    """The address of a record; `pages`: what its id begins with, a pattern of the rest, and what
    stands before and behind that in the address."""
    for prefix, rest, before, after in pages:
        if record is not None and record.startswith(prefix):
            native = record[len(prefix) :]
            if re.fullmatch(rest, native, re.ASCII):
                return f"{before}{native}{after}"
    return ""
