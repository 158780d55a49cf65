"""Random leads, campaigns, emails and deals with everything real data has wrong, by seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.workbench import TODAY

ENTITIES = (
    "user", "team", "account", "contact", "campaign", "lead", "opportunity",
    "opportunity_contact", "activity", "campaign_member", "touchpoint", "email_event",
    "marketing_spend", "subscription",
)  # fmt: skip


class Dice:
    """Random draws in which every optional value may be missing."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def some(self, values: Any, missing: float = 0.2) -> Any:
        if self.rng.random() < missing:
            return None
        return values[int(self.rng.integers(len(values)))]

    def day(self, back: int = 300, ahead: int = 0, missing: float = 0.0) -> date | None:
        if self.rng.random() < missing:
            return None
        return TODAY - timedelta(days=int(self.rng.integers(-ahead, back)))

    def moment(self, back: int = 300, missing: float = 0.0) -> pd.Timestamp | None:
        day = self.day(back, missing=missing)
        return None if day is None else self.at(day)

    def at(self, day: date) -> pd.Timestamp:
        return pd.Timestamp(day) + pd.Timedelta(minutes=int(self.rng.integers(0, 1440)))

    def size(self, most: int) -> int:
        """None at all in one of six, one in one of six."""
        kind = int(self.rng.integers(6))
        return kind if kind < 2 else int(self.rng.integers(2, most + 1))


