"""How Salesforce keeps a world, and Fivetran lands it: typed columns, dates as midnights.

A row of OpportunityHistory is written when stage, amount or close date change; neither owner nor
currency make one. Opportunities cannot be merged: the one too many is deleted. A stage's label can
change, its API name stays. CloseDate becomes the day of closing (in UTC) only when a deal is won
before it (Salesforce Help 004517774); a lost deal keeps the date that was hoped for.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tests.histories.events import FIRST, OWNERS, STAGES, SYNCED
from tests.histories.plans import RATES, REPORTING
from tests.histories.product import COPIES, Row, Rows, Vendor
from tests.histories.reports import owner_name, pipeline_name
from tests.histories.world import LOST, WON, Deal, Habits, World

CHANCES = {1: Decimal("0.1"), 2: Decimal("0.25"), 3: Decimal("0.6"), 4: Decimal("0.8")}
HABITS = Habits(
    closing_sets="later",
    reports_by_close_date=True,
    keeps_amounts=True,
    keeps_deleted_stages=False,
    closed_leave_deleted_stages=True,
    won_name="Closed Won",
    lost_name="Closed Lost",
    names_in_history=STAGES,
    chances=CHANCES,
    categories={3: "best_case", 4: "commit"},
)
API_NAMES = {**STAGES, WON: "Closed Won", LOST: "Closed Lost"}
PERCENT = {**{stage: float(c * 100) for stage, c in CHANCES.items()}, WON: 100.0, LOST: 0.0}
CATEGORY = {1: "Pipeline", 2: "Pipeline", 3: "BestCase", 4: "Forecast", WON: "Closed",
            LOST: "Omitted"}  # fmt: skip

VENDOR = Vendor(
    connector="salesforce",
    landing="fivetran",
    user="00500000000000000",
    has_rates=True,
    types={
        "user": {
            "id": "varchar",
            "name": "varchar",
            "is_active": "boolean",
            "user_type": "varchar",
            "created_date": "timestamp",
            "_fivetran_deleted": "boolean",
        },
        "record_type": {
            "id": "varchar",
            "name": "varchar",
            "developer_name": "varchar",
            "sobject_type": "varchar",
            "is_active": "boolean",
        },
        "opportunity_stage": {
            "id": "varchar",
            "master_label": "varchar",
            "api_name": "varchar",
            "sort_order": "integer",
            "is_active": "boolean",
            "is_closed": "boolean",
            "is_won": "boolean",
            "default_probability": "double",
            "forecast_category": "varchar",
        },
        "opportunity": {
            "id": "varchar",
            "record_type_id": "varchar",
            "name": "varchar",
            "account_id": "varchar",
            "owner_id": "varchar",
            "stage_name": "varchar",
            "is_closed": "boolean",
            "is_won": "boolean",
            "is_deleted": "boolean",
            "amount": "double",
            "currency_iso_code": "varchar",
            "probability": "double",
            "forecast_category": "varchar",
            "close_date": "timestamp",
            "created_date": "timestamp",
            "last_modified_date": "timestamp",
            "last_stage_change_date": "timestamp",
            "loss_reason_c": "varchar",
            "_fivetran_synced": "timestamp",
        },
        "opportunity_history": {
            "id": "varchar",
            "opportunity_id": "varchar",
            "stage_name": "varchar",
            "amount": "double",
            "close_date": "timestamp",
            "probability": "double",
            "forecast_category": "varchar",
            "created_date": "timestamp",
            "created_by_id": "varchar",
            "is_deleted": "boolean",
        },
        "currency_type": {
            "id": "varchar",
            "iso_code": "varchar",
            "conversion_rate": "double",
            "is_corporate": "boolean",
            "is_active": "boolean",
        },
        "dated_conversion_rate": {
            "id": "varchar",
            "iso_code": "varchar",
            "conversion_rate": "double",
            "start_date": "date",
            "next_start_date": "date",
        },
    },
)


def key(prefix: str, number: int) -> str:
    """An id of 18 letters; its first three tell the object."""
    return f"{prefix}{number:015}"


def deal_key(deal: Deal) -> str:
    return key("006", deal.seed * 10 + deal.number)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def rows(world: World) -> Rows:
    histories = sorted(
        (row for deal in world.deals.values() for row in _history(deal)),
        key=lambda row: row["number"],
    )
    for place, row in enumerate(histories):
        row["id"] = key("008", place)
    return {
        "user": [
            {
                "id": key("005", owner),
                "name": owner_name(owner),
                "is_active": True,
                "user_type": "Standard",
                "created_date": FIRST,
                "_fivetran_deleted": False,
            }
            for owner in OWNERS
        ],
        "record_type": [
            {
                "id": key("012", seed),
                "name": pipeline_name(seed),
                "developer_name": f"P{seed}",
                "sobject_type": "Opportunity",
                "is_active": True,
            }
            for seed in sorted(world.seeds)
        ],
        "opportunity_stage": _stages(world),
        "opportunity": [_opportunity(deal) for deal in world.deals.values()],
        "opportunity_history": histories,
        **_rates(),
    }


def _stages(world: World) -> list[Row]:
    names = {**world.names, WON: "Closed Won", LOST: "Closed Lost"}
    return [
        {
            "id": key("01J", stage),
            "master_label": name,
            "api_name": API_NAMES[stage],
            "sort_order": stage,
            "is_active": True,
            "is_closed": stage in (WON, LOST),
            "is_won": stage == WON,
            "default_probability": PERCENT[stage],
            "forecast_category": CATEGORY[stage],
        }
        for stage, name in names.items()
        if stage not in world.deleted
    ]


def _opportunity(deal: Deal) -> Row:
    moves = deal.of("place")
    return {
        "id": deal_key(deal),
        "record_type_id": key("012", deal.seed),
        "name": f"Deal {deal.seed}/{deal.number}",
        "account_id": None if deal.account is None else key("001", deal.seed * 10 + deal.account),
        "owner_id": key("005", deal.owner),
        "stage_name": API_NAMES[deal.place],
        "is_closed": deal.place in (WON, LOST),
        "is_won": deal.place == WON,
        COPIES: deal.copies,
        "is_deleted": deal.gone,
        "amount": number(deal.amount),
        "currency_iso_code": deal.currency,
        "probability": PERCENT[deal.place],
        "forecast_category": CATEGORY[deal.place],
        "close_date": midnight(deal.close),
        "created_date": deal.created,
        "last_modified_date": deal.updated,
        "last_stage_change_date": moves[-1].at if len(moves) > 1 else None,
        "loss_reason_c": deal.reason,
        "_fivetran_synced": SYNCED,
    }


def _history(deal: Deal) -> list[Row]:
    """A row per event that changed stage, amount or close date, as they were after it."""
    now: dict[str, Any] = {}
    found: dict[int, Row] = {}
    for change in deal.changes:
        now[change.field] = change.new
        if change.field in ("place", "amount", "close"):
            found[change.number] = {
                "number": change.number,
                "opportunity_id": deal_key(deal),
                "created_date": change.at,
                "created_by_id": key("005", deal.owner),
                "is_deleted": deal.gone,
                **dict(now),
            }
    return [
        {
            **row,
            "stage_name": API_NAMES[row["place"]],
            "amount": number(row["amount"]),
            "close_date": midnight(row["close"]),
            "probability": PERCENT[row["place"]],
            "forecast_category": CATEGORY[row["place"]],
        }
        for row in found.values()
    ]


def _rates() -> dict[str, list[Row]]:
    """Units of a currency per one of the corporate one, as Salesforce has them."""
    dated = [(REPORTING, date(2020, 1, 1), Decimal(1)), *RATES]
    currencies = dict.fromkeys(code for code, _, _ in dated)
    return {
        "currency_type": [
            {
                "id": key("01L", place),
                "iso_code": code,
                "conversion_rate": float(1 / [r for c, _, r in dated if c == code][-1]),
                "is_corporate": code == REPORTING,
                "is_active": True,
            }
            for place, code in enumerate(currencies)
        ],
        "dated_conversion_rate": [
            {
                "id": key("04w", place),
                "iso_code": code,
                "conversion_rate": float(1 / rate),
                "start_date": start,
                "next_start_date": min(
                    (other for c, other, _ in dated if c == code and other > start),
                    default=date(9999, 12, 31),
                ),
            }
            for place, (code, start, rate) in enumerate(dated)
        ],
    }
