"""SQLite, for tests and small files.

It has no type for dates: a date is the text `2026-06-30`, a timestamp `2026-06-30 10:20:30.500000`
in UTC, as SQLAlchemy and pandas write them, so both compare and sort as texts. It has no time
zones but UTC and no regular expressions.
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.dialects.engine import SHARED, EngineFixes, json_path, made_of
from superset_crmkpi.dialects.percentiles import (
    Changes,
    changed,
    skipping_nulls,
    without_percentiles,
)
from superset_crmkpi.dialects.rewrites import elements_joined

_MOMENT = "STRFTIME('%Y-%m-%d %H:%M:%f000', {0})"

#: `{x}` in UTC as the zone's own time; `_in_zone` refuses all zones but UTC
_LOCAL = "IN_ZONE({x}, {tz})"

_KEPT = "0123456789.KkMm()-"
_STRANGE = "{x}"
for _letter in _KEPT:
    _STRANGE = f"REPLACE({_STRANGE}, '{_letter}', '')"
#: signs and words around a number go, and what groups its digits
_NUMBER = f"TRIM({{x}}, {_STRANGE})"
for _letter, _other in ((",", ""), (" ", ""), ("''", ""), ("(", "-"), (")", "")):
    _NUMBER = f"REPLACE({_NUMBER}, '{_letter}', '{_other}')"
_COMMA = " OR ".join(
    f"{{x}} GLOB '{glob}'"
    for glob in (
        "*.*,*",
        *(f"*,{'[0-9]' * digits}{end}" for digits in range(3) for end in ("", "[^0-9]*")),
        f"*,{'[0-9]' * 4}*",
    )
)
_DIGITS = "RTRIM(LTRIM(t, '-'), 'KkMm')"

_HOST = "REPLACE(REPLACE(LOWER(TRIM({x})), 'https://', ''), 'http://', '')"
for _letter in "?#:":
    _HOST = f"REPLACE({_HOST}, '{_letter}', '/')"
_HOST = f"RTRIM(SUBSTR({_HOST}, 1, INSTR({_HOST} || '/', '/') - 1), '.')"
_HOST = f"SUBSTR({_HOST}, INSTR({_HOST}, '@') + 1)"

_FUNCTIONS = {
    **SHARED,
    **made_of("{x} GLOB '*{p}*'"),
    # no decimals; and -0.0 prints its sign
    "crm_text": "RTRIM(RTRIM(CAST(ROUND({x}, 2) + 0.0 AS TEXT), '0'), '.')",
    "crm_domain": f"NULLIF(SUBSTR({_HOST}, CASE WHEN {_HOST} GLOB 'www.*' THEN 5 ELSE 1 END), '')",
    "crm_local_date": f"DATE({_LOCAL})",
    "crm_local_minute": (
        f"CAST(STRFTIME('%H', {_LOCAL}) AS INTEGER) * 60"
        f" + CAST(STRFTIME('%M', {_LOCAL}) AS INTEGER)"
    ),
    "crm_epoch": "CAST(STRFTIME('%s', SUBSTR({x}, 1, 19)) AS INTEGER)",
    "crm_utc": _LOCAL,
    # the offset at the end of a text is subtracted
    "crm_instant": _MOMENT.format("{x}"),
    "crm_today": "DATE(IN_ZONE('now', {tz}))",
    "crm_before": "SUBSTR({x}, 1, INSTR({x} || {tz}, {tz}) - 1)",
    "crm_mail_domain": "SUBSTR({x}, INSTR({x}, '@') + 1)",
    "crm_moment": "STRFTIME('%Y-%m-%d %H:%M:%f000', {x}, 'unixepoch')",
    "crm_elements": "CRM_ELEMENTS({x})",
    "crm_number": (
        f"(SELECT CASE WHEN {_COMMA} THEN NULL "
        f"WHEN {_DIGITS} GLOB '*[0-9]*' AND NOT {_DIGITS} GLOB '*[^0-9.]*' "
        f"AND NOT {_DIGITS} GLOB '*.*.*' AND NOT t GLOB '--*' AND NOT t GLOB '*[KkMm][KkMm]' "
        f"THEN CAST(RTRIM(t, 'KkMm') AS REAL) * "
        f"CASE LOWER(SUBSTR(t, -1)) WHEN 'k' THEN 1000 WHEN 'm' THEN 1000000 ELSE 1 END END "
        f"FROM (SELECT {_NUMBER} AS t) AS texts)"
    ),
}

_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def _timestamp(x: str, formats: list[str]) -> str:
    if formats:
        raise CrmKpiError(
            f"SQLite reads no dates but ISO ones, not `{formats[0]}`: load them as 2026-06-30"
        )
    offset = "[+-][0-9][0-9]"
    moment = (
        f"CASE WHEN {x} GLOB '*:*{offset}' THEN {x} || ':00' "
        f"WHEN {x} GLOB '*:*{offset}[0-9][0-9]' "
        f"THEN SUBSTR({x}, 1, LENGTH({x}) - 2) || ':' || SUBSTR({x}, -2) ELSE {x} END"
    )
    day = f"SUBSTR({x}, 1, 10)"
    # moved by no days, 30 February is 2 March
    return (
        f"CASE WHEN {x} GLOB '{_DAY}*' AND DATE({day}, '+0 days') = {day} "
        f"THEN {_MOMENT.format(moment)} END"
    )


def _json(x: str, steps: list[str | int]) -> str:
    inside = f"CASE WHEN JSON_VALID({x}) THEN ({x} ->> '{json_path(steps)}') END"
    value = inside if steps else x
    return f"CAST({value} AS TEXT)"


def _rewrite(query: exp.Expression) -> exp.Expression:
    elements_joined(
        query, "sqlite", "JSON_EACH(CASE WHEN JSON_VALID({x}) THEN {x} END) AS crm_items"
    )
    return changed(without_percentiles(query), _CHANGES)


def _floor(node: exp.Expression) -> exp.Expression:
    """floor() is there only if SQLite was built with mathematics."""
    return _parsed("(CAST({0} AS INTEGER) - ({0} < CAST({0} AS INTEGER)))", exp.paren(node.this))


def _like(node: exp.Expression) -> exp.Expression:
    """LIKE takes `A` and `a` for the same; GLOB does not."""
    pattern = node.expression
    if not pattern.is_string or isinstance(node.parent, exp.Escape):
        return node
    glob = "".join(_GLOB.get(letter, letter) for letter in pattern.name)
    return exp.Glob(this=node.this, expression=exp.Literal.string(glob))


_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


def _is_date(node: exp.Expression | None) -> bool:
    if isinstance(node, exp.Paren):
        return _is_date(node.this)
    if isinstance(node, exp.Literal):
        return node.is_string and len(node.name) == 10
    return isinstance(node, exp.Date | exp.TsOrDsToDate) or (
        isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE
    )


def _added(node: exp.Expression) -> exp.Expression:
    if not _is_date(node.this):
        return node
    return _parsed("DATE({0}, ({1}) || ' days')", node.this, node.expression)


def _subtracted(node: exp.Expression) -> exp.Expression:
    if _is_date(node.expression):
        return _parsed(
            "CAST(JULIANDAY({0}) - JULIANDAY({1}) AS INTEGER)", node.this, node.expression
        )
    if _is_date(node.this):
        return _parsed("DATE({0}, -({1}) || ' days')", node.this, node.expression)
    return node


_STARTS = {
    "YEAR": "DATE({0}, 'start of year')",
    "QUARTER": "DATE({0}, 'start of month', -((STRFTIME('%m', {0}) - 1) % 3) || ' months')",
    "MONTH": "DATE({0}, 'start of month')",
    "WEEK": "DATE({0}, '-6 days', 'weekday 1')",
    "DAY": "DATE({0})",
}


def _start(node: exp.Expression) -> exp.Expression:
    return _parsed(_STARTS[node.args["unit"].name.upper()], node.this)


_PARTS = {
    "YEAR": "CAST(STRFTIME('%Y', {0}) AS INTEGER)",
    "QUARTER": "CAST((STRFTIME('%m', {0}) + 2) / 3 AS INTEGER)",
    "MONTH": "CAST(STRFTIME('%m', {0}) AS INTEGER)",
    "DAY": "CAST(STRFTIME('%d', {0}) AS INTEGER)",
}


def _extracted(node: exp.Expression) -> exp.Expression:
    return _parsed(_PARTS[node.name.upper()], node.expression)


def _cast(node: exp.Cast) -> exp.Expression:
    kind = node.to.this
    if kind == exp.DataType.Type.TIMESTAMPTZ:
        return node.this
    if kind in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ):
        return _parsed(_MOMENT, node.this)
    if kind == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
        return node.this
    return node


def _in_zone(node: exp.Expression) -> exp.Expression:
    if node.name != "IN_ZONE":
        return node
    moment, zone = node.expressions
    if zone.name != "UTC":
        raise CrmKpiError(f"SQLite has no time zones: set `{zone.name}` to UTC, or use DuckDB")
    return moment


def _parsed(template: str, *arguments: exp.Expression) -> exp.Expression:
    texts = [argument.sql(dialect="sqlite") for argument in arguments]
    return parse_one(template.format(*texts), dialect="sqlite")


_CHANGES: Changes = {
    exp.Floor: _floor,
    exp.Like: _like,
    exp.Greatest: lambda node: skipping_nulls(node, "MAX"),
    exp.Least: lambda node: skipping_nulls(node, "MIN"),
    exp.Add: _added,
    exp.Sub: _subtracted,
    exp.DateTrunc: _start,
    exp.TimestampTrunc: _start,
    exp.Extract: _extracted,
    exp.Cast: _cast,
    exp.Anonymous: _in_zone,
}

FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json, _rewrite, mean_for_median=True)
