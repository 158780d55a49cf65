"""MariaDB and MySQL.

Text compares as the collation of its column says, and that of a literal yields to it; MariaDB's
own default takes `A`, `a` and `a ` for the same. Tables need a collation that goes byte by byte:
`utf8mb4_nopad_bin`, or `utf8mb4_bin`, which ignores blanks at the end.

Named time zones need the server's zone tables (`mariadb-tzinfo-to-sql`); without them local dates
are null. `UTC` needs none. Zones are known from 1970 on.

Results do not depend on settings of the session, their time does: MariaDB joins unindexed tables
row by row unless `join_cache_level` is 3 or more (MySQL 8 uses hash joins by itself).
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.dialects.engine import (
    COMMA,
    IN_UTC,
    ISO,
    NUMBER,
    OFFSET,
    SHARED,
    TEXT,
    EngineFixes,
    json_path,
    made_of,
)
from superset_crmkpi.dialects.percentiles import (
    Changes,
    changed,
    skipping_nulls,
    without_percentiles,
)
from superset_crmkpi.dialects.rewrites import elements_joined
from superset_crmkpi.query.clauses import with_clause

_ELEMENTS = (
    "JSON_TABLE(CASE WHEN JSON_VALID({x}) THEN {x} END, '$[*]' "
    "COLUMNS(value JSON PATH '$')) AS crm_items"
)
_MOST_CTES = 60
#: years like those of 28 years before: CONVERT_TZ gives back unchanged what comes after 2037
_CYCLE = "INTERVAL 28 YEAR"


def _converted(x: str, source: str, target: str) -> str:
    late = f"CONVERT_TZ(DATE_SUB({x}, {_CYCLE}), {source}, {target})"
    return (
        f"(CASE WHEN {x} < '2038-01-01' THEN CONVERT_TZ({x}, {source}, {target}) "
        f"ELSE DATE_ADD({late}, {_CYCLE}) END)"
    )


_LOCAL = _converted("{x}", "'UTC'", "{tz}")
_CLEAN = "REGEXP_REPLACE({x}, '[^0-9.KkMm()-]', '')"
_SIGNED = f"REPLACE(REPLACE({_CLEAN}, '(', '-'), ')', '')"

_FUNCTIONS = {
    **SHARED,
    # by its collation a K may be the Kelvin sign
    **made_of("REGEXP_INSTR({x}, '(?-i){p}') > 0"),
    **IN_UTC,
    "crm_text": TEXT.replace("{text}", "CHAR"),
    "crm_local_minute UTC": "HOUR({x}) * 60 + MINUTE({x})",
    "crm_local_date": f"CAST({_LOCAL} AS DATE)",
    "crm_local_minute": f"HOUR({_LOCAL}) * 60 + MINUTE({_LOCAL})",
    "crm_epoch": (
        "CAST(FLOOR(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {x}) / 1000000) AS SIGNED)"
    ),
    "crm_utc": _converted("{x}", "{tz}", "'UTC'"),
    # a column of type TIMESTAMP shows the time in the session's zone
    "crm_instant": "CONVERT_TZ({x}, @@session.time_zone, '+00:00')",
    "crm_today": "CAST(CONVERT_TZ(UTC_TIMESTAMP(), 'UTC', {tz}) AS DATE)",
    "crm_before": "SUBSTRING_INDEX({x}, {tz}, 1)",
    "crm_mail_domain": "SUBSTRING_INDEX({x}, '@', -1)",
    "crm_moment": (
        "CAST(DATE_ADD('1970-01-01 00:00:00', INTERVAL CAST(ROUND({x} * 1000000) AS SIGNED)"
        " MICROSECOND) AS DATETIME(6))"
    ),
    "crm_elements": "CRM_ELEMENTS({x})",
    "crm_number": (
        f"CASE WHEN REGEXP_INSTR({{x}}, '{COMMA}') > 0 THEN NULL "
        f"WHEN REGEXP_INSTR({_SIGNED}, '{NUMBER}') > 0 THEN "
        f"CAST(REGEXP_REPLACE({_SIGNED}, '[KkMm]', '') AS DOUBLE) * "
        f"CASE RIGHT(LOWER({_SIGNED}), 1) WHEN 'k' THEN 1000 WHEN 'm' THEN 1000000 ELSE 1 END END"
    ),
}

#: strftime directive -> (MySQL's, regular expression)
_DIRECTIVES = {
    "%Y": ("%Y", "[0-9]{4}"),
    "%y": ("%y", "[0-9]{2}"),
    "%m": ("%m", "[0-9]{1,2}"),
    "%d": ("%d", "[0-9]{1,2}"),
    "%H": ("%H", "[0-9]{1,2}"),
    "%I": ("%I", "[0-9]{1,2}"),
    "%M": ("%i", "[0-9]{2}"),
    "%S": ("%s", "[0-9]{2}"),
    "%p": ("%p", "[AaPp][Mm]"),
    "%b": ("%b", "[A-Za-z]{3}"),
    "%B": ("%M", "[A-Za-z]+"),
}


def _timestamp(x: str, formats: list[str]) -> str:
    zone = f"REPLACE(REGEXP_SUBSTR({x}, '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$'), ':', '')"
    minutes = (
        f"CASE LEFT({zone}, 1) WHEN 'Z' THEN 0 WHEN '-' THEN -1 ELSE 1 END * "
        f"(SUBSTRING(CONCAT({zone}, '0000'), 2, 2) * 60 + SUBSTRING(CONCAT({zone}, '00'), 4, 2))"
    )
    wall = f"CAST(REGEXP_REPLACE({x}, ' ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$', '') AS DATETIME(6))"
    iso = (
        f"CASE WHEN REGEXP_INSTR({x}, '{ISO}') > 0 THEN CASE WHEN REGEXP_INSTR({x}, '{OFFSET}') > 0"
        f" AND CHAR_LENGTH({x}) > 10 THEN DATE_SUB({wall}, INTERVAL ({minutes}) MINUTE) "
        f"ELSE CAST({x} AS DATETIME(6)) END"
    )
    tries = []
    for form in formats:
        regex = form.replace(".", "[.]")
        pattern = form.replace("%M", "%i")
        for directive, (mysql, expression) in _DIRECTIVES.items():
            regex = regex.replace(directive, expression)
            if directive != "%M":
                pattern = pattern.replace(directive, mysql)
        # called by no function that sqlglot knows: it would read the format as its own
        tries.append(
            f"WHEN REGEXP_INSTR({x}, '^{regex}$') > 0 "
            f"THEN CAST(STR_TO_DATE({x}, '{pattern}') AS DATETIME(6))"
        )
    return " ".join([iso, *tries, "END"])


def _json(x: str, steps: list[str | int]) -> str:
    return f"NULLIF(JSON_UNQUOTE(JSON_EXTRACT({x}, '{json_path(steps)}')), 'null')"


def _rewrite(query: exp.Expression) -> exp.Expression:
    elements_joined(query, "mysql", _ELEMENTS)
    return _with_few_ctes(changed(without_percentiles(query), _CHANGES))


def _with_few_ctes(query: exp.Expression) -> exp.Expression:
    """MariaDB takes 64 CTEs at most: of more, some that are read once become subqueries."""
    with_ = with_clause(query)
    for cte in list(with_.expressions) if with_ else []:
        if with_ is None or len(with_.expressions) <= _MOST_CTES:
            break
        read = [t for t in query.find_all(exp.Table) if t.name == cte.alias and not t.db]
        if len(read) == 1:
            alias = read[0].alias_or_name
            cte.pop()
            read[0].replace(exp.Subquery(this=cte.this, alias=exp.TableAlias(
                this=exp.to_identifier(alias))))  # fmt: skip
    return query


def _double(node: exp.Expression) -> exp.Expression:
    return exp.cast(node, "double")


def _divided(node: exp.Expression) -> exp.Expression:
    """A division of whole numbers and decimals ends after four more digits."""
    if not _is_double(node.this):
        node.set("this", _double(node.this))
    return node


def _is_double(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DOUBLE


def _mean(node: exp.Expression) -> exp.Expression:
    if not isinstance(node.this, exp.Distinct) and not _is_double(node.this):
        node.set("this", _double(node.this))
    return node


def _is_date(node: exp.Expression | None) -> bool:
    if isinstance(node, exp.Paren):
        return _is_date(node.this)
    return isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE


def _added(node: exp.Expression) -> exp.Expression:
    if not _is_date(node.this):
        return node
    return _parsed("DATE_ADD({0}, INTERVAL ({1}) DAY)", node.this, node.expression)


def _subtracted(node: exp.Expression) -> exp.Expression:
    if _is_date(node.expression):
        return _parsed("DATEDIFF({0}, {1})", node.this, node.expression)
    if _is_date(node.this):
        return _parsed("DATE_SUB({0}, INTERVAL ({1}) DAY)", node.this, node.expression)
    return node


def _cast(node: exp.Cast) -> exp.Expression:
    kind = node.to.this
    if kind == exp.DataType.Type.TIMESTAMPTZ:
        raise CrmKpiError("MariaDB has no timestamp with time zone: give the time in UTC")
    if kind in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ):
        return _parsed("CAST({0} AS DATETIME(6))", node.this)
    return node


def _zone(node: exp.Expression) -> exp.Expression:
    """UTC is known as an offset also where the server has no zone tables."""
    for key in ("source_tz", "target_tz"):
        given = node.args.get(key)
        if isinstance(given, exp.Literal) and given.name == "UTC":
            node.set(key, exp.Literal.string("+00:00"))
    return node


def _ordered(node: exp.Expression) -> exp.Expression:
    """Nulls come last also where sqlglot gives up: in a window with a frame."""
    keys: list[exp.Expression] = []
    for key in node.expressions:
        first, down = bool(key.args.get("nulls_first")), bool(key.args.get("desc"))
        if first == down:
            null = exp.case().when(key.this.copy().is_(exp.null()), "1").else_("0")
            keys.append(exp.Ordered(this=null, desc=first, nulls_first=not first))
        keys.append(exp.Ordered(this=key.this.copy(), desc=down, nulls_first=not down))
    return exp.Order(expressions=keys)


def _parsed(template: str, *arguments: exp.Expression) -> exp.Expression:
    texts = [argument.sql(dialect="mysql") for argument in arguments]
    return parse_one(template.format(*texts), dialect="mysql")


_CHANGES: Changes = {
    exp.Div: _divided,
    exp.Avg: _mean,
    exp.Greatest: lambda node: skipping_nulls(node, "GREATEST"),
    exp.Least: lambda node: skipping_nulls(node, "LEAST"),
    exp.Add: _added,
    exp.Sub: _subtracted,
    exp.Cast: _cast,
    exp.Order: _ordered,
    exp.ConvertTimezone: _zone,
}

FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json, _rewrite, mean_for_median=True)
