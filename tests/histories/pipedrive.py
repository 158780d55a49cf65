"""How Pipedrive keeps a world, and dlt lands it: flattened, times as instants, changes as a table.

A deal that is won or lost keeps its stage; reopened, its times of closing are gone. A deleted deal
has the status `deleted`, and so has one that was merged into another. A deleted stage is gone from
the list of stages; closed deals and changes still name it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from tests.histories.events import FIRST, OWNERS
from tests.histories.product import COPIES, Row, Rows, Vendor
from tests.histories.reports import owner_name, pipeline_name
from tests.histories.world import LOST, WON, Change, Deal, Habits, World

CHANCES = {1: Decimal("0.15"), 2: Decimal("0.3"), 3: Decimal("0.55"), 4: Decimal("0.85")}
HABITS = Habits(
    closing_sets="nothing",
    reports_by_close_date=False,
    keeps_amounts=False,
    keeps_deleted_stages=False,
    closed_leave_deleted_stages=False,
    forgotten_name="(stage {seed}{stage})",
    chances=CHANCES,
)
#: field of a deal -> its key among the changes
FIELDS = {"amount": "value", "currency": "currency", "owner": "user_id",
          "close": "expected_close_date"}  # fmt: skip

_MOMENT = "timestamp with time zone"
VENDOR = Vendor(
    connector="pipedrive",
    landing="dlt",
    user="1",
    types={
        "users": {
            "id": "bigint",
            "name": "varchar",
            "email": "varchar",
            "active_flag": "boolean",
            "created": _MOMENT,
        },
        "pipelines": {
            "id": "bigint",
            "name": "varchar",
            "order_nr": "bigint",
            "active": "boolean",
            "deal_probability": "boolean",
            "add_time": _MOMENT,
        },
        "stages": {
            "id": "bigint",
            "pipeline_id": "bigint",
            "name": "varchar",
            "order_nr": "bigint",
            "active_flag": "boolean",
            "deal_probability": "bigint",
            "rotten_flag": "boolean",
            "add_time": _MOMENT,
        },
        "deals": {
            "id": "bigint",
            "title": "varchar",
            "creator_user_id": "bigint",
            "user_id__id": "bigint",
            "org_id__value": "bigint",
            "pipeline_id": "bigint",
            "stage_id": "bigint",
            "status": "varchar",
            "deleted": "boolean",
            "value": "double",
            "currency": "varchar",
            "probability": "bigint",
            "add_time": _MOMENT,
            "update_time": _MOMENT,
            "stage_change_time": _MOMENT,
            "won_time": _MOMENT,
            "first_won_time": _MOMENT,
            "lost_time": _MOMENT,
            "close_time": _MOMENT,
            "expected_close_date": "date",
            "lost_reason": "varchar",
        },
        "deals_flow_deal_change": {
            "id": "bigint",
            "item_id": "bigint",
            "user_id": "bigint",
            "field_key": "varchar",
            "old_value": "varchar",
            "new_value": "varchar",
            "log_time": _MOMENT,
        },
    },
)


def at(moment: datetime | None) -> pd.Timestamp | None:
    return None if moment is None else pd.Timestamp(moment, tz="UTC")


def deal_key(deal: Deal) -> int:
    return deal.seed * 10 + deal.number


def owner_key(owner: int) -> int:
    return 10 + owner


def rows(world: World) -> Rows:
    deals = list(world.deals.values())
    changes = sorted(
        ((change.number, row) for deal in deals for change in deal.changes
         for row in _changes(world, deal, change)),
        key=lambda numbered: numbered[0],
    )  # fmt: skip
    return {
        "users": [
            {
                "id": owner_key(owner),
                "name": owner_name(owner),
                "email": f"owner{owner}@seller.example",
                "active_flag": True,
                "created": at(FIRST),
            }
            for owner in OWNERS
        ],
        "pipelines": [
            {
                "id": seed,
                "name": pipeline_name(seed),
                "order_nr": place,
                "active": True,
                "deal_probability": True,
                "add_time": at(FIRST),
            }
            for place, seed in enumerate(sorted(world.seeds))
        ],
        "stages": [
            {
                "id": stage_key(seed, stage),
                "pipeline_id": seed,
                "name": name,
                "order_nr": stage,
                "active_flag": True,
                "deal_probability": int(CHANCES[stage] * 100),
                "rotten_flag": False,
                "add_time": at(FIRST),
            }
            for seed in sorted(world.seeds)
            for stage, name in world.names.items()
            if stage not in world.deleted
        ],
        "deals": [_deal(deal) for deal in deals],
        "deals_flow_deal_change": [
            {"id": 100 + place, **row} for place, (_, row) in enumerate(changes)
        ],
    }


def stage_key(seed: int, stage: int) -> int:
    return seed * 10 + stage


def _deal(deal: Deal) -> Row:
    moves = _moves(deal)
    wins = [change.at for change in deal.of("place") if change.new == WON]
    closed = at(deal.closed_at)
    return {
        "id": deal_key(deal),
        "title": f"Deal {deal.seed}/{deal.number}",
        "creator_user_id": owner_key(1),
        "user_id__id": owner_key(deal.owner),
        "org_id__value": None if deal.account is None else deal.seed * 10 + deal.account,
        "pipeline_id": deal.seed,
        "stage_id": stage_key(deal.seed, deal.stage),
        COPIES: deal.copies,
        "status": "deleted" if deal.gone else deal.status,
        "deleted": deal.gone,
        "value": None if deal.amount is None else float(deal.amount),
        "currency": deal.currency,
        "probability": None,
        "add_time": at(deal.created),
        "update_time": at(deal.updated),
        "stage_change_time": at(moves[-1].at) if moves else None,
        "won_time": closed if deal.status == "won" else None,
        "first_won_time": at(wins[0]) if wins else None,
        "lost_time": closed if deal.status == "lost" else None,
        "close_time": closed,
        "expected_close_date": deal.close,
        "lost_reason": deal.reason,
    }


def _moves(deal: Deal) -> list[Change]:
    """Changes of the stage, which stays when a deal is closed."""
    moves, stage = [], None
    for change in deal.of("place"):
        if change.new in (WON, LOST):
            continue
        if stage is not None and stage != change.new:
            moves.append(Change(change.at, change.number, "stage", stage, change.new))
        stage = change.new
    return moves


def _status(place: int) -> str:
    return {WON: "won", LOST: "lost"}.get(place, "open")


def _changes(world: World, deal: Deal, change: Change) -> list[Row]:
    row = {"item_id": deal_key(deal), "user_id": owner_key(deal.owner), "log_time": at(change.at)}
    if change.old is None and change.field != "amount":
        created = {"field_key": "add_time", "old_value": None, "new_value": str(change.at)}
        return [{**row, **created}] if change.field == "place" else []
    if change.field != "place":
        values = {"old_value": _text(change.old), "new_value": _text(change.new)}
        is_first = change.at == deal.created and change.old is None
        return [] if is_first else [{**row, "field_key": FIELDS[change.field], **values}]
    found = []
    if _status(change.old) != _status(change.new):
        values = {"old_value": _status(change.old), "new_value": _status(change.new)}
        found.append({**row, "field_key": "status", **values})
    moves = [move for move in _moves(deal) if move.number == change.number]
    for move in moves:
        values = {
            "old_value": str(stage_key(deal.seed, move.old)),
            "new_value": str(stage_key(deal.seed, move.new)),
        }
        found.append({**row, "field_key": "stage_id", **values})
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)
