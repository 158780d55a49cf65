"""What the lead KPIs have to say, computed lead by lead in Python from their definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

import pandas as pd

from tests.oracles.workbench import HOLIDAYS, TODAY

OPEN_MINUTE, CLOSE_MINUTE = 9 * 60, 17 * 60
SLA_MINUTES, MATURITY_DAYS = 240, 90
REPLY_TYPES = {"call", "email", "meeting", "sms", "chat", "visit"}
LATER_STATUSES = {"qualified", "converted"}


def business_minutes(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Open minutes between two moments (whole seconds), Monday to Friday 9 to 17, no holidays."""
    start, end = start.floor("s"), end.floor("s")
    total, day = 0.0, start.date()
    while day <= end.date():
        if day.isoweekday() <= 5 and day not in HOLIDAYS:
            midnight = pd.Timestamp(day)
            opens = max(start, midnight + pd.Timedelta(minutes=OPEN_MINUTE))
            closes = min(end, midnight + pd.Timedelta(minutes=CLOSE_MINUTE))
            total += max(0.0, (closes - opens) / pd.Timedelta(minutes=1))
        day += timedelta(days=1)
    return total


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts in which every missing value is None."""
    return [
        {str(k): None if pd.isna(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]


def lead_outcomes(frames: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """One dict per lead: what became of it, when, and how it was answered."""
    deals = {deal["id"]: deal for deal in rows(frames["opportunity"])}
    accounts = {account["id"]: account for account in rows(frames["account"])}
    activities = rows(frames["activity"])
    leads = rows(frames["lead"])
    found = [_outcome(lead, deals, accounts, activities) for lead in leads]
    answered = any(lead["first_response_at"] for lead in leads)
    if not answered and not any(_reply_time(a) for a in activities):
        for one in found:  # nothing tells who waits
            one.update(answered=None, due=False)
    return found


def _outcome(
    lead: dict[str, Any],
    deals: dict[str, dict[str, Any]],
    accounts: dict[str, dict[str, Any]],
    activities: list[dict[str, Any]],
) -> dict[str, Any]:
    mine = [
        deal for deal in deals.values()
        if deal["source_lead_id"] == lead["id"] or deal["id"] == lead["converted_opportunity_id"]
    ]  # fmt: skip
    created: date | None = lead["created_at"].date() if lead["created_at"] else None
    customer = any(deal["status"] == "won" for deal in mine) or _became_customer(
        accounts.get(lead["converted_account_id"] or ""), created
    )
    sql_day = _day(lead["sql_at"])
    if sql_day is None and (mine or customer or lead["status"] == "converted"):
        openings = [deal["created_at"].date() for deal in mine if deal["created_at"]]
        first = min(openings) if openings else None
        sql_day = _day(lead["converted_at"]) or first or _day(lead["mql_at"]) or created
    mql_day = _day(lead["mql_at"]) or sql_day
    if mql_day is None and lead["status"] == "qualified":
        mql_day = created
    return {
        "id": lead["id"],
        "source": lead["lead_source"] or "(none)",
        "score": lead["lead_score"],
        "opportunity": bool(mine),
        "customer": customer,
        "created_day": created,
        "mql_day": mql_day,
        "sql_day": sql_day,
        "closed_cohort": created is not None and (TODAY - created).days >= MATURITY_DAYS,
        **_answer(lead, activities),
    }


def _became_customer(account: dict[str, Any] | None, created: date | None) -> bool:
    if account is None:
        return False
    since = account["customer_since"]
    if since is None:
        return account["account_type"] in ("customer", "former_customer")
    return created is None or since >= created


def _answer(lead: dict[str, Any], activities: list[dict[str, Any]]) -> dict[str, Any]:
    asked, replied = lead["created_at"], lead["first_response_at"]
    if asked is None:
        return {"answered": replied is not None, "minutes": None, "due": False, "met": False}
    if replied is None:
        times = [_reply_time(a) for a in activities if _is_about(a, lead)]
        replied = min((t for t in times if t is not None and t >= asked), default=None)
    if replied is None:
        waited = business_minutes(asked, pd.Timestamp(TODAY))
        return {"answered": False, "minutes": None, "due": waited > SLA_MINUTES, "met": False}
    if replied < asked:
        return {"answered": True, "minutes": None, "due": False, "met": False}
    minutes = business_minutes(asked, replied)
    return {"answered": True, "minutes": minutes, "due": True, "met": minutes <= SLA_MINUTES}


def _reply_time(activity: dict[str, Any]) -> pd.Timestamp | None:
    """When the activity reached somebody; None for one that is no answer."""
    if activity["direction"] != "outbound" or activity["status"] != "completed":
        return None
    if activity["activity_type"] not in REPLY_TYPES:
        return None
    return activity["occurred_at"] or activity["completed_at"]


def _is_about(activity: dict[str, Any], lead: dict[str, Any]) -> bool:
    contact = lead["converted_contact_id"]
    return activity["lead_id"] == lead["id"] or (
        contact is not None and activity["contact_id"] == contact
    )


def _day(moment: pd.Timestamp | None) -> date | None:
    return None if moment is None else moment.date()


def lead_kpis(
    outcomes: list[dict[str, Any]], middle: Callable[[list[Any]], float] = median
) -> dict[str, float | None]:
    """KPI name -> value over the given leads; `middle` is the mean where that stands in."""
    mqls = [o for o in outcomes if o["mql_day"]]
    minutes = [o["minutes"] for o in outcomes if o["minutes"] is not None]
    accepted = [o for o in mqls if o["sql_day"] and o["sql_day"] >= o["mql_day"]]
    due = [o for o in outcomes if o["due"]]
    return {
        "leads_created": len(outcomes) or None,
        "mqls": len(mqls) if outcomes else None,
        "sqls": sum(o["sql_day"] is not None for o in outcomes) if outcomes else None,
        "qualified_rate": share(len(mqls), len(outcomes)),
        "mql_to_sql_rate": share(len(accepted), len(mqls)),
        "lead_conversion_rate": share(sum(o["customer"] for o in outcomes), len(outcomes)),
        "lead_to_opportunity_rate": share(sum(o["opportunity"] for o in outcomes), len(outcomes)),
        "lead_response_time": middle(minutes) / 60 if minutes else None,
        "lead_response_sla": share(sum(o["met"] for o in due), len(due)),
        "lead_scoring_accuracy": area_under_curve(outcomes),
    }


def area_under_curve(outcomes: list[dict[str, Any]]) -> float | None:
    """Mann-Whitney: rank sum of the customers, with mean ranks for ties."""
    scored = [o for o in outcomes if o["closed_cohort"] and o["score"] is not None]
    ranks = pd.Series([o["score"] for o in scored], dtype=float).rank()
    won = [rank for rank, o in zip(ranks, scored, strict=True) if o["customer"]]
    lost = len(scored) - len(won)
    if not won or not lost:
        return None
    return (sum(won) - len(won) * (len(won) + 1) / 2) / (len(won) * lost)


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
