"""What differs per engine: a table of fixes, each backed by an executed probe (tests/probes).

Canonical SQL may call the functions below; at the end the compiler replaces every call by the
engine's own expression. `{x}` is the argument; `{tz}` an IANA zone as a SQL string.

| function | gives |
|---|---|
| crm_local_date(ts, tz) | date of a UTC timestamp in a zone |
| crm_local_minute(ts, tz) | minute of that local day, 0 to 1439 |
| crm_epoch(ts) | seconds since 1970 of a UTC timestamp, rounded down |
| crm_utc(ts, tz) | UTC timestamp of a wall-clock timestamp in a zone |
| crm_instant(tstz) | UTC timestamp of a timestamp with time zone |
| crm_today(tz) | today's date in a zone |
| crm_number(text) | number of a text such as `$1,117.10K`, else null |
| crm_boolean(text) | boolean of yes/no, true/false, 1/0, else null |
| crm_timestamp(text, format, ...) | timestamp of an ISO text, or by a strftime format, else null |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

from superset_crmkpi.errors import CrmKpiError

#: SQLAlchemy's name of an engine -> sqlglot's
SQLGLOT_NAMES = {"duckdb": "duckdb", "postgresql": "postgres"}

_NUMBER = r"^-?([0-9]+[.]?[0-9]*|[.][0-9]+)[KkMm]?$"
_ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
    r"( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?$"
)
_OFFSET = r"[0-9:]( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))$"
_TRUE = "('true', 't', 'yes', 'y', '1', '1.0')"
_FALSE = "('false', 'f', 'no', 'n', '0', '0.0')"

_SHARED = {
    "crm_boolean": (
        f"CASE WHEN LOWER(TRIM({{x}})) IN {_TRUE} THEN TRUE "
        f"WHEN LOWER(TRIM({{x}})) IN {_FALSE} THEN FALSE END"
    ),
}
_LOCAL = "(({x} AT TIME ZONE 'UTC') AT TIME ZONE {tz})"
_MINUTE = "CAST(EXTRACT(HOUR FROM {local}) * 60 + EXTRACT(MINUTE FROM {local}) AS BIGINT)"
_CLEAN = r"REGEXP_REPLACE({x}, '[^0-9.KkMm()-]', '', 'g')"


def _number(matches: str, clean: str) -> str:
    signed = f"REPLACE(REPLACE({clean}, '(', '-'), ')', '')"
    return (
        f"CASE WHEN {matches.format(x=signed, p=_NUMBER)} THEN "
        f"CAST(REGEXP_REPLACE({signed}, '[KkMm]', '', 'g') AS DOUBLE PRECISION) * "
        f"CASE RIGHT(LOWER({signed}), 1) WHEN 'k' THEN 1000 WHEN 'm' THEN 1000000 ELSE 1 END END"
    )


FIXES: Mapping[str, Mapping[str, str]] = {
    "duckdb": {
        **_SHARED,
        "crm_local_date": f"CAST({_LOCAL} AS DATE)",
        "crm_local_minute": _MINUTE.format(local=_LOCAL),
        "crm_epoch": "CAST(FLOOR(EPOCH({x})) AS BIGINT)",
        "crm_utc": "(({x} AT TIME ZONE {tz}) AT TIME ZONE 'UTC')",
        "crm_instant": "({x} AT TIME ZONE 'UTC')",
        "crm_today": "CAST((CURRENT_TIMESTAMP AT TIME ZONE {tz}) AS DATE)",
        "crm_number": _number("REGEXP_MATCHES({x}, '{p}')", _CLEAN),
    },
    "postgres": {
        **_SHARED,
        "crm_local_date": f"CAST({_LOCAL} AS DATE)",
        "crm_local_minute": _MINUTE.format(local=_LOCAL),
        "crm_epoch": "CAST(FLOOR(EXTRACT(EPOCH FROM {x})) AS BIGINT)",
        "crm_utc": "(({x} AT TIME ZONE {tz}) AT TIME ZONE 'UTC')",
        "crm_instant": "({x} AT TIME ZONE 'UTC')",
        "crm_today": "CAST((CURRENT_TIMESTAMP AT TIME ZONE {tz}) AS DATE)",
        "crm_number": _number("{x} ~ '{p}'", _CLEAN),
    },
}

#: strftime directive -> (PostgreSQL pattern, regular expression)
_DIRECTIVES = {
    "%Y": ("YYYY", "[0-9]{4}"),
    "%y": ("YY", "[0-9]{2}"),
    "%m": ("MM", "[0-9]{1,2}"),
    "%d": ("DD", "[0-9]{1,2}"),
    "%H": ("HH24", "[0-9]{1,2}"),
    "%I": ("HH12", "[0-9]{1,2}"),
    "%M": ("MI", "[0-9]{2}"),
    "%S": ("SS", "[0-9]{2}"),
    "%p": ("AM", "[AaPp][Mm]"),
    "%b": ("Mon", "[A-Za-z]{3}"),
    "%B": ("FMMonth", "[A-Za-z]+"),
}


def dialect_of(engine_name: str) -> str:
    """sqlglot's dialect of a SQLAlchemy engine name. Raises CrmKpiError for one not supported."""
    if engine_name not in SQLGLOT_NAMES:
        known = ", ".join(sorted(SQLGLOT_NAMES))
        raise CrmKpiError(f"engine `{engine_name}` is not supported yet; supported: {known}")
    return SQLGLOT_NAMES[engine_name]


