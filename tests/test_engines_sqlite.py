"""What SQLite gets wrong of plain SQL comes out as DuckDB means it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import pytest
import sqlglot

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from tests.engines import Sqlite, compiled

printed = partial(compiled, dialect="sqlite")


@pytest.fixture(scope="module")
def engine() -> Iterator[Sqlite]:
    opened = Sqlite()
    yield opened
    opened.close()


def value(engine: Sqlite, expression: str) -> Any:
    found = engine.query(printed(f"select {expression} as value"))["value"].iloc[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 / 2", 0.5),
        ("1.0 * 1 / nullif(0, 0)", None),
        ("least(2, cast(null as bigint))", 2),
        ("least(cast(null as bigint), 2, 1)", 1),
        ("greatest(cast(null as bigint), 2, 1)", 2),
        ("least(3, 2)", 2),
        ("floor(-1.5)", -2),
        ("floor(-2)", -2),
        ("floor(7 / 2)", 3),
        ("floor(cast(null as double))", None),
        ("'a' || cast(3 as varchar)", "a3"),
        ("'a' || cast(null as varchar)", None),
    ],
)
def test_numbers_and_texts_are_reckoned_as_on_duckdb(
    engine: Sqlite, expression: str, expected: Any
) -> None:
    assert value(engine, expression) == expected


def test_floor_needs_no_functions_that_a_build_may_lack() -> None:
    assert "FLOOR" not in printed("select floor(7 / 2) as value").upper()


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("agent_reply", "%reply", True),
        ("agent_Reply", "%reply", False),
        ("abc", "a_c", True),
        ("aBc", "abc", False),
        ("a*c", "a*c", True),
        ("abc", "a*c", False),
        ("a?c", "a?%", True),
        ("abc", "a?%", False),
        ("[x]", "[x]", True),
        ("x", "[x]", False),
        ("a-b@c.de", "_%@_%._%", True),
        ("@c.de", "_%@_%._%", False),
    ],
)
def test_like_tells_case_apart_and_knows_only_its_own_wildcards(
    engine: Sqlite, text: str, pattern: str, expected: bool
) -> None:
    assert value(engine, f"'{text}' like '{pattern}'") == expected
    assert value(engine, f"'{text}' not like '{pattern}'") == (not expected)


def test_equality_tells_case_and_trailing_blank_apart(engine: Sqlite) -> None:
    assert value(engine, "case when 'won' = 'Won' or 'won' = 'won ' then 1 else 0 end") == 0


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '2026-03-01'", "2026-03-01"),
        ("date '2026-03-01' - date '2026-02-01'", 28),
        ("cast('2026-03-01' as date) - cast('2027-03-01' as date)", -365),
        ("date '2026-02-27' + 3", "2026-03-02"),
        ("date '2026-03-02' - 3", "2026-02-27"),
        ("cast('2026-06-30 10:20:30.5' as timestamp)", "2026-06-30 10:20:30.500000"),
        ("cast(cast('2026-06-30 10:20:30' as timestamp) as date)", "2026-06-30"),
        ("cast(date_trunc('month', date '2024-02-29') as date)", "2024-02-01"),
        ("cast(date_trunc('quarter', date '2026-12-31') as date)", "2026-10-01"),
        ("cast(date_trunc('quarter', date '2026-01-31') as date)", "2026-01-01"),
        ("cast(date_trunc('year', date '2026-12-31') as date)", "2026-01-01"),
        ("extract(quarter from date '2026-12-31')", 4),
        ("extract(quarter from date '2026-03-31')", 1),
        ("extract(month from date '2026-09-30')", 9),
        ("extract(year from date '2026-09-30')", 2026),
    ],
)
def test_dates_are_iso_texts_and_days_are_counted(
    engine: Sqlite, expression: str, expected: Any
) -> None:
    assert value(engine, expression) == expected


def test_a_week_starts_on_monday(engine: Sqlite) -> None:
    for day in (date(2026, 1, 1) + timedelta(days) for days in range(14)):
        found = value(engine, f"cast(date_trunc('week', date '{day}') as date)")
        assert found == (day - timedelta(day.weekday())).isoformat()


def test_stored_dates_and_times_compare_with_literals_in_order(engine: Sqlite) -> None:
    frame = pd.DataFrame(
        {
            "at": pd.to_datetime(["2026-06-30", "2026-06-30 23:59:59.999999"], format="ISO8601"),
            "day": [date(2026, 6, 30), date(2026, 7, 1)],
        }
    )
    engine.load("moments", {"at": "timestamp", "day": "date"}, frame)
    query = """
        select
          sum(case when m.at >= cast('2026-06-30' as timestamp) then 1 else 0 end) as since,
          sum(case when m.at < cast('2026-07-01' as timestamp) then 1 else 0 end) as before,
          sum(case when m.day = date '2026-06-30' then 1 else 0 end) as same,
          sum(case when cast(m.at as date) = m.day then 1 else 0 end) as own
        from main.moments as m
    """
    assert engine.query(printed(query)).iloc[0].tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize("values", [[5], [1, 2, 9, 20], [3, 3, 1], [None, 4, 8], [None]])
@pytest.mark.parametrize("share", [0.75, 0.9])
def test_a_percentile_inside_a_fact_is_exact(
    engine: Sqlite, values: list[int | None], share: float
) -> None:
    rows = " union all ".join(
        f"select {number} as id, 'k' as k, cast({'null' if v is None else v} as bigint) as v"
        for number, v in enumerate(values)
    )
    found = engine.query(
        printed(
            f"select t.k, count(*) as n, percentile_cont({share}) within group (order by t.v) as p"
            f" from ({rows} union all select 99, 'other', 1) as t where t.id < 99 group by t.k"
        )
    )
    known = pd.Series([v for v in values if v is not None], dtype=float)
    assert found["n"].tolist() == [len(values)]
    if known.empty:
        assert pd.isna(found["p"].iloc[0])
    else:
        assert found["p"].iloc[0] == pytest.approx(known.quantile(share))


def test_the_median_of_a_kpi_is_the_mean_and_the_engine_says_so(engine: Sqlite) -> None:
    median = sqlglot.parse_one("percentile_cont(0.5) within group (order by v)", dialect="duckdb")
    text = dialects.finish(median, "sqlite").sql(dialect="sqlite")
    rows = "select 1 as v union all select 2 union all select 9"
    assert engine.query(f"select {text} as v from ({rows}) as r")["v"].iloc[0] == 4.0
    assert dialects.FIXES["sqlite"].mean_for_median


def test_nulls_sort_last_and_the_row_before_the_first_is_null(engine: Sqlite) -> None:
    rows = engine.query(
        printed(
            "select id, lag(id) over (order by v) as before from (select 1 as id, cast(null as"
            " bigint) as v union all select 2, 5 union all select 4, 7) as r order by id"
        )
    )
    assert [None if pd.isna(v) else int(v) for v in rows["before"]] == [4, None, 2]


@pytest.mark.parametrize("text", ["2026-13-45", "2026-02-30", "2026-06-30T25:61:00"])
def test_an_impossible_date_is_null(engine: Sqlite, text: str) -> None:
    assert value(engine, f"crm_timestamp('{text}')") is None


def test_a_zone_other_than_utc_is_refused_with_what_to_do() -> None:
    with pytest.raises(CrmKpiError, match="set `Europe/Berlin` to UTC, or use DuckDB"):
        printed("select crm_today('Europe/Berlin') as value")
