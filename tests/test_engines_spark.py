"""What Spark SQL gets wrong of plain SQL comes out as DuckDB means it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

import pandas as pd
import pytest
import sqlglot

from superset_crmkpi import dialects
from tests.engines import Spark, compiled, reprinted

printed = partial(compiled, dialect="hive")


@pytest.fixture(scope="module")
def engine() -> Iterator[Spark]:
    opened = Spark()
    yield opened
    opened.close()


def value(engine: Spark, expression: str, rows: str = "") -> Any:
    source = f" from (select unnest_ as v from ({rows}) as r) as t" if rows else ""
    found = engine.query(printed(f"select {expression} as value{source}"))["value"].iloc[0]
    return None if pd.isna(found) else found


NUMBERS = "select 0 as unnest_ union all select 10 union all select null"


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5.0), (0.75, 7.5), (0.9, 9.0)])
def test_percentiles_are_exact_and_leave_nulls_out(
    engine: Spark, share: float, expected: float
) -> None:
    percentile = f"percentile_cont({share}) within group (order by v)"
    assert value(engine, percentile, NUMBERS) == expected
    assert "PERCENTILE(v, " in printed(f"select {percentile} as value from t")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.0 * 1 / 3", 1 / 3),
        ("1.0 * cast(1 as bigint) / nullif(cast(3 as bigint), 0)", 1 / 3),
        ("100.0 * 2 / 3 / 7 / 11", 100 * 2 / 3 / 7 / 11),
        ("1.0 * 1 / nullif(0, 0)", None),
        ("1 / 2", 0.5),
        ("floor(-1 / 7.0)", -1),
        ("cast(floor((5 + 13 - 1) / 7.0) as int)", 2),
        ("greatest(1, cast(null as bigint))", 1),
        ("'a' || cast(null as varchar)", None),
        ("right('Größe', 3)", "öße"),
        ("length('Ärger')", 5),
        ("ltrim('~~a~', '~')", "a~"),
        ("rtrim('-a^-', '^-')", "-a"),
        ("trim('~a~b~', '~')", "a~b"),
        ("trim('  a ')", "a"),
    ],
)
def test_numbers_and_texts_are_reckoned_as_on_duckdb(
    engine: Spark, expression: str, expected: Any
) -> None:
    assert value(engine, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '2000-01-01' + cast(366 as int)", date(2001, 1, 1)),
        ("date '1999-12-31' - date '2000-01-01'", -1),
        ("date '2026-06-30' - date '2000-01-01'", 9677),
        ("cast(date_trunc('month', date '2026-05-05') as date)", date(2026, 5, 1)),
        ("cast(date_trunc('quarter', date '2026-05-05') as date)", date(2026, 4, 1)),
        ("cast(date_trunc('year', date '2026-05-05') as date)", date(2026, 1, 1)),
        ("extract(quarter from date '2026-05-05')", 2),
    ],
)
def test_days_are_counted_as_on_duckdb(engine: Spark, expression: str, expected: Any) -> None:
    assert value(engine, expression) == expected


def test_moments_do_not_depend_on_the_time_zone_of_the_session(engine: Spark) -> None:
    # 02:30 does not exist that day in New York, the time zone of the session here
    moment = "cast('2026-03-08 02:30:00' as timestamp)"
    assert pd.Timestamp(value(engine, moment)) == datetime(2026, 3, 8, 2, 30)
    assert value(engine, f"crm_epoch({moment})") == 1772937000
    assert value(engine, f"crm_local_minute({moment}, 'Europe/Berlin')") == 3 * 60 + 30
    assert value(engine, f"crm_local_date({moment}, 'America/New_York')") == date(2026, 3, 7)


def test_an_instant_is_the_same_in_every_session(engine: Spark) -> None:
    instant = "crm_instant(cast('2026-03-08 02:30:00+00:00' as timestamptz))"
    assert pd.Timestamp(value(engine, instant)) == datetime(2026, 3, 8, 2, 30)


@pytest.mark.parametrize("call", [
    "crm_local_date(x, 'Europe/Berlin')", "crm_local_minute(x, 'Europe/Berlin')", "crm_epoch(x)",
    "crm_utc(x, 'Europe/Berlin')", "crm_instant(x)", "crm_today('Europe/Berlin')",
    "crm_text(x)", "crm_number(x)", "crm_boolean(x)", "crm_timestamp(x, '%d.%m.%Y')",
])  # fmt: skip
@pytest.mark.parametrize("dialect", ["clickhouse", "hive"])
def test_superset_prints_the_functions_as_they_were(dialect: str, call: str) -> None:
    tree = dialects.finish(
        sqlglot.parse_one(f"select {call} as v from t", dialect="duckdb"), dialect
    )
    text = tree.sql(dialect=dialect, pretty=True)
    assert reprinted(text, dialect) == text