def call(function: str, *arguments: exp.Expression | str) -> exp.Expression:
    """A call of one of the functions above, to be resolved by `finish`."""
    nodes = [
        exp.Literal.string(argument) if isinstance(argument, str) else argument
        for argument in arguments
    ]
    return exp.Anonymous(this=function, expressions=nodes)


def finish(query: exp.Expression, dialect: str) -> exp.Expression:
    """The query with every `crm_*` call replaced by the engine's expression."""
    return query.transform(lambda node: _resolve(node, dialect))


def _resolve(node: exp.Expression, dialect: str) -> exp.Expression:
    if not isinstance(node, exp.Anonymous) or not str(node.this).lower().startswith("crm_"):
        return node
    name = str(node.this).lower()
    arguments = [finish(argument, dialect) for argument in node.expressions]
    if name == "crm_timestamp":
        formats = [str(argument.this) for argument in arguments[1:]]
        text = _TIMESTAMP[dialect](arguments[0].sql(dialect=dialect), formats)
    else:
        template = FIXES[dialect].get(name)
        if template is None:
            raise CrmKpiError(f"`{name}` is not known for engine {dialect}")
        text = template
        zone = arguments[-1].sql(dialect=dialect) if arguments else ""
        text = text.replace("{tz}", zone)
        if arguments:
            text = text.replace("{x}", arguments[0].sql(dialect=dialect))
    return sqlglot.parse_one(text, dialect=dialect)


def _duckdb_timestamp(x: str, formats: list[str]) -> str:
    iso = (
        f"CASE WHEN REGEXP_MATCHES({x}, '{_ISO}') THEN CASE WHEN REGEXP_MATCHES({x}, '{_OFFSET}') "
        f"AND LENGTH({x}) > 10 THEN TRY_CAST({x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        f"ELSE TRY_CAST({x} AS TIMESTAMP) END"
    )
    tries = [
        f"WHEN TRY_STRPTIME({x}, '{f}') IS NOT NULL THEN STRPTIME({x}, '{f}')" for f in formats
    ]
    return " ".join([iso, *tries, "END"])


def _postgres_timestamp(x: str, formats: list[str]) -> str:
    iso = (
        f"CASE WHEN {x} ~ '{_ISO}' THEN CASE WHEN {x} ~ '{_OFFSET}' AND LENGTH({x}) > 10 "
        f"THEN CAST({x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' ELSE CAST({x} AS TIMESTAMP) END"
    )
    tries = []
    for form in formats:
        pattern, regex = form, form.replace(".", "[.]")
        for directive, (postgres, expression) in _DIRECTIVES.items():
            pattern = pattern.replace(directive, postgres)
            regex = regex.replace(directive, expression)
        tries.append(
            f"WHEN {x} ~ '^{regex}$' THEN CAST(TO_TIMESTAMP({x}, '{pattern}') AS TIMESTAMP)"
        )
    return " ".join([iso, *tries, "END"])


_TIMESTAMP: Mapping[str, Callable[[str, list[str]], str]] = {
    "duckdb": _duckdb_timestamp,
    "postgres": _postgres_timestamp,
}
