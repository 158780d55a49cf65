"""Texts in the order of their bytes, for engines whose columns have a linguistic collation: there
`a` comes before `B`, and a number would hang on the language that a database was made with.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from superset_crmkpi.dialects.engine import Schema
from superset_crmkpi.query.types import typed_selects

_COMPARED = (exp.Greatest, exp.GT, exp.GTE, exp.Least, exp.LT, exp.LTE, exp.Max, exp.Min)


def by_bytes(query: exp.Expression, schema: Schema) -> None:
    """Texts that a window is ordered by, and that are compared as more or less."""
    if not isinstance(query, exp.Query):
        return
    texts: list[exp.Expression] = []
    for select, type_of in typed_selects(query, schema):
        for node in _own(select):
            for key in _keys(node):
                if type_of(key) == "text":
                    texts.append(key)
    for text in reversed(texts):  # from the inside out: what is collated is copied
        inner = exp.paren(text.copy()) if isinstance(text, exp.Binary) else text.copy()
        text.replace(exp.Collate(this=inner, expression=exp.to_identifier("C", quoted=True)))


def _keys(node: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(node, exp.Window):
        order = node.args.get("order")
        for key in order.expressions if order is not None else []:
            yield key.this
    elif isinstance(node, _COMPARED):
        yield node.this


def _own(node: exp.Expression) -> Iterator[exp.Expression]:
    """The nodes of a select, but not those of queries inside of it."""
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query | exp.With):
            yield child
            yield from _own(child)
