"""Queries put together: parts that mappings share, and selects around a query.

Shared parts of a connector's mappings are `parts/<name>.sql`, a SELECT that mappings read by name:
a rule that several entities need, such as "which copy of a deal counts", is written once there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.query.clauses import from_clause, with_clause
from superset_crmkpi.query.keys import is_aggregate
from superset_crmkpi.query.prune import tables_read


def with_parts(query: exp.Query, parts: Mapping[str, SqlFile]) -> exp.Query:
    """The query with the parts it reads, and the parts these read, as its first CTEs.

    CTEs inside of a part are called `<part>__<cte>`. CrmKpiError for parts that read each other in
    a circle.
    """
    ctes = [cte for name in _needed(query, parts) for cte in _ctes(name, parts[name])]
    if not ctes:
        return query
    own = with_clause(query)
    if own is not None:
        own.pop()
        ctes += [(cte.alias, cte.this) for cte in own.expressions]
    for alias, inner in ctes:
        query = query.with_(alias, as_=inner, copy=False)
    return query


def wrapped(
    query: exp.Query,
    columns: Iterable[exp.Expression],
    alias: str,
    joins: Iterable[tuple[exp.Expression, exp.Expression]] = (),
) -> exp.Query:
    """SELECT `columns` from the query as `alias`, with left `joins` (relation, condition).

    The query becomes part of it. Its CTEs go to the front: MariaDB takes no WITH inside of a
    subquery.
    """
    own = with_clause(query)
    if own is not None:
        own.pop()
    outer: exp.Query = exp.select(*columns).from_(query.subquery(alias, copy=False), copy=False)
    for relation, on in joins:
        assert isinstance(outer, exp.Select)
        outer = outer.join(relation, on=on, join_type="left", copy=False)
    for cte in own.expressions if own is not None else []:
        outer = outer.with_(cte.alias, as_=cte.this, copy=False)
    return outer


def unwrapped(query: exp.Query) -> exp.Query:
    """A query around a plain SELECT as one SELECT, changed in place, where no value is repeated."""
    from_ = from_clause(query)
    subquery = from_.this if isinstance(query, exp.Select) and from_ is not None else None
    if not isinstance(subquery, exp.Subquery) or not isinstance(subquery.this, exp.Select):
        return query
    inner = subquery.this
    if any(query.args.get(key) for key in _CLAUSES) or inner.args.get("distinct"):
        return query
    if with_clause(inner) is not None or _depends_on_outputs(inner):
        return query
    values = {str(column.alias_or_name): column.unalias() for column in inner.expressions}
    read = [column.name for value in query.expressions for column in value.find_all(exp.Column)]
    plain = (exp.Column, exp.Literal)
    if any(
        name not in values or (read.count(name) > 1 and not isinstance(values[name], plain))
        for name in read
    ):
        return query
    columns = []
    for column in query.expressions:
        holder = exp.Paren(this=column.unalias().copy())
        for place in list(holder.find_all(exp.Column)):
            value = values[place.name].copy()
            alone = place.parent is holder or _binds_tightly(value)
            place.replace(value if alone else exp.Paren(this=value))
        columns.append(exp.alias_(holder.this, column.alias_or_name))
    inner.set("expressions", columns)
    own = with_clause(query)
    merged: exp.Query = inner.copy()
    for cte in own.expressions if own is not None else []:
        merged = merged.with_(cte.alias, as_=cte.this, copy=False)
    return merged


def _binds_tightly(value: exp.Expression) -> bool:
    """Whether a value may stand beside an operator without brackets."""
    whole = (exp.Column, exp.Literal, exp.Func, exp.Case, exp.Paren, exp.Null, exp.Boolean)
    return isinstance(value, whole) and not isinstance(value, exp.Binary)


def _depends_on_outputs(select: exp.Select) -> bool:
    """Whether the rows of a SELECT are others when it has other output columns."""
    if any(output.find(exp.Unnest, exp.Explode) for output in select.expressions):
        return True
    if not select.args.get("group") and any(map(is_aggregate, select.expressions)):
        return True
    clauses = [select.args[key] for key in ("having", "qualify", "order") if select.args.get(key)]
    return any(not column.table for clause in clauses for column in clause.find_all(exp.Column))


#: what a query around another must not have to be one with it
_CLAUSES = (
    "joins",
    "laterals",
    "where",
    "group",
    "having",
    "qualify",
    "distinct",
    "order",
    "limit",
)


def union(selects: Sequence[exp.Expression]) -> exp.Query:
    """The rows of all of at least one select, equal ones too."""
    query = selects[0]
    for place, select in enumerate(selects[1:]):
        # each is copied once, not with all that stand before it
        first = query if place else query.copy()
        query = exp.union(first, select.copy(), distinct=False, copy=False)
    assert isinstance(query, exp.Query)
    return query


def _needed(query: exp.Query, parts: Mapping[str, SqlFile]) -> list[str]:
    """Names of the parts below `query`, each before those that read it."""
    found: list[str] = []
    open_: list[str] = []

    def visit(reader: exp.Expression) -> None:
        for name in sorted(tables_read(reader) & set(parts)):
            if name in open_:
                raise parts[name].fail(f"parts read each other: {' > '.join([*open_, name])}")
            if name not in found:
                open_.append(name)
                visit(parts[name].query())
                open_.pop()
                found.append(name)

    visit(query)
    return found


def _ctes(name: str, file: SqlFile) -> list[tuple[str, exp.Expression]]:
    """A part as CTEs: its own ones under longer names, then itself."""
    query = file.query()
    inner = with_clause(query)
    if inner is None:
        return [(name, query)]
    inner.pop()
    renamed = {cte.alias: f"{name}__{cte.alias}" for cte in inner.expressions}
    for body in [query, *(cte.this for cte in inner.expressions)]:
        for table in body.find_all(exp.Table):
            if table.name in renamed and not table.db:
                alias = table.alias or table.name
                table.set("this", exp.to_identifier(renamed[table.name]))
                table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return [*((renamed[cte.alias], cte.this) for cte in inner.expressions), (name, query)]
