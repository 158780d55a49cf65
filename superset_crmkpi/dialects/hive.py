"""Spark SQL 4.0 and later, by its Thrift server; Superset and sqlglot call it Hive.

sqlglot's Hive knows neither try_cast nor timestamp_ntz (both become something else on Superset's
way), so functions stand in for them. Moments are TIMESTAMP_NTZ in UTC: they do not depend on the
time zone of the session. Spark 4 raises an error where older versions gave null (ANSI).
"""

from __future__ import annotations

from sqlglot import exp

from superset_crmkpi.dialects.engine import (
    IN_UTC,
    ISO,
    OFFSET,
    SHARED,
    TEXT,
    EngineFixes,
    java_pattern,
    made_of,
    number,
)
from superset_crmkpi.dialects.rewrites import date_differences, rewritten

#: a moment of the session's zone as UTC; sqlglot would make convert_timezone `AT TIME ZONE`
_UTC = (
    "(TO_TIMESTAMP_NTZ('1970-01-01 00:00:00')"
    " + MAKE_DT_INTERVAL(0, 0, 0, CAST(UNIX_MICROS({moment}) AS DECIMAL(20, 0)) / 1000000))"
)
#: the digits of a moment with the name of their zone behind, read again
_AT = "TRY_TO_TIMESTAMP(CONCAT(CAST({x} AS STRING), ' ', {zone}))"
_LOCAL = _UTC.replace("{moment}", f"FROM_UTC_TIMESTAMP({_AT}, {{tz}})").replace("{zone}", "'UTC'")
_CLEAN = "REGEXP_REPLACE({x}, '[^0-9.KkMm()-]', '')"

_FUNCTIONS = {
    **SHARED,
    **made_of("{x} RLIKE '{p}'"),
    **IN_UTC,
    "crm_text": TEXT.replace("{text}", "STRING"),
    "crm_local_minute UTC": "CAST(HOUR({x}) * 60 + MINUTE({x}) AS BIGINT)",
    "crm_local_date": f"CAST({_LOCAL} AS DATE)",
    "crm_local_minute": f"CAST(HOUR({_LOCAL}) * 60 + MINUTE({_LOCAL}) AS BIGINT)",
    # unix_seconds and its like take moments of the session's zone
    "crm_epoch": (
        "(CAST(DATEDIFF({x}, CAST('1970-01-01' AS DATE)) AS BIGINT) * 86400"
        " + HOUR({x}) * 3600 + MINUTE({x}) * 60 + SECOND({x}))"
    ),
    "crm_utc": _UTC.replace("{moment}", _AT).replace("{zone}", "{tz}"),
    "crm_instant": _UTC.replace("{moment}", "{x}"),
    "crm_today": (
        f"CAST({_UTC} AS DATE)".replace("{moment}", "FROM_UTC_TIMESTAMP(CURRENT_TIMESTAMP(), {tz})")
    ),
    "crm_before": "SUBSTRING_INDEX({x}, {tz}, 1)",
    "crm_mail_domain": "SUBSTRING_INDEX({x}, '@', -1)",
    "crm_moment": (
        "(TO_TIMESTAMP_NTZ('1970-01-01 00:00:00')"
        " + MAKE_DT_INTERVAL(0, 0, 0, CAST({x} AS DECIMAL(18, 6))))"
    ),
    "crm_elements": "EXPLODE(FROM_JSON({x}, 'array<string>'))",
    "crm_number": number("{x} RLIKE '{p}'", _CLEAN)
    .replace(", 'g')", ")")
    .replace("DOUBLE PRECISION", "DOUBLE"),
}

_MOMENTS = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)


def _timestamp(x: str, formats: list[str]) -> str:
    parsed = f"TRY_TO_TIMESTAMP({x})"
    tries = [
        f"WHEN {x} RLIKE '{OFFSET}' AND {x} RLIKE '{ISO}' AND LENGTH({x}) > 10 "
        f"THEN {_UTC.replace('{moment}', parsed)}",
        f"WHEN {x} RLIKE '{ISO}' THEN TO_TIMESTAMP_NTZ({parsed})",
    ]
    for form in formats:
        parsed = f"TRY_TO_TIMESTAMP({x}, '{java_pattern(form)}')"
        tries.append(f"WHEN NOT {parsed} IS NULL THEN TO_TIMESTAMP_NTZ({parsed})")
    return " ".join(["CASE", *tries, "END"])


def _json(x: str, steps: list[str | int]) -> str:
    if not steps:
        return x
    path = "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    return f"GET_JSON_OBJECT({x}, '{path}')"


def rewrite(query: exp.Expression) -> exp.Expression:
    return rewritten(query, date_differences, _same_text, _trims, _percentiles, _moments, _doubles)


def _same_text(query: exp.Expression) -> None:
    """Versions of sqlglot print differences of days differently."""
    for node in list(query.find_all(exp.DateDiff)):
        days = [
            day.this if isinstance(day, exp.TsOrDsToDate) else day
            for day in (node.this, node.expression)
        ]
        node.replace(exp.Anonymous(this="DATEDIFF", expressions=days))


def _trims(query: exp.Expression) -> None:
    """Of which characters to trim, some versions make an argument that Spark reads in reverse."""
    patterns = {"LEADING": "^[{0}]+", "TRAILING": "[{0}]+$", "": "^[{0}]+|[{0}]+$"}
    for node in list(query.find_all(exp.Trim)):
        if node.expression and node.expression.is_string:
            signs = "".join(
                f"\\{sign}" if sign in "^-]\\" else sign for sign in node.expression.name
            )
            pattern = patterns[node.text("position").upper()].format(signs)
            found = [node.this, exp.Literal.string(pattern), exp.Literal.string("")]
            node.replace(exp.Anonymous(this="REGEXP_REPLACE", expressions=found))


def _percentiles(query: exp.Expression) -> None:
    """A function that sqlglot leaves alone: of percentile_cont it makes an approximation when the
    dialect is Spark's own."""
    for node in list(query.find_all(exp.WithinGroup)):
        value, share = node.expression.expressions[0].this, node.this.this
        node.replace(exp.Anonymous(this="PERCENTILE", expressions=[value, share]))


def _moments(query: exp.Expression) -> None:
    for cast in list(query.find_all(exp.Cast)):
        if cast.to.this in _MOMENTS:
            cast.replace(exp.Anonymous(this="TO_TIMESTAMP_NTZ", expressions=[cast.this]))


def _doubles(query: exp.Expression) -> None:
    """`1.0` is a decimal, whose quotients are rounded to few digits; `1.0E0` is a double."""
    for node in list(query.find_all(exp.Literal)):
        if not node.is_string and "." in str(node.this) and "e" not in str(node.this).lower():
            node.replace(exp.Literal.number(f"{node.this}E0"))


FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json, rewrite)
