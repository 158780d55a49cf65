"""Campaign, email and acquisition KPIs computed in Python from their definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pandas as pd

from tests.oracles.leads import lead_outcomes, rows, share
from tests.oracles.workbench import TODAY

Frames = dict[str, pd.DataFrame]
CONVERTED_STATUSES = {"converted", "purchased", "registered", "attended"}
CONVERSION_DAYS = 90
ATTRIBUTION_DAYS = 180


def lead_deals(frames: Frames) -> dict[str, set[str]]:
    """Opportunity ids by lead, from either side's link."""
    known = {lead["id"] for lead in rows(frames["lead"])}
    deals = {deal["id"] for deal in rows(frames["opportunity"])}
    found: dict[str, set[str]] = defaultdict(set)
    for lead in rows(frames["lead"]):
        if lead["converted_opportunity_id"] in deals:
            found[lead["id"]].add(lead["converted_opportunity_id"])
    for deal in rows(frames["opportunity"]):
        if deal["source_lead_id"] in known:
            found[deal["source_lead_id"]].add(deal["id"])
    return found


def deal_contacts(frames: Frames) -> dict[str, set[str]]:
    """Contact ids by opportunity: the primary one, those who take part, its leads' contacts."""
    found: dict[str, set[str]] = defaultdict(set)
    for deal in rows(frames["opportunity"]):
        if deal["primary_contact_id"]:
            found[deal["id"]].add(deal["primary_contact_id"])
    for link in rows(frames["opportunity_contact"]):
        found[link["opportunity_id"]].add(link["contact_id"])
    contacts = {lead["id"]: lead["converted_contact_id"] for lead in rows(frames["lead"])}
    for key, opened in lead_deals(frames).items():
        for opportunity in opened:
            if contacts[key] is not None:
                found[opportunity].add(contacts[key])
    return found


def member_kpis(frames: Frames) -> dict[str, float | None]:
    reached = [m for m in rows(frames["campaign_member"]) if _is_past(m["first_touch_at"])]
    opened = {d["id"]: _day(d["created_at"]) for d in rows(frames["opportunity"])}
    leads = {lead["id"]: lead for lead in rows(frames["lead"])}
    by_lead, by_deal = lead_deals(frames), deal_contacts(frames)
    converted = 0
    for member in reached:
        deals = {d for d, people in by_deal.items() if member["contact_id"] in people}
        deals |= by_lead.get(member["lead_id"] or "", set())
        days = [opened.get(deal) for deal in deals]
        lead = leads.get(member["lead_id"] or "")
        days.append(_day(lead["converted_at"]) if lead else None)
        touched = member["first_touch_at"].date()
        converted += (member["status"] or "").lower() in CONVERTED_STATUSES or any(
            day is not None and 0 <= (day - touched).days <= CONVERSION_DAYS for day in days
        )
    responded = sum(bool(m["has_responded"]) or m["responded_at"] is not None for m in reached)
    return {
        "segment_response_rate": share(responded, len(reached)),
        "campaign_conversion_rate": share(converted, len(reached)),
    }


def email_kpis(frames: Frames) -> dict[str, float | None]:
    """Per campaign, email and recipient: a set of things that happened."""
    events = rows(frames["email_event"])
    reporting = {e["source_system"] for e in events if e["event_type"] == "delivered"}
    address = {c["id"]: c["email"] for c in rows(frames["contact"])}
    seen: dict[Any, set[str]] = defaultdict(set)
    for event in events:
        person = (
            event["recipient"] or address.get(event["contact_id"] or "") or event["contact_id"]
            or event["id"]
        ).lower()  # fmt: skip
        what = seen[(event["campaign_id"], event["email_id"], person)]
        what.add(event["event_type"])
        if event["event_type"] in ("open", "click") and event["is_bot"] is not True:
            what.add("human " + event["event_type"])
        if event["event_type"] == "bounce" and event["bounce_type"] == "hard":
            what.add("hard bounce")
        if event["source_system"] in reporting:
            what.add("reported")
    count: Counter[str] = Counter()
    for what in seen.values():
        reacted = bool(what & {"open", "click", "unsubscribe", "spam_report"})
        refused = not reacted and (
            "hard bounce" in what or ("bounce" in what and "delivered" not in what)
        )
        silent = "reported" not in what and "sent" in what and "dropped" not in what
        arrived = not refused and (reacted or "delivered" in what or silent)
        count["delivered"] += arrived
        count["bounced"] += refused
        count["sent"] += arrived or refused or "sent" in what
        count["opened"] += "human open" in what
        count["clicked"] += "human click" in what
        count["unsubscribed"] += "unsubscribe" in what
    return {
        "email_open_rate": share(count["opened"], count["delivered"]),
        "email_click_rate": share(count["clicked"], count["delivered"]),
        "unsubscribe_rate": share(count["unsubscribed"], count["delivered"]),
        "bounce_rate": share(count["bounced"], count["sent"]),
    }


