"""Each function of `dialects` gives the expected values when it is executed on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.language.numbers import Numbers
from tests.engines import DuckDb, Engine, open_engine
from tests.engines.asking import day, moment, refusing, value, without_zone
from tests.seeds import examples


@pytest.fixture(
    scope="module", params=["clickhouse", "duckdb", "mariadb", "postgres", "spark", "sqlite"]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("utc", "zone", "expected", "minute"),
    [
        # Berlin turns its clocks at 01:00 UTC on the last Sundays of March and October
        ("2026-03-29 00:59:00", "Europe/Berlin", date(2026, 3, 29), 119),
        ("2026-03-29 01:00:00", "Europe/Berlin", date(2026, 3, 29), 180),
        ("2026-10-25 00:30:00", "Europe/Berlin", date(2026, 10, 25), 150),
        ("2026-10-25 01:30:00", "Europe/Berlin", date(2026, 10, 25), 150),
        ("2026-06-30 22:00:00", "Europe/Berlin", date(2026, 7, 1), 0),
        ("2026-01-01 02:00:00", "America/New_York", date(2025, 12, 31), 21 * 60),
        ("2026-01-01 18:30:00", "Asia/Kolkata", date(2026, 1, 2), 0),
        ("2026-01-01 23:59:59", "UTC", date(2026, 1, 1), 1439),
    ],
)
def test_local_date_and_minute_follow_the_zone_also_when_clocks_change(
    engine: Engine, utc: str, zone: str, expected: date, minute: int
) -> None:
    at = f"cast('{utc}' as timestamp)"
    with without_zone(engine, zone):
        assert day(engine, f"crm_local_date({at}, '{zone}')") == expected
    with without_zone(engine, zone):
        assert value(engine, f"crm_local_minute({at}, '{zone}')") == minute


@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2026-07-01 00:00:00", "Europe/Berlin", datetime(2026, 6, 30, 22)),
        ("2026-01-01 00:00:00", "Europe/Berlin", datetime(2025, 12, 31, 23)),
        ("2026-01-01 05:30:00", "Asia/Kolkata", datetime(2026, 1, 1)),
        ("2026-01-01 05:30:00", "UTC", datetime(2026, 1, 1, 5, 30)),
    ],
)
def test_wall_clock_time_becomes_utc(
    engine: Engine, wall: str, zone: str, expected: datetime
) -> None:
    with without_zone(engine, zone):
        assert moment(engine, f"crm_utc(cast('{wall}' as timestamp), '{zone}')") == expected


def test_a_timestamp_with_zone_becomes_utc(engine: Engine) -> None:
    given = "crm_instant(cast('2026-07-01 01:00:00+02:00' as timestamptz))"
    with refusing(engine.dialect == "mysql", "MariaDB has no timestamp with time zone"):
        assert moment(engine, given) == datetime(2026, 6, 30, 23)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("1970-01-01 00:00:00", 0),
        ("2026-03-29 01:00:00.999", 1774746000),
        ("1969-12-31 23:59:59.5", -1),
    ],
)
def test_epoch_is_whole_seconds_rounded_down(engine: Engine, at: str, expected: int) -> None:
    assert value(engine, f"crm_epoch(cast('{at}' as timestamp))") == expected


def test_today_is_the_day_in_the_zone(engine: Engine) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        before = datetime.now(ZoneInfo(zone)).date()
        with without_zone(engine, zone):
            found = day(engine, f"crm_today('{zone}')")
            assert found in (before, datetime.now(ZoneInfo(zone)).date())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1117.1", 1117.1),
        ("$1,117.10", 1117.1),
        ("$1,117.10K", 1117100.0),
        ("€ 2.5M", 2500000.0),
        ("-3", -3.0),
        ("(12.50)", -12.5),
        (" 42 ", 42.0),
        ("10%", 10.0),
        (".5", 0.5),
        ("0", 0.0),
        ("", None),
        ("n/a", None),
        ("1.2.3", None),
        ("1,234,567", 1234567.0),
        # a decimal comma is not guessed at
        ("1.250,00 €", None),
        ("55,0 %", None),
        ("12,5", None),
        ("1,2345", None),
        ("-", None),
        ("K", None),
        (None, None),
    ],
)
def test_numbers_are_read_from_text_and_what_is_none_is_null(
    engine: Engine, text: str | None, expected: float | None
) -> None:
    given = "cast(null as varchar)" if text is None else f"'{text}'"
    found = value(engine, f"crm_number({given})")
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2500.0", "2500"),
        ("-100.0", "-100"),
        ("0.0", "0"),
        ("-0.001", "0"),
        ("-0.5", "-0.5"),
        ("28.2", "28.2"),
        ("0.29", "0.29"),
        ("1.005", "1.01 1"),  # no float is 1.005: the one near it is less
        ("10000000.0", "10000000"),
        ("123456789012.25", "123456789012.25"),
        ("100.10", "100.1"),
        ("null", None),
    ],
)
def test_a_number_is_printed_alike_to_two_decimals_at_most(
    engine: Engine, number: str, expected: str | None
) -> None:
    found = value(engine, f"crm_text(cast({number} as double))")
    assert found is None if expected is None else found in expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.acme.example/about?x=1", "acme.example"),
        ("  HTTP://Shop.Acme.example:8080 ", "shop.acme.example"),
        ("acme.example.", "acme.example"),
        ("www.acme.example#top", "acme.example"),
        ("notwww.acme.example", "notwww.acme.example"),
        ("acme.example?utm=https://www.other.example", "acme.example"),
        ("info@acme.example", "acme.example"),
        ("https://", None),
        ("   ", None),
        (None, None),
    ],
)
def test_a_website_gives_its_domain(engine: Engine, text: str | None, expected: str | None) -> None:
    given = "cast(null as text)" if text is None else f"'{text}'"
    assert value(engine, f"crm_domain({given})") == expected


@pytest.mark.parametrize(
    ("unit", "number", "expected"),
    [
        ("percent", "0.28249", "28.2%"),
        ("percent", "-1.0", "-100%"),
        ("money", "49311.0", "EUR 49.3k"),
        ("money", "-1250000.0", "EUR -1.25M"),
        ("money", "7.0", "EUR 7"),
        ("days", "30.0", "30 days"),
        ("count", "12.0", "12"),
        ("ratio", "null", None),
    ],
)
def test_the_scorecard_writes_a_number_alike(
    engine: Engine, unit: str, number: str, expected: str | None
) -> None:
    given = f"cast({number} as double)"
    found = value(engine, Numbers("EUR").text_of(unit, given))
    assert (None if pd.isna(found) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("TRUE", True),
        (" yes ", True),
        ("1", True),
        ("1.0", True),
        ("false", False),
        ("No", False),
        ("0", False),
        ("0.0", False),
        ("maybe", None),
        ("", None),
    ],
)
def test_booleans_are_read_from_text(engine: Engine, text: str, expected: bool | None) -> None:
    assert value(engine, f"crm_boolean('{text}')") == expected


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("2026-06-30", (), datetime(2026, 6, 30)),
        ("2026-06-30 10:20", (), datetime(2026, 6, 30, 10, 20)),
        ("2026-06-30T10:20:30", (), datetime(2026, 6, 30, 10, 20, 30)),
        ("2026-06-30T10:20:30.5Z", (), datetime(2026, 6, 30, 10, 20, 30, 500000)),
        ("2026-06-30T10:20:30+05:30", (), datetime(2026, 6, 30, 4, 50, 30)),
        ("2026-06-30T10:20:30.000+0000", (), datetime(2026, 6, 30, 10, 20, 30)),
        ("2026-06-30 01:00:00-08", (), datetime(2026, 6, 30, 9)),
        ("30.06.2026", ("%d.%m.%Y",), datetime(2026, 6, 30)),
        ("30/06/2026 14:05", ("%d.%m.%Y", "%d/%m/%Y %H:%M"), datetime(2026, 6, 30, 14, 5)),
        ("06/30/2026 02:05 PM", ("%m/%d/%Y %I:%M %p",), datetime(2026, 6, 30, 14, 5)),
        ("30 Jun 2026", ("%d %b %Y",), datetime(2026, 6, 30)),
        ("30 June 2026", ("%d %B %Y",), datetime(2026, 6, 30)),
        ("30-06-26", ("%d-%m-%y",), datetime(2026, 6, 30)),
        ("30.06.2026", (), None),
        ("soon", ("%d.%m.%Y",), None),
        ("", ("%d.%m.%Y",), None),
    ],
)
def test_times_are_read_from_text_in_utc_and_what_is_none_is_null(
    engine: Engine, text: str, formats: tuple[str, ...], expected: datetime | None
) -> None:
    arguments = "".join(f", '{form}'" for form in formats)
    # read from a column, as in compiled SQL: PostgreSQL converts a literal before any CASE
    query = sqlglot.parse_one(
        f"select crm_timestamp(x{arguments}) as value from (select cast('{text}' as text) as x) t",
        dialect="duckdb",
    )
    with refusing(engine.dialect == "sqlite" and formats != (), "SQLite reads no dates but ISO"):
        sql = dialects.finish(query, engine.dialect).sql(dialect=engine.dialect)
        found = engine.query(sql)["value"].iloc[0]
        assert (None if pd.isna(found) else pd.Timestamp(found).to_pydatetime()) == expected


@pytest.mark.parametrize("text", ["2026-13-45", "2026-02-30", "2026-06-30T25:61:00"])
def test_an_impossible_date_is_null_on_duckdb(text: str) -> None:
    # PostgreSQL 15 has no cast that forgives; the load is what keeps such texts out there
    assert moment(DuckDb(), f"crm_timestamp('{text}')") is None


@pytest.mark.parametrize(
    ("expression", "rows", "expected"),
    [
        ("percentile_cont(0.5) within group (order by v)", [1, 2, 9], 2.0),
        ("percentile_cont(0.5) within group (order by v)", [1, 2, 3, 9], 2.5),
        ("percentile_cont(0.5) within group (order by v)", [None], None),
        ("percentile_cont(0.9) within group (order by v)", [0, 10], 9.0),
        ("1.0 * sum(v) / nullif(count(v), 0)", [1, 2, None], 1.5),
        ("1.0 * sum(v) / nullif(sum(v), 0)", [0, 0], None),
        ("count(distinct case when v > 1 then v end)", [1, 2, 2, 3], 2),
        ("coalesce(sum(case when v > 1 then 1 else 0 end), 0)", [1, 2, 3], 2),
        ("max(greatest(v, 2))", [1], 2),
        ("max(floor(v / 7.0))", [13], 1),
        ("max(floor(v / 7.0))", [-1], -1),
        ("max(v % 7)", [13], 6),
        ("avg(v)", [1, 2, None], 1.5),
    ],
)
def test_aggregates_of_the_facts_mean_the_same_everywhere(
    engine: Engine, expression: str, rows: list[int | None], expected: float | None
) -> None:
    union = " union all ".join(
        f"select cast({'null' if row is None else row} as bigint) as v" for row in rows
    )
    query = sqlglot.parse_one(f"select {expression} as value from ({union}) as r", dialect="duckdb")
    text = dialects.finish(query, engine.dialect).sql(dialect=engine.dialect)
    found = engine.query(text)["value"].iloc[0]
    if expected is None:
        assert pd.isna(found)
    else:
        assert float(found) == pytest.approx(expected)


def test_windows_of_the_facts_mean_the_same_everywhere(engine: Engine) -> None:
    text = """
        select k, v,
          row_number() over (partition by k order by v desc, id) as place,
          lag(v) over (partition by k order by id) as before,
          sum(v) over (partition by k order by id rows between unbounded preceding and current row)
            as running,
          max(v) over (partition by k) as highest
        from (
          select 1 as id, 'a' as k, 3 as v union all select 2 as id, 'a' as k, 5 as v
          union all select 3 as id, 'b' as k, 7 as v
        ) as r
        order by id
    """
    query = dialects.finish(sqlglot.parse_one(text, dialect="duckdb"), engine.dialect)
    rows = engine.query(query.sql(dialect=engine.dialect)).astype(object)
    assert rows["place"].tolist() == [2, 1, 1]
    assert [None if pd.isna(v) else int(v) for v in rows["before"]] == [None, 3, None]
    assert [int(v) for v in rows["running"]] == [3, 8, 7]
    assert [int(v) for v in rows["highest"]] == [5, 5, 7]


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    at=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_local_dates_agree_with_python_for_any_moment(
    engine: Engine, at: datetime, zone: str
) -> None:
    local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    given = f"cast('{at.isoformat(' ')}' as timestamp)"
    with without_zone(engine, zone):
        assert day(engine, f"crm_local_date({given}, '{zone}')") == local.date()
    with without_zone(engine, zone):
        minute = value(engine, f"crm_local_minute({given}, '{zone}')")
        assert minute == local.hour * 60 + local.minute


def test_an_engine_that_is_not_supported_is_named_with_those_that_are() -> None:
    with pytest.raises(CrmKpiError, match=r"`oracle` is not supported yet; supported: .*duckdb, "):
        dialects.dialect_of("oracle")
