"""What the facts of marketing hold row by row, lead by lead and campaign by campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.matrix.row_prospects import recipients
from tests.matrix.rows import Rows
from tests.oracles.campaigns import attributed
from tests.oracles.labels import NONE, World, labels_of
from tests.oracles.lead_sources import by_source
from tests.oracles.leads import MATURITY_DAYS, SLA_MINUTES, business_minutes, lead_outcomes, rows
from tests.oracles.workbench import TODAY

Frames = dict[str, pd.DataFrame]
#: what a qualified lead may cost
TARGET_COST = 250
WAITING = ("open", "working", "qualified")
LABELLED = (
    "leads",
    "lead_steps",
    "campaigns",
    "campaign_members",
    "campaign_attribution",
    "touchpoints",
)


def with_budgets(frames: Frames, seed: int) -> Frames:
    """Campaigns that are about to run, run and have run, with and without cost and budget."""
    rng = np.random.default_rng(seed)
    added = [{"id": "idle", "name": "Idle"}, {"id": "booked", "name": "Booked"},
             {"id": "starts", "name": "Starts"}]  # fmt: skip
    campaigns = pd.concat([frames["campaign"], pd.DataFrame(added)], ignore_index=True)
    frames["campaign"] = campaigns
    spend = {"id": "booked", "campaign_id": "booked", "spend": 100.0, "platform": "web",
             "channel": "web", "spend_date": date(2026, 5, 1)}  # fmt: skip
    frames["marketing_spend"] = pd.concat(
        [frames["marketing_spend"], pd.DataFrame([spend])], ignore_index=True
    )
    noon = {"id": "noon", "status": "open", "created_at": pd.Timestamp("2026-06-29 13:00"),
            "last_name": "Noon", "lead_source": "web"}  # fmt: skip
    asked = {"id": "asked", "status": "qualified", "mql_at": pd.Timestamp("2026-06-01 10:00"),
             "created_at": pd.Timestamp("2026-05-20 10:00"), "campaign_id": "booked"}  # fmt: skip
    frames["lead"] = pd.concat([frames["lead"], pd.DataFrame([noon, asked])], ignore_index=True)
    leads = [*frames["lead"]["id"], None]
    frames["email_event"]["lead_id"] = [
        leads[int(rng.integers(0, len(leads)))] for _ in range(len(frames["email_event"]))
    ]
    frames["campaign_member"].loc[0, "first_touch_at"] = pd.Timestamp("2026-06-30 10:00")

    def pick(*values: Any) -> list[Any]:
        return [values[int(rng.integers(0, len(values)))] for _ in range(len(campaigns))]

    campaigns["status"] = pick("active", "active", "completed", "planned", None)
    campaigns["start_date"] = pick(date(2026, 1, 1), TODAY, date(2026, 8, 1), None)
    campaigns["end_date"] = pick(None, None, TODAY, date(2026, 6, 1), date(2026, 12, 1))
    campaigns["budgeted_cost"] = pick(None, 50.0, 5000.0)
    campaigns["actual_cost"] = pick(None, 70.0, 900.0)
    campaigns.loc[campaigns["id"] == "starts", ["status", "end_date"]] = None
    campaigns.loc[campaigns["id"] == "starts", "start_date"] = TODAY
    idle = campaigns["id"].isin(["idle", "booked"])
    campaigns.loc[idle, "status"] = "active"
    campaigns.loc[idle, ["start_date", "end_date", "budgeted_cost"]] = None
    campaigns.loc[idle, "actual_cost"] = [np.nan, 900.0]
    return frames


def marketing_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, *LABELLED)
    yield responses(frames)
    yield lead_rows(frames)
    yield members(frames)
    yield campaign_rows(frames)
    yield sources(frames)
    yield costs(frames)
    yield shares(frames)
    yield recipients(frames)


def responses(frames: Frames) -> Rows:
    """How long each lead waited; one that still waits is late when the SLA has passed."""
    asked = {lead["id"]: lead["created_at"] for lead in rows(frames["lead"])}
    found = []
    for lead in lead_outcomes(frames):
        created = asked[lead["id"]]
        waited = None
        if created is not None and lead["answered"] is False:
            waited = business_minutes(created, pd.Timestamp(TODAY))
        late = waited is not None and waited > SLA_MINUTES
        found.append({
            "lead_id": lead["id"], "is_answered": whole(lead["answered"]),
            "response_minutes": lead["minutes"], "is_sla_due": int(lead["due"]),
            "is_sla_met": int(lead["met"]),
            "is_sla_overdue": None if lead["answered"] is None else int(late),
            "hours_overdue": (waited - SLA_MINUTES) / 60 if late and waited else None,
        })  # fmt: skip
    return Rows("lead_responses", list(found[0]), found)


def lead_rows(frames: Frames) -> Rows:
    """What became of each lead and what is to be done next."""
    own = {lead["id"]: lead for lead in rows(frames["lead"])}
    scored = [
        one for one in lead_outcomes(frames) if one["closed_cohort"] and one["score"] is not None
    ]
    lost = [one["score"] for one in scored if not one["customer"]]
    late = {row["lead_id"]: row["is_sla_overdue"] for row in responses(frames).expected}
    found = []
    for lead in lead_outcomes(frames):
        row, overdue = own[lead["id"]], late[lead["id"]]
        created = row["created_at"].date() if row["created_at"] else None
        names = (row["first_name"], row["last_name"])
        full = " ".join(names) if all(names) else names[1] or names[0]
        maturity = "(unknown)"
        if created is not None:
            old = (TODAY - created).days >= MATURITY_DAYS
            maturity = "mature" if old else "maturing"
        found.append({
            "lead_id": lead["id"], "lead_name": full or row["company_name"] or "(none)",
            "created_date": created, "mql_date": lead["mql_day"], "sql_date": lead["sql_day"],
            "maturity": maturity, "is_qualified": int(lead["mql_day"] is not None),
            "is_opportunity": int(lead["opportunity"]), "is_customer": int(lead["customer"]),
            "is_answered": whole(lead["answered"]),
            "is_sql": int(lead["sql_day"] is not None),
            "is_mql_to_sql": int(bool(lead["sql_day"]) and lead["sql_day"] >= lead["mql_day"]),
            "is_maturing": int(not lead["closed_cohort"]),
            "is_scored_customer": int(lead in scored and lead["customer"]),
            "is_scored_lost": int(lead in scored and not lead["customer"]),
            "score_wins": rank_of(lead["score"], lost)
            if lead in scored and lead["customer"] else None,
            "is_waiting": None if lead["answered"] is None
            else int(not lead["answered"] and row["status"] in WAITING),
            "is_overdue": None if overdue is None
            else int(overdue and row["status"] in WAITING),
            "next_action": next_action(lead, row["status"], overdue),
        })  # fmt: skip
    return Rows("leads", list(found[0]), found)


def rank_of(score: float, lost: list[float]) -> float | None:
    """The share of the lost leads with a lower score; the same score counts half."""
    lower = sum(other < score for other in lost) + sum(other == score for other in lost) / 2
    return lower / len(lost) if lost else None


def whole(flag: bool | None) -> int | None:
    return None if flag is None else int(flag)


def next_action(lead: dict[str, Any], status: str, overdue: int | None) -> str:
    if status == "disqualified" or lead["opportunity"]:
        return "None"
    if overdue:
        return "Answer now: the response SLA is missed"
    qualified = lead["mql_day"] is not None
    if lead["answered"] is False:
        return "Answer today: qualified" if qualified else "Make the first contact"
    return "Open an opportunity or disqualify" if qualified else "Qualify or disqualify"


def members(frames: Frames) -> Rows:
    """Who was reached by a campaign and who responded to it."""
    found = [
        {"member_id": row["id"], "is_reached": int(reached(row)),
         "is_responded": int(reached(row) and responded(row))}
        for row in rows(frames["campaign_member"])
    ]  # fmt: skip
    return Rows("campaign_members", ["member_id", "is_reached", "is_responded"], found)


def reached(member: dict[str, Any]) -> bool:
    return member["first_touch_at"] is not None and member["first_touch_at"].date() <= TODAY


def responded(member: dict[str, Any]) -> bool:
    return bool(member["has_responded"]) or member["responded_at"] is not None


def campaign_rows(frames: Frames) -> Rows:
    """Cost, members, qualified leads, revenue and what is to be done of each campaign."""
    booked: dict[str, float] = defaultdict(float)
    for spend in rows(frames["marketing_spend"]):
        if spend["platform"] != "sales" and spend["campaign_id"]:
            booked[spend["campaign_id"]] += spend["spend"]
    brought: dict[str, set[str]] = defaultdict(set)
    for lead in rows(frames["lead"]):
        brought[lead["campaign_id"]].add(lead["id"])
    for member in rows(frames["campaign_member"]):
        brought[member["campaign_id"]].add(member["lead_id"])
    qualified = {lead["id"] for lead in lead_outcomes(frames) if lead["mql_day"] is not None}
    revenue = attributed(frames, "linear")
    found = []
    for row in rows(frames["campaign"]):
        people = [m for m in rows(frames["campaign_member"]) if m["campaign_id"] == row["id"]]
        seen = [m for m in people if reached(m)]
        one = {
            "campaign_id": row["id"], "is_running": int(running(row)),
            "cost": booked[row["id"]] if row["id"] in booked else row["actual_cost"],
            "members": len(seen), "responses": sum(responded(m) for m in seen),
            "qualified_leads": len(brought[row["id"]] & qualified),
            "attributed_revenue": revenue.get(row["id"], 0.0),
        }  # fmt: skip
        leads, cost = one["qualified_leads"], one["cost"]
        one["cost_per_qualified_lead"] = None if cost is None or not leads else cost / leads
        found.append(one | {"next_action": campaign_action(one, row["budgeted_cost"])})
    return Rows("campaigns", list(found[0]), found)


def running(campaign: dict[str, Any]) -> bool:
    start, end = campaign["start_date"], campaign["end_date"]
    if campaign["status"] in ("completed", "aborted") or (end and end < TODAY):
        return False
    if start and start > TODAY:
        return False
    return campaign["status"] == "active" or (campaign["status"] is None and start is not None)


def campaign_action(row: dict[str, Any], budget: float | None) -> str:
    cost = row["cost"] or 0.0
    if not row["is_running"]:
        return "None"
    if budget is not None and cost > budget:
        return "Stop spending: the budget is used up"
    if row["qualified_leads"] and cost / row["qualified_leads"] > TARGET_COST:
        return "Cut the weakest segments: qualified leads cost more than the target"
    if cost > 0 and not row["qualified_leads"]:
        return "Check targeting: no qualified lead yet"
    if row["members"] and not row["responses"]:
        return "Check the message: nobody responded yet"
    return "Keep going"


def sources(frames: Frames) -> Rows:
    """Per source: leads, qualified, customers, revenue, and its share of what was spent."""
    names = {"leads": "is_lead", "qualified": "is_qualified", "customers": "is_customer",
             "revenue": "won_amount", "spend": "spend_amount"}  # fmt: skip
    found = [
        {"lead_source": source, **{names[name]: value for name, value in sums.items()}}
        for source, sums in by_source(frames).items()
    ]
    return Rows("lead_sources", ["lead_source", *names.values()], found, by=("lead_source",))


def costs(frames: Frames) -> Rows:
    """Per month: cost of marketing and of sales, leads, and customers by their first deal won."""
    found: dict[Any, dict[str, Any]] = {}

    def add(day: date | None, column: str, value: float) -> None:
        if day is not None:
            start = day.replace(day=1)
            blank = dict.fromkeys(("marketing_cost", "sales_cost"), 0.0)
            counts = dict.fromkeys(("leads_created", "qualified_leads", "new_customers"), 0)
            row = found.setdefault(start, {"month_date": start, **blank, **counts})
            row[column] += value

    for spend in rows(frames["marketing_spend"]):
        column = "sales_cost" if spend["platform"] == "sales" else "marketing_cost"
        add(spend["spend_date"], column, spend["spend"])
    for lead in lead_outcomes(frames):
        add(lead["created_day"], "leads_created", 1)
        add(lead["mql_day"], "qualified_leads", 1)
    won: dict[str, list[date]] = defaultdict(list)
    begun: dict[str, list[date]] = defaultdict(list)
    for deal in rows(frames["opportunity"]):
        if deal["status"] == "won" and deal["account_id"] and deal["closed_at"]:
            won[deal["account_id"]].append(deal["closed_at"].date())
    for contract in rows(frames["subscription"]):
        if contract["status"] != "trialing":
            begun[contract["account_id"]].append(contract["start_date"])
    for account in {*won, *begun}:
        add(min(won[account] or begun[account]), "new_customers", 1)
    columns = ["month_date", "marketing_cost", "sales_cost", "leads_created", "qualified_leads",
               "new_customers"]  # fmt: skip
    expected = [row for row in found.values() if any(row[c] for c in columns[1:])]
    where = (
        "coalesce(marketing_cost, 0) + coalesce(sales_cost, 0) + leads_created"
        " + qualified_leads + new_customers > 0"
    )
    return Rows("acquisition_months", columns, expected, where=where, by=("month_date",))


def shares(frames: Frames) -> Rows:
    """Model and campaign -> what was won by it."""
    world = World(frames)
    found = [
        {"attribution_model": model, "campaign_id": campaign, "attributed_amount": amount,
         "channel": (world.row("campaign", campaign)["channel"] or NONE) if campaign
         else "unattributed"}
        for model in ("first_touch", "last_touch", "linear")
        for campaign, amount in attributed(frames, model).items() if amount
    ]  # fmt: skip
    return Rows("campaign_attribution", list(found[0]), found, where="attributed_amount <> 0",
                by=("attribution_model", "campaign_id", "channel"))  # fmt: skip
