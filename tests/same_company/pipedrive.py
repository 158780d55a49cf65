"""The company as dlt lands it from Pipedrive: flattened, instants, a child table per array."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from tests.same_company.company import LOST, STAGES, WON, Company

USER, ORG, PERSON, DEAL, STAGE, ACTIVITY = 10, 500, 600, 700, 100, 800


def key(base: int, number: Any) -> int | None:
    return None if number is None else base + number


def at(moment: datetime | None) -> pd.Timestamp | None:
    """dlt lands times as instants."""
    return None if moment is None else pd.Timestamp(moment, tz="UTC")


def tables(company: Company, zone: str = "UTC") -> dict[str, pd.DataFrame]:
    """The raw tables. All times are moments, so the `zone` says nothing."""
    made = at(datetime(2023, 1, 2, 8))
    return {
        "users": pd.DataFrame(
            {
                "id": key(USER, user.id),
                "name": f"{user.first} {user.last}",
                "email": user.email,
                "active_flag": True,
                "is_admin": 1 if user.id == 1 else 0,
                "created": at(datetime(2023, 1, user.id, 8, 30)),
                "modified": at(datetime(2024, 1, user.id, 8, 30)),
            }
            for user in company.users.itertuples()
        ),
        "pipelines": pd.DataFrame(
            [
                {
                    "id": 1,
                    "name": "Sales",
                    "order_nr": 1,
                    "active": True,
                    "deal_probability": True,
                    "add_time": made,
                    "update_time": made,
                }
            ]
        ),
        "stages": pd.DataFrame(
            {
                "id": key(STAGE, stage),
                "order_nr": stage,
                "name": name,
                "active_flag": True,
                "deal_probability": round(chance * 100),
                "pipeline_id": 1,
                "rotten_flag": False,
                "add_time": made,
                "update_time": made,
            }
            for stage, (name, chance) in STAGES.items()
        ),
        "organizations": _organizations(company),
        **_persons(company),
        **_deals(company),
        "activities": _activities(company),
    }


def _organizations(company: Company) -> pd.DataFrame:
    last_done = company.last_done("account")
    return pd.DataFrame(
        {
            "id": key(ORG, account.id),
            "owner_id__id": key(USER, account.owner),
            "owner_id__value": key(USER, account.owner),
            "name": account.name,
            "active_flag": not account.deleted,
            "country_code": account.country,
            "address_locality": account.city,
            "last_activity_date": last_done[account.id].date() if account.id in last_done else None,
            "add_time": at(account.created_at),
            "update_time": at(account.created_at + timedelta(hours=5)),
            "delete_time": "2025-01-01 10:00:00" if account.deleted else None,
        }
        for account in company.accounts.itertuples()
    )


def _persons(company: Company) -> dict[str, pd.DataFrame]:
    persons, emails, phones = [], [], []
    for contact in company.contacts.itertuples():
        row_key = f"pe{contact.id}"
        persons.append(
            {
                "id": key(PERSON, contact.id),
                "owner_id": key(USER, contact.owner),
                "org_id": key(ORG, contact.account),
                "name": f"{contact.first} {contact.last}",
                "first_name": contact.first,
                "last_name": contact.last,
                "active_flag": not contact.deleted,
                "add_time": at(contact.created_at),
                "update_time": at(contact.created_at + timedelta(hours=5)),
                "delete_time": "2025-01-01 10:00:00" if contact.deleted else None,
                "_dlt_id": row_key,
            }
        )
        for rows, value in ((emails, contact.email), (phones, contact.phone)):
            rows.append(
                {
                    "label": "work",
                    "value": value,
                    "primary": True,
                    "_dlt_parent_id": row_key,
                    "_dlt_list_idx": 0,
                }
            )
    return {
        "persons": pd.DataFrame(persons),
        "persons__email": pd.DataFrame(emails),
        "persons__phone": pd.DataFrame(phones),
    }


def _deals(company: Company) -> dict[str, pd.DataFrame]:
    last_done, coming = company.last_done("deal"), company.next_planned()
    deals, flow = [], []
    for deal in company.deals.itertuples():
        steps = company.changes[company.changes["deal"] == deal.id]
        moves = [step for step in steps.itertuples() if step.stage not in (WON, LOST)]
        closed = at(deal.closed_at)
        updated = steps["at"].iloc[-1] + timedelta(minutes=1)
        owner, id_ = key(USER, deal.owner), key(DEAL, deal.id)
        deals.append(
            {
                "id": id_,
                "creator_user_id": owner,
                "user_id__id": owner,
                "person_id__value": key(PERSON, deal.contact),
                "org_id__value": key(ORG, deal.account),
                "stage_id": key(STAGE, deal.stage),
                "title": deal.name,
                "value": deal.amount,
                "currency": "EUR",
                "add_time": at(deal.created_at),
                "update_time": at(updated),
                "stage_change_time": at(moves[-1].at) if len(moves) > 1 else None,
                "active": deal.status == "open" and not deal.deleted,
                "deleted": deal.deleted,
                "status": "deleted" if deal.deleted else deal.status,
                "probability": None,
                "next_activity_date": coming[deal.id].date() if deal.id in coming else None,
                "last_activity_date": last_done[deal.id].date() if deal.id in last_done else None,
                "lost_reason": deal.loss_reason,
                "close_time": closed,
                "pipeline_id": 1,
                "won_time": closed if deal.status == "won" else None,
                "first_won_time": closed if deal.status == "won" else None,
                "lost_time": closed if deal.status == "lost" else None,
                "expected_close_date": deal.expected_close,
            }
        )
        noted = [("add_time", None, str(deal.created_at), deal.created_at)]
        for before, step in pairwise(moves):
            stages = (str(key(STAGE, before.stage)), str(key(STAGE, step.stage)))
            noted.append(("stage_id", *stages, step.at))
        if deal.closed_at:
            noted.append(("status", "open", deal.status, deal.closed_at))
        flow += [
            {
                "id": deal.id * 100 + place,
                "item_id": id_,
                "user_id": owner,
                "field_key": field,
                "old_value": old,
                "new_value": new,
                "log_time": at(moment),
            }
            for place, (field, old, new, moment) in enumerate(noted)
        ]
    return {"deals": pd.DataFrame(deals), "deals_flow_deal_change": pd.DataFrame(flow)}


def _activities(company: Company) -> pd.DataFrame:
    """Meetings and every other call have a time of day; those done were ticked off at the end."""
    rows = []
    for act in company.activities.itertuples():
        is_timed = act.kind == "meeting" or act.id % 2 == 0
        ticked = act.ends_at if act.kind == "meeting" else act.at
        rows.append(
            {
                "id": key(ACTIVITY, act.id),
                "user_id": key(USER, act.owner),
                "done": act.done,
                "type": act.kind,
                "due_date": act.at.date(),
                "due_time": act.at.strftime("%H:%M") if is_timed else None,
                "duration": f"{act.minutes // 60:02}:{act.minutes % 60:02}",
                "add_time": at(act.created_at),
                "marked_as_done_time": at(ticked) if act.done else None,
                "subject": act.subject,
                "org_id": key(ORG, act.account),
                "person_id": key(PERSON, act.contact),
                "deal_id": key(DEAL, act.deal),
                "active_flag": True,
                "update_time": at(act.created_at + timedelta(minutes=1)),
            }
        )
    return pd.DataFrame(rows)