def marketing_frames(seed: int) -> dict[str, pd.DataFrame]:
    """Canonical frames; ids are short texts, times are naive UTC."""
    dice = Dice(seed)
    some, rng = dice.some, dice.rng
    accounts = [f"a{i}" for i in range(6)]
    contacts = [f"c{i}" for i in range(dice.size(10))]
    campaigns = [f"g{i}" for i in range(dice.size(4))]
    leads = [f"l{i}" for i in range(dice.size(40))]
    deals = [f"o{i}" for i in range(dice.size(25))]
    frames: dict[str, list[dict[str, Any]]] = {name: [] for name in ENTITIES}
    frames["team"] = [{"id": "t0", "name": "North"}]
    frames["user"] = [
        {"id": "u0", "name": "Ada", "team_id": "t0", "is_active": True},
        {"id": "u1", "name": "Bo", "is_active": True},
    ]
    frames["account"] = [
        {
            "id": key, "name": key.upper(), "segment": some(["SMB", "enterprise"]),
            "account_type": some(["prospect", "customer", "former_customer"]),
            "customer_since": dice.day(missing=0.6),
        }
        for key in accounts
    ]  # fmt: skip
    frames["contact"] = [
        {
            "id": key, "account_id": some(accounts), "email": some([f"{key}@x.io"]),
            "created_at": dice.moment(500, 0.1), "is_email_opt_out": some([True, False, False]),
        }
        for key in contacts
    ]  # fmt: skip
    frames["campaign"] = [
        {
            "id": key, "name": some([f"Campaign {key}"], 0.1), "channel": some(["ads", "mail"]),
            "status": some(["active", "planned", "completed"]), "start_date": dice.day(90, 30, 0.2),
            "end_date": dice.day(60, 60, 0.5), "actual_cost": some([500.0, 0.0]),
            "budgeted_cost": some([400.0, 900.0]),
        }
        for key in campaigns
    ]  # fmt: skip
    for key in leads:
        created = dice.moment(250, 0.03)
        reply = (
            None
            if created is None
            else created + pd.Timedelta(minutes=int(rng.integers(-600, 6000)))
        )
        frames["lead"].append(
            {
                "id": key, "created_at": created, "last_name": some(["Doe"]),
                "status": some(["open", "working", "qualified", "disqualified", "converted"], 0.0),
                "lead_source": some(["web", "event"]), "lead_score": some([1.0, 2.0, 3.5, 7.0]),
                "owner_id": some(["u0", "u1", "gone"]), "campaign_id": some([*campaigns, "gone"]),
                "mql_at": dice.moment(missing=0.6), "sql_at": dice.moment(missing=0.7),
                "first_response_at": reply if rng.random() < 0.4 else None,
                "converted_at": dice.moment(missing=0.8),
                "converted_account_id": some(accounts, 0.6),
                "converted_contact_id": some(contacts or ["gone"], 0.7),
                "converted_opportunity_id": some([*deals, "gone"], 0.6),
            }
        )  # fmt: skip
    for key in deals:
        status = some(["open", "won", "won", "lost"], 0.0)
        frames["opportunity"].append(
            {
                "id": key, "name": key, "status": status, "account_id": some(accounts),
                "created_at": dice.moment(400, 0.1), "amount": some([100.0, 250.5, 0.0, 999.99]),
                "closed_at": None if status == "open" else dice.moment(200, 0.05),
                "primary_contact_id": some(contacts or ["gone"]), "arr_amount": some([1200.0]),
                "campaign_id": some(campaigns or ["gone"], 0.6),
                "source_lead_id": some(leads or ["gone"], 0.6),
            }
        )  # fmt: skip
    for index in range(dice.size(12)):
        frames["opportunity_contact"].append(
            {"id": f"oc{index}", "opportunity_id": some(deals or ["gone"], 0.0),
             "contact_id": some(contacts or ["gone"], 0.0)}
        )  # fmt: skip
        frames["touchpoint"].append(
            {"id": f"tp{index}", "contact_id": some(contacts or ["gone"]),
             "lead_id": some(leads or ["gone"]), "campaign_id": some(campaigns or ["gone"]),
             "occurred_at": dice.moment(), "channel": "web",
             "touch_type": some(["visit", "form", "form"], 0.0)}
        )  # fmt: skip
        frames["marketing_spend"].append(
            {"id": f"ms{index}", "spend_date": dice.day(150), "spend": some([10.0, 99.5, 0.0], 0.0),
             "platform": some(["google_ads", "sales"], 0.0), "channel": some(["ads"]),
             "campaign_id": some(campaigns or ["gone"])}
        )  # fmt: skip
        frames["subscription"].append(
            {"id": f"s{index}", "account_id": some(accounts, 0.0), "mrr": some([50.0, 80.0], 0.0),
             "status": some(["active", "active", "trialing", "cancelled"], 0.0),
             "start_date": dice.day(700), "ended_at": dice.day(100, 0, 0.7)}
        )  # fmt: skip
    for index in range(dice.size(60)):
        frames["activity"].append(
            {"id": f"ac{index}", "lead_id": some(leads or ["gone"]),
             "contact_id": some(contacts or ["gone"], 0.7),
             "activity_type": some(["call", "email", "task", "note"], 0.0),
             "direction": some(["inbound", "outbound", "outbound"]),
             "status": some(["completed", "completed", "open"], 0.0),
             "occurred_at": dice.moment(250, 0.2), "completed_at": dice.moment(250, 0.2)}
        )  # fmt: skip
    for index in range(dice.size(40)):
        frames["campaign_member"].append(
            {"id": f"m{index}", "campaign_id": some([*campaigns, "gone"], 0.0),
             "contact_id": some(contacts or ["gone"]), "lead_id": some(leads or ["gone"], 0.5),
             "first_touch_at": dice.moment(300, 0.1) if rng.random() < 0.9
             else pd.Timestamp("2026-08-01"),
             "status": some(["sent", "Purchased"]), "has_responded": some([True, False]),
             "responded_at": dice.moment(200, 0.8)}
        )  # fmt: skip
    for index in range(dice.size(120)):
        frames["email_event"].append(
            {"id": f"e{index}", "source_system": some(["one", "two"], 0.0),
             "campaign_id": some(campaigns or ["gone"]), "email_id": some(["n1", "n2"]),
             "contact_id": some(contacts or ["gone"], 0.5), "recipient": some(["A@x.io", "b@x.io"]),
             "event_type": some(["sent", "sent", "delivered", "open", "click", "bounce",
                                 "unsubscribe", "dropped"], 0.0),
             "bounce_type": some(["hard", "soft"]), "is_bot": some([True, False, False]),
             "occurred_at": dice.moment(90)}
        )  # fmt: skip
        last = frames["email_event"][-1]
        if last["source_system"] == "two" and last["event_type"] == "delivered":
            last["event_type"] = "sent"  # source two reports no deliveries
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}
