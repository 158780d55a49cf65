"""The company as Airbyte lands it from HubSpot: texts, properties as JSON and beside it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from tests.same_company.company import ENDS, LOST, STAGES, SYNCED, WON, Company

KEYS = {stage: f"8800{stage}" for stage in STAGES} | {WON: "closedwon", LOST: "closedlost"}
NAMES = {**{stage: name for stage, (name, _) in STAGES.items()}, **ENDS}
CHANCE = {stage: chance for stage, (_, chance) in STAGES.items()} | {WON: 1.0, LOST: 0.0}


def key(base: int, number: Any) -> str | None:
    """Ids are numbers, unique within an object."""
    return None if number is None else str(base + number)


OWNER, USER, COMPANY, CONTACT, DEAL, ENGAGEMENT = 100, 9000, 2000, 3000, 4000, 8000


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def text(value: Any) -> str | None:
    """HubSpot's properties are texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def record(
    id_: str | None,
    created: datetime,
    updated: datetime,
    archived: bool,
    properties: dict[str, Any],
) -> dict[str, Any]:
    """A record of a CRM object: its properties twice, once in the JSON."""
    given = {name: text(value) for name, value in properties.items()}
    return {
        "_airbyte_raw_id": f"raw-{id_}",
        "_airbyte_extracted_at": iso(SYNCED),
        "id": id_,
        "createdAt": iso(created),
        "updatedAt": iso(updated),
        "archived": archived,
        "properties": json.dumps({**given, "hs_object_id": id_}),
        **{f"properties_{name}": value for name, value in given.items()},
    }


def links(*ids: str | None) -> str:
    return json.dumps([one for one in ids if one])


def tables(company: Company, zone: str = "UTC") -> dict[str, pd.DataFrame]:
    """The raw tables. All times are moments, so the `zone` says nothing."""
    return {
        "owners": pd.DataFrame(
            {
                "id": key(OWNER, user.id),
                "email": user.email,
                "firstName": user.first,
                "lastName": user.last,
                "userId": key(USER, user.id),
                "userIdIncludingInactive": key(USER, user.id),
                "createdAt": iso(datetime(2023, 1, user.id, 8, 30)),
                "updatedAt": iso(datetime(2024, 1, user.id, 8, 30)),
                "archived": False,
                "teams": "[]",
            }
            for user in company.users.itertuples()
        ),
        "companies": _companies(company),
        "contacts": _contacts(company),
        "deal_pipelines": _pipelines(),
        **_deals(company),
        **_engagements(company),
    }


def _companies(company: Company) -> pd.DataFrame:
    last_done, customers = company.last_done("account"), company.customers()
    return pd.DataFrame(
        record(
            key(COMPANY, account.id),
            account.created_at,
            account.created_at + timedelta(hours=5),
            account.deleted,
            {
                "name": account.name,
                "domain": account.website.removeprefix("https://www.").rstrip("/"),
                "website": account.website,
                "industry": account.industry,
                "lifecyclestage": "customer" if account.id in customers else "opportunity",
                "city": account.city,
                "hs_country_code": account.country,
                "hubspot_owner_id": key(OWNER, account.owner),
                "createdate": iso(account.created_at),
                "notes_last_updated": iso(last_done.get(account.id)),
            },
        )
        for account in company.accounts.itertuples()
    )


def _contacts(company: Company) -> pd.DataFrame:
    return pd.DataFrame(
        record(
            key(CONTACT, contact.id),
            contact.created_at,
            contact.created_at + timedelta(hours=5),
            contact.deleted,
            {
                "firstname": contact.first,
                "lastname": contact.last,
                "email": contact.email,
                "phone": contact.phone,
                "associatedcompanyid": key(COMPANY, contact.account),
                "hubspot_owner_id": key(OWNER, contact.owner),
                "hs_country_region_code": contact.country,
                "createdate": iso(contact.created_at),
            },
        )
        for contact in company.contacts.itertuples()
    )


def _pipelines() -> pd.DataFrame:
    stages = [
        {
            "label": name,
            "displayOrder": stage - 1,
            "metadata": {"isClosed": text(stage in ENDS), "probability": text(CHANCE[stage])},
            "stageId": KEYS[stage],
            "createdAt": 0,
            "updatedAt": None,
            "active": True,
        }
        for stage, name in NAMES.items()
    ]
    return pd.DataFrame(
        [
            {
                "pipelineId": "default",
                "label": "Sales",
                "displayOrder": 0,
                "active": True,
                "objectType": "DEAL",
                "createdAt": 1640995201000,
                "default": True,
                "stages": json.dumps(stages),
            }
        ]
    )


