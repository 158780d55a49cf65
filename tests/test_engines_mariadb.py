"""What MariaDB gets wrong of plain SQL comes out as DuckDB means it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pandas as pd
import pytest
import sqlglot

from superset_crmkpi import dialects
from tests.engines import MariaDb, compiled

printed = partial(compiled, dialect="mysql")


@pytest.fixture(scope="module")
def engine() -> Iterator[MariaDb]:
    opened = MariaDb()
    yield opened
    opened.close()


def value(engine: MariaDb, expression: str) -> Any:
    found = engine.query(printed(f"select {expression} as value"))["value"].iloc[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.0 * 1 / nullif(3, 0)", 1 / 3),
        ("1 / 3", 1 / 3),
        ("(1 + 1) / 3", 2 / 3),
        ("0.1 * 2 / 3", 0.2 / 3),
        ("1.0 * 1 / nullif(0, 0)", None),
    ],
)
def test_a_ratio_keeps_all_its_digits(
    engine: MariaDb, expression: str, expected: float | None
) -> None:
    found = value(engine, expression)
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-15))


def test_an_average_of_whole_numbers_keeps_all_its_digits(engine: MariaDb) -> None:
    rows = "select 1 as v union all select 2 union all select 2"
    found = engine.query(printed(f"select avg(v) as a from ({rows}) as r"))
    assert found["a"].iloc[0] == pytest.approx(5 / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("least(2, cast(null as bigint))", 2),
        ("least(cast(null as bigint), 2, 1)", 1),
        ("greatest(cast(null as bigint), 2, 1)", 2),
        ("greatest(cast(null as bigint), cast(null as bigint))", None),
    ],
)
def test_least_and_greatest_leave_nulls_out(
    engine: MariaDb, expression: str, expected: int | None
) -> None:
    assert value(engine, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '2026-03-01' - date '2026-02-01'", 28),
        ("cast('2026-03-01' as date) - cast('2027-03-01' as date)", -365),
        ("date '2026-02-27' + 3", date(2026, 3, 2)),
        ("date '2026-03-02' - 3", date(2026, 2, 27)),
        ("cast(date_trunc('month', date '2024-02-29') as date)", date(2024, 2, 1)),
        ("cast(date_trunc('quarter', date '2026-12-31') as date)", date(2026, 10, 1)),
        ("cast(date_trunc('year', date '2026-12-31') as date)", date(2026, 1, 1)),
    ],
)
def test_days_are_counted_across_months(engine: MariaDb, expression: str, expected: Any) -> None:
    assert value(engine, expression) == expected


def test_a_week_starts_on_monday(engine: MariaDb) -> None:
    for day in (date(2026, 1, 1) + timedelta(days) for days in range(14)):
        found = value(engine, f"cast(date_trunc('week', date '{day}') as date)")
        assert found == day - timedelta(day.weekday())


def test_texts_are_joined_and_one_null_makes_all_null(engine: MariaDb) -> None:
    assert value(engine, "'a' || 'b' || cast(3 as varchar)") == "ab3"
    assert value(engine, "'a' || cast(null as varchar)") is None


def test_a_timestamp_keeps_its_fraction(engine: MariaDb) -> None:
    found = value(engine, "cast('2026-06-30 10:20:30.123456' as timestamp)")
    assert pd.Timestamp(found) == pd.Timestamp("2026-06-30 10:20:30.123456")


def test_the_row_before_the_first_is_null_and_nulls_sort_last_also_in_a_frame(
    engine: MariaDb,
) -> None:
    rows = engine.query(
        printed(
            "select v, lag(id) over (order by v) as before, sum(id) over (order by v rows between"
            " unbounded preceding and current row) as running from (select 1 as id, cast(null as"
            " bigint) as v union all select 2, 5 union all select 4, 7) as r order by id"
        )
    )
    assert [None if pd.isna(v) else int(v) for v in rows["before"]] == [4, None, 2]
    assert [int(v) for v in rows["running"]] == [7, 2, 6]


def test_a_left_join_that_finds_nothing_gives_null(engine: MariaDb) -> None:
    rows = engine.query(
        printed(
            "select l.id, r.id is null as is_alone from (select 1 as id union all select 2) as l"
            " left join (select 2 as id) as r on r.id = l.id order by l.id"
        )
    )
    assert rows["is_alone"].tolist() == [1, 0]


@pytest.mark.parametrize("values", [[5], [1, 2, 9, 20], [3, 3, 1], [None, 4, 8], [None]])
def test_a_percentile_inside_a_fact_is_exact(engine: MariaDb, values: list[int | None]) -> None:
    rows = " union all ".join(
        f"select {number} as id, 'k' as k, cast({'null' if v is None else v} as bigint) as v"
        for number, v in enumerate(values)
    )
    found = engine.query(
        printed(
            "select t.k, count(*) as n, percentile_cont(0.75) within group (order by t.v) as p"
            f" from ({rows} union all select 99, 'other', 1) as t where t.id < 99 group by t.k"
        )
    )
    expected = pd.Series([v for v in values if v is not None], dtype=float).quantile(0.75)
    assert found["n"].tolist() == [len(values)]
    assert pd.isna(found["p"].iloc[0]) if math.isnan(expected) else found["p"].iloc[0] == expected


def test_the_median_of_a_kpi_is_the_mean_and_the_engine_says_so(engine: MariaDb) -> None:
    median = sqlglot.parse_one("percentile_cont(0.5) within group (order by v)", dialect="duckdb")
    text = dialects.finish(median, "mysql").sql(dialect="mysql")
    found = engine.query(f"select {text} as v from (select 1 as v union all select 2 union all"
                         " select 9) as r")  # fmt: skip
    assert found["v"].iloc[0] == 4.0
    assert dialects.FIXES["mysql"].mean_for_median


@pytest.fixture
def texts(engine: MariaDb) -> Iterator[str]:
    """A table loaded as the build loads it: the collation goes byte by byte."""
    frame = pd.DataFrame({"k": ["Won", "won", "won ", "wön"]})
    engine.load("texts", {"k": "text"}, frame)
    yield f"{engine.schema}.texts"
    engine.execute(f"drop table {engine.schema}.texts")


def test_texts_differ_by_case_accent_and_trailing_blank(engine: MariaDb, texts: str) -> None:
    def count(condition: str) -> int:
        query = printed(f"select count(*) as n from {texts} where {condition}")
        return int(engine.query(query)["n"].iloc[0])

    assert count("k = 'won'") == 1
    assert count("k in ('won', 'lost')") == 1
    assert count("k like 'won%'") == 2
    assert count("case when k = 'won' then 'x' end = 'x'") == 1
    groups = engine.query(printed(f"select count(distinct k) as n from {texts}"))["n"].iloc[0]
    assert groups == 4


def test_a_text_column_made_of_literals_can_be_compared_with_a_stored_one(
    engine: MariaDb, texts: str
) -> None:
    # the literal's own collation ignores case, and yields
    query = (
        "with made as (select distinct 'won' as k union all select 'WON' as k)"
        f" select count(*) as n from {texts} as t inner join made as m on m.k = t.k"
    )
    assert engine.query(printed(query))["n"].iloc[0] == 1


def test_a_column_of_type_timestamp_is_read_in_the_zone_of_the_session(engine: MariaDb) -> None:
    query = printed("select crm_instant(at) as value from (select moment as at from moments) as t")
    engine.execute(f"use {engine.schema}")
    engine.execute("create table moments (moment timestamp(6))")
    engine.execute("set time_zone = '+02:00'")
    try:
        engine.execute("insert into moments values ('2026-07-01 01:00:00')")
        found = engine.query(query)["value"].iloc[0]
    finally:
        engine.execute("set time_zone = default")
    assert pd.Timestamp(found) == datetime(2026, 6, 30, 23)


def test_local_dates_after_2037_follow_the_zone(engine: MariaDb) -> None:
    at = "cast('2045-06-30 22:30:00' as timestamp)"
    assert value(engine, f"crm_local_date({at}, 'Europe/Berlin')") == date(2045, 7, 1)
    assert value(engine, f"crm_local_minute({at}, 'Europe/Berlin')") == 30


def test_functions_see_their_argument_as_duckdb_means_it(engine: MariaDb) -> None:
    # the argument is rewritten too: MariaDB's own least() gives null here
    given = "least(cast(null as timestamp), cast('1970-01-01 00:00:05' as timestamp))"
    assert value(engine, f"crm_epoch({given})") == 5


def test_the_zone_utc_needs_no_zone_tables() -> None:
    at = "cast('2026-01-01 23:59:59' as timestamp)"
    assert "CONVERT_TZ" not in printed(f"select crm_local_date({at}, 'UTC') as value")
    text = printed(f"select crm_local_date({at}, 'Europe/Berlin') as value")
    assert "'UTC'" not in text
    assert "'+00:00'" in text


def test_a_query_of_more_ctes_than_mariadb_takes_still_runs(engine: MariaDb) -> None:
    steps = ", ".join(f"c{n} as (select c.v + 1 as v from c{n - 1} as c)" for n in range(1, 70))
    query = f"with c0 as (select 0 as v), {steps} select c.v from c69 as c"
    assert engine.query(printed(query))["v"].iloc[0] == 69
