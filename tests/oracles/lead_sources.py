"""What each lead source brought and cost, lead by lead and spend record by spend record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pandas as pd

from tests.oracles.leads import lead_outcomes, rows, share

Frames = dict[str, pd.DataFrame]
Sums = dict[str, float]


def revenue_by_lead(frames: Frames) -> dict[str, float]:
    """Amounts of won deals, each given to one lead: its source, else the first that became it."""
    leads = rows(frames["lead"])
    known = {lead["id"] for lead in leads}
    found: dict[str, float] = defaultdict(float)
    for deal in rows(frames["opportunity"]):
        if deal["status"] != "won" or deal["amount"] is None:
            continue
        became = [lead["id"] for lead in leads if lead["converted_opportunity_id"] == deal["id"]]
        own = [deal["source_lead_id"]] if deal["source_lead_id"] in known else sorted(became)
        if own:
            found[own[0]] += deal["amount"]
    return found


def spend_parts(frames: Frames) -> list[tuple[str, float]]:
    """(source, amount): each record of spend split over the sources of the leads it may be for."""
    leads = rows(frames["lead"])
    parts = []
    for record in rows(frames["marketing_spend"]):
        day, campaign = record["spend_date"], record["campaign_id"]
        of_campaign = [
            lead for lead in leads if campaign is not None and lead["campaign_id"] == campaign
        ]
        of_month = [
            lead for lead in of_campaign
            if lead["created_at"] and lead["created_at"].strftime("%Y%m") == day.strftime("%Y%m")
        ]  # fmt: skip
        chosen = [lead["lead_source"] or "(none)" for lead in of_month or of_campaign]
        for source in chosen or ["(none)"]:
            parts.append((source, record["spend"] / max(1, len(chosen))))
    return parts


def by_source(frames: Frames) -> dict[str, Sums]:
    """Source -> sums of leads, qualified, customers, revenue and spend."""
    found: dict[str, Sums] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0.0))
    revenue = revenue_by_lead(frames)
    for lead in lead_outcomes(frames):
        sums = found[lead["source"]]
        sums["leads"] += 1
        sums["qualified"] += lead["mql_day"] is not None
        sums["customers"] += lead["customer"]
        sums["revenue"] += revenue.get(lead["id"], 0.0)
    for source, amount in spend_parts(frames):
        found[source]["spend"] += amount
    return found


COLUMNS = ("leads", "qualified", "customers", "revenue", "spend")


def report(parts: Collection[Sums]) -> dict[str, float | None]:
    """The KPI and its measures over some sources."""
    of: dict[str, Any] = {name: sum(part[name] for part in parts) for name in COLUMNS}
    return {
        "lead_source_performance": share(of["revenue"], of["leads"]),
        "source_leads": of["leads"],
        "source_qualified_rate": share(of["qualified"], of["leads"]),
        "source_customer_rate": share(of["customers"], of["leads"]),
        "source_cac": share(of["spend"], of["customers"]),
        "source_spend": of["spend"],
        "source_revenue": of["revenue"],
    }


def lead_source_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over all sources."""
    found = report(list(by_source(frames).values()))
    return {"lead_source_performance": found["lead_source_performance"]}
