"""Numbers of one kind, for ClickHouse: what stands side by side there has to have a common type."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from superset_crmkpi.dialects.engine import Schema
from superset_crmkpi.query.types import typed_selects

_CHOICES = (exp.Case, exp.Coalesce, exp.Greatest, exp.Least)


def one_kind_of_number(query: exp.Expression, schema: Schema) -> None:
    """coalesce, case, greatest, least and unions take one kind of number: a 64 bit integer has no
    type in common with a double, nor a signed one with an unsigned one (a count, a sum of flags).
    """
    if not isinstance(query, exp.Query):
        return
    choices: list[list[tuple[exp.Expression, str]]] = []
    columns: dict[int, list[tuple[exp.Expression, str]]] = {}
    for select, type_of in typed_selects(query, schema):
        for node in _own(select):
            if isinstance(node, _CHOICES):
                choices.append([(branch, type_of(branch)) for branch in _branches(node)])
        columns[id(select)] = [(c.unalias(), type_of(c)) for c in select.expressions]
    for choice in reversed(choices):  # from the inside out: what is cast is copied
        _make_one_kind(choice)
    for union in query.find_all(exp.SetOperation):
        if not isinstance(union.parent, exp.SetOperation):
            sides = [columns[id(select)] for select in _selects(union) if id(select) in columns]
            for column in zip(*sides, strict=False):
                _make_one_kind(list(column))


def _make_one_kind(values: list[tuple[exp.Expression, str]]) -> None:
    integers = [node for node, kind in values if kind == "bigint" and not _fits_all(node)]
    is_double = any(kind == "double" for _, kind in values)
    if is_double or len(integers) > 1:
        for node in integers:
            if is_double or not isinstance(node, exp.Cast):
                kind = exp.DataType.build("double" if is_double else "bigint")
                node.replace(exp.Cast(this=node.copy(), to=kind))


def _fits_all(node: exp.Expression) -> bool:
    """A number written down, and a choice among such: 8 bits are part of every kind."""
    if isinstance(node, _CHOICES):
        return all(_fits_all(branch) for branch in _branches(node))
    return isinstance(node, exp.Literal | exp.Null)


def _own(node: exp.Expression) -> Iterator[exp.Expression]:
    """The nodes of a select, but not those of queries inside of it."""
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query | exp.With):
            yield child
            yield from _own(child)


def _branches(node: exp.Expression) -> list[exp.Expression]:
    if isinstance(node, exp.Case):
        found = [branch.args["true"] for branch in node.args["ifs"]]
        return [*found, node.args["default"]] if node.args.get("default") else found
    return [node.this, *node.expressions]


def _selects(query: exp.Expression) -> list[exp.Select]:
    """The branches of a union."""
    body = query.unnest()
    if isinstance(body, exp.SetOperation):
        return [*_selects(body.left), *_selects(body.right)]
    return [body] if isinstance(body, exp.Select) else []
