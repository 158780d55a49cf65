"""DuckDB."""

from __future__ import annotations

from superset_crmkpi.dialects.engine import (
    AT_TIME_ZONE,
    ISO,
    OFFSET,
    SHARED,
    EngineFixes,
    json_path,
    made_of,
    number,
)

_FUNCTIONS = {
    **SHARED,
    **made_of("REGEXP_MATCHES({x}, '{p}')"),
    **AT_TIME_ZONE,
    "crm_epoch": "CAST(FLOOR(EPOCH({x})) AS BIGINT)",
    "crm_number": number("REGEXP_MATCHES({x}, '{p}')"),
    "crm_before": "SPLIT_PART({x}, {tz}, 1)",
    "crm_mail_domain": "SPLIT_PART({x}, '@', 2)",
    "crm_moment": "MAKE_TIMESTAMP(CAST(ROUND({x} * 1000000) AS BIGINT))",
    "crm_elements": "UNNEST(CASE WHEN JSON_VALID({x}) THEN JSON_EXTRACT({x}, '$[*]') END)",
}


def _timestamp(x: str, formats: list[str]) -> str:
    iso = (
        f"CASE WHEN REGEXP_MATCHES({x}, '{ISO}') THEN CASE WHEN REGEXP_MATCHES({x}, '{OFFSET}') "
        f"AND LENGTH({x}) > 10 THEN TRY_CAST({x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        f"ELSE TRY_CAST({x} AS TIMESTAMP) END"
    )
    tries = [
        f"WHEN TRY_STRPTIME({x}, '{f}') IS NOT NULL THEN STRPTIME({x}, '{f}')" for f in formats
    ]
    return " ".join([iso, *tries, "END"])


def _json(x: str, steps: list[str | int]) -> str:
    found = f"JSON_EXTRACT_STRING({x}, '{json_path(steps)}')"
    return f"CASE WHEN JSON_VALID({x}) THEN {found} END"


FIXES = EngineFixes(_FUNCTIONS, _timestamp, _json)
