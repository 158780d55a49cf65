"""How long SQL is for Superset 4.1 and 5.0: newer versions of their sqlparse set a limit."""

from __future__ import annotations

import re

#: what sqlparse takes since 0.5.5; 0.5.4 and older take more
MOST = 10_000
#: as sqlparse cuts a text into pieces; each blank and each line end is one
_TOKEN = re.compile(
    r"/\*.*?\*/|--[^\n]*|'(?:''|\\'|[^'])*'|\"(?:\"\"|[^\"])*\"|`[^`]*`"
    r"|\b(?:(?:LEFT |RIGHT |FULL )?(?:INNER |OUTER )?JOIN|CROSS JOIN|UNION ALL|(?:GROUP|ORDER) BY"
    r"|NOT NULL|DOUBLE PRECISION|(?:ASC|DESC)(?: NULLS (?:FIRST|LAST))?|NULLS (?:FIRST|LAST)"
    r"|NOT (?:LIKE|ILIKE|RLIKE))\b"
    r"|\s|\d+(?:\.\d*)?|\w[$#\w]*|::|[<>=~!]+|[+/@#%^&|-]+|.",
    re.S | re.I,
)


def tokens_of(sql: str) -> int:
    """The number of tokens of a statement, as sqlparse 0.6 counts them to a few in a hundred."""
    return sum(1 for _ in _TOKEN.finditer(sql))
