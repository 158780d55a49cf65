"""PostgreSQL."""

from __future__ import annotations

from superset_crmkpi.dialects.byte_order import by_bytes
from superset_crmkpi.dialects.engine import (
    AT_TIME_ZONE,
    ISO,
    OFFSET,
    SHARED,
    EngineFixes,
    made_of,
    number,
)

_FUNCTIONS = {
    **SHARED,
    **made_of("{x} ~ '{p}'"),
    **AT_TIME_ZONE,
    "crm_epoch": "CAST(FLOOR(EXTRACT(EPOCH FROM {x})) AS BIGINT)",
    "crm_number": number("{x} ~ '{p}'"),
    "crm_before": "SPLIT_PART({x}, {tz}, 1)",
    "crm_mail_domain": "SPLIT_PART({x}, '@', 2)",
    "crm_moment": "(TO_TIMESTAMP({x}) AT TIME ZONE 'UTC')",
    "crm_elements": (
        "JSONB_ARRAY_ELEMENTS(CAST(CASE WHEN CAST({x} AS TEXT) LIKE '[%' THEN CAST({x} AS TEXT) "
        "END AS JSONB))"
    ),
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


def _timestamp(x: str, formats: list[str]) -> str:
    iso = (
        f"CASE WHEN {x} ~ '{ISO}' THEN CASE WHEN {x} ~ '{OFFSET}' AND LENGTH({x}) > 10 "
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


def _json(x: str, steps: list[str | int]) -> str:
    # there is no test for JSON before version 16: what does not begin like it is none
    json = f"CAST(CASE WHEN CAST({x} AS TEXT) ~ '^ *[{{[]' THEN CAST({x} AS TEXT) END AS JSONB)"
    path = ",".join(f'"{step}"' for step in steps)
    return f"({json if steps else f'CAST({x} AS JSONB)'} #>> '{{{path}}}')"


FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json, typed=by_bytes)
