"""Writes the generated tables to a database, one schema a source."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
from sqlalchemy import text
from sqlalchemy.engine import Engine

# Columns that hold a calendar day; all other datetime columns are naive UTC timestamps.
DATE_COLUMNS = {
    "salesforce.opportunity": {"close_date"},
    "salesforce.opportunity_history": {"close_date"},
    "salesforce.task": {"activity_date"},
    "salesforce.event": {"activity_date"},
    "salesforce.campaign": {"start_date", "end_date"},
    "salesforce.campaign_member": {"first_responded_date"},
    "salesforce.dated_conversion_rate": {"start_date", "next_start_date"},
    "salesforce.forecasting_quota": {"start_date"},
    "billing.subscriptions": {"start_date", "term_start", "term_end", "end_date"},
    "billing.subscription_changes": {"change_date"},
    "billing.renewals": {"due_date"},
    "billing.invoices": {"issued_on", "due_on"},
    "marketing.ad_spend": {"spend_date"},
    "marketing.team_costs": {"month"},
    "product.usage_daily": {"usage_date"},
    "planning.forecast_snapshots": {"snapshot_date", "period_start"},
}


def sql_type(table: str, column: str, dtype: Any) -> str:
    """The column type in the words DuckDB and PostgreSQL share."""
    if column in DATE_COLUMNS.get(table, ()):
        return "date"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "timestamp"
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(dtype):
        return "bigint"
    if pd.api.types.is_float_dtype(dtype):
        return "double precision"
    return "varchar"


def write(tables: dict[str, pd.DataFrame], engine: Engine) -> None:
    """Replaces each `schema.table` in the database; creates the schemas. One transaction."""
    with engine.begin() as connection:
        for schema in sorted({name.split(".")[0] for name in tables}):
            connection.execute(text(f"create schema if not exists {schema}"))
        for name, frame in tables.items():
            quoted = '{}."{}"'.format(*name.split("."))  # `user` is a reserved word
            types = {
                str(column): sql_type(name, str(column), frame[column].dtype) for column in frame
            }
            columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
            connection.execute(text(f"drop table if exists {quoted}"))
            connection.execute(text(f"create table {quoted} ({columns})"))
            if engine.dialect.name == "duckdb":
                _fill_duckdb(connection.connection, quoted, frame, types)
            elif engine.dialect.name == "postgresql":
                _fill_postgresql(connection.connection, quoted, frame)
            else:
                schema, table = name.split(".")
                frame.to_sql(table, connection, schema=schema, if_exists="append", index=False)


def _fill_duckdb(raw: Any, table: str, frame: pd.DataFrame, types: dict[str, str]) -> None:
    """By DuckDB's scan of the frame; every column is cast, so an empty one has a type too."""
    casts = ", ".join(f'cast("{column}" as {kind})' for column, kind in types.items())
    raw.register("crmkpi_demo_frame", frame)
    raw.execute(f"insert into {table} select {casts} from crmkpi_demo_frame")
    raw.unregister("crmkpi_demo_frame")


def _fill_postgresql(raw: Any, table: str, frame: pd.DataFrame) -> None:
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, header=False, na_rep="\\N")
    buffer.seek(0)
    columns = ", ".join(f'"{column}"' for column in frame)
    with raw.cursor() as cursor:
        copy = f"copy {table} ({columns}) from stdin with (format csv, null '\\N')"
        cursor.copy_expert(copy, buffer)
