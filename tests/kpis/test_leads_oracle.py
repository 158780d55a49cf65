"""Lead KPIs against an implementation apart, on random leads, on two engines."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.oracles.leads import business_minutes, lead_kpis, lead_outcomes
from tests.oracles.marketing_frames import marketing_frames
from tests.oracles.workbench import Workbench

ENTITIES = ("user", "team", "account", "campaign", "lead", "opportunity", "activity")
SEEDS = {"duckdb": range(12), "postgres": range(100, 104)}
ENGINES = list(SEEDS)


@pytest.fixture(scope="module", params=ENGINES)
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_lead_kpi_equals_the_oracle_on_random_leads(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = marketing_frames(seed)
        bench.fill(frames)
        outcomes = lead_outcomes(frames)
        for name, expected in lead_kpis(outcomes).items():
            assert bench.kpi(name) == pytest.approx(expected), (seed, name)


def test_rates_stay_right_under_a_filter_by_source(bench: Workbench) -> None:
    frames = marketing_frames(2)
    bench.fill(frames)
    web = [o for o in lead_outcomes(frames) if o["source"] == "web"]
    expected = lead_kpis(web)
    for name in ("qualified_rate", "lead_conversion_rate", "lead_response_time"):
        assert bench.kpi(name, "lead_source = 'web'") == pytest.approx(expected[name]), name


def test_one_row_per_lead_whatever_is_joined(bench: Workbench) -> None:
    for seed in (3, 4, 5):
        frames = marketing_frames(seed)
        bench.fill(frames)
        leads = bench.fact("leads")
        expected = len(frames["lead"])
        assert (len(leads), leads["lead_id"].nunique()) == (expected, expected), seed


def test_no_leads_means_no_value_not_zero(bench: Workbench) -> None:
    bench.fill({})
    for name in lead_kpis([]):
        assert bench.kpi(name) is None, name


def test_a_lead_of_friday_evening_answered_on_monday_waited_business_hours_only(
    bench: Workbench,
) -> None:
    friday, monday = pd.Timestamp("2026-06-26 16:30"), pd.Timestamp("2026-06-29 10:00")
    bench.fill({"lead": pd.DataFrame([
        {"id": "l", "status": "open", "created_at": friday, "first_response_at": monday},
    ])})  # fmt: skip
    assert bench.kpi("lead_response_time") == pytest.approx(1.5)
    assert business_minutes(friday, monday) == 90
    assert bench.kpi("lead_response_sla") == 1.0


#: what shows that answers are recorded here
CALL_TO_ANOTHER = pd.DataFrame([
    {"id": "c", "activity_type": "call", "direction": "outbound", "status": "completed",
     "occurred_at": pd.Timestamp("2026-06-22 09:00"), "contact_id": "another"},
])  # fmt: skip


def test_where_no_answer_is_recorded_nobody_knows_which_leads_wait(bench: Workbench) -> None:
    old = pd.DataFrame(
        [{"id": "old", "status": "open", "created_at": pd.Timestamp("2026-06-22 09:00")}]
    )
    untimed = CALL_TO_ANOTHER.assign(occurred_at=pd.NaT)
    for recorded in (None, untimed):
        bench.fill({"lead": old} | ({} if recorded is None else {"activity": recorded}))
        assert bench.kpi("lead_response_sla") is None
        lead = bench.fact("leads").iloc[0]
        assert pd.isna(lead["is_overdue"])
        assert pd.isna(lead["is_waiting"])
        assert lead["next_action"] == "Qualify or disqualify"
    bench.fill({"lead": old, "activity": CALL_TO_ANOTHER})
    assert bench.kpi("lead_response_sla") == 0.0
    assert bench.fact("leads").iloc[0]["is_overdue"] == 1


def test_unanswered_leads_are_a_miss_when_overdue_and_in_neither_side_before(
    bench: Workbench,
) -> None:
    bench.fill({"lead": pd.DataFrame([
        {"id": "old", "status": "open", "created_at": pd.Timestamp("2026-06-22 09:00")},
        {"id": "new", "status": "open", "created_at": pd.Timestamp("2026-06-30 08:00")},
        {"id": "spam", "status": "disqualified", "created_at": pd.Timestamp("2026-06-22 09:00")},
    ]), "activity": CALL_TO_ANOTHER})  # fmt: skip
    leads = bench.fact("leads").set_index("lead_id")
    assert list(leads.loc[["old", "new", "spam"], "is_sla_due"]) == [1, 0, 1]
    assert list(leads.loc[["old", "new", "spam"], "is_overdue"]) == [1, 0, 0]
    assert float(leads.loc["old", "hours_overdue"]) == pytest.approx(6 * 8 - 4)
    assert bench.kpi("lead_response_sla") == 0.0
    assert bench.kpi("lead_response_time") is None


def test_the_revenue_of_a_deal_shared_by_two_leads_counts_once(bench: Workbench) -> None:
    day = pd.Timestamp("2026-01-05 10:00")
    bench.fill({
        "lead": pd.DataFrame([
            {"id": key, "status": "converted", "created_at": day, "converted_opportunity_id": "o"}
            for key in ("a", "b")
        ]),
        "opportunity": pd.DataFrame([
            {"id": "o", "name": "o", "status": "won", "created_at": day, "closed_at": day,
             "amount": 500.0, "source_lead_id": "b"},
        ]),
    })  # fmt: skip
    leads = bench.fact("leads").set_index("lead_id")
    assert leads["won_amount"].astype(float).sum() == 500.0
    assert float(leads.loc["b", "won_amount"]) == 500.0
    assert bench.kpi("lead_conversion_rate") == 1.0


def test_ties_in_the_lead_score_count_half(bench: Workbench) -> None:
    day = pd.Timestamp("2026-01-05 10:00")
    scores = [(1.0, False), (2.0, True), (3.0, False), (4.0, True), (2.0, False)]
    bench.fill({
        "lead": pd.DataFrame([
            {"id": str(i), "status": "open", "created_at": day, "lead_score": score,
             "converted_account_id": "yes" if won else None}
            for i, (score, won) in enumerate(scores)
        ]),
        "account": pd.DataFrame([{"id": "yes", "name": "Yes", "account_type": "customer"}]),
    })  # fmt: skip
    assert bench.kpi("lead_scoring_accuracy") == pytest.approx((1.5 + 3) / 6)
