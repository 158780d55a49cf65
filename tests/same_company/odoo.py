"""The company as Odoo's own database has it: integers, naive UTC, names as JSON per language.

What was deleted is gone from the tables, but for some deals that were archived.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from tests.same_company.company import (
    ENDS,
    INDUSTRIES,
    LOST,
    REASONS,
    STAGES,
    WON,
    Company,
)

USER, USER_PARTNER, ACCOUNT, CONTACT, LEAD = 5, 10, 100, 300, 1000
TEAM, STAGE_FIELD, CALL, MEETING = 1, 500, 2, 3
ACTIVITIES_SUBTYPE, NOTE_SUBTYPE = 3, 2
PROBABILITY = {stage: chance * 100 for stage, (_, chance) in STAGES.items()} | {WON: 100.0}
COUNTRIES = {"DE": 57, "FR": 75, "AT": 12, "US": 233}


def key(base: int, number: Any) -> int | None:
    return None if number is None else base + number


def label(text: str) -> str:
    return json.dumps({"en_US": text})


def tables(company: Company, zone: str = "UTC") -> dict[str, pd.DataFrame]:
    """The raw tables. All times are moments, so the `zone` says nothing."""
    made = datetime(2023, 1, 2, 8)
    stages = {stage: name for stage, (name, _) in STAGES.items()} | {WON: ENDS[WON]}
    return {
        "crm_team": pd.DataFrame(
            [{"id": TEAM, "name": label("Sales"), "active": True, "sequence": 1, **_dates(made)}]
        ),
        "crm_stage": pd.DataFrame(
            {
                "id": stage,
                "name": label(name),
                "sequence": stage,
                "is_won": stage == WON,
                "team_id": None,
                **_dates(made),
            }
            for stage, name in stages.items()
        ),
        "crm_lost_reason": pd.DataFrame(
            {"id": place, "name": label(reason), "active": True}
            for place, reason in enumerate(REASONS, start=1)
        ),
        "res_currency": pd.DataFrame([{"id": 1, "name": "EUR"}, {"id": 2, "name": "USD"}]),
        "res_company": pd.DataFrame([{"id": 1, "name": "Own", "partner_id": 1, "currency_id": 1}]),
        "res_country": pd.DataFrame(
            {"id": id_, "code": code, "name": label(code)} for code, id_ in COUNTRIES.items()
        ),
        "res_partner_industry": pd.DataFrame(
            {"id": place, "name": label(name)} for place, name in enumerate(INDUSTRIES, start=1)
        ),
        "res_users": pd.DataFrame(
            {
                "id": key(USER, user.id),
                "login": user.email,
                "partner_id": key(USER_PARTNER, user.id),
                "active": True,
                "share": False,
                **_dates(datetime(2023, 1, user.id, 8, 30)),
            }
            for user in company.users.itertuples()
        ),
        "res_partner": _partners(company, made),
        "ir_model_fields": pd.DataFrame(
            [{"id": STAGE_FIELD, "model": "crm.lead", "name": "stage_id", "ttype": "many2one"}]
        ),
        "mail_activity_type": pd.DataFrame(
            [
                {"id": CALL, "name": label("Call"), "category": "phonecall"},
                {"id": MEETING, "name": label("Meeting"), "category": "meeting"},
            ]
        ),
        "mail_message_subtype": pd.DataFrame(
            [
                {"id": NOTE_SUBTYPE, "name": label("Note"), "internal": True},
                {"id": ACTIVITIES_SUBTYPE, "name": label("Activities"), "internal": True},
            ]
        ),
        "crm_lead": _leads(company),
        **_messages(company),
        **_planned(company),
    }


def _dates(made: datetime, hours: float = 5) -> dict[str, datetime]:
    return {"create_date": made, "write_date": made + timedelta(hours=hours)}


def _partners(company: Company, made: datetime) -> pd.DataFrame:
    empty = dict.fromkeys(
        ("parent_id", "country_id", "industry_id", "user_id", "email", "phone", "city")
    )
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "Own", "is_company": True, "active": True, "commercial_partner_id": 1}
        | {**empty, "website": None, **_dates(made)}
    ]
    rows += [
        {
            **empty,
            "id": key(USER_PARTNER, user.id),
            "name": f"{user.first} {user.last}",
            "is_company": False,
            "active": True,
            "parent_id": 1,
            "commercial_partner_id": 1,
            "email": user.email,
            **_dates(made),
        }
        for user in company.users.itertuples()
    ]
    rows += [
        {
            **empty,
            "id": key(ACCOUNT, account.id),
            "name": account.name,
            "is_company": True,
            "active": not account.deleted,
            "commercial_partner_id": key(ACCOUNT, account.id),
            "country_id": COUNTRIES[account.country],
            "industry_id": INDUSTRIES.index(account.industry) + 1,
            "user_id": key(USER, account.owner),
            "city": account.city,
            "website": account.website,
            **_dates(account.created_at),
        }
        for account in company.accounts.itertuples()
    ]
    rows += [
        {
            **empty,
            "id": key(CONTACT, contact.id),
            "name": f"{contact.first} {contact.last}",
            "is_company": False,
            "active": not contact.deleted,
            "parent_id": key(ACCOUNT, contact.account),
            "commercial_partner_id": key(ACCOUNT, contact.account) or key(CONTACT, contact.id),
            "country_id": COUNTRIES[contact.country],
            "user_id": key(USER, contact.owner),
            "email": contact.email,
            "phone": contact.phone,
            **_dates(contact.created_at),
        }
        for contact in company.contacts.itertuples()
    ]
    return pd.DataFrame(rows).astype(object).assign(type="contact", customer_rank=0)


def _leads(company: Company) -> pd.DataFrame:
    rows = []
    for deal in company.deals.itertuples():
        if deal.deleted and deal.id % 2:
            continue
        steps = company.changes[company.changes["deal"] == deal.id]
        moves = steps[steps["stage"] != LOST]
        won, lost = deal.status == "won", deal.status == "lost"
        # archived without being lost: neither probability 0 nor a reason
        gone = deal.deleted
        stage = WON if won and not gone else deal.stage
        rows.append(
            {
                "id": key(LEAD, deal.id),
                "name": deal.name,
                "type": "opportunity",
                "active": not gone and not lost,
                "probability": 0.0 if lost and not gone else PROBABILITY[stage],
                "stage_id": stage,
                "team_id": TEAM,
                "user_id": key(USER, deal.owner),
                "partner_id": key(CONTACT, deal.contact) or key(ACCOUNT, deal.account),
                "company_id": 1,
                "lost_reason_id": REASONS.index(deal.loss_reason) + 1
                if deal.loss_reason and not gone
                else None,
                "expected_revenue": deal.amount,
                "date_deadline": deal.expected_close,
                "date_closed": None if gone else deal.closed_at,
                "date_conversion": None,
                "date_last_stage_update": moves["at"].iloc[-1],
                "create_date": deal.created_at,
                "create_uid": key(USER, deal.owner),
                "write_date": steps["at"].iloc[-1] + timedelta(minutes=1),
            }
        )
    return pd.DataFrame(rows)


def _messages(company: Company) -> dict[str, pd.DataFrame]:
    """Tracked changes of the stage, and the messages that calls leave when they are done."""
    owners = dict(zip(company.deals["id"], company.deals["owner"], strict=True))
    gone = set(company.deals[company.deals["deleted"].astype(bool)]["id"])
    messages: list[dict[str, Any]] = []
    tracked: list[dict[str, Any]] = []

    def add(model: str, res_id: Any, user: int, moment: datetime, **own: Any) -> int:
        message = {
            "id": len(messages) + 1,
            "model": model,
            "res_id": res_id,
            "message_type": "notification",
            "author_id": key(USER_PARTNER, user),
            "date": moment,
            **_dates(moment, hours=0),
            "mail_activity_type_id": None,
            "is_internal": False,
            "subject": None,
        }
        messages.append({**message, **own})
        return len(messages)

    for number, steps in company.changes.groupby("deal"):
        stages = steps[steps["stage"] != LOST]
        if number in gone:
            continue
        before = stages["stage"].iloc[0]
        for step in stages.iloc[1:].itertuples():
            lead = key(LEAD, number)
            id_ = add("crm.lead", lead, owners[number], step.at, subtype_id=NOTE_SUBTYPE)
            tracked.append(
                {
                    "id": len(tracked) + 1,
                    "mail_message_id": id_,
                    "field_id": STAGE_FIELD,
                    "old_value_integer": before,
                    "new_value_integer": step.stage,
                    "create_date": step.at,
                }
            )
            before = step.stage
    for act in company.activities.itertuples():
        if act.kind == "call" and act.done:
            add(
                *_where(act),
                act.owner,
                act.at,
                subtype_id=ACTIVITIES_SUBTYPE,
                mail_activity_type_id=CALL,
                is_internal=True,
                subject=act.subject,
            )
    return {"mail_message": pd.DataFrame(messages), "mail_tracking_value": pd.DataFrame(tracked)}


def _where(act: Any) -> tuple[str, int | None]:
    """The record that an activity is of."""
    if act.deal:
        return "crm.lead", key(LEAD, act.deal)
    return "res.partner", key(CONTACT, act.contact) or key(ACCOUNT, act.account)


def _planned(company: Company) -> dict[str, pd.DataFrame]:
    """Meetings of the calendar; planned calls, and planned meetings, as activities."""
    activities: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for act in company.activities.itertuples():
        model, res_id = _where(act)
        if act.kind == "meeting":
            events.append(
                {
                    "id": act.id,
                    "name": act.subject,
                    "user_id": key(USER, act.owner),
                    "opportunity_id": key(LEAD, act.deal),
                    "res_model": model,
                    "res_id": res_id,
                    "start": act.at,
                    "stop": act.ends_at,
                    "duration": act.minutes / 60,
                    "active": True,
                    **_dates(act.created_at, hours=0),
                }
            )
        if not act.done:
            activities.append(
                {
                    "id": act.id,
                    "res_model": model,
                    "res_id": res_id,
                    "activity_type_id": CALL if act.kind == "call" else MEETING,
                    "calendar_event_id": act.id if act.kind == "meeting" else None,
                    "user_id": key(USER, act.owner),
                    "summary": act.subject,
                    "date_deadline": act.at.date(),
                    "active": True,
                    **_dates(act.created_at, hours=0),
                }
            )
    return {"calendar_event": pd.DataFrame(events), "mail_activity": pd.DataFrame(activities)}
