"""Types of a query's output columns: text, timestamp, date, boolean, bigint, double or unknown.

sqlglot has type annotation too, but its answers differ between the versions we support, and so
would the casts of the compiled SQL. These few rules cover what canonical SQL may hold; for what
they do not know the answer is unknown, and the compiler casts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from sqlglot import exp

from superset_crmkpi.base.types import UNKNOWN, Type, type_of
from superset_crmkpi.query.clauses import from_clause, with_clause

_NULL: Literal["null"] = "null"
#: `null` is the type of what is null in all rows
Found = Type | Literal["null"]
Types = Mapping[str, Found]

_TEXT: tuple[type[exp.Expression], ...] = (
    exp.Concat,
    exp.DPipe,
    exp.JSONBExtractScalar,
    exp.Lower,
    exp.RegexpExtract,
    exp.RegexpReplace,
    exp.Substring,
    exp.Trim,
    exp.Upper,
)
_BIGINT: tuple[type[exp.Expression], ...] = (
    exp.Count,
    exp.Extract,
    exp.Length,
    exp.RowNumber,
    exp.StrPosition,
)
_DOUBLE: tuple[type[exp.Expression], ...] = (
    exp.Avg,
    exp.Ceil,
    exp.Div,
    exp.Floor,
    exp.PercentileCont,
    exp.Quantile,
    exp.Round,
    exp.Sqrt,
)
_BY_CLASS: Mapping[Type, tuple[type[exp.Expression], ...]] = {
    "text": _TEXT,
    "bigint": _BIGINT,
    "double": _DOUBLE,
}
#: functions and wrappers with the type of their first argument
_SAME: tuple[type[exp.Expression], ...] = (
    exp.Abs,
    exp.Alias,
    exp.AnyValue,
    exp.FirstValue,
    exp.Lag,
    exp.LastValue,
    exp.Lead,
    exp.Max,
    exp.Min,
    exp.Mod,
    exp.Neg,
    exp.Nullif,
    exp.Paren,
    exp.Sum,
    exp.Window,
    exp.WithinGroup,
)
#: by name: ours, and some that only later versions of sqlglot know as classes
_CALLS: Mapping[str, Type] = {
    "crm_boolean": "boolean",
    "crm_epoch": "bigint",
    "crm_instant": "timestamp",
    "crm_local_date": "date",
    "crm_local_minute": "bigint",
    "crm_moment": "timestamp",
    "crm_number": "double",
    "crm_domain": "text",
    "crm_text": "text",
    "crm_timestamp": "timestamp",
    "crm_today": "date",
    "crm_utc": "timestamp",
    "dense_rank": "bigint",
    "ntile": "bigint",
    "rank": "bigint",
    "replace": "text",
}


def column_types(query: exp.Query, schema: Mapping[str, Types]) -> dict[str, Type]:
    """Output column -> type. `query` is qualified; `schema` holds the tables it reads, by name
    or by `schema.name`."""
    found = _columns(query, schema)
    return {name: UNKNOWN if kind == _NULL else kind for name, kind in found.items()}


def typed_selects(
    query: exp.Expression, schema: Mapping[str, Types]
) -> Iterator[tuple[exp.Select, Callable[[exp.Expression], Found]]]:
    """Every SELECT of a query but those inside of conditions, with a function that tells the type
    of an expression of it; `null` is the type of null. The reader may change what it was given."""
    known = dict(schema)
    with_ = with_clause(query)
    for cte in with_.expressions if with_ is not None else []:
        yield from typed_selects(cte.this, known)
        known[cte.alias] = _columns(cte.this, known)
    body = query.unnest()
    if isinstance(body, exp.SetOperation):
        yield from typed_selects(body.left, known)
        yield from typed_selects(body.right, known)
    elif isinstance(body, exp.Select):
        sources = _sources(body, known)
        from_ = from_clause(body)
        for clause in [from_, *(body.args.get("joins") or [])]:
            if clause is not None and isinstance(clause.this, exp.Subquery):
                yield from typed_selects(clause.this.this, known)
        yield body, lambda node: _type(node, sources, known)


def null_columns(query: exp.Expression) -> set[str]:
    """Names, in lower case, of output columns that are a bare `null` in every branch."""
    if isinstance(query, exp.SetOperation):
        return null_columns(query.left) & null_columns(query.right)
    body = query.unnest()
    found = body.expressions if isinstance(body, exp.Select) else []
    return {one.alias_or_name.lower() for one in found if isinstance(one.unalias(), exp.Null)}


def _columns(query: exp.Expression, schema: Mapping[str, Types]) -> dict[str, Found]:
    """As `column_types`, but a column that is null in all rows is `_NULL`."""
    known = dict(schema)
    with_ = with_clause(query)
    for cte in with_.expressions if with_ is not None else []:
        known[cte.alias] = _columns(cte.this, known)
    body = query.unnest()
    if isinstance(body, exp.SetOperation):
        left, right = _columns(body.left, known), _columns(body.right, known)
        pairs = zip(left.items(), right.values(), strict=False)
        return {name: _common((kind, other)) for (name, kind), other in pairs}
    if not isinstance(body, exp.Select):
        return {}
    sources = _sources(body, known)
    found: dict[str, Found] = {}
    for select in body.expressions:
        if isinstance(select, exp.Star):
            found.update({name: kind for table in sources.values() for name, kind in table.items()})
        else:
            found[select.alias_or_name] = _type(select, sources, known)
    return found


def _sources(select: exp.Select, known: Mapping[str, Types]) -> dict[str, Types]:
    """Alias -> columns of what stands in FROM and JOIN."""
    from_ = from_clause(select)
    joins = select.args.get("joins") or []
    found: dict[str, Types] = {}
    for clause in [*([from_] if from_ is not None else []), *joins]:
        relation = clause.this
        if isinstance(relation, exp.Table):
            here = known.get(f"{relation.db}.{relation.name}")
            found[relation.alias_or_name] = here or known.get(relation.name, {})
        elif isinstance(relation, exp.Subquery):
            found[relation.alias_or_name] = _columns(relation.this, known)
    return found


def _type(node: exp.Expression, sources: dict[str, Types], known: Mapping[str, Types]) -> Found:
    def of(inner: exp.Expression | None) -> Found:
        return _NULL if inner is None else _type(inner, sources, known)

    if isinstance(node, exp.Column):
        tables = [sources.get(node.table, {})] if node.table else list(sources.values())
        return next((table[node.name] for table in tables if node.name in table), UNKNOWN)
    if isinstance(node, exp.Null):
        return _NULL
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "bigint" if node.is_int else "double"
    if isinstance(node, exp.Cast):
        return type_of(node.to)
    if isinstance(node, exp.Case):
        return _common(of(branch) for branch in [*node.args["ifs"], node.args.get("default")])
    if isinstance(node, exp.If):
        return _common((of(node.args["true"]), of(node.args.get("false"))))
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return _common(of(inner) for inner in [node.this, *node.expressions])
    if isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Boolean):
        return "boolean"
    name = str(node.this) if isinstance(node, exp.Anonymous) else _function_name(node)
    if name.lower() in _CALLS:
        return _CALLS[name.lower()]
    if isinstance(node, exp.Subquery):
        return next(iter(_columns(node.this, known).values()), UNKNOWN)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _arithmetic(node, of(node.left), of(node.right))
    for kind, kinds in _BY_CLASS.items():
        if isinstance(node, kinds):
            return kind
    return of(node.this) if isinstance(node, _SAME) else UNKNOWN


def _function_name(node: exp.Expression) -> str:
    return str(node.sql_name()) if isinstance(node, exp.Func) else ""


def _arithmetic(node: exp.Expression, left: Found, right: Found) -> Found:
    if isinstance(node, exp.Sub) and left == right == "date":
        return "bigint"
    if "date" in (left, right):
        return "date"
    return _common((left, right))


def _common(kinds: Iterable[Found]) -> Found:
    """The type that holds values of all these."""
    found = {kind for kind in kinds if kind != _NULL}
    if not found:
        return _NULL
    if found == {"bigint", "double"}:
        return "double"
    if found == {"date", "timestamp"}:
        return "timestamp"
    return found.pop() if len(found) == 1 else UNKNOWN
