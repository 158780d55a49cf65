"""What `crmkpi build` made in a schema, as its ledger there says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.warehouse.connect import existing_schemas, snapshot

LEDGER = "crmkpi_builds"
#: schemas that databases come with
OF_OTHERS = ("main", "public", "default")

Made = Literal["table", "view"]


@dataclass(frozen=True)
class Entry:
    """A table or view; `rows` is None for a view, `definition` the hash of the SQL it came from."""

    name: str
    kind: Made
    rows: int | None
    definition: str | None


def definition_of(sql: str) -> str:
    """The hash by which a relation's SQL is known again."""
    return sha256(sql.encode()).hexdigest()[:32]


def relations_in(engine: Engine, schema: str) -> set[str]:
    """Names of tables and views of a schema, ours or not; none where there is no such schema."""
    return set(snapshot(engine, [schema]).schema(schema))


def entries(engine: Engine, schema: str) -> dict[str, Entry]:
    """Name -> entry; none before the first build."""
    if schema not in existing_schemas(engine) or LEDGER not in relations_in(engine, schema):
        return {}
    with engine.connect() as connection:
        # a ledger of an older version has neither kind nor definition
        rows = list(connection.execute(sa.text(f"select * from {_ledger(engine, schema)}")))
    found = [dict(row._mapping) for row in rows]
    return {
        str(row["table_name"]): Entry(
            str(row["table_name"]),
            "view" if row.get("kind") == "view" else "table",
            row["row_count"],
            row.get("definition"),
        )
        for row in found
    }


def write(connection: Connection, schema: str, made: Iterable[Entry]) -> None:
    """The ledger anew; the caller commits."""
    ledger, at = _ledger(connection.engine, schema), datetime.now(timezone.utc).replace(tzinfo=None)
    connection.execute(sa.text(f"drop table if exists {ledger}"))
    connection.execute(
        sa.text(
            f"create table {ledger} (table_name varchar(200), kind varchar(9), row_count bigint, "
            "definition varchar(64), built_at timestamp)"
        )
    )
    connection.execute(
        sa.text(f"insert into {ledger} values (:name, :kind, :rows, :definition, :at)"),
        [vars(entry) | {"at": at} for entry in made],
    )


def drop(engine: Engine, schema: str) -> list[Entry]:
    """Take out all that was made in the schema, and the ledger; what was taken out.

    The schema goes too where nothing else is in it. CrmKpiError, and all of it stays, where
    something of others reads it and the database says so.
    """
    made = entries(engine, schema)
    if not made:
        return []
    quote = engine.dialect.identifier_preparer.quote
    there = relations_in(engine, schema)
    gone = sorted((e for e in made.values() if e.name in there), key=lambda e: e.kind != "view")
    with engine.begin() as connection:
        for entry in gone:
            name = f"{quote(schema)}.{quote(entry.name)}"
            _drop(connection, entry, name)
        connection.execute(sa.text(f"drop table {_ledger(engine, schema)}"))
    if not relations_in(engine, schema) and schema not in OF_OTHERS:
        with engine.begin() as connection:
            connection.execute(sa.text(f"drop schema {quote(schema)}"))
    return gone


def _drop(connection: Connection, entry: Entry, name: str) -> None:
    try:
        connection.execute(sa.text(f"drop {entry.kind} {name}"))
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", error)).split())
        raise CrmKpiError(
            f"{entry.kind} {name} cannot be dropped, so all of them stay: {said}"
        ) from error


def _ledger(engine: Engine, schema: str) -> str:
    return f"{engine.dialect.identifier_preparer.quote(schema)}.{LEDGER}"
