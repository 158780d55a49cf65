"""A text of SQL inside of a tree: printed as somebody wrote it, whatever the printer makes of SQL.

In the tree, and in what is printed of it, a word stands for the text: so nothing that changes
trees or lays out statements can change it, and `restored` puts it in at the very end.
"""

from __future__ import annotations

import re

from sqlglot import exp

_MARK = "crm_text_"
_WORD = re.compile(rf"{_MARK}([0-9a-f]+)", re.I)


def verbatim(text: str, alias: str) -> exp.Subquery:
    """The query that `text` is, to be read from under `alias`."""
    word = exp.Var(this=_MARK + text.encode().hex())
    return exp.Subquery(this=word, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def restored(sql: str) -> str:
    """A printed statement with the texts in it. Each ends its line: it may end in a comment."""
    return _WORD.sub(lambda found: f"\n{bytes.fromhex(found[1]).decode()}\n", sql)
