"""Business time is time that has passed, also on the days on which the clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from tests.canonical import canonical
from tests.oracles.tickets import business_hours_between

TODAY = date(2026, 6, 15)
ALWAYS = dict.fromkeys(range(1, 8), (0, 1440))
#: open over the hour in which Europe changes its clocks, and that alone on Sundays
NIGHTS = {6: (1320, 1440), 7: (0, 360)}
DAYTIME = dict.fromkeys(range(1, 8), (540, 1020))


def tickets(*moments: tuple[str, str, str]) -> dict[str, pd.DataFrame]:
    """One solved ticket each: created, first reply and solution in UTC."""
    rows = [
        {
            "id": f"t{number}",
            "status": "solved",
            "created_at": created,
            "first_response_at": replied,
            "solved_at": solved,
        }
        for number, (created, replied, solved) in enumerate(moments)
    ]
    return {"ticket": pd.DataFrame(rows)}


def hours(db, column: str) -> list[float]:
    rows = db.fact("tickets", ["ticket_id", column]).sort_values("ticket_id")
    return [round(float(value), 6) for value in rows[column]]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [
        ("Europe/Berlin", date(2026, 3, 29), date(2025, 10, 26)),
        ("America/New_York", date(2026, 3, 8), date(2025, 11, 2)),
        ("Australia/Lord_Howe", date(2025, 10, 5), date(2026, 4, 5)),  # by half an hour
        ("Africa/Cairo", date(2026, 4, 24), date(2025, 10, 31)),  # at midnight
        ("UTC", date(2026, 3, 29), date(2025, 10, 26)),
    ],
)
def test_around_the_clock_business_time_is_elapsed_time(kind, zone, spring, autumn):
    moments = []
    for change in (spring, autumn, date(2026, 5, 2)):
        noon = datetime(change.year, change.month, change.day, 12) - timedelta(days=1)
        moments.append(tuple(str(noon + timedelta(hours=h)) for h in (0, 24, 48)))
    db = canonical(kind, tickets(*moments), today=TODAY, time_zone=zone, week=ALWAYS)
    assert hours(db, "first_response_hours") == [24, 24, 24]
    assert hours(db, "resolution_hours") == [48, 48, 48]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_a_day_on_which_the_clocks_change_has_23_or_25_open_hours(kind):
    db = canonical(kind, {}, today=TODAY, time_zone="Europe/Berlin", week=ALWAYS)
    rows = db.sql(
        f"select * from {db.engine.schema}.business_calendar"
        " where date_day in (date '2026-03-29', date '2025-10-26', date '2026-05-03')"
        " order by date_day"
    )
    assert [int(m) / 60 for m in rows["business_minutes"]] == [25, 23, 24]
    assert list(rows["open_minute"].astype(int)) == [0, 0, 0]
    assert list(rows["close_minute"].astype(int)) == [1440] * 3


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_an_hour_that_the_clocks_skip_or_repeat_counts_only_where_the_schedule_is_open(kind):
    # Saturday 20:00 to Sunday 12:00 in Berlin: in spring, in autumn, and with no change
    moments = [
        ("2026-03-28 19:00", "2026-03-29 10:00", "2026-03-29 10:00"),
        ("2025-10-25 18:00", "2025-10-26 11:00", "2025-10-26 11:00"),
        ("2026-05-02 18:00", "2026-05-03 10:00", "2026-05-03 10:00"),
    ]
    zone = "Europe/Berlin"
    nights = canonical(kind, tickets(*moments), today=TODAY, time_zone=zone, week=NIGHTS)
    assert hours(nights, "resolution_hours") == [2 + 5, 2 + 7, 2 + 6]
    days = canonical(kind, tickets(*moments), today=TODAY, time_zone=zone, week=DAYTIME)
    assert hours(days, "resolution_hours") == [3, 3, 3]


@pytest.mark.parametrize(("kind", "seed"), [("duckdb", 1), ("postgres", 2)])
@pytest.mark.parametrize("week", [ALWAYS, NIGHTS], ids=["always", "nights"])
def test_any_ticket_across_a_change_agrees_with_the_oracle(kind, seed, week):
    rng = np.random.default_rng(seed)
    starts = [datetime(2026, 3, 28, 12), datetime(2025, 10, 25, 12)]
    spans = []
    for number in range(60):
        created = starts[number % 2] + timedelta(seconds=int(rng.integers(0, 86400)))
        replied = created + timedelta(seconds=int(rng.integers(0, 2 * 86400)))
        spans.append((created, replied, replied + timedelta(seconds=int(rng.integers(0, 86400)))))
    moments = [tuple(str(moment) for moment in span) for span in spans]
    holidays = (date(2026, 3, 30),)
    db = canonical(
        kind,
        tickets(*moments),
        today=TODAY,
        time_zone="Europe/Berlin",
        week=week,
        holidays=holidays,
    )
    rows = db.fact("tickets", ["ticket_id", "first_response_hours", "resolution_hours"])
    found = rows.set_index("ticket_id")
    for number, (created, replied, solved) in enumerate(spans):
        for column, until in (("first_response_hours", replied), ("resolution_hours", solved)):
            expected = business_hours_between(created, until, week, holidays, "Europe/Berlin")
            assert float(found.loc[f"t{number}", column]) == pytest.approx(expected), spans[number]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_a_lead_is_answered_and_a_wait_ends_by_elapsed_time(kind):
    frames = tickets(("2026-03-28 12:00", "2026-03-29 12:00", "2026-03-30 12:00"))
    frames["lead"] = pd.DataFrame(
        [
            {
                "id": "l",
                "status": "working",
                "created_at": "2026-03-28 12:00",
                "first_response_at": "2026-03-29 12:00",
            }
        ]
    )
    frames["ticket_event"] = pd.DataFrame(
        [
            {
                "id": f"e{hour}",
                "ticket_id": "t0",
                "event_type": "status",
                "actor_type": "agent",
                "occurred_at": f"2026-03-{day} {hour}:00",
                "old_value": None,
                "new_value": status,
            }
            for day, hour, status in [(28, "20", "pending"), (29, "10", "open")]
        ]
    )
    db = canonical(kind, frames, today=TODAY, time_zone="Europe/Berlin", week=ALWAYS)
    assert float(db.fact("lead_responses", ["response_minutes"])["response_minutes"][0]) == 24 * 60
    assert float(db.fact("ticket_waits", ["waiting_hours"])["waiting_hours"][0]) == 14
