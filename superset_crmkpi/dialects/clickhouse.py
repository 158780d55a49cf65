"""ClickHouse (25.8 and later).

Its types hold no null unless told: what an outer join did not find, the row before the first one
and the sum of no rows are 0 or '' there. Settings of the connection would help (`join_use_nulls`),
but a virtual dataset cannot rely on them, so `toNullable` stands in the SQL wherever a null can
arise. Days are Date32: a Date wraps around before 1970 and after 2149.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from superset_crmkpi.dialects.clickhouse_numbers import one_kind_of_number
from superset_crmkpi.dialects.engine import (
    DOMAIN,
    ISO,
    SHARED,
    EngineFixes,
    java_pattern,
    made_of,
    number,
)
from superset_crmkpi.dialects.rewrites import (
    date_differences,
    exists_as_in,
    rewritten,
)
from superset_crmkpi.query.clauses import from_clause

_MOMENT = "toDateTime64({x}, 6)"
_LOCAL = "toTimezone({x}, {tz})"
_CLEAN = "replaceRegexpAll({x}, '[^0-9.KkMm()-]', '')"

_FUNCTIONS = {
    **SHARED,
    **made_of("match({x}, '{p}')"),
    # it cuts off, and does not round, where a float becomes a decimal
    "crm_text": "toString(ROUND({x}, 2) + 0)",
    "crm_domain": DOMAIN.replace("{replace}", "replaceRegexpOne"),
    "crm_local_date": f"toDate32({_LOCAL})",
    "crm_local_minute": f"CAST(toHour({_LOCAL}) * 60 + toMinute({_LOCAL}) AS Nullable(Int64))",
    "crm_epoch": f"CAST(FLOOR(toUnixTimestamp64Micro({_MOMENT}) / 1000000) AS Nullable(Int64))",
    # the digits that the moment shows, read as wall-clock time of the zone
    "crm_utc": "toTimezone(toDateTime64OrNull(toString({x}), 6, {tz}), 'UTC')",
    "crm_instant": f"toTimezone({_MOMENT}, 'UTC')",
    "crm_today": "toDate32(toTimezone(now64(6), {tz}))",
    "crm_before": "substringIndex({x}, {tz}, 1)",
    "crm_mail_domain": "substringIndex({x}, '@', -1)",
    "crm_moment": "fromUnixTimestamp64Micro(CAST(ROUND({x} * 1000000) AS Nullable(Int64)), 'UTC')",
    "crm_elements": "arrayJoin(JSONExtractArrayRaw(COALESCE({x}, '')))",
    "crm_number": number("match({x}, '{p}')", _CLEAN)
    .replace("REGEXP_REPLACE", "replaceRegexpAll")
    .replace(", 'g')", ")")
    .replace("DOUBLE PRECISION", "Nullable(Float64)"),
}

#: hours and minutes that no day has; the parser of ISO texts would carry them over
_NO_TIME = "[ T](2[4-9]|[3-9][0-9]):|:[6-9][0-9]"

#: canonical type -> the engine's
_TYPES = {
    exp.DataType.Type.DATE: "Nullable(Date32)",
    exp.DataType.Type.TIMESTAMP: "Nullable(DateTime64(6, 'UTC'))",
    exp.DataType.Type.TIMESTAMPNTZ: "Nullable(DateTime64(6, 'UTC'))",
}
#: text functions that count bytes or fold ASCII only -> those that know letters
_LETTERS = {
    exp.Lower: "lowerUTF8",
    exp.Upper: "upperUTF8",
    exp.Left: "leftUTF8",
    exp.Right: "rightUTF8",
    exp.Substring: "substringUTF8",
}
#: null of no rows
_AGGREGATES = (exp.Sum, exp.Avg, exp.Min, exp.Max)
#: UInt64, which cannot stand beside Int64 in coalesce, case, greatest or a union
_COUNTS = (exp.Count, exp.RowNumber)
#: what holds nulls by itself, once rewritten
_NULLABLE = (*_AGGREGATES, exp.Cast, exp.Null)


def _timestamp(x: str, formats: list[str]) -> str:
    iso = (
        f"CASE WHEN match({x}, '{ISO}') AND NOT match({x}, '{_NO_TIME}') "
        f"THEN parseDateTime64BestEffortOrNull({x}, 6, 'UTC')"
    )
    tries = []
    for form in formats:
        parsed = f"parseDateTime64InJodaSyntaxOrNull({x}, '{java_pattern(form)}', 'UTC')"
        tries.append(f"WHEN NOT {parsed} IS NULL THEN {parsed}")
    return " ".join([iso, *tries, "END"])


def _json(x: str, steps: list[str | int]) -> str:
    # positions count from 1; a text comes with its quotes, of which JSONExtractString frees it
    keys = "".join(f", {step + 1}" if isinstance(step, int) else f", '{step}'" for step in steps)
    raw = f"JSONExtractRaw({x}{keys})" if steps else x
    return (
        f"CASE WHEN {raw} IN ('', 'null') THEN NULL "
        f"WHEN LEFT({raw}, 1) = '\"' THEN JSONExtractString({x}{keys}) ELSE {raw} END"
    )


def rewrite(query: exp.Expression) -> exp.Expression:
    return rewritten(
        query,
        date_differences,
        exists_as_in,
        _instants,
        _types,
        _letters,
        _same_text,
        _percentiles,
        _neighbours,
        _aggregates,
        _counts,
        _outer_joins,
    )


def _call(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _nullable(node: exp.Expression) -> exp.Expression:
    if isinstance(node, _NULLABLE) or _is_call(node, "toNullable"):
        return node
    return _call("toNullable", node)


def _is_call(node: exp.Expression, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.this == name


def _instants(query: exp.Expression) -> None:
    """A text with an offset is read by the parser that knows offsets."""
    for cast in list(query.find_all(exp.Cast)):
        if cast.to.is_type(exp.DataType.Type.TIMESTAMPTZ):
            six, utc = exp.Literal.number(6), exp.Literal.string("UTC")
            cast.replace(_call("parseDateTime64BestEffortOrNull", cast.this, six, utc))


def _types(query: exp.Expression) -> None:
    for kind in list(query.find_all(exp.DataType)):
        if kind.this in _TYPES:
            kind.replace(exp.DataType.build(_TYPES[kind.this], dialect="clickhouse"))


def _letters(query: exp.Expression) -> None:
    for kind, name in _LETTERS.items():
        for node in list(query.find_all(kind)):
            arguments = [node.args.get(key) for key in node.arg_types]
            given = [argument for argument in arguments if isinstance(argument, exp.Expression)]
            node.replace(_call(name, *given))


def _same_text(query: exp.Expression) -> None:
    """Versions of sqlglot print `not in`, `replace` and `date_trunc` differently."""
    for within in list(query.find_all(exp.In)):
        if isinstance(within.parent, exp.Not):
            within.replace(exp.Paren(this=within.copy()))
    for node in list(query.find_all(exp.Func)):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        if str(name).lower() == "replace":
            node.replace(_call("replaceAll", *node.iter_expressions()))
    for node in list(query.find_all(exp.DateTrunc, exp.TimestampTrunc)):
        unit = exp.Literal.string(node.text("unit").lower())
        node.replace(_call("dateTrunc", unit, node.this))


def _percentiles(query: exp.Expression) -> None:
    """`quantileExactInclusive` is percentile_cont, but sqlglot cannot read its two brackets."""
    for node in list(query.find_all(exp.WithinGroup)):
        share = node.this.this.sql()
        value = node.expression.expressions[0].this
        name = exp.Literal.string(f"quantileExactInclusiveOrNull({share})")
        node.replace(_call("arrayReduce", name, _call("groupArray", value)))


def _neighbours(query: exp.Expression) -> None:
    """lag and lead as the functions that every version has; they see their frame only."""
    for node in list(query.find_all(exp.Lag, exp.Lead)):
        name = "lagInFrame" if isinstance(node, exp.Lag) else "leadInFrame"
        window = node.parent
        assert isinstance(window, exp.Window)
        frame = {"start": "UNBOUNDED", "start_side": "PRECEDING"}
        frame |= {"end": "UNBOUNDED", "end_side": "FOLLOWING"}
        window.set("spec", exp.WindowSpec(kind="ROWS", **frame))
        more = [node.args[key] for key in ("offset", "default") if node.args.get(key)]
        node.replace(_call(name, _nullable(node.this), *more))


def _aggregates(query: exp.Expression) -> None:
    for node in list(query.find_all(*_AGGREGATES)):
        inner = node.this
        target = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
        target.replace(_nullable(target.copy()))


def _counts(query: exp.Expression) -> None:
    for node in list(query.find_all(*_COUNTS)):
        whole = node.parent if isinstance(node.parent, exp.Window) else node
        whole.replace(_call("toInt64", whole.copy()))


def _outer_joins(query: exp.Expression) -> None:
    """What an outer join may not find holds nulls: columns of CTEs, subqueries and tables."""
    ctes = {cte.alias: cte.this for cte in query.find_all(exp.CTE)}
    for select in list(query.find_all(exp.Select)):
        joins = select.args.get("joins") or []
        before = [from_.this] if (from_ := from_clause(select)) is not None else []
        for join in joins:
            side = str(join.args.get("side") or "").upper()
            if side in ("LEFT", "FULL"):
                _hold_nulls(join.this, select, ctes)
            if side in ("RIGHT", "FULL"):
                for relation in before:
                    _hold_nulls(relation, select, ctes)
            before.append(join.this)


def _hold_nulls(
    relation: exp.Expression, select: exp.Select, ctes: dict[str, exp.Expression]
) -> None:
    if isinstance(relation, exp.Subquery):
        _make_nullable(relation.this)
    elif isinstance(relation, exp.Table) and not relation.db and relation.name in ctes:
        _make_nullable(ctes[relation.name])
    elif isinstance(relation, exp.Table):
        used = {column.name: column for column in _columns_of(relation.alias_or_name, select)}
        columns = [
            exp.alias_(_call("toNullable", column.copy()), column.this.copy())
            for _, column in sorted(used.items())
        ]
        if columns:
            inner = exp.select(*columns).from_(relation.copy())
            relation.replace(exp.Subquery(this=inner, alias=relation.args["alias"].copy()))


def _columns_of(alias: str, node: exp.Expression, top: bool = True) -> Iterator[exp.Column]:
    """Columns of a relation in FROM of the select `node`, also those a subquery of it reads."""
    if isinstance(node, exp.Column):
        if node.table == alias:
            yield node
        return
    if isinstance(node, exp.With) or (not top and alias in _relations(node)):
        return
    for child in node.iter_expressions():
        yield from _columns_of(alias, child, top=False)


def _relations(node: exp.Expression) -> set[str]:
    """Aliases in FROM of a select."""
    clauses = [from_clause(node), *(node.args.get("joins") or [])]
    return {clause.this.alias_or_name for clause in clauses if clause is not None}


def _make_nullable(query: exp.Expression) -> None:
    if isinstance(query, exp.SetOperation):
        _make_nullable(query.left)
        _make_nullable(query.right)
    elif isinstance(query, exp.Subquery):
        _make_nullable(query.this)
    elif isinstance(query, exp.Select):
        for column in list(query.expressions):
            value = column.unalias()
            if value is _nullable(value):
                continue
            held = _nullable(value.copy())
            named = isinstance(value, exp.Column) or isinstance(column, exp.Alias)
            column.replace(exp.alias_(held, column.alias_or_name) if named else held)


FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json, rewrite, typed=one_kind_of_number)
