"""A dashboard's time filter: a month, a quarter, a year, and an odd number of days.

Levels show the last period in the range, never a sum over it; retention has the period that was
picked, not a mean of months; a median is that of the rows in view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from statistics import mean

import pandas as pd
import pytest

from superset_crmkpi.catalogue.reader import load_catalog
from tests.canonical import Canonical, canonical
from tests.oracles import account_periods, pipeline, retention_frames, sales_frames, tickets
from tests.oracles.several import kpis

#: first day, and first day after
RANGES = {
    "month": (date(2026, 4, 1), date(2026, 5, 1)),
    "quarter": (date(2026, 1, 1), date(2026, 4, 1)),
    "year": (date(2025, 6, 1), date(2026, 6, 1)),
    "53 days": (date(2026, 2, 11), date(2026, 4, 5)),
}
#: the random tickets are all of one spring
OF_TICKETS = {
    "month": (date(2026, 5, 1), date(2026, 6, 1)),
    "quarter": (date(2026, 4, 1), date(2026, 7, 1)),
    "year": (date(2025, 7, 1), date(2026, 7, 1)),
    "53 days": (date(2026, 4, 25), date(2026, 6, 17)),
}
SEED = 4
CATALOG = load_catalog()

in_range = pytest.mark.parametrize("chosen", RANGES)
engines = pytest.fixture(scope="module", params=["duckdb", "postgres"])


def filtered(kpi: str, chosen: str, ranges: Mapping[str, tuple[date, date]] = RANGES) -> str:
    """What Superset adds to the query of a tile when the dashboard's range is chosen."""
    begin, end = ranges[chosen]
    time = CATALOG.kpis[kpi].meta.time
    return f"{time} >= date '{begin}' and {time} < date '{end}'"


def last_of(db: Canonical, kpi: str, where: str) -> tuple[date, float]:
    """Period and value of a number tile: the last point of its trend."""
    time = CATALOG.kpis[kpi].meta.time
    trend = kpis(db, [kpi], where, by=[time]).sort_values(time)
    return pd.Timestamp(trend[time].iloc[-1]).date(), float(trend[kpi].iloc[-1])


def months_in(chosen: str) -> list[date]:
    begin, end = RANGES[chosen]
    days = pd.date_range(begin, end - timedelta(days=1))
    return [day.date() for day in days if day.day == 1]


@engines
def customers(request: pytest.FixtureRequest) -> Iterator[tuple[Canonical, pd.DataFrame]]:
    frames = retention_frames.random_frames(SEED, 120)
    books = account_periods.read_books(frames["subscription"], frames["mrr_movement"])
    db = canonical(request.param, frames, today=retention_frames.TODAY)
    yield db, account_periods.account_periods(books, retention_frames.TODAY)
    db.engine.close()


@in_range
@pytest.mark.parametrize("kpi", ["mrr", "customer_growth"])
def test_recurring_revenue_and_customers_are_those_of_the_last_month(
    customers: tuple[Canonical, pd.DataFrame], kpi: str, chosen: str
) -> None:
    db, periods = customers
    months = periods[periods.period_type == "month"]
    last = months_in(chosen)[-1]
    when, value = last_of(db, kpi, f"{filtered(kpi, chosen)} and period_type = 'month'")
    rows = months[months.period_start == last]
    assert when == last
    assert value == pytest.approx(account_periods.rates(rows)[kpi])
    assert value > 0


@pytest.mark.parametrize(
    ("chosen", "kind"), [("month", "month"), ("quarter", "quarter"), ("year", "trailing_year")]
)
@pytest.mark.parametrize("kpi", ["churn_rate", "nrr", "gross_revenue_retention"])
def test_retention_compares_the_two_ends_of_its_period(
    customers: tuple[Canonical, pd.DataFrame], kpi: str, chosen: str, kind: str
) -> None:
    db, periods = customers
    assert kind in set(periods.period_type)
    _, value = last_of(db, kpi, f"{filtered(kpi, chosen)} and period_type = '{kind}'")
    begin, end = RANGES[chosen]
    months = periods[periods.period_type == "month"]
    there = months[months.period_start == begin].set_index("account_id")["start_mrr"]
    there = there[there > 0]
    left = months[months.period_start == months_in(chosen)[-1]].set_index("account_id")["end_mrr"]
    now = left.reindex(there.index, fill_value=0.0)
    expected = {
        "churn_rate": float((now == 0).mean()),
        "nrr": now.sum() / there.sum(),
        "gross_revenue_retention": now.clip(upper=there).sum() / there.sum(),
    }
    assert value == pytest.approx(expected[kpi])
    assert end == (pd.Timestamp(months_in(chosen)[-1]) + pd.offsets.MonthBegin(1)).date()


