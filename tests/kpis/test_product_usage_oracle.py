"""Product usage and who may buy more against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.oracles.customer_frames import COLUMNS, TODAY
from tests.oracles.product_usage import (
    core_events,
    random_usage,
    records,
    upsell_reasons,
    usage_frequency,
    usage_kpis,
)
from tests.oracles.workbench import Workbench

ENTITIES = (*COLUMNS, "product")
SEEDS = {"duckdb": range(15), "postgres": (102, 103, 108)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES, today=TODAY)


def test_every_kpi_equals_the_oracle_on_random_customers(bench: Workbench) -> None:
    candidates = 0
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_usage(seed)
        bench.fill(frames)
        for name, value in usage_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
        since = TODAY - timedelta(days=20)
        found = bench.kpi("core_events", f"event_date >= date '{since}'")
        assert found == pytest.approx(core_events(frames, since)), seed
        own = {row["id"] for row in records(frames["account"]) if row["segment"] == "SMB"}
        found = bench.kpi("usage_frequency", "segment = 'SMB'")
        assert found == pytest.approx(usage_frequency(frames, own)), seed
        rows = bench.fact("accounts")
        reasons = rows[rows["is_upsell_candidate"] == 1].set_index("account_id")["upsell_reason"]
        expected = upsell_reasons(frames)
        assert dict(reasons) == {key: "; ".join(why) for key, why in expected.items()}, seed
        candidates += len(expected)
    assert candidates >= 2


def event(account: str | None, back: int = 3, **more: Any) -> dict[str, Any]:
    return {"id": f"{account}{back}{more}", "account_id": account, "feature": "export",
            "event_date": TODAY - timedelta(days=back), "event_count": 1, "contact_id": "c",
            } | more  # fmt: skip


def company(*events: dict[str, Any], quantity: float | None = None) -> dict[str, pd.DataFrame]:
    """Two customers, a and b, in one segment each."""
    return {
        "account": pd.DataFrame([{"id": key, "name": key, "segment": key} for key in "ab"]),
        "subscription": pd.DataFrame([
            {"id": key, "account_id": key, "status": "active", "mrr": 10.0, "quantity": quantity,
             "product_id": None, "start_date": date(2025, 1, 1)}
            for key in "ab"
        ]),
        "product_usage_event": pd.DataFrame(list(events)),
    }  # fmt: skip


def test_core_events_are_per_account_with_any_usage(bench: Workbench) -> None:
    core = {"feature": "invite_team", "event_count": 4}
    bench.fill(company(event("a", **core), event("a", 5, **core), event("b")))
    assert bench.kpi("core_events") == 4
    bench.fill(company(event("a", event_count=0, feature="invite_team"), event(None, **core)))
    assert bench.kpi("core_events") is None, "nobody did anything"
    bench.fill(company(event("a")))
    assert bench.kpi("core_events") == 0


def test_a_customer_without_any_usage_has_zero_days_if_that_of_others_is_known(
    bench: Workbench,
) -> None:
    bench.fill(company(event("a", 0), event("a", 27), event("a", 28), event("a", 27, feature="x")))
    assert bench.kpi("usage_frequency") == 1
    assert bench.kpi("usage_frequency", "segment = 'a'") == 2
    assert bench.kpi("usage_frequency", "segment = 'b'") == 0


def test_without_usage_data_or_customers_there_is_no_frequency(bench: Workbench) -> None:
    bench.fill(company())
    assert bench.kpi("usage_frequency") is None
    bench.fill({"account": company()["account"], "product_usage_event": pd.DataFrame([event("a")])})
    assert bench.kpi("usage_frequency") is None


def test_only_healthy_customers_are_candidates(bench: Workbench) -> None:
    daily = [event("a", back) for back in range(28)]
    bench.fill(company(*daily, quantity=1.0))
    assert bench.kpi("upsell_candidates") == 1, "one user of one seat, and fully healthy"
    bench.fill(company(*daily[:2], quantity=1.0))
    assert bench.kpi("upsell_candidates") == 0, "the same with little usage"


def test_where_no_seats_are_sold_nobody_is_near_the_limit(bench: Workbench) -> None:
    for seats in (0.0, None):
        bench.fill(company(*[event("a", back, contact_id=None) for back in range(28)],
                           quantity=seats))  # fmt: skip
        assert bench.kpi("upsell_candidates") == 0, seats


def test_growing_usage_is_a_quarter_more_than_the_four_weeks_before(bench: Workbench) -> None:
    now = [event("a", back) for back in range(25)]
    for before, candidates in ((20, 1), (21, 0), (0, 0)):
        bench.fill(company(*now, *[event("a", 28 + back) for back in range(before)]))
        assert bench.kpi("upsell_candidates") == candidates, before


def test_a_customer_with_some_but_not_all_product_families_is_a_candidate(bench: Workbench) -> None:
    frames = company(*[event(key, back) for key in "ab" for back in range(28)])
    products = [("crm", "sales"), ("plus", "sales"), ("desk", "service")]
    frames["product"] = pd.DataFrame([
        {"id": key, "name": key, "family": family} for key, family in products
    ])  # fmt: skip
    for held, candidates in (
        (["crm", "desk"], 2), (["crm", "plus"], 0), (["crm", None], 0), ([None, None], 0),
    ):  # fmt: skip
        frames["subscription"]["product_id"] = pd.Series(held, dtype=object)
        bench.fill(frames)
        assert bench.kpi("upsell_candidates") == candidates, held


def test_nothing_at_all_gives_nothing(bench: Workbench) -> None:
    bench.fill({})
    for name in ("core_events", "usage_frequency", "upsell_candidates"):
        assert bench.kpi(name) is None, name
