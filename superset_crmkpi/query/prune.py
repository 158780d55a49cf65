"""Qualify a query, and cut it down to the columns that are asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from superset_crmkpi.query.clauses import nodes_in, with_clause
from superset_crmkpi.query.keys import Keys
from superset_crmkpi.query.narrow import narrow

Schema = Mapping[str, Mapping[str, str]]
#: names of entities and vendor tables that some engine reserves; always quoted
RESERVED = frozenset({"user", "order", "case", "group"})


def qualified(query: exp.Query, schema: Schema, strict: bool = True) -> exp.Query:
    """Every column with its table; OptimizeError of sqlglot for an unknown one if `strict`."""
    named_alike(query)
    whole = qualify(
        query,
        schema=_plain(schema),
        dialect="duckdb",
        quote_identifiers=False,
        identify=False,
        infer_schema=False,
        validate_qualify_columns=strict,
    )
    for name in nodes_in(whole, exp.Identifier):
        if name.name in RESERVED:
            name.set("quoted", True)
    assert isinstance(whole, exp.Query)
    return whole


def named_alike(query: exp.Expression) -> None:
    """Give the branches of a union the first one's column names: pruning goes by name."""
    for union in query.find_all(exp.SetOperation):
        names = [str(name) for name in union.named_selects]
        for branch in [union.left, union.right]:
            select = branch.unnest()
            if not isinstance(select, exp.Select) or select.is_star or "*" in names:
                continue
            renamed = [
                column if column.alias_or_name == name else exp.alias_(column.unalias(), name)
                for column, name in zip(select.expressions, names, strict=False)
            ]
            select.set("expressions", renamed)


def prune(query: exp.Query, columns: Collection[str], keys: Keys | None = None) -> exp.Query:
    """A qualified query with only `columns`, in its own order, and what these need.

    Left joins of tables that find one row at most by `keys`, and that nothing reads, are gone.
    """
    pruned = query.copy()
    narrow(pruned, columns, keys or {})
    return drop_unused_ctes(pruned)


def columns_used(query: exp.Expression) -> dict[str, set[str]]:
    """Columns a qualified query reads, per table that is not a CTE of its own."""
    used: dict[str, set[str]] = {}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and not source.db:
                used.setdefault(source.name, set())
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and not source.db:
                used[source.name].add(column.name)
    return used


def drop_unused_ctes(query: exp.Query) -> exp.Query:
    """Remove CTEs that nothing reads any more, until none is left."""
    while True:
        with_ = with_clause(query)
        if with_ is None:
            return query
        read = [table.name for table in nodes_in(query, exp.Table)]
        unused = [cte for cte in with_.expressions if cte.alias not in read]
        if not unused:
            return query
        for cte in unused:
            cte.pop()
        if not with_.expressions:
            with_.pop()


def tables_read(query: exp.Expression) -> set[str]:
    """Names of unqualified tables a query reads that are not CTEs of its own."""
    ctes = {cte.alias for cte in nodes_in(query, exp.CTE)}
    return {t.name for t in nodes_in(query, exp.Table) if t.name not in ctes and not t.db}


def _plain(schema: Schema) -> MappingSchema:
    """The schema as sqlglot asks for it; to normalise names that are normal takes it long."""
    plain = {table: dict(columns) for table, columns in schema.items()}
    return MappingSchema(plain, dialect="duckdb", normalize=False)