def test_churn_of_a_quarter_is_not_the_mean_of_its_months(
    customers: tuple[Canonical, pd.DataFrame],
) -> None:
    db, _ = customers
    where = filtered("churn_rate", "quarter")
    quarter = kpis(db, ["churn_rate"], f"{where} and period_type = 'quarter'")["churn_rate"].iloc[0]
    months = kpis(db, ["churn_rate"], f"{where} and period_type = 'month'", by=["period_start"])
    assert len(months) == 3
    assert quarter > months["churn_rate"].mean() > 0


@engines
def deals(request: pytest.FixtureRequest) -> Iterator[tuple[Canonical, dict[str, pd.DataFrame]]]:
    frames = sales_frames.sales_frames(SEED, 80)
    db = canonical(request.param, frames, today=pipeline.TODAY)
    yield db, frames
    db.engine.close()


@in_range
def test_the_pipeline_is_that_of_the_end_of_the_last_month(
    deals: tuple[Canonical, dict[str, pd.DataFrame]], chosen: str
) -> None:
    db, frames = deals
    when, value = last_of(db, "pipeline_value", filtered("pipeline_value", chosen))
    last = months_in(chosen)[-1]
    end = (pd.Timestamp(last) + pd.offsets.MonthEnd(0)).date()
    amounts = [deal["amount"] for deal in pipeline.stood_at(frames, end)]
    assert when == last
    assert value == pytest.approx(sum(a for a in amounts if a is not None and a == a))
    assert value > 0


@engines
def service(request: pytest.FixtureRequest) -> Iterator[tuple[Canonical, pd.DataFrame]]:
    frames = tickets.random_tickets(SEED)
    settings = {
        "today": tickets.TODAY,
        "time_zone": tickets.ZONE,
        "week": tickets.WEEK,
        "holidays": tickets.HOLIDAYS,
    }
    db = canonical(request.param, frames, **settings)  # type: ignore[arg-type]
    yield db, tickets.describe(frames)
    db.engine.close()


@in_range
def test_the_backlog_is_that_of_the_last_day(
    service: tuple[Canonical, pd.DataFrame], chosen: str
) -> None:
    db, described = service
    _, end = OF_TICKETS[chosen]
    when, value = last_of(db, "ticket_backlog", filtered("ticket_backlog", chosen, OF_TICKETS))
    assert when == end - timedelta(days=1)
    assert value == tickets.backlog(described, when)


@in_range
def test_the_median_first_response_is_that_of_the_tickets_in_view(
    service: tuple[Canonical, pd.DataFrame], chosen: str
) -> None:
    db, described = service
    begin, end = OF_TICKETS[chosen]
    seen = described[[c is not None and begin <= c < end for c in described["created"]]]
    names = ["ticket_volume", "first_response_time", "resolution_time"]
    where = filtered("first_response_time", chosen, OF_TICKETS)
    found = kpis(db, names, where).iloc[0]
    expected = tickets.kpis(seen)
    assert len(seen) > 10
    for name in names:
        assert found[name] == pytest.approx(expected[name]), name
    sliced = kpis(db, ["first_response_time"], where, by=["channel"])
    by_channel = sliced.set_index("channel")["first_response_time"]
    for channel, rows in seen.groupby("world"):
        wanted = tickets.kpis(rows)["first_response_time"]
        assert (
            pd.isna(by_channel[channel])
            if wanted is None
            else (by_channel[channel] == pytest.approx(wanted))
        )


def test_the_median_of_a_year_is_not_the_mean_of_the_months_medians(
    service: tuple[Canonical, pd.DataFrame],
) -> None:
    _, described = service
    begin, end = OF_TICKETS["year"]
    seen = described[[c is not None and begin <= c < end for c in described["created"]]]
    months = [
        tickets.kpis(rows)["first_response_time"]
        for _, rows in seen.groupby([c.replace(day=1) for c in seen["created"]])
    ]
    middle = tickets.kpis(seen)["first_response_time"]
    assert middle is not None
    assert mean(m for m in months if m is not None) != pytest.approx(middle, rel=0.01)
