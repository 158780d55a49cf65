"""Campaign, email and acquisition KPIs against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.oracles.campaigns import acquisition_kpis, attributed, email_kpis, member_kpis
from tests.oracles.leads import rows
from tests.oracles.marketing_frames import ENTITIES, marketing_frames
from tests.oracles.workbench import Workbench

SEEDS = {"duckdb": range(8), "postgres": range(200, 203)}
MODELS = ("first_touch", "last_touch", "linear")


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES, cac_lag_days=0)


def test_every_kpi_equals_the_oracle_on_random_campaigns(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = marketing_frames(seed)
        bench.fill(frames)
        expected = {**member_kpis(frames), **email_kpis(frames), **acquisition_kpis(frames)}
        for name, value in expected.items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
        won = [d["amount"] for d in rows(frames["opportunity"])
               if d["status"] == "won" and d["amount"] is not None]  # fmt: skip
        for model in MODELS:
            where = f"attribution_model = '{model}'"
            by_campaign = attributed(frames, model)
            found = bench.kpi("campaign_revenue", where) or 0.0
            assert found == pytest.approx(sum(won)), (seed, model)
            for campaign, amount in by_campaign.items():
                which = f"campaign_id = '{campaign}'" if campaign else "campaign = 'unattributed'"
                found = bench.kpi("campaign_revenue", f"{where} and {which}")
                assert found == pytest.approx(amount), (seed, model, campaign)
        assert (bench.kpi("campaign_revenue") or 0.0) == pytest.approx(sum(won)), seed
        members = bench.fact("campaign_members")
        assert len(members) == len(frames["campaign_member"]) == members["member_id"].nunique(), (
            seed
        )
        assert len(bench.fact("campaigns")) == len(frames["campaign"]), seed


def test_nothing_in_the_warehouse_means_no_value_not_zero(bench: Workbench) -> None:
    bench.fill({})
    for name, kpi in bench.db.compiler.catalog.kpis.items():
        if kpi.fact in ("campaign_members", "email_recipients", "campaign_attribution",
                        "acquisition_months", "email_list_months", "touchpoints"):  # fmt: skip
            assert bench.kpi(name) is None, name


def spend(*amounts: float, platform: str = "google_ads") -> pd.DataFrame:
    return pd.DataFrame([
        {"id": f"{platform}{i}", "spend_date": date(2026, 5, 10), "platform": platform,
         "spend": amount} for i, amount in enumerate(amounts)
    ])  # fmt: skip


def test_cac_is_fully_loaded_and_null_without_new_customers(bench: Workbench) -> None:
    costs = pd.concat([spend(300.0, 100.0), spend(600.0, platform="sales")])
    bench.fill({"marketing_spend": costs})
    assert bench.kpi("cac") is None
    assert bench.kpi("cost_per_lead") is None
    won = pd.DataFrame([
        {"id": f"o{i}", "name": "o", "status": "won", "account_id": account, "amount": 10.0,
         "created_at": pd.Timestamp("2026-05-01"), "closed_at": pd.Timestamp(f"2026-05-{20 + i}")}
        for i, account in enumerate(["a", "b", "a"])
    ])  # fmt: skip
    lead = pd.DataFrame([
        {"id": "l", "status": "open", "created_at": pd.Timestamp("2026-05-03 12:00")}
    ])  # fmt: skip
    bench.fill({"marketing_spend": costs, "opportunity": won, "lead": lead})
    assert bench.kpi("cac") == 500.0  # a second deal of `a` is no second customer
    assert bench.kpi("cost_per_lead") == 400.0  # marketing only
    assert bench.kpi("cac", "month_date > date '2026-05-31'") is None


def test_lifetime_value_uses_churn_and_is_capped_without_it(bench: Workbench) -> None:
    terms = pd.DataFrame([
        {"id": f"s{i}", "account_id": f"a{i}", "status": "active", "mrr": 100.0,
         "start_date": date(2026, 4, 1), "ended_at": end}
        for i, end in enumerate([None, None, None, date(2026, 5, 15)])
    ])  # fmt: skip
    bench.fill({"subscription": terms, "marketing_spend": spend(800.0).assign(
        spend_date=date(2026, 4, 2))})  # fmt: skip
    # 4 customers at the start of May, 1 lost: 80 of margin x 4 months = 320; CAC 800 / 4 = 200
    assert bench.kpi("ltv_cac_ratio") == pytest.approx(1.6)
    assert bench.kpi("cac_payback_months") == pytest.approx(200 / 80)
    bench.fill({"subscription": terms.assign(ended_at=None), "marketing_spend": spend(800.0).assign(
        spend_date=date(2026, 4, 2))})  # fmt: skip
    assert bench.kpi("ltv_cac_ratio") == pytest.approx(80 * 60 / 200)


def test_an_unsubscribe_repeated_counts_once_and_a_machine_opens_nothing(bench: Workbench) -> None:
    events = [("sent", None), ("delivered", None), ("open", True), ("unsubscribe", None),
              ("unsubscribe", None)]  # fmt: skip
    bench.fill({"email_event": pd.DataFrame([
        {"id": f"{person}{i}", "source_system": "x", "email_id": "n", "recipient": person,
         "event_type": kind, "is_bot": bot, "occurred_at": pd.Timestamp("2026-06-01 08:00")}
        for person, upto in (("a@x.io", 5), ("b@x.io", 2)) for i, (kind, bot) in
        enumerate(events[:upto])
    ])})  # fmt: skip
    assert bench.kpi("unsubscribe_rate") == 0.5
    assert bench.kpi("email_open_rate") == 0.0
    assert bench.kpi("bounce_rate") == 0.0


def test_list_growth_and_lead_capture_follow_their_examples(bench: Workbench) -> None:
    contacts = pd.DataFrame([
        {"id": f"c{i}", "email": f"{i}@x.io", "created_at": pd.Timestamp(day)}
        for i, day in enumerate(["2026-05-02"] * 8 + ["2026-06-02"] * 3)
    ])  # fmt: skip
    left = pd.DataFrame([
        {"id": "e", "source_system": "x", "contact_id": "c0", "event_type": "unsubscribe",
         "occurred_at": pd.Timestamp("2026-06-05")}
    ])  # fmt: skip
    visits = pd.DataFrame([
        {"id": f"t{i}", "touch_type": kind, "lead_id": lead, "channel": "web",
         "occurred_at": pd.Timestamp("2026-06-05")}
        for i, (kind, lead) in enumerate([("visit", None)] * 10 + [("form", "l")] * 2)
    ])  # fmt: skip
    bench.fill({"contact": contacts, "email_event": left, "touchpoint": visits})
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-06-01'") == 0.25
    assert bench.kpi("lead_capture_rate") == pytest.approx(0.1)
    assert bench.kpi("form_submissions") == 2
