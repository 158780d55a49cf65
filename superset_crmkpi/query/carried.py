"""Which output columns of a query hold values of marked columns of the tables below it.

The value itself counts, whole or as a part of a text, not what is concluded from it: whether there
is one, how many there are, which of two is chosen by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from superset_crmkpi.query.clauses import from_clause, joins_of, with_clause

#: table -> its marked columns
Marked = Mapping[str, Collection[str]]
#: tells about values, and holds none of them
_TELLS: tuple[type[exp.Expression], ...] = (
    exp.Avg,
    exp.Connector,
    exp.Count,
    exp.Length,
    exp.Not,
    exp.Predicate,
    exp.RowNumber,
    exp.StrPosition,
    exp.Sum,
)


def carried(query: exp.Expression, marked: Marked) -> set[str]:
    """Names of the output columns; `query` is qualified, its stars written out."""
    return {name for name, holds in _outputs(query, marked, {}).items() if holds}


def _outputs(query: exp.Expression, marked: Marked, around: Marked) -> dict[str, bool]:
    known = dict(marked)
    with_ = with_clause(query)
    for cte in with_.expressions if with_ is not None else []:
        known[cte.alias] = _holding(_outputs(cte.this, known, {}))
    body = query.unnest()
    if isinstance(body, exp.SetOperation):
        left, right = (_outputs(side, known, around) for side in (body.left, body.right))
        pairs = zip(left.items(), right.values(), strict=False)
        return {name: one or other for (name, one), other in pairs}
    if not isinstance(body, exp.Select):
        return {}
    sources = {**around, **_sources(body, known)}
    return {one.alias_or_name: _holds(one, sources, known) for one in body.expressions}


def _sources(select: exp.Select, known: Marked) -> dict[str, Collection[str]]:
    """Alias -> marked columns of what stands in FROM and JOIN."""
    from_ = from_clause(select)
    found: dict[str, Collection[str]] = {}
    for clause in [*([from_] if from_ is not None else []), *joins_of(select)]:
        relation = clause.this
        if isinstance(relation, exp.Subquery):
            found[relation.alias_or_name] = _holding(_outputs(relation.this, known, {}))
        elif isinstance(relation, exp.Table):
            found[relation.alias_or_name] = () if relation.db else known.get(relation.name, ())
    return found


def _holding(outputs: Mapping[str, bool]) -> set[str]:
    return {name for name, holds in outputs.items() if holds}


def _holds(node: exp.Expression, sources: Marked, known: Marked) -> bool:
    if isinstance(node, exp.Column):
        return node.name in sources.get(node.table, ())
    if isinstance(node, exp.Query):
        return any(_outputs(node, known, sources).values())
    if isinstance(node, _TELLS):
        return False
    parts = list(node.iter_expressions())
    if isinstance(node, exp.Case):
        parts = [one for one in [*node.args["ifs"], node.args.get("default")] if one is not None]
    elif isinstance(node, exp.If):
        parts = [one for one in (node.args["true"], node.args.get("false")) if one is not None]
    elif isinstance(node, exp.Window):
        parts = [node.this]
    return any(_holds(part, sources, known) for part in parts)
