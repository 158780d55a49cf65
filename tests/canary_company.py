"""A company whose records say who somebody is, or what they wrote, by texts that can be found.

Each column of the model that is personal data holds a canary: `zqx<entity>z<column>z<row>x`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.canonical.model import MANAGED, Column, Entity, load_model
from superset_crmkpi.plugins.definitions import built_in
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project

TODAY = date(2026, 6, 30)
ROWS = 24
#: what the profile or the compiler supplies
OURS = ("account_match", "business_hours", "data_quality_field", "fx_rate", "source_capability")
#: a column of the company's own
NOTE = "account.private_note"
_CANARY = re.compile(r"zqx([a-z_]+?)z([a-z_]+?)z\d+x")
_TEXTS = {"currency": "EUR", "country_code": "DE", "website_domain": "firm.example"}
#: references that every second row lacks: an email of no ticket begins a thread
_HALF = {("activity", "ticket_id")}
_NUMBERS = {"probability": 0.5, "scale_min": 0.0, "scale_max": 10.0}


def canary(entity: str, column: str, row: int) -> str:
    return f"zqx{entity}z{column}z{row}x"


def canaries(text: object) -> set[str]:
    """`entity.column` of those in a text."""
    return {".".join(found) for found in _CANARY.findall(str(text).lower())}


def fill(engine: Engine) -> None:
    """The raw tables, one per entity of the model, in the schema `raw`."""
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema raw")
        for entity in _entities():
            _rows(entity).to_sql(f"raw_{entity.name}", connection, schema="raw", index=False)


def project(engine: Engine, **more: Any) -> Project:
    """Over that warehouse."""
    entities = {entity.name: f"select * from raw_{entity.name}" for entity in _entities()}
    return Project(
        Profile.model_validate(
            {
                "name": "Canary",
                "database": {"name": "Canary warehouse"},
                "sources": {"crm": {"connector": "sql", "schema": "raw", "entities": entities}},
                "calendar": {"today": TODAY},
                "fields": {NOTE: {"personal": True, "facts": ["accounts"], "filter": True}},
                "alerts": {
                    "kpis": ["win_rate"],
                    "recipients": {"default": {"email": "crm@example.com"}},
                    "lists": ["at_risk_customers", "renewals_due", "sla_compliance"],
                },
                **more,
            }
        ),
        engine,
    )


def open_warehouse() -> Engine:
    return sa.create_engine("duckdb:///:memory:", future=True, poolclass=StaticPool)


def _entities() -> list[Entity]:
    model = load_model(built_in())
    return [entity for name, entity in model.items() if name not in OURS]


def _rows(entity: Entity) -> pd.DataFrame:
    columns = [c for c in entity.columns.values() if c.name not in MANAGED]
    columns = [c for c in columns if c.name != "amount_base" or "amount" not in entity.columns]
    made = {c.name: [_value(entity.name, c, row) for row in range(ROWS)] for c in columns}
    if entity.name == "account":
        made["private_note"] = [canary("account", "private_note", row) for row in range(ROWS)]
    return pd.DataFrame(made)


def _value(entity: str, column: Column, row: int) -> Any:
    name = column.name
    if name == "id":
        return f"{entity}{row}"
    if column.references:
        # nothing is a part of, or merged into, something of its own kind
        alone = column.references == entity or (row % 2 and (entity, name) in _HALF)
        return None if alone else f"{column.references}{row}"
    if column.allowed:
        return column.allowed[row % len(column.allowed)]
    if column.personal:
        return canary(entity, name, row)
    if column.type == "text":
        return _TEXTS.get(name, f"{name} {row % 3}")
    if column.type in ("timestamp", "date"):
        day = TODAY - timedelta(days=90 if name == "created_at" else 1 + 5 * (row % 12))
        return pd.Timestamp(day) if column.type == "timestamp" else day
    if column.type == "boolean":
        return row % 2 == 0
    if name in ("sentiment", "score"):
        return (row % 9 - 4) / 4 if name == "sentiment" else float(row % 11)
    return _NUMBERS.get(name, float(row + 1)) if column.type == "double" else row + 1
