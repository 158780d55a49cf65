"""How Odoo keeps a world in its own database: integers, naive UTC, names as JSON per language.

Amounts are in the currency of the company that the deal is of. Lost is archived with probability 0;
an open deal that was deleted is archived otherwise, a closed one is gone for good. Merging moves
the messages of a deal, with the changes tracked in them, to the survivor, under a subject that
names where they come from (crm.lead, _merge_dependences_history). A stage can be deleted when no
deal is in it, archived or not.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.histories.events import CURRENCIES, FIRST, OWNERS, REASONS
from tests.histories.product import COPIES, Row, Rows, Vendor
from tests.histories.reports import owner_name, pipeline_name
from tests.histories.world import LOST, WON, Change, Deal, Habits, World

CHANCES = {1: Decimal("0.12"), 2: Decimal("0.35"), 3: Decimal("0.5"), 4: Decimal("0.75")}
HABITS = Habits(
    closing_sets="nothing",
    reports_by_close_date=False,
    keeps_amounts=False,
    keeps_deleted_stages=False,
    closed_leave_deleted_stages=True,
    deleting_is_known=True,
    chances=CHANCES,
    stages_have_chances=False,
)
WON_STAGE = 9
STAGE_FIELD, ACTIVE_FIELD, REVENUE_FIELD = 500, 501, 502
FIELDS = {STAGE_FIELD: "stage_id", ACTIVE_FIELD: "active", REVENUE_FIELD: "expected_revenue"}

_DATES = {"create_date": "timestamp", "write_date": "timestamp"}
VENDOR = Vendor(
    connector="odoo",
    landing="database",
    user="1",
    types={
        "res_users": {
            "id": "integer",
            "login": "varchar",
            "partner_id": "integer",
            "active": "boolean",
            "share": "boolean",
            **_DATES,
        },
        "res_partner": {
            "id": "integer",
            "name": "varchar",
            "is_company": "boolean",
            "parent_id": "integer",
            "commercial_partner_id": "integer",
            "active": "boolean",
            **_DATES,
        },
        "res_company": {"id": "integer", "partner_id": "integer", "currency_id": "integer"},
        "res_currency": {"id": "integer", "name": "varchar"},
        "crm_team": {
            "id": "integer",
            "name": "json",
            "active": "boolean",
            "sequence": "integer",
            **_DATES,
        },
        "crm_stage": {
            "id": "integer",
            "name": "json",
            "sequence": "integer",
            "is_won": "boolean",
            "team_id": "integer",
            **_DATES,
        },
        "crm_lost_reason": {"id": "integer", "name": "json", "active": "boolean"},
        "crm_lead": {
            "id": "integer",
            "name": "varchar",
            "type": "varchar",
            "active": "boolean",
            "probability": "double",
            "stage_id": "integer",
            "team_id": "integer",
            "user_id": "integer",
            "partner_id": "integer",
            "company_id": "integer",
            "lost_reason_id": "integer",
            "expected_revenue": "double",
            "date_deadline": "date",
            "date_closed": "timestamp",
            "date_last_stage_update": "timestamp",
            "create_uid": "integer",
            **_DATES,
        },
        "mail_message": {
            "id": "integer",
            "model": "varchar",
            "res_id": "integer",
            "message_type": "varchar",
            "author_id": "integer",
            "subject": "varchar",
            "date": "timestamp",
            **_DATES,
        },
        "mail_tracking_value": {
            "id": "integer",
            "mail_message_id": "integer",
            "field_id": "integer",
            "old_value_integer": "integer",
            "new_value_integer": "integer",
            "old_value_float": "double",
            "new_value_float": "double",
            **_DATES,
        },
        "ir_model_fields": {"id": "integer", "model": "varchar", "name": "varchar"},
    },
)


def label(text: str) -> str:
    return json.dumps({"en_US": text})


def _dates(created: datetime, written: datetime | None = None) -> Row:
    return {"create_date": created, "write_date": written or created}


def owner_key(owner: int) -> int:
    return 10 + owner


def lead_key(world: World, deal: Deal) -> int:
    return 1000 + 10 * sorted(world.seeds).index(deal.seed) + deal.number


def is_unlinked(deal: Deal) -> bool:
    return deal.merged_into is not None or (deal.deleted and deal.status != "open")


def rows(world: World) -> Rows:
    teams = sorted(world.seeds)
    accounts = {
        (deal.seed, deal.account) for deal in world.deals.values() if deal.account is not None
    }
    stages = {s: name for s, name in world.names.items() if s not in world.deleted}
    partners = {
        **{owner_key(owner): (owner_name(owner), False) for owner in OWNERS},
        **{_partner(world, *account): (f"Account {account}", True) for account in accounts},
    }
    return {
        "res_users": [
            {
                "id": owner_key(owner),
                "login": f"owner{owner}@seller.example",
                "partner_id": owner_key(owner),
                "active": True,
                "share": False,
                **_dates(FIRST),
            }
            for owner in OWNERS
        ],
        "res_partner": [
            {
                "id": id_,
                "name": name,
                "is_company": is_company,
                "parent_id": None,
                "commercial_partner_id": id_,
                "active": True,
                **_dates(FIRST),
            }
            for id_, (name, is_company) in partners.items()
        ],
        "res_company": [
            {"id": place, "partner_id": None, "currency_id": place}
            for place in range(1, len(CURRENCIES) + 1)
        ],
        "res_currency": [
            {"id": place, "name": name} for place, name in enumerate(CURRENCIES, start=1)
        ],
        "crm_team": [
            {
                "id": place,
                "name": label(pipeline_name(seed)),
                "active": True,
                "sequence": place,
                **_dates(FIRST),
            }
            for place, seed in enumerate(teams, start=1)
        ],
        "crm_stage": [
            {
                "id": stage,
                "name": label(name),
                "sequence": stage,
                "is_won": stage == WON_STAGE,
                "team_id": None,
                **_dates(FIRST),
            }
            for stage, name in {**stages, WON_STAGE: "Won"}.items()
        ],
        "crm_lost_reason": [
            {"id": place, "name": label(name), "active": True}
            for place, name in enumerate(filter(None, REASONS), start=1)
        ],
        "crm_lead": [_lead(world, d) for d in world.deals.values() if not is_unlinked(d)],
        **_messages(world),
        "ir_model_fields": [
            {"id": id_, "model": "crm.lead", "name": name} for id_, name in FIELDS.items()
        ],
    }


def _partner(world: World, seed: int, account: int) -> int:
    return 100 + 10 * sorted(world.seeds).index(seed) + account


def _lead(world: World, deal: Deal) -> Row:
    stages = [move for move in _stage_moves(deal) if move.new is not None]
    return {
        "id": lead_key(world, deal),
        "name": f"Deal {deal.seed}/{deal.number}",
        COPIES: deal.copies,
        "type": "opportunity",
        "active": deal.status != "lost" and not deal.deleted,
        "probability": {"won": 100.0, "lost": 0.0}.get(
            deal.status, float(CHANCES[deal.stage] * 100)
        ),
        "stage_id": WON_STAGE if deal.status == "won" else deal.stage,
        "team_id": sorted(world.seeds).index(deal.seed) + 1,
        "user_id": owner_key(deal.owner),
        "partner_id": None if deal.account is None else _partner(world, deal.seed, deal.account),
        "company_id": CURRENCIES.index(deal.currency) + 1,
        "lost_reason_id": None if deal.reason is None else REASONS.index(deal.reason) + 1,
        "expected_revenue": None if deal.amount is None else float(deal.amount),
        "date_deadline": deal.close,
        "date_closed": deal.closed_at or (deal.updated if deal.deleted else None),
        "date_last_stage_update": stages[-1].at,
        "create_uid": owner_key(1),
        **_dates(deal.created, deal.updated),
    }


def _stage_moves(deal: Deal) -> list[Change]:
    """Changes of the stage: a lost deal keeps its own, won is one."""
    moves, stage = [], None
    for change in deal.changes:
        if change.field not in ("place", "moved") or (change.field, stage) == ("moved", WON_STAGE):
            continue
        new = {WON: WON_STAGE, LOST: stage}.get(change.new, change.new)
        if new != stage:
            moves.append(Change(change.at, change.number, "stage", stage, new))
        stage = new
    return moves


def _messages(world: World) -> dict[str, list[Row]]:
    """What is tracked of a deal, a message per event, in the order of the events."""
    tracked: list[tuple[int, Deal, datetime, Row]] = []
    for deal in world.deals.values():
        for move in _stage_moves(deal)[1:]:
            values = {"old_value_integer": move.old, "new_value_integer": move.new}
            tracked.append((move.number, deal, move.at, {"field_id": STAGE_FIELD, **values}))
        for change in deal.of("place")[1:]:
            if LOST in (change.old, change.new):
                values = {
                    "old_value_integer": int(change.old != LOST),
                    "new_value_integer": int(change.new != LOST),
                }
                row = {"field_id": ACTIVE_FIELD, **values}
                tracked.append((change.number, deal, change.at, row))
        for change in deal.of("amount")[1:]:
            values = {"old_value_float": _float(change.old), "new_value_float": _float(change.new)}
            tracked.append((change.number, deal, change.at, {"field_id": REVENUE_FIELD, **values}))
    messages: dict[tuple[int, int], Row] = {}
    values = []
    for number, deal, moment, row in sorted(tracked, key=lambda one: one[0]):
        where = _survivor(world, deal)
        if is_unlinked(where):
            continue
        key = number, lead_key(world, deal)
        if key not in messages:
            moved = where is not deal
            messages[key] = {
                "id": len(messages) + 1,
                "model": "crm.lead",
                "res_id": lead_key(world, where),
                "message_type": "notification",
                "author_id": owner_key(deal.owner),
                "subject": f"From Deal {deal.seed}/{deal.number}" if moved else None,
                "date": moment,
                **_dates(moment),
            }
        message = messages[key]["id"]
        values.append({"id": len(values) + 1, "mail_message_id": message, **row, **_dates(moment)})
    return {"mail_message": list(messages.values()), "mail_tracking_value": values}


def _survivor(world: World, deal: Deal) -> Deal:
    """The deal whose messages those of a deal are by now."""
    while deal.merged_into is not None:
        deal = world.deals[deal.seed, deal.merged_into]
    return deal


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
