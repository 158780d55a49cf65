"""Renewals, onboarding, health and value of customers against a recount, on both engines."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.canonical import Canonical, canonical
from tests.oracles.customer_frames import TODAY, random_frames
from tests.oracles.customers import (
    accounts,
    onboarding_kpis,
    onboardings,
    renewal_kpis,
    renewals,
)
from tests.oracles.several import fact, kpis


def near(value: float, wanted: float | None) -> bool:
    return bool(pd.isna(value)) if wanted is None else value == pytest.approx(wanted)


@pytest.fixture(scope="module", params=[("duckdb", 1), ("postgres", 3)], ids=str)
def case(request: pytest.FixtureRequest) -> tuple[Canonical, dict[str, pd.DataFrame]]:
    engine, seed = request.param
    frames = random_frames(seed, count=45)
    return canonical(engine, frames, today=TODAY), frames


Case = tuple[Canonical, dict[str, pd.DataFrame]]


def test_renewals_count_in_the_period_they_were_due(case: Case) -> None:
    db, frames = case
    found = renewals(frames)
    wanted = renewal_kpis(found, TODAY)
    got = kpis(db, ["renewal_rate", "renewals_due"]).iloc[0]
    assert got.renewal_rate == pytest.approx(wanted["renewal_rate"])
    assert got.renewals_due == pytest.approx(wanted["renewals_due"])
    rows = fact(db, "renewals")
    assert len(rows) == len(found)
    assert rows.renewal_id.is_unique
    by_value = rows.arr_renewed_due.sum() / rows.arr_due.sum()
    assert by_value == pytest.approx(wanted["renewal_rate_by_value"])
    assert sorted(rows.days_until_due) == sorted((row["due"] - TODAY).days for row in found)
    within = rows[(rows.is_open == 1) & rows.days_until_due.between(0, 90)]
    assert set(within.due_bucket) <= {"in 30 days", "in 31 to 60 days", "in 61 to 90 days"}


def test_activation_is_judged_only_when_the_days_have_passed(case: Case) -> None:
    db, frames = case
    found = onboardings(frames, TODAY)
    got = kpis(db, ["activation_rate", "onboarding_completion_rate", "time_to_activation"]).iloc[0]
    for name, wanted in onboarding_kpis(found).items():
        assert wanted is not None
        assert got[name] == pytest.approx(wanted), name
    rows = fact(db, "onboardings").set_index("account_id")
    assert len(rows) == len(found)
    for row in found:
        assert near(rows.loc[row["account"]].days_to_activation, row["days"])


def test_health_rescales_the_weights_over_the_signals_there_are(case: Case) -> None:
    db, frames = case
    want = accounts(frames, TODAY).set_index("account_id")
    got = fact(db, "accounts").set_index("account_id").loc[want.index]
    assert want.health_signals.nunique() > 3
    pd.testing.assert_frame_equal(
        got[list(want.columns)].astype(float), want.astype(float), rtol=1e-9, check_dtype=False
    )
    assert ((got.risk_reasons != "") == (got.is_at_risk == 1)).all()
    assert ((got.next_action != "") == (got.is_at_risk == 1)).all()
    assert ((got.upsell_reason != "") == (got.is_upsell_candidate == 1)).all()


def test_risk_is_the_recurring_revenue_of_customers_in_bad_health(case: Case) -> None:
    db, frames = case
    want = accounts(frames, TODAY)
    customers = want[want.is_customer == 1]
    names = ["revenue_at_risk", "at_risk_customers", "health_score"]
    got = kpis(db, names).iloc[0]
    assert got.revenue_at_risk == pytest.approx(want.mrr_at_risk.sum())
    assert got.at_risk_customers == want.is_at_risk.sum() > 0
    assert got.health_score == pytest.approx(customers.health_score.mean())


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_an_empty_warehouse_has_no_rates(engine: str) -> None:
    db = canonical(engine, {}, today=TODAY)
    assert kpis(db, ["renewal_rate", "renewals_due"]).iloc[0].isna().all()
    assert kpis(db, ["activation_rate", "time_to_activation"]).iloc[0].isna().all()
    assert kpis(db, ["core_events"]).iloc[0].isna().all()
    names = ["health_score", "revenue_at_risk", "clv", "usage_frequency", "upsell_candidates"]
    assert kpis(db, names).iloc[0].isna().all()
    assert kpis(db, ["repeat_purchase_rate"]).iloc[0].isna().all()
