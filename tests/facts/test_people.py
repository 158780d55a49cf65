"""Two people may have one name, and one person may be a user of two systems."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.facts.test_sales_facts import deal, fill
from tests.oracles.sales_bench import SalesBench, sales_bench

MAY = {"period_start": pd.Timestamp("2026-05-01"), "period_end": pd.Timestamp("2026-05-31"),
       "measure": "bookings"}  # fmt: skip


@pytest.fixture(params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> SalesBench:
    return sales_bench(request.param)


def sold(bench: SalesBench, *users: dict[str, Any]) -> pd.DataFrame:
    """Each has a target of 100 in May; the first user won 180, the last one 20."""
    first, last = users[0]["id"], users[-1]["id"]
    fill(
        bench,
        [
            deal("a", "s5", "won", owner_id=first, amount=180.0, closed_at="2026-05-15"),
            deal("b", "s5", "won", owner_id=last, amount=20.0, closed_at="2026-05-15"),
        ],
        user=list(users),
        quota=[
            {"id": f"q{user['id']}", "owner_id": user["id"], "target_amount": 100.0, **MAY}
            for user in users
        ],
        forecast_snapshot=[
            {"id": user["id"], "snapshot_date": pd.Timestamp("2026-04-30"),
             "period_start": MAY["period_start"], "owner_id": user["id"],
             "forecast_category": "commit", "amount_base": 100.0}
            for user in users
        ],
    )  # fmt: skip
    return bench.fact("pipeline_periods")


def test_what_one_won_more_does_not_fill_the_gap_of_a_namesake(bench: SalesBench) -> None:
    found = sold(bench, {"id": "u1", "name": "Eva", "email": "eva@x.example"},
                 {"id": "u2", "name": "Eva", "email": "eva.s@x.example"})  # fmt: skip
    assert sorted(map(float, found["gap_amount"])) == [0, 80]
    assert sorted(found["target_status"]) == ["met", "open"]
    errors = bench.fact("forecasts")["absolute_error"].dropna()
    assert sorted(map(float, errors)) == [80, 80]


def test_users_without_an_address_are_not_one_person(bench: SalesBench) -> None:
    found = sold(bench, {"id": "u1", "name": "Eva"}, {"id": "u2", "name": "Eva", "email": " "})
    assert sorted(map(float, found["gap_amount"])) == [0, 80]


def test_one_person_in_two_systems_has_one_target(bench: SalesBench) -> None:
    found = sold(bench, {"id": "crm:1", "name": "Eva", "email": "eva@x.example"},
                 {"id": "erp:1", "name": "Eva", "email": "EVA@x.example "})  # fmt: skip
    assert [float(gap) for gap in found["gap_amount"]] == [0]
    assert [float(amount) for amount in found["target_amount"]] == [200]
