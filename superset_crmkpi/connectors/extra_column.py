"""A further raw column taken along beside a mapping's id, through all its CTEs and unions.

So a field of the company's own comes from the very row that the mapping chose for a record.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope


def carried(
    query: exp.Query, tables: Collection[str], column: str, kind: str, beside: str = "id"
) -> exp.Query:
    """The qualified `query` that also gives `column` of the raw `tables`, of SQL type `kind`.

    It is taken wherever `beside` comes from one of them; elsewhere it is null.
    """
    scope = build_scope(query)
    assert scope is not None
    if not _carry(scope, beside, set(tables), column, kind, {}):
        query.select(_null(column, kind), copy=False)
    return query


def _carry(
    scope: Scope, beside: str, tables: set[str], column: str, kind: str, done: dict[int, bool]
) -> bool:
    """Add `column` to the output of a scope beside its output `beside`; False if out of reach."""
    place = id(scope.expression)
    if place not in done:
        branches = scope.union_scopes or []
        if branches:
            reached = [_carry(s, beside, tables, column, kind, done) for s in branches]
            if any(reached):
                for branch, found in zip(branches, reached, strict=True):
                    if not found:
                        branch.expression.select(_null(column, kind), copy=False)
            done[place] = any(reached)
        else:
            done[place] = _carry_select(scope, beside, tables, column, kind, done)
    return done[place]


def _carry_select(
    scope: Scope, beside: str, tables: set[str], column: str, kind: str, done: dict[int, bool]
) -> bool:
    select = scope.expression
    if not isinstance(select, exp.Select):
        return False
    projection = next((p for p in select.expressions if p.alias_or_name == beside), None)
    if projection is None:
        return False
    reached: list[str] = []
    for read in projection.find_all(exp.Column):
        source = scope.sources.get(read.table)
        if isinstance(source, exp.Table):
            found = source.name in tables and not source.db
        else:
            found = source is not None and _carry(source, read.name, tables, column, kind, done)
        if found and read.table not in reached:
            reached.append(read.table)
    if not reached:
        return False
    values: list[exp.Expression] = [exp.column(column, table) for table in reached]
    value = values[0] if len(values) == 1 else exp.func("coalesce", *values)
    if select.args.get("group"):
        value = greatest(value, kind)
    select.select(exp.alias_(value, column), copy=False)
    return True


def greatest(value: exp.Expression, kind: str) -> exp.Expression:
    """The greatest of a group; of booleans whether one is true (they have no maximum)."""
    if kind != "boolean":
        return exp.Max(this=value)
    return exp.Max(this=exp.cast(value, "bigint")).eq(1)


def _null(column: str, kind: str) -> exp.Expression:
    return exp.alias_(exp.cast(exp.null(), kind), column)
