"""The campaign list of the Today tab, attribution rows and email recency."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.workbench import Workbench

ENTITIES = (
    "user", "team", "account", "contact", "campaign", "lead", "opportunity", "campaign_member",
    "email_event", "marketing_spend", "touchpoint",
)  # fmt: skip
DAY = pd.Timestamp("2026-06-10 10:00")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def campaign(key: str, **columns: Any) -> dict[str, Any]:
    return {"id": key, "name": key, "status": "active", "start_date": date(2026, 6, 1), **columns}


def test_only_campaigns_of_today_are_running(bench: Workbench) -> None:
    bench.fill({"campaign": pd.DataFrame([
        campaign("runs"),
        campaign("ends_today", end_date=date(2026, 6, 30)),
        campaign("ended", end_date=date(2026, 6, 29)),
        campaign("to_come", start_date=date(2026, 7, 1)),
        campaign("planned", status="planned"),
        campaign("unknown_status", status=None),
    ])})  # fmt: skip
    found = bench.fact("campaigns").set_index("campaign_id")["is_running"]
    assert dict(found) == {
        "runs": 1, "ends_today": 1, "ended": 0, "to_come": 0, "planned": 0, "unknown_status": 1
    }  # fmt: skip


def test_cost_per_qualified_lead_counts_each_lead_once_and_names_the_action(
    bench: Workbench,
) -> None:
    leads = pd.DataFrame([
        {"id": key, "status": status, "created_at": DAY, "campaign_id": "g"}
        for key, status in (("a", "qualified"), ("b", "qualified"), ("c", "open"))
    ])  # fmt: skip
    members = pd.DataFrame([
        {"id": "m", "campaign_id": "g", "lead_id": "a", "first_touch_at": DAY,
         "has_responded": True}
    ])  # fmt: skip
    spend = pd.DataFrame([
        {"id": f"s{i}", "spend_date": DAY.date(), "platform": platform, "spend": amount,
         "campaign_id": "g"}
        for i, (platform, amount) in enumerate([("meta", 900.0), ("sales", 5000.0)])
    ])  # fmt: skip
    bench.fill({
        "campaign": pd.DataFrame([campaign("g", actual_cost=1.0, budgeted_cost=1000.0)]),
        "lead": leads, "campaign_member": members, "marketing_spend": spend,
    })  # fmt: skip
    row = bench.fact("campaigns").iloc[0]
    assert (row["cost"], row["qualified_leads"], row["members"]) == (900.0, 2, 1)
    assert row["cost_per_qualified_lead"] == 450.0
    assert float(row["over_target"]) == pytest.approx(0.8)
    assert row["next_action"].startswith("Cut the weakest segments")


def test_a_won_deal_has_every_campaign_under_every_model(bench: Workbench) -> None:
    touches = [("first", "2026-02-01"), ("second", "2026-03-01"), ("second", "2026-04-01"),
               ("too_late", "2026-06-20")]  # fmt: skip
    bench.fill({
        "campaign": pd.DataFrame([campaign(k) for k in ("first", "second", "too_late")]),
        "opportunity": pd.DataFrame([
            {"id": "o", "name": "o", "status": "won", "amount": 300.0, "primary_contact_id": "c",
             "created_at": DAY, "closed_at": DAY},
            {"id": "p", "name": "p", "status": "won", "amount": 50.0, "closed_at": DAY},
            {"id": "q", "name": "q", "status": "lost", "amount": 70.0, "closed_at": DAY},
        ]),
        "campaign_member": pd.DataFrame([
            {"id": str(i), "campaign_id": name, "contact_id": "c", "first_touch_at": day}
            for i, (name, day) in enumerate(touches)
        ]),
    })  # fmt: skip
    found = bench.fact("campaign_attribution").pivot_table(
        index="attribution_model", columns="campaign", values="attributed_amount", aggfunc="sum"
    )
    assert found.loc["first_touch"].to_dict() == {"first": 300, "second": 0, "unattributed": 50}
    assert found.loc["last_touch"].to_dict() == {"first": 0, "second": 300, "unattributed": 50}
    assert found.loc["linear"].to_dict() == pytest.approx(
        {"first": 100, "second": 200, "unattributed": 50}
    )


def test_a_touch_recorded_twice_on_a_day_has_the_weight_of_one(bench: Workbench) -> None:
    bench.fill({
        "campaign": pd.DataFrame([campaign("first"), campaign("second")]),
        "opportunity": pd.DataFrame([
            {"id": "o", "name": "o", "status": "won", "amount": 300.0, "primary_contact_id": "c",
             "created_at": DAY, "closed_at": DAY},
        ]),
        "campaign_member": pd.DataFrame([
            {"id": name, "campaign_id": name, "contact_id": "c", "first_touch_at": DAY}
            for name in ("first", "second")
        ]),
        "touchpoint": pd.DataFrame([
            {"id": "t", "campaign_id": "first", "contact_id": "c", "occurred_at": DAY,
             "channel": "web", "touch_type": "form"}
        ]),
    })  # fmt: skip
    found = bench.fact("campaign_attribution")
    linear = found[found["attribution_model"] == "linear"].set_index("campaign")
    assert dict(linear["attributed_amount"].astype(float)) == {"first": 150.0, "second": 150.0}


def test_to_be_mailed_or_touched_long_before_earns_no_revenue(bench: Workbench) -> None:
    members = [("answered", "2026-03-01", True), ("mailed", "2026-03-01", False),
               ("not_told", "2026-03-01", None), ("long_ago", "2025-06-01", True)]  # fmt: skip
    bench.fill({
        "campaign": pd.DataFrame([campaign(name) for name, _, _ in members]),
        "opportunity": pd.DataFrame([
            {"id": "o", "name": "o", "status": "won", "amount": 300.0, "primary_contact_id": "c",
             "created_at": DAY, "closed_at": DAY},
        ]),
        "campaign_member": pd.DataFrame([
            {"id": name, "campaign_id": name, "contact_id": "c", "first_touch_at": day,
             "has_responded": responded}
            for name, day, responded in members
        ]),
    })  # fmt: skip
    found = bench.fact("campaign_attribution")
    linear = found[found["attribution_model"] == "linear"].set_index("campaign")
    assert dict(linear["attributed_amount"].astype(float)) == {"answered": 150.0, "not_told": 150.0}


def test_a_conversion_counts_within_ninety_days_of_the_first_touch(bench: Workbench) -> None:
    bench.fill({
        "campaign": pd.DataFrame([campaign("g")]),
        "opportunity": pd.DataFrame([
            {"id": "o", "name": "o", "status": "open", "amount": 1.0, "primary_contact_id": "c",
             "created_at": pd.Timestamp("2026-05-01 10:00")},
        ]),
        "campaign_member": pd.DataFrame([
            {"id": day, "campaign_id": "g", "contact_id": "c", "first_touch_at": pd.Timestamp(day)}
            for day in ("2026-01-30", "2026-01-31", "2026-05-01", "2026-05-02")
        ]),
    })  # fmt: skip
    found = bench.fact("campaign_members").set_index("member_id")
    assert dict(found["is_converted"]) == {
        "2026-01-30": 0, "2026-01-31": 1, "2026-05-01": 1, "2026-05-02": 0
    }  # fmt: skip


def test_a_hard_bounce_undoes_a_delivery_and_a_soft_one_does_not(bench: Workbench) -> None:
    bench.fill({"email_event": pd.DataFrame([
        {"id": f"{kind}{event}", "source_system": "x", "email_id": "n", "recipient": kind,
         "event_type": event, "bounce_type": kind, "occurred_at": DAY}
        for kind in ("hard", "soft") for event in ("sent", "delivered", "bounce")
    ])})  # fmt: skip
    found = bench.fact("email_recipients").set_index("recipient")
    assert dict(found["is_bounced"]) == {"hard": 1, "soft": 0}
    assert dict(found["is_delivered"]) == {"hard": 0, "soft": 1}


def test_emails_are_told_apart_by_the_last_thirty_days(bench: Workbench) -> None:
    bench.fill({"email_event": pd.DataFrame([
        {"id": day, "source_system": "x", "email_id": day, "recipient": "a@x.io",
         "event_type": "sent", "occurred_at": pd.Timestamp(day)}
        for day in ("2026-06-30", "2026-06-01", "2026-05-31", "2026-04-01")
    ])})  # fmt: skip
    found = bench.fact("email_recipients").set_index("email_id")["recency"]
    assert dict(found) == {
        "2026-06-30": "last 30 days", "2026-06-01": "last 30 days",
        "2026-05-31": "30 days before", "2026-04-01": "other",
    }  # fmt: skip


def test_members_of_a_future_campaign_are_not_reached_yet(bench: Workbench) -> None:
    bench.fill({"campaign_member": pd.DataFrame([
        {"id": "m", "campaign_id": "g", "first_touch_at": pd.Timestamp("2026-07-01"),
         "has_responded": True, "status": "Converted"}
    ])})  # fmt: skip
    row = bench.fact("campaign_members").iloc[0]
    assert (row["is_reached"], row["is_responded"], row["is_converted"]) == (0, 0, 0)
