"""How HubSpot keeps a world, and Fivetran lands it: properties as columns, histories as tables.

Closing sets the close date to the moment of it, and reopening leaves it there. Won and lost are
stages. A merged deal stays with what it had; the survivor names it, and so does `merged_deal`. Of a
deleted stage the row stays, flagged by the loader.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.histories.events import FIRST, OWNERS, SYNCED
from tests.histories.product import COPIES, Row, Rows, Vendor
from tests.histories.reports import owner_name, pipeline_name
from tests.histories.switches import CLOSED_WON, is_on
from tests.histories.world import LOST, WON, Change, Deal, Habits, World

CHANCES = {1: Decimal("0.2"), 2: Decimal("0.4"), 3: Decimal("0.5"), 4: Decimal("0.9")}
HABITS = Habits(
    closing_sets="now",
    reports_by_close_date=True,
    keeps_amounts=False,
    keeps_deleted_stages=True,
    closed_leave_deleted_stages=True,
    won_name="Closed won",
    lost_name="Closed lost",
    chances=CHANCES,
)
PROBABILITY = {**{stage: float(c) for stage, c in CHANCES.items()}, WON: 1.0, LOST: 0.0}
#: field of a deal -> the property whose history has it
PROPERTIES = {
    "place": "dealstage",
    "amount": "amount",
    "close": "closedate",
    "owner": "hubspot_owner_id",
    "currency": "deal_currency_code",
}
FOREVER = datetime(9999, 12, 31, 23, 59, 59)

VENDOR = Vendor(
    connector="hubspot",
    landing="fivetran",
    user="10",
    types={
        "owner": {
            "owner_id": "bigint",
            "active_user_id": "bigint",
            "first_name": "varchar",
            "last_name": "varchar",
            "email": "varchar",
            "created_at": "timestamp",
            "_fivetran_synced": "timestamp",
        },
        "deal_pipeline": {
            "pipeline_id": "varchar",
            "label": "varchar",
            "display_order": "integer",
            "active": "boolean",
            "_fivetran_deleted": "boolean",
        },
        "deal_pipeline_stage": {
            "stage_id": "varchar",
            "pipeline_id": "varchar",
            "label": "varchar",
            "display_order": "integer",
            "probability": "double",
            "is_closed": "boolean",
            "closed_won": "boolean",
            "active": "boolean",
            "_fivetran_deleted": "boolean",
        },
        "deal": {
            "deal_id": "bigint",
            "deal_pipeline_id": "varchar",
            "deal_pipeline_stage_id": "varchar",
            "owner_id": "bigint",
            "is_deleted": "boolean",
            "property_dealname": "varchar",
            "property_amount": "double",
            "property_deal_currency_code": "varchar",
            "property_closedate": "timestamp",
            "property_createdate": "timestamp",
            "property_hs_lastmodifieddate": "timestamp",
            "property_hs_is_closed": "varchar",
            "property_hs_is_closed_won": "varchar",
            "property_hs_deal_stage_probability": "double",
            "property_closed_lost_reason": "varchar",
            "property_hs_primary_associated_company": "varchar",
            "property_hs_merged_object_ids": "varchar",
            "_fivetran_deleted": "boolean",
            "_fivetran_synced": "timestamp",
        },
        "deal_stage": {
            "deal_id": "bigint",
            "value": "varchar",
            "date_entered": "timestamp",
            "source": "varchar",
            "source_id": "varchar",
            "_fivetran_start": "timestamp",
            "_fivetran_end": "timestamp",
            "_fivetran_active": "boolean",
        },
        "deal_property_history": {
            "deal_id": "bigint",
            "name": "varchar",
            "value": "varchar",
            "timestamp": "timestamp",
            "source": "varchar",
            "source_id": "varchar",
        },
        "merged_deal": {"deal_id": "bigint", "merged_deal_id": "bigint"},
    },
)


def pipeline_key(seed: int) -> str:
    return f"7{seed}"


def stage_key(seed: int, place: int) -> str:
    """Ids of stages are numbers, unique in the account; those of the default pipeline are words."""
    return f"8{seed}{place:02}"


def deal_key(seed: int, number: int) -> int:
    return seed * 10 + number


def owner_key(owner: int) -> int:
    return 100 + owner


def closes(deal: Deal) -> datetime:
    """A close date that somebody chose is a day; by noon it is the same one in UTC."""
    return deal.close_moment or datetime.combine(deal.close, time(16, 30))


def rows(world: World) -> Rows:
    deals = list(world.deals.values())
    return {
        "owner": [
            {
                "owner_id": owner_key(owner),
                "active_user_id": 9000 + owner,
                "first_name": owner_name(owner).split()[0],
                "last_name": owner_name(owner).split()[1],
                "email": f"owner{owner}@seller.example",
                "created_at": FIRST,
                "_fivetran_synced": SYNCED,
            }
            for owner in OWNERS
        ],
        "deal_pipeline": [
            {
                "pipeline_id": pipeline_key(seed),
                "label": pipeline_name(seed),
                "display_order": place,
                "active": True,
                "_fivetran_deleted": False,
            }
            for place, seed in enumerate(sorted(world.seeds))
        ],
        "deal_pipeline_stage": [row for seed in world.seeds for row in _stages(world, seed)],
        "deal": [_deal(world, deal) for deal in deals],
        "deal_stage": [row for deal in deals for row in _deal_stages(deal)],
        "deal_property_history": [
            _property(deal, change)
            for deal in deals
            for change in deal.changes
            if change.field in PROPERTIES and (change.new, change.old) != (None, None)
        ],
        "merged_deal": [
            {
                "deal_id": deal_key(deal.seed, deal.merged_into),
                "merged_deal_id": deal_key(deal.seed, deal.number),
            }
            for deal in deals
            if deal.merged_into is not None
        ],
    }


def _stages(world: World, seed: int) -> list[Row]:
    names = {**world.names, WON: "Closed won", LOST: "Closed lost"}
    return [
        {
            "stage_id": stage_key(seed, place),
            "pipeline_id": pipeline_key(seed),
            "label": name,
            "display_order": place,
            "probability": PROBABILITY[place],
            "is_closed": place in (WON, LOST),
            "closed_won": place == WON or (place == LOST and is_on("hubspot", CLOSED_WON)),
            "active": place not in world.deleted,
            "_fivetran_deleted": place in world.deleted,
        }
        for place, name in names.items()
    ]


def _deal(world: World, deal: Deal) -> Row:
    merged = [
        str(deal_key(other.seed, other.number))
        for other in world.deals.values()
        if other.seed == deal.seed and other.merged_into == deal.number
    ]
    return {
        "deal_id": deal_key(deal.seed, deal.number),
        "deal_pipeline_id": pipeline_key(deal.seed),
        "deal_pipeline_stage_id": stage_key(deal.seed, deal.place),
        "owner_id": owner_key(deal.owner),
        COPIES: deal.copies,
        "is_deleted": deal.deleted,
        "property_dealname": f"Deal {deal.seed}/{deal.number}",
        "property_amount": None if deal.amount is None else float(deal.amount),
        "property_deal_currency_code": deal.currency,
        "property_closedate": closes(deal),
        "property_createdate": deal.created,
        "property_hs_lastmodifieddate": deal.updated,
        "property_hs_is_closed": str(deal.status != "open").lower(),
        "property_hs_is_closed_won": str(deal.status == "won").lower(),
        "property_hs_deal_stage_probability": PROBABILITY[deal.place],
        "property_closed_lost_reason": deal.reason,
        "property_hs_primary_associated_company": None
        if deal.account is None
        else str(deal_key(deal.seed, deal.account)),
        "property_hs_merged_object_ids": ";".join(merged) or None,
        "_fivetran_deleted": False,
        "_fivetran_synced": SYNCED,
    }


def _deal_stages(deal: Deal) -> list[Row]:
    moves = deal.of("place")
    return [
        {
            "deal_id": deal_key(deal.seed, deal.number),
            "value": stage_key(deal.seed, move.new),
            "date_entered": move.at,
            "source": "CRM_UI",
            "source_id": f"userId:{9000 + deal.owner}",
            "_fivetran_start": move.at,
            "_fivetran_end": FOREVER if after is None else after.at - timedelta(milliseconds=1),
            "_fivetran_active": after is None,
        }
        for move, after in pairwise([*moves, None])
        if move is not None
    ]


def _property(deal: Deal, change: Change) -> Row:
    return {
        "deal_id": deal_key(deal.seed, deal.number),
        "name": PROPERTIES[change.field],
        "value": _value(deal, change),
        "timestamp": change.at,
        "source": "CRM_UI",
        "source_id": f"userId:{9000 + deal.owner}",
    }


def _value(deal: Deal, change: Change) -> Any:
    """Values of properties are texts; a property that was emptied has an empty one."""
    if change.new is None:
        return ""
    if change.field == "place":
        return stage_key(deal.seed, change.new)
    if change.field == "owner":
        return str(owner_key(change.new))
    if change.field == "close":
        return f"{datetime.combine(change.new, time(16, 30)):%Y-%m-%dT%H:%M:%SZ}"
    return str(change.new)
