"""What the facts of recipients and of leads' odds hold row by row, from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles.labels import NONE, UNKNOWN, World, customer, first, labels_of
from tests.oracles.lead_predictions import area_under_curve, lead_predictions
from tests.oracles.workbench import TODAY

Frames = dict[str, pd.DataFrame]


#: as in cases.PREDICTING
FEW_LEADS = 4


def recipients(frames: Frames) -> Rows:
    """Campaign, email and person -> the groups of the person, when it was sent and first opened."""
    world = World(frames)
    received: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for event in world.rows("email_event"):
        contact = world.row("contact", event["contact_id"])
        lead = world.row("lead", event["lead_id"])
        person = first(event["recipient"], contact["email"], lead["email"], event["contact_id"],
                       event["lead_id"], event["id"])  # fmt: skip
        received[event["campaign_id"], event["email_id"] or NONE, person.lower()].append(event)
    found = []
    for (campaign_id, email, person), events in received.items():
        campaign = world.row("campaign", campaign_id)
        contact_id, lead_id = (
            max((e[key] for e in events if e[key]), default=None)
            for key in ("contact_id", "lead_id")
        )
        contact, lead = world.row("contact", contact_id), world.row("lead", lead_id)
        account = first(contact["account_id"], lead["converted_account_id"])
        groups = customer(world, account, missing=UNKNOWN)
        industry = first(world.row("account", account)["industry"], lead["industry"], UNKNOWN)
        days = [event["occurred_at"].date() for event in events]
        sent = [day for day, e in zip(days, events, strict=True) if e["event_type"] == "sent"]
        opened = [
            day for day, e in zip(days, events, strict=True)
            if e["event_type"] == "open" and not e["is_bot"]
        ]  # fmt: skip
        found.append({
            "campaign_id": campaign_id, "email_id": email, "recipient": person,
            "recipient_id": first(contact_id, lead_id),
            "campaign": campaign["name"] or NONE, "channel": campaign["channel"] or NONE,
            "region": groups["region"], "segment": groups["segment"], "industry": industry,
            "lead_source": first(contact["lead_source"], lead["lead_source"], NONE),
            "sent_date": min(sent or days), "opened_date": min(opened, default=None),
            "recency": recency((TODAY - min(sent or days)).days),
        })  # fmt: skip
    return Rows("email_recipients", list(found[0]) if found else [], found)


def recency(age: int) -> str:
    if 0 <= age < 30:
        return "last 30 days"
    return "30 days before" if 30 <= age < 60 else "other"


def lead_odds_rows(given: Any) -> Iterator[Rows]:
    """Every lead with its rate and the past leads it rests on."""
    yield from labels_of(given, "lead_predictions")
    leads = lead_predictions(dict(given), FEW_LEADS)
    found = []
    for lead in leads:
        rate, past = lead["rate"], lead["closed_cohort"]
        tested = past and rate is not None
        depth = len(lead["kind"])
        names = ("(none)", "source", "source and industry", "source, industry and country")
        outcome = "open" if lead["open"] else "customer" if lead["customer"] else "no customer"
        found.append({
            "lead_id": lead["id"], "predicted_rate": rate, "cases": lead["cases"],
            "basis": names[depth], "outcome": outcome, "is_open": int(lead["open"]),
            "is_history": int(past), "is_open_rated": int(lead["open"] and rate is not None),
            "open_score": 100 * rate if lead["open"] and rate is not None else None,
            "is_tested": int(tested), "tested_rate": rate if tested else None,
            "tested_wins": int(tested and lead["customer"]),
        })  # fmt: skip
    yield Rows("lead_predictions", list(found[0]), found)
    ranked = area_under_curve(leads)
    method = "rate of leads alike"
    wins = sum(row["tested_wins"] for row in found)
    yield Rows("lead_predictions", ["method", "ranked_wins"],
               [{"method": method, "ranked_wins": (ranked or 0.0) * wins}],
               by=("method",))  # fmt: skip
