"""The calendars agree with pandas and numpy, which know nothing of their SQL, on both engines."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from tests.canonical import canonical
from tests.engines import DuckDb, Engine, Postgres

TODAY = date(2026, 2, 28)
HOLIDAYS = [date(2026, 1, 1), date(2026, 4, 3), date(2026, 12, 25), date(2028, 2, 29)]
#: six days a week, Saturday shorter
WEEK = {**dict.fromkeys(range(1, 6), (540, 1020)), 6: (600, 720)}


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return DuckDb() if request.param == "duckdb" else Postgres()


def calendar(engine: Engine, week_start: int = 1, fiscal: int = 1) -> pd.DataFrame:
    settings = CompileSettings(
        dialect=engine.dialect,
        calendar=CalendarSettings(week_start=week_start, fiscal_year_start=fiscal, today=TODAY),
    )
    compiler = Compiler(load_model(), load_catalog(), BuiltRelations(), settings)
    rows = engine.query(f"select * from ({compiler.entity('calendar')}) as c order by date_day")
    for column in rows.columns:
        if column.endswith(("_start", "_day")):
            rows[column] = pd.to_datetime(rows[column])
        else:
            rows[column] = rows[column].astype("int64")
    return rows


def test_the_calendar_has_one_row_a_day_for_20000_days(engine: Engine) -> None:
    rows = calendar(engine)
    days = pd.Series(pd.date_range("2000-01-01", periods=20_000, freq="D"))
    assert (rows["date_day"] == days).all()
    assert (rows["day_no"] == range(20_000)).all()
    assert (rows["weekday"] == days.dt.dayofweek + 1).all()
    assert (rows["days_ago"] == (pd.Timestamp(TODAY) - days).dt.days).all()


def test_months_quarters_and_years_also_of_leap_years(engine: Engine) -> None:
    rows = calendar(engine)
    days = rows["date_day"]
    assert (rows["month_start"] == days.dt.to_period("M").dt.start_time).all()
    assert (rows["quarter_start"] == days.dt.to_period("Q").dt.start_time).all()
    assert (rows["year_start"] == days.dt.to_period("Y").dt.start_time).all()
    # the last month of the calendar is cut off
    whole = days < "2054-10-01"
    assert (rows["days_in_month"][whole] == days.dt.days_in_month[whole]).all()
    assert rows.loc[days == "2028-02-29", "days_in_month"].item() == 29
    assert (rows["month_no"] == days.dt.year * 12 + days.dt.month - 1).all()
    assert (rows["months_ago"] == 2026 * 12 + 1 - rows["month_no"]).all()
    assert (rows["quarter_no"] == days.dt.year * 4 + days.dt.quarter - 1).all()
    assert (rows["year_no"] == days.dt.year).all()


@pytest.mark.parametrize("week_start", [1, 6, 7])
def test_weeks_begin_on_the_day_of_the_profile(engine: Engine, week_start: int) -> None:
    rows = calendar(engine, week_start=week_start)
    days = rows["date_day"]
    since = (days.dt.dayofweek + 1 - week_start) % 7
    expected = days - pd.to_timedelta(since, unit="D")
    inside = expected >= "2000-01-01"
    assert (rows["week_start"][inside] == expected[inside]).all()
    assert (rows.groupby("week_no")["date_day"].nunique().iloc[1:-1] == 7).all()
    assert (rows["week_no"].diff().dropna().isin([0, 1])).all()


@pytest.mark.parametrize("fiscal", [1, 4, 10])
def test_fiscal_years_begin_in_the_month_of_the_profile(engine: Engine, fiscal: int) -> None:
    rows = calendar(engine, fiscal=fiscal)
    days = rows["date_day"]
    ends = pd.PeriodIndex(
        days, freq=f"Q-{pd.Timestamp(2000, (fiscal + 10) % 12 + 1, 1):%b}".upper()
    )
    inside = np.asarray(days >= "2001-01-01")
    assert (rows["fiscal_year_no"] == ends.qyear).all()
    quarter = pd.Series(ends.start_time)
    assert (rows["fiscal_quarter_start"][inside] == quarter[inside]).all()
    begins = [
        pd.Timestamp(year - (0 if fiscal == 1 else 1), fiscal, 1) for year in rows["fiscal_year_no"]
    ]
    assert (rows["fiscal_year_start"][inside] == pd.Series(begins)[inside]).all()


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_business_days_and_minutes_agree_with_numpy(kind: str) -> None:
    bench = canonical(kind, {}, today=TODAY, week=WEEK, holidays=HOLIDAYS)
    rows = bench.sql(
        "select * from crmkpi_schema.business_calendar order by date_day".replace(
            "crmkpi_schema", bench.engine.schema
        )
    )
    days = pd.to_datetime(rows["date_day"])
    assert rows["schedule"].eq("default").all()
    dates = days.to_numpy().astype("datetime64[D]")
    off = np.array(HOLIDAYS, dtype="datetime64[D]")
    weekdays = np.busday_count(dates, dates + 1, weekmask="1111100", holidays=off)
    saturdays = np.busday_count(dates, dates + 1, weekmask="0000010", holidays=off)
    minutes = weekdays * 480 + saturdays * 120
    assert (rows["business_minutes"].astype(int) == minutes).all()
    assert (rows["is_business_day"].astype(int) == (minutes > 0)).all()
    assert (rows["minutes_before"].astype(int) == np.cumsum(minutes) - minutes).all()
    assert (rows.loc[minutes == 0, "open_minute"].astype(int) == 0).all()
    start, end = np.datetime64("2026-03-30"), np.datetime64("2026-04-07")
    before = rows.set_index(dates)["minutes_before"].astype(int)
    counted = np.busday_count(start, end, holidays=off) * 480
    counted += np.busday_count(start, end, weekmask="0000010", holidays=off) * 120
    assert before[end] - before[start] == counted