def _deals(company: Company) -> dict[str, pd.DataFrame]:
    last_done, coming = company.last_done("deal"), company.next_planned()
    deals, archived, history = [], [], []
    for deal in company.deals.itertuples():
        steps = company.changes[company.changes["deal"] == deal.id]
        stage, changed_at = steps.iloc[-1][["stage", "at"]]
        updated = changed_at + timedelta(minutes=1)
        expected = datetime.combine(deal.expected_close, datetime.min.time().replace(hour=12))
        properties = {
            "dealname": deal.name,
            "pipeline": "default",
            "dealstage": KEYS[stage],
            "hubspot_owner_id": key(OWNER, deal.owner),
            "amount": deal.amount,
            "closedate": iso(deal.closed_at or expected),
            "createdate": iso(deal.created_at),
            "hs_is_closed": stage in ENDS,
            "hs_is_closed_won": stage == WON,
            "hs_deal_stage_probability": CHANCE[stage],
            "closed_lost_reason": deal.loss_reason,
            "hs_primary_associated_company": key(COMPANY, deal.account),
            "notes_next_activity_date": iso(coming.get(deal.id)),
            "notes_last_updated": iso(last_done.get(deal.id)),
        }
        id_ = key(DEAL, deal.id)
        row = {
            **record(id_, deal.created_at, updated, False, properties),
            "companies": links(key(COMPANY, deal.account)),
            "contacts": links(key(CONTACT, deal.contact)),
        }
        if deal.deleted:
            # the stream of deals keeps what it read before the deal was archived, or never saw it
            gone = updated + timedelta(days=1)
            archived.append(
                record(id_, deal.created_at, gone, True, properties) | {"archivedAt": iso(gone)}
            )
            if deal.id % 2:
                continue
        deals.append(row)
        values = [("dealstage", KEYS[step.stage], step.at) for step in steps.itertuples()]
        values.append(("amount", text(deal.amount), deal.created_at))
        values.append(("closedate", iso(expected), deal.created_at))
        if deal.closed_at:
            values.append(("closedate", iso(deal.closed_at), deal.closed_at))
        history += [
            {
                "dealId": id_,
                "property": name,
                "value": value,
                "timestamp": iso(at),
                "sourceType": "CRM_UI",
                "updatedByUserId": key(USER, deal.owner),
                "archived": False,
            }
            for name, value, at in values
            if value is not None
        ]
    return {
        "deals": pd.DataFrame(deals),
        "deals_archived": pd.DataFrame(archived),
        "deals_property_history": pd.DataFrame(history),
    }


def _engagements(company: Company) -> dict[str, pd.DataFrame]:
    """Calls that took place, meetings, and as tasks the calls that are planned."""
    rows: dict[str, list[dict[str, Any]]] = {"calls": [], "meetings": [], "tasks": []}
    for act in company.activities.itertuples():
        general = {
            "hs_createdate": iso(act.created_at),
            "hs_timestamp": iso(act.at),
            "hubspot_owner_id": key(OWNER, act.owner),
        }
        if act.kind == "meeting":
            kind = "meetings"
            own = {
                "hs_meeting_title": act.subject,
                "hs_meeting_outcome": "COMPLETED" if act.done else "SCHEDULED",
                "hs_meeting_start_time": iso(act.at),
                "hs_meeting_end_time": iso(act.ends_at),
            }
        elif act.done:
            kind = "calls"
            own = {
                "hs_call_title": act.subject,
                "hs_call_direction": "OUTBOUND",
                "hs_call_status": "COMPLETED",
                "hs_call_duration": act.minutes * 60_000,
            }
        else:
            kind = "tasks"
            own = {
                "hs_task_subject": act.subject,
                "hs_task_status": "NOT_STARTED",
                "hs_task_type": "CALL",
            }
        id_ = key(ENGAGEMENT, act.id)
        updated = act.created_at + timedelta(minutes=1)
        rows[kind].append(
            {
                **record(id_, act.created_at, updated, False, {**general, **own}),
                "contacts": links(key(CONTACT, act.contact)),
                "companies": links(key(COMPANY, act.account)),
                "deals": links(key(DEAL, act.deal)),
                "tickets": "[]",
            }
        )
    return {f"engagements_{kind}": pd.DataFrame(found) for kind, found in rows.items()}
