"""The company as Fivetran lands it from Salesforce: typed columns, dates as midnights."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tests.same_company.company import ENDS, LOST, STAGES, SYNCED, WON, Company

NAMES = {**{stage: name for stage, (name, _) in STAGES.items()}, **ENDS}
PERCENT = {**{stage: chance * 100 for stage, (_, chance) in STAGES.items()}, WON: 100.0, LOST: 0.0}
CATEGORY = dict.fromkeys(STAGES, "Pipeline") | {WON: "Closed", LOST: "Omitted"}


def key(prefix: str, number: Any) -> str | None:
    """An id of 18 letters; its first three tell the object."""
    return None if number is None else f"{prefix}5g0000{number:09}"


def day(moment: datetime, zone: str) -> datetime:
    """The day of a moment where the organisation is, as Fivetran lands a date."""
    there = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
    return datetime.combine(there.date(), time())


def tables(company: Company, zone: str = "UTC") -> dict[str, pd.DataFrame]:
    """The raw tables. `zone` is that of the organisation: dates without a time are of it."""
    last_of_account, customers = company.last_done("account"), company.customers()
    return {
        "user": pd.DataFrame(
            {
                "id": key("005", user.id),
                "created_date": datetime(2023, 1, user.id, 8, 30),
                "last_modified_date": datetime(2024, 1, user.id, 8, 30),
                "name": f"{user.first} {user.last}",
                "first_name": user.first,
                "last_name": user.last,
                "username": user.email,
                "email": user.email.title(),
                "is_active": True,
                "user_type": "Standard",
            }
            for user in company.users.itertuples()
        ),
        "account": pd.DataFrame(
            {
                "id": key("001", account.id),
                "created_date": account.created_at,
                "last_modified_date": account.created_at + timedelta(hours=5),
                "is_deleted": account.deleted,
                "master_record_id": None,
                "name": account.name,
                "owner_id": key("005", account.owner),
                "type": "Customer - Direct" if account.id in customers else "Prospect",
                "industry": account.industry,
                "billing_country_code": account.country,
                "billing_city": account.city,
                "website": account.website,
                "last_activity_date": last_of_account.get(account.id)
                and day(last_of_account[account.id], zone),
            }
            for account in company.accounts.itertuples()
        ),
        "contact": pd.DataFrame(
            {
                "id": key("003", contact.id),
                "created_date": contact.created_at,
                "last_modified_date": contact.created_at + timedelta(hours=5),
                "is_deleted": contact.deleted,
                "master_record_id": None,
                "account_id": key("001", contact.account),
                "first_name": contact.first,
                "last_name": contact.last,
                "name": f"{contact.first} {contact.last}",
                "email": contact.email,
                "phone": contact.phone,
                "owner_id": key("005", contact.owner),
                "mailing_country_code": contact.country,
            }
            for contact in company.contacts.itertuples()
        ),
        "opportunity_stage": pd.DataFrame(
            {
                "id": f"01J5g0000{stage:09}",
                "master_label": name,
                "api_name": name,
                "sort_order": stage,
                "is_closed": stage in ENDS,
                "is_won": stage == WON,
                "default_probability": PERCENT[stage],
                "forecast_category": CATEGORY[stage],
                "forecast_category_name": CATEGORY[stage],
                "is_active": True,
            }
            for stage, name in NAMES.items()
        ),
        **_deals(company, zone),
        "task": _tasks(company, zone),
        "event": _events(company),
    }


def _deals(company: Company, zone: str) -> dict[str, pd.DataFrame]:
    last_done = company.last_done("deal")
    deals, roles, history = [], [], []
    for deal in company.deals.itertuples():
        steps = company.changes[company.changes["deal"] == deal.id]
        stage, changed_at = steps.iloc[-1][["stage", "at"]]
        expected = datetime.combine(deal.expected_close, time())
        closed = day(deal.closed_at, zone) if deal.closed_at else None
        opportunity = key("006", deal.id)
        deals.append(
            {
                "id": opportunity,
                "created_date": deal.created_at,
                "last_modified_date": changed_at + timedelta(minutes=1),
                "is_deleted": deal.deleted,
                "name": deal.name,
                "account_id": key("001", deal.account),
                "owner_id": key("005", deal.owner),
                "type": None,
                "stage_name": NAMES[stage],
                "is_closed": stage in ENDS,
                "is_won": stage == WON,
                "amount": deal.amount,
                "probability": PERCENT[stage],
                "forecast_category": CATEGORY[stage],
                "forecast_category_name": CATEGORY[stage],
                "close_date": closed or expected,
                "last_stage_change_date": changed_at if len(steps) > 1 else None,
                "last_activity_date": last_done.get(deal.id) and day(last_done[deal.id], zone),
                "loss_reason_c": deal.loss_reason,
            }
        )
        if deal.contact:
            roles.append(
                {
                    "id": key("00K", deal.id),
                    "opportunity_id": opportunity,
                    "contact_id": key("003", deal.contact),
                    "is_primary": True,
                    "is_deleted": deal.deleted,
                    "created_date": deal.created_at,
                }
            )
        for place, step in enumerate(steps.itertuples()):
            history.append(
                {
                    "id": key("008", deal.id * 100 + place),
                    "opportunity_id": opportunity,
                    "stage_name": NAMES[step.stage],
                    "amount": deal.amount,
                    "close_date": closed if step.stage in ENDS else expected,
                    "probability": PERCENT[step.stage],
                    "forecast_category": CATEGORY[step.stage],
                    "created_date": step.at,
                    "created_by_id": key("005", deal.owner),
                    "is_deleted": deal.deleted,
                }
            )
    return {
        "opportunity": pd.DataFrame(deals),
        "opportunity_contact_role": pd.DataFrame(roles),
        "opportunity_history": pd.DataFrame(history),
    }


def _links(act: Any) -> dict[str, Any]:
    return {
        "is_deleted": False,
        "who_id": key("003", act.contact),
        "what_id": key("006", act.deal) or key("001", act.account),
        "account_id": key("001", act.account),
        "owner_id": key("005", act.owner),
        "subject": act.subject,
    }


def _tasks(company: Company, zone: str) -> pd.DataFrame:
    calls = company.activities[company.activities["kind"] == "call"]
    return pd.DataFrame(
        {
            "id": key("00T", call.id),
            "created_date": call.created_at,
            "last_modified_date": call.at if call.done else call.created_at,
            **_links(call),
            "type": "Call",
            "task_subtype": "Call",
            "status": "Completed" if call.done else "Not Started",
            "is_closed": call.done,
            "activity_date": day(call.at, zone),
            "completed_date_time": call.at if call.done else None,
            "call_type": "Outbound" if call.done else None,
            "call_duration_in_seconds": call.minutes * 60 if call.done else None,
        }
        for call in calls.itertuples()
    )


def _events(company: Company) -> pd.DataFrame:
    meetings = company.activities[company.activities["kind"] == "meeting"]
    return pd.DataFrame(
        {
            "id": key("00U", meeting.id),
            "created_date": meeting.created_at,
            "last_modified_date": meeting.created_at,
            **_links(meeting),
            "is_child": False,
            "type": "Meeting",
            "activity_date_time": meeting.at,
            "start_date_time": meeting.at,
            "end_date_time": meeting.ends_at,
            "duration_in_minutes": meeting.minutes,
            "_fivetran_synced": SYNCED,
        }
        for meeting in meetings.itertuples()
    )
