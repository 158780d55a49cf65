"""What ClickHouse gets wrong of plain SQL comes out as DuckDB means it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import pytest

from tests.engines import ClickHouse, compiled

printed = partial(compiled, dialect="clickhouse")


@pytest.fixture(scope="module")
def engine() -> Iterator[ClickHouse]:
    opened = ClickHouse()
    opened.execute(f"create table {opened.schema}.a (id String, n Int64) engine = Memory")
    opened.execute(f"create table {opened.schema}.b (id String, v Int64) engine = Memory")
    opened.execute(f"insert into {opened.schema}.a values ('x', 1), ('y', 2), ('z', 3)")
    opened.execute(f"insert into {opened.schema}.b values ('x', 10), ('w', 20)")
    yield opened
    opened.close()


def rows(engine: ClickHouse, canonical: str) -> list[tuple[Any, ...]]:
    frame = engine.query(printed(canonical.replace("main.", f"{engine.schema}.")))
    values = frame.astype(object).itertuples(index=False, name=None)
    return [tuple(None if pd.isna(value) else value for value in row) for row in values]


def value(engine: ClickHouse, expression: str) -> Any:
    return rows(engine, f"select {expression} as value")[0][0]


def test_a_table_that_an_outer_join_does_not_find_is_null(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "select a.id, b.id as other, b.v from main.a as a left join main.b as b on b.id = a.id"
        " where b.id is null or b.v > 0 order by a.id",
    )
    assert found == [("x", "x", 10), ("y", None, None), ("z", None, None)]


def test_a_cte_that_an_outer_join_does_not_find_is_null(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "with c as (select b.id, count(*) as n, 1 as one, 't' as t from main.b as b group by b.id)"
        " select a.id, c.n, c.one, c.t from main.a as a left join c as c on c.id = a.id"
        " order by a.id",
    )
    assert found == [("x", 1, 1, "t"), ("y", None, None, None), ("z", None, None, None)]


def test_a_subquery_and_a_union_that_an_outer_join_does_not_find_are_null(
    engine: ClickHouse,
) -> None:
    found = rows(
        engine,
        "with u as (select b.id, 1 as k from main.b as b union all select 'y', 2)"
        " select a.id, u.k, s.k as other from main.a as a left join u as u on u.id = a.id"
        " left join (select b.id, 7 as k from main.b as b) as s on s.id = a.id order by a.id",
    )
    assert found == [("x", 1, 7), ("y", 2, None), ("z", None, None)]


@pytest.mark.parametrize("side", ["right", "full"])
def test_the_side_before_a_right_join_is_null_too(engine: ClickHouse, side: str) -> None:
    found = rows(
        engine,
        f"select a.id, b.id as other from main.a as a {side} join main.b as b on b.id = a.id"
        " order by coalesce(b.id, 'zz'), a.id",
    )
    assert found[:2] == [(None, "w"), ("x", "x")]


def test_before_the_first_row_and_after_the_last_there_is_null(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "select a.id, lag(a.n) over (order by a.id) as before,"
        " lead(a.n) over (order by a.id) as after"
        " from main.a as a order by a.id",
    )
    assert found == [("x", None, 2), ("y", 1, 3), ("z", 2, None)]


@pytest.mark.parametrize(
    "aggregate",
    [
        "sum(n)",
        "avg(n)",
        "min(n)",
        "max(n)",
        "sum(case when n = 1 then 1 else 0 end)",
        "percentile_cont(0.5) within group (order by n)",
    ],
)
def test_an_aggregate_of_no_rows_is_null(engine: ClickHouse, aggregate: str) -> None:
    assert rows(engine, f"select {aggregate} as value from main.a where n > 9") == [(None,)]


def test_a_count_of_no_rows_is_zero(engine: ClickHouse) -> None:
    assert rows(engine, "select count(*) as value from main.a where n > 9") == [(0,)]


@pytest.mark.parametrize("count", ["count(*)", "count(distinct a.id)"])
def test_counts_are_signed_as_other_whole_numbers_are(engine: ClickHouse, count: str) -> None:
    query = printed(f"select {count} as value from a").replace("FROM a", f"FROM {engine.schema}.a")
    kinds = engine.query(f"select toTypeName(value) as kind from ({query}) as t")
    assert kinds["kind"].tolist() == ["Int64"]


def test_percentiles_are_interpolated_and_leave_nulls_out(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "select percentile_cont(0.9) within group (order by v) as value from"
        " (select 0 as v union all select 10 union all select null) as t",
    )
    assert found == [(9.0,)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sum(case when b.n = 1 then count_rows else b.n end)", 6),
        ("sum(greatest(count_rows, b.n))", 6),
        ("sum(coalesce(b.n, 0.5))", 6),
        ("sum(case when b.n > 1 then b.n else 0.25 end)", 5.25),
        ("sum(case when b.n > 1 then flags else 0.25 end)", 2.25),
    ],
)
def test_numbers_of_several_kinds_stand_side_by_side(
    engine: ClickHouse, expression: str, expected: float
) -> None:
    found = rows(
        engine,
        "with b as (select cast(a.n as bigint) as n, count(*) as count_rows,"
        " sum(case when a.n > 0 then 1 else 0 end) as flags from main.a as a group by a.n)"
        f" select {expression} as value from b",
    )
    assert found == [(expected,)]


def test_unions_take_counts_and_doubles_in_one_column(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "with u as (select count(*) as v from main.a as a union all select 0.5 as v"
        " union all select cast(-3 as bigint) as v) select sum(u.v) as value from u",
    )
    assert found == [(0.5,)]


def test_what_exists_nowhere_else_is_kept_also_when_its_key_is_null(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "with k as (select a.id, a.n from main.a as a union all select null, 9)"
        " select k.n from k where not exists"
        " (select 1 from main.b as b where b.id = k.id and b.v < 20) order by k.n",
    )
    assert found == [(2,), (3,), (9,)]


def test_rows_are_sought_by_a_set_and_not_once_per_row() -> None:
    query = "select a.id from a where not exists (select 1 from b where b.id = a.id)"
    assert "EXISTS" not in printed(query)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lower('ÄRGER')", "ärger"),
        ("upper('ärger')", "ÄRGER"),
        ("length('Ärger')", 5),
        ("left('Ärger', 2)", "Är"),
        ("right('Größe', 3)", "öße"),
        ("substr('Ärger', 2, 2)", "rg"),
        ("replace('a-b-c', '-', '')", "abc"),
        ("1 / 2", 0.5),
        ("'a' || cast(null as varchar)", None),
        ("floor(-1 / 7.0)", -1),
        ("case when 'x' not in ('y', 'z') then 1 else 0 end", 1),
    ],
)
def test_texts_and_numbers_are_reckoned_as_on_duckdb(
    engine: ClickHouse, expression: str, expected: Any
) -> None:
    assert value(engine, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '1960-02-29'", date(1960, 2, 29)),
        ("date '2250-01-01'", date(2250, 1, 1)),
        ("date '2000-01-01' + cast(366 as int)", date(2001, 1, 1)),
        ("date '1999-12-31' - date '2000-01-01'", -1),
        ("cast(date_trunc('quarter', date '1965-05-05') as date)", date(1965, 4, 1)),
        ("extract(year from date '1965-05-05')", 1965),
    ],
)
def test_days_long_ago_and_far_ahead_are_days(
    engine: ClickHouse, expression: str, expected: Any
) -> None:
    assert value(engine, expression) == expected


def test_a_column_may_be_named_as_what_it_is_made_of(engine: ClickHouse) -> None:
    found = rows(
        engine,
        "select sum(a.n) as n, max(a.n) as top from main.a as a where a.n > 1 having sum(a.n) > 4",
    )
    assert found == [(5, 3)]
