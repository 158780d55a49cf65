"""Percentiles for engines without such an aggregate (MariaDB, MySQL, SQLite).

In a fact over one source the exact value comes from ranks. A KPI is an aggregate over rows that a
dashboard filters later, where no rank can be known: there the mean stands in, and so it does where
rows are joined, so that the scorecard, which joins facts with periods, shows what the tile shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from superset_crmkpi.query.clauses import from_clause

#: kind of node -> what to make of one (itself, when it may stay)
Changes = Mapping[type[exp.Expression], Callable[[Any], exp.Expression]]


def changed(query: exp.Expression, changes: Changes) -> exp.Expression:
    """The query with each node of the kinds replaced by what `changes` makes of it, inner first."""
    holder = exp.Tuple(expressions=[query.copy()])
    for node in reversed(list(holder.find_all(*changes))):
        if type(node) in changes:
            new = changes[type(node)](node)
            if new is not node:
                node.replace(new)
    found: exp.Expression = holder.expressions[0]
    return found.pop()


def without_percentiles(query: exp.Expression) -> exp.Expression:
    """`percentile_cont` by ranks where its rows are known, else the mean of its values."""
    return changed(_by_rank(query), {exp.WithinGroup: _mean})


def _mean(node: exp.Expression) -> exp.Expression:
    if not isinstance(node.this, exp.PercentileCont):
        return node
    return exp.Avg(this=_ordered_by(node))


def _ordered_by(node: exp.Expression) -> exp.Expression:
    ordered: exp.Expression = node.expression.expressions[0]
    return ordered.this.copy()


def _by_rank(query: exp.Expression) -> exp.Expression:
    query = query.copy()
    for select in list(query.find_all(exp.Select)):
        nodes = [
            node
            for node in select.find_all(exp.WithinGroup)
            if isinstance(node.this, exp.PercentileCont)
            and node.find_ancestor(exp.Select) is select
        ]
        source = from_clause(select)
        if nodes and source is not None and not select.args.get("joins"):
            _rank(select, source, nodes)
    return query


def _rank(select: exp.Select, source: exp.Expression, nodes: Sequence[exp.Expression]) -> None:
    """Rank the rows in a subquery of the same alias, and pick by rank outside."""
    alias = source.this.alias_or_name
    group = select.args.get("group")
    inner = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(alias)))
    inner = inner.from_(source.this.copy())
    if select.args.get("where"):
        inner = inner.where(select.args["where"].this.copy())
        select.set("where", None)
    for number, node in enumerate(nodes, 1):
        value, share = _ordered_by(node), node.this.this
        keys = [key.copy() for key in group.expressions] if group else []
        empty = exp.case().when(value.copy().is_(exp.null()), "1").else_("0")
        inner = inner.select(
            exp.alias_(
                exp.Window(
                    this=exp.RowNumber(),
                    partition_by=keys,
                    order=exp.Order(
                        expressions=[
                            # explicit, so that no engine's own habit for nulls is added
                            exp.Ordered(this=empty, nulls_first=True),
                            exp.Ordered(this=value.copy(), nulls_first=True),
                        ]
                    ),
                ),
                f"place_{number}",
            ),
            exp.alias_(
                exp.Window(
                    this=exp.Count(this=value.copy()), partition_by=[key.copy() for key in keys]
                ),
                f"places_{number}",
            ),
        )
        node.replace(_picked(value, alias, number, share))
    source.set("this", inner.subquery(alias))


def _picked(value: exp.Expression, alias: str, number: int, share: exp.Expression) -> exp.Paren:
    """The value at `share` of the way from the first to the last place, between neighbours too."""
    place = exp.column(f"place_{number}", alias)
    steps = exp.Sub(this=exp.column(f"places_{number}", alias), expression=exp.Literal.number(1))
    way = exp.Mul(this=share.copy(), expression=exp.paren(steps))

    def at(offset: int) -> exp.Expression:
        wanted = exp.Add(this=exp.Floor(this=way.copy()), expression=exp.Literal.number(offset))
        return exp.Max(this=exp.case().when(exp.EQ(this=place.copy(), expression=wanted), value))

    furthest = exp.Max(this=way.copy())
    rest = exp.paren(exp.Sub(this=furthest, expression=exp.Floor(this=furthest.copy())))
    step = exp.paren(exp.Sub(this=at(2), expression=at(1)))
    more = exp.Coalesce(
        this=exp.Mul(this=step, expression=rest), expressions=[exp.Literal.number(0)]
    )
    return exp.paren(exp.Add(this=at(1), expression=more))


def skipping_nulls(node: exp.Expression, function: str) -> exp.Expression:
    """`greatest` or `least` that leaves nulls out, of an engine whose own gives null for them."""
    values = [node.this, *node.expressions]
    found = values[0].copy()
    for value in values[1:]:
        both = exp.Anonymous(this=function, expressions=[found.copy(), value.copy()])
        found = exp.Coalesce(this=both, expressions=[found, value.copy()])
    return found
