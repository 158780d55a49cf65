"""Clauses of a query, and what each SELECT reads: names only, nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlglot import exp

Node = TypeVar("Node", bound=exp.Expression)


def nodes_in(tree: exp.Expression, kind: type[Node] | tuple[type[Node], ...]) -> list[Node]:
    """Nodes of a kind, each before those below it: `find_all` in a third of its time."""
    nodes: list[Node] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            nodes.append(node)
        for value in reversed(node.args.values()):
            if isinstance(value, exp.Expression):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [one for one in reversed(value) if isinstance(one, exp.Expression)]
    return nodes


def with_clause(query: exp.Expression) -> exp.With | None:
    """The WITH of a query (sqlglot renamed the key between the versions we support)."""
    return query.args.get("with_") or query.args.get("with")


def from_clause(query: exp.Expression) -> exp.From | None:
    """The FROM of a query (renamed like the WITH)."""
    return query.args.get("from_") or query.args.get("from")


def joins_of(select: exp.Expression) -> list[exp.Join]:
    return list(select.args.get("joins") or [])


@dataclass(eq=False)
class Relation:
    """A query that others read by a name, the CTEs it may read itself, and what is asked of it."""

    query: exp.Expression
    ctes: Mapping[str, Relation]
    asked: set[str] = field(default_factory=set)
    #: every column is asked for, or they go by other names
    whole: bool = False
    read: bool = False


#: what an alias in FROM or JOIN stands for: a query, or the name of a table
Source = Relation | str


def ctes_of(query: exp.Expression, around: Mapping[str, Relation]) -> dict[str, Relation]:
    """The CTEs that the body of a query may read: its own and those `around` it."""
    found = dict(around)
    with_ = with_clause(query)
    if with_ is None:
        return found
    for cte in with_.expressions:
        renamed = cte.args["alias"].args.get("columns")
        relation = Relation(cte.this, dict(found), whole=bool(renamed or with_.recursive))
        found[cte.alias] = relation
    return found


def sources_of(select: exp.Select, ctes: Mapping[str, Relation]) -> dict[str, Source]:
    """Alias -> what stands in FROM and JOIN."""
    from_ = from_clause(select)
    clauses = [*([from_] if from_ is not None else []), *joins_of(select)]
    clauses += select.args.get("laterals") or []
    found: dict[str, Source] = {}
    for clause in clauses:
        node = clause.this if isinstance(clause, exp.From | exp.Join) else clause
        name = str(node.alias_or_name)
        if isinstance(node, exp.Table) and not (node.args.get("pivots") or node.args.get("joins")):
            found[name] = node.name if node.db else ctes.get(node.name, node.name)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
            found[name] = Relation(node.this, ctes, whole=with_clause(node) is not None)
        source, alias = found.get(name), node.args.get("alias")
        if isinstance(source, Relation) and alias is not None and alias.args.get("columns"):
            source.whole = True
    return found


def nodes_of(select: exp.Expression) -> Iterator[exp.Expression]:
    """Nodes of a SELECT down to the queries in its conditions (these too, not what they hold),
    without its CTEs and the queries in its FROM and JOIN."""
    skipped = {id(with_clause(select))}
    from_ = from_clause(select)
    for clause in [*([from_] if from_ is not None else []), *joins_of(select)]:
        if isinstance(clause.this, exp.Subquery):
            skipped.add(id(clause.this))
    waiting = [select]
    while waiting:
        node = waiting.pop()
        for child in node.iter_expressions():
            if id(child) in skipped:
                continue
            yield child
            if not isinstance(child, exp.Query):
                waiting.append(child)
