"""English texts that remember what they were filled with: another language fills its own."""

from __future__ import annotations

import re
from typing import Any

_PLACE = re.compile(r"\{\w+\}")


class Text(str):
    """`Text("Needs {what}.", what="tickets")` is `Needs tickets.`, wherever a text will do."""

    template: str
    given: dict[str, Any]

    def __new__(cls, template: str, **given: Any) -> Text:
        made = super().__new__(cls, template.format(**given))
        made.template, made.given = template, given
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Copies and pickles remember as well."""
        return (self.template,), self.given


def places(text: str) -> list[str]:
    """What is filled into a text: `{name}` or `{1}`."""
    return sorted(_PLACE.findall(text))


def marked(text: str) -> str:
    """The text: by this the messages of the code are found, where a language says it elsewhere."""
    return text