def attributed(frames: Frames, model: str, dated_only: bool = False) -> dict[str | None, float]:
    """Won amount by campaign id under `model`; None is what no campaign touched.

    `dated_only` leaves out deals without a close date, which belong to no month.
    """
    members, visits = rows(frames["campaign_member"]), rows(frames["touchpoint"])
    leads = {lead["id"]: lead for lead in rows(frames["lead"])}
    by_lead, by_deal = lead_deals(frames), deal_contacts(frames)
    out: dict[str | None, float] = defaultdict(float)
    for deal in rows(frames["opportunity"]):
        if deal["status"] != "won" or deal["amount"] is None:
            continue
        if dated_only and deal["closed_at"] is None:
            continue
        own_leads = {key for key, deals in by_lead.items() if deal["id"] in deals}
        own_people = by_deal.get(deal["id"], set())
        touches = [
            (_touch_day(t), t["campaign_id"])
            for t in members + visits
            if t["contact_id"] in own_people or t["lead_id"] in own_leads
        ]
        touches += [(_day(leads[k]["created_at"]), leads[k]["campaign_id"]) for k in own_leads]
        touches.append((_day(deal["created_at"]), deal["campaign_id"]))
        closed = _day(deal["closed_at"])
        valid = sorted({(d, c) for d, c in touches if d is not None and c and _counts(d, closed)})
        for campaign, part in _shares(valid, model).items():
            out[campaign] += deal["amount"] * part
    return dict(out)


def _touch_day(touch: dict[str, Any]) -> date | None:
    """Day of a visit, or of a member's response; None when the member is known not to respond."""
    if "occurred_at" in touch:
        return _day(touch["occurred_at"])
    if touch["has_responded"] is False and touch["responded_at"] is None:
        return None
    return _day(touch["responded_at"] or touch["first_touch_at"])


def _counts(touched: date, closed: date | None) -> bool:
    """Whether a touch lies in the time before the day of winning."""
    return closed is None or 0 <= (closed - touched).days <= ATTRIBUTION_DAYS


def _shares(touches: list[tuple[date, str]], model: str) -> dict[str | None, float]:
    if not touches:
        return {None: 1.0}
    if model == "first_touch":
        return {touches[0][1]: 1.0}
    if model == "last_touch":
        last = touches[-1][0]
        return {min(c for d, c in touches if d == last): 1.0}
    return {c: n / len(touches) for c, n in Counter(c for _, c in touches).items()}


def acquisition_kpis(frames: Frames) -> dict[str, float | None]:
    """CAC, cost per lead and per qualified lead over all months, and marketing ROI."""
    spend = rows(frames["marketing_spend"])
    total = sum(s["spend"] for s in spend) if spend else None
    marketing = [s["spend"] for s in spend if s["platform"] != "sales"]
    cost = sum(marketing) if marketing else None
    outcomes, created = lead_outcomes(frames), frames["lead"].get("created_at", pd.Series())
    customers = {
        d["account_id"]
        for d in rows(frames["opportunity"])
        if d["status"] == "won" and d["closed_at"] is not None and d["account_id"]
    }
    customers |= {s["account_id"] for s in rows(frames["subscription"])
                  if s["status"] != "trialing"}  # fmt: skip
    revenue = sum(
        amount for campaign, amount in attributed(frames, "linear", dated_only=True).items()
        if campaign is not None
    )  # fmt: skip
    return {
        "cac": _per(total, len(customers)),
        "cost_per_lead": _per(cost, int(created.notna().sum())),
        "cost_per_qualified_lead": _per(cost, sum(o["mql_day"] is not None for o in outcomes)),
        "marketing_roi": (revenue - cost) / cost if cost else None,
    }


def _per(cost: float | None, count: int) -> float | None:
    return cost / count if cost is not None and count else None


def _is_past(moment: pd.Timestamp | None) -> bool:
    return moment is not None and moment.date() <= TODAY


def _day(moment: pd.Timestamp | None) -> date | None:
    return None if moment is None else moment.date()
