"""What one engine needs beyond sqlglot's own translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi.base.types import Type

Schema = Mapping[str, Mapping[str, Type]]


def unchanged(query: exp.Expression) -> exp.Expression:
    return query


@dataclass(frozen=True)
class EngineFixes:
    """`functions`: crm_* name -> expression in the engine's dialect; `{x}`, `{tz}` are arguments.
    `crm_x UTC` is a shorter one where the zone is UTC.

    `timestamp` builds the expression of crm_timestamp from the argument and strftime formats,
    `json` that of crm_json from the argument and the keys and positions to follow.
    `rewrite` turns a finished canonical query (DuckDB's tree) into one that sqlglot prints right
    for this engine; `typed` is a step before it that takes the types of the tables that are read,
    by table and column. `mean_for_median`: the engine has no percentile aggregate, and the mean
    stands in for it, which tiles and coverage say.
    """

    functions: Mapping[str, str]
    timestamp: Callable[[str, list[str]], str] | None = None
    json: Callable[[str, list[str | int]], str] | None = None
    rewrite: Callable[[exp.Expression], exp.Expression] = unchanged
    typed: Callable[[exp.Expression, Schema], None] | None = None
    mean_for_median: bool = False


_TRUE = "('true', 't', 'yes', 'y', '1', '1.0')"
_FALSE = "('false', 'f', 'no', 'n', '0', '0.0')"
#: crm_text, given the engine's name of a text type
TEXT = "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(CAST({x} AS DECIMAL(38, 2)) AS {text})))"
#: what stands before the domain in an address, and what follows it
_BEFORE_DOMAIN = "^([a-z][a-z0-9+.-]*://|//)?([^/?#@]*@)?(www[.])?"
_AFTER_DOMAIN = "[.]*([/?#:].*)?$"
#: crm_domain, given the engine's name of its function
DOMAIN = (
    f"NULLIF({{replace}}({{replace}}(LOWER(TRIM({{x}})), '{_BEFORE_DOMAIN}', ''),"
    f" '{_AFTER_DOMAIN}', ''), '')"
)
#: what is in no id of a record, and what is in no number, of which nothing else is left
_NO_ID, _NO_DIGIT = "[^0-9A-Za-z_-]", "[^0-9]"


def made_of(has: str) -> Mapping[str, str]:
    """crm_is_id and crm_is_digits, given how the engine finds a character ({p}) in a text ({x}).

    They look for one that is not allowed: where `$` ends a text, and which letters are alike,
    engines differ.
    """
    none = "{x} <> '' AND NOT " + has
    return {
        "crm_is_id": none.replace("{p}", _NO_ID),
        "crm_is_digits": none.replace("{p}", _NO_DIGIT),
    }


#: the same on every engine, unless it says otherwise
SHARED: Mapping[str, str] = {
    "crm_text": TEXT.replace("{text}", "TEXT"),
    "crm_domain": DOMAIN.replace("{replace}", "REGEXP_REPLACE"),
    "crm_boolean": (
        f"CASE WHEN LOWER(TRIM({{x}})) IN {_TRUE} THEN TRUE "
        f"WHEN LOWER(TRIM({{x}})) IN {_FALSE} THEN FALSE END"
    ),
}

#: of engines whose timestamps show the digits of UTC
IN_UTC: Mapping[str, str] = {
    "crm_local_date UTC": "CAST({x} AS DATE)",
    "crm_utc UTC": "{x}",
}

_LOCAL = "(({x} AT TIME ZONE 'UTC') AT TIME ZONE {tz})"
#: of engines that have `at time zone`
AT_TIME_ZONE: Mapping[str, str] = {
    **IN_UTC,
    "crm_local_minute UTC": (
        "CAST(EXTRACT(HOUR FROM {x}) * 60 + EXTRACT(MINUTE FROM {x}) AS BIGINT)"
    ),
    "crm_local_date": f"CAST({_LOCAL} AS DATE)",
    "crm_local_minute": (
        f"CAST(EXTRACT(HOUR FROM {_LOCAL}) * 60 + EXTRACT(MINUTE FROM {_LOCAL}) AS BIGINT)"
    ),
    "crm_utc": "(({x} AT TIME ZONE {tz}) AT TIME ZONE 'UTC')",
    "crm_instant": "({x} AT TIME ZONE 'UTC')",
    "crm_today": "CAST((CURRENT_TIMESTAMP AT TIME ZONE {tz}) AS DATE)",
}

#: what a text must look like to be a number, a timestamp, a timestamp with an offset
NUMBER = r"^-?([0-9]+[.]?[0-9]*|[.][0-9]+)[KkMm]?$"
ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
    r"( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?$"
)
#: a comma that does not group thousands, as in `12,50` or `1.250,00`: no number that is sure
COMMA = r"[.].*,|,[0-9]{0,2}([^0-9]|$)|,[0-9]{4}"
OFFSET = r"[0-9:]( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))$"


_CLEAN = "REGEXP_REPLACE({x}, '[^0-9.KkMm()-]', '', 'g')"


def number(matches: str, clean: str = _CLEAN) -> str:
    """crm_number, given how the engine matches ({x}, {p}) and cleans a text."""
    signed = f"REPLACE(REPLACE({clean}, '(', '-'), ')', '')"
    return (
        f"CASE WHEN {matches.format(x='{x}', p=COMMA)} THEN NULL "
        f"WHEN {matches.format(x=signed, p=NUMBER)} THEN "
        f"CAST(REGEXP_REPLACE({signed}, '[KkMm]', '', 'g') AS DOUBLE PRECISION) * "
        f"CASE RIGHT(LOWER({signed}), 1) WHEN 'k' THEN 1000 WHEN 'm' THEN 1000000 ELSE 1 END END"
    )


def json_path(steps: list[str | int]) -> str:
    """Keys and positions as a JSON path of most engines: `$."owner"."id"[0]`."""
    return "$" + "".join(f"[{s}]" if isinstance(s, int) else f'."{s}"' for s in steps)


#: strftime directive -> pattern of Java; one letter also reads two digits
_JAVA = {
    "%Y": "yyyy",
    "%y": "yy",
    "%m": "M",
    "%d": "d",
    "%H": "H",
    "%I": "h",
    "%M": "m",
    "%S": "s",
    "%p": "a",
    "%b": "MMM",
    "%B": "MMMM",
}


def java_pattern(form: str) -> str:
    """A strftime format as the pattern of Java's and Joda's parsers."""
    for directive, pattern in _JAVA.items():
        form = form.replace(directive, pattern)
    return form
