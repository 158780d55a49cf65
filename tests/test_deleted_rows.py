"""Rows that a loader marks as deleted at the source are left out, whatever the landing."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pytest

from superset_crmkpi import dialects
from superset_crmkpi.base.types import Kind, kind_named
from superset_crmkpi.connectors.connector import Landing
from superset_crmkpi.connectors.deleted_rows import MARKS
from superset_crmkpi.connectors.raw_tables import RawTables
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.warehouse.connect import Snapshot

LANDINGS = [
    (connector.name, landing)
    for connector in connectors().values()
    if connector.schema is not None
    for landing in connector.landings
]
#: mark, its SQL type, its value in a deleted row, its values in rows that stay
MARKED = [
    ("_fivetran_deleted", "boolean", "true", ("false", "null")),
    ("_FIVETRAN_DELETED", "varchar", "'true'", ("'false'", "''")),
    ("_ab_cdc_deleted_at", "varchar", "'2026-03-01T10:00:00.000Z'", ("null", "''")),
    ("_ab_cdc_deleted_at", "timestamptz", "'2026-03-01 10:00:00+00'", ("null",)),
    ("__deleted", "varchar", "'true'", ("'false'", "null")),
    ("__op", "varchar", "'d'", ("'u'", "'c'", "'r'", "null")),
    ("op", "varchar", "'D'", ("'U'", "'I'")),
    ("_sdc_deleted_at", "timestamptz", "'2026-03-01 10:00:00+00'", ("null",)),
    ("_sdc_deleted_at", "varchar", "'2026-03-01 10:00:00'", ("null", "''")),
    ("_dlt_valid_to", "timestamp", "'2026-03-01 10:00:00'", ("null", "'9999-12-31 00:00:00'")),
    ("_dlt_valid_to", "varchar", "'2026-03-01 10:00:00'", ("null", "'9999-12-31T00:00:00Z'")),
    ("deleted_ts", "timestamp", "'2026-03-01 10:00:00'", ("null",)),
    ("_peerdb_is_deleted", "boolean", "true", ("false", "null")),
    ("__hevo__marked_deleted", "integer", "1", ("0", "null")),
]
COLUMNS = {"id": "text", "deleted": "boolean"}


def kept(
    landing: Landing,
    schema: Mapping[str, Mapping[str, str]],
    table: str,
    columns: Mapping[str, str],
    rows: list[str],
) -> int:
    """How many of the rows of a raw table its logical table has."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    names = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f'create table raw."{table}" ({names})')
    for row in rows:
        connection.execute(f'insert into raw."{table}" values ({row})')
    kinds = {name: kind_named(kind, "duckdb") for name, kind in columns.items()}
    source = Source.model_validate({"connector": "sql", "schema": "raw"})
    raw = RawTables(source, schema, landing, Snapshot({("raw", table): kinds}))
    query = dialects.finish(raw.query(table, list(schema[table])), "duckdb").sql(dialect="duckdb")
    return len(connection.execute(query).fetchall())


def test_every_mark_is_tried() -> None:
    assert {mark.lower() for mark, *_ in MARKED} == MARKS.keys()


@pytest.mark.parametrize(("mark", "kind", "deleted", "others"), MARKED)
def test_a_marked_row_is_gone_and_the_others_stay(
    mark: str, kind: str, deleted: str, others: tuple[str, ...]
) -> None:
    columns = {"id": "varchar", "deleted": "boolean", mark: kind}
    rows = [f"'{n}', false, {value}" for n, value in enumerate([deleted, *others])]
    landing = Landing(label="any loader")
    assert kept(landing, {"deal": COLUMNS}, "deal", columns, rows) == len(others)


def test_a_deleted_row_of_the_vendor_is_the_mappings_affair() -> None:
    rows = ["'1', true", "'2', false"]
    columns = {"id": "varchar", "deleted": "boolean"}
    assert kept(Landing(label="x"), {"deal": COLUMNS}, "deal", columns, rows) == 2


def test_a_table_that_lists_the_mark_has_all_rows() -> None:
    listed = {"deal": {"id": "text", "__op": "text"}}
    rows = ["'1', 'd'", "'2', 'u'"]
    columns = {"id": "varchar", "__op": "varchar"}
    assert kept(Landing(label="x"), listed, "deal", columns, rows) == 2


@pytest.mark.parametrize(("name", "landing"), LANDINGS)
def test_no_table_of_any_landing_lacks_the_marks(name: str, landing: str) -> None:
    """But those whose mapping reads the mark itself."""
    connector = connectors()[name]
    schema = connector.schema or {}
    kinds: Mapping[str, Kind] = {"_fivetran_deleted": "boolean", "_ab_cdc_deleted_at": "text"}
    tables = {("raw", table): {**dict.fromkeys(c, "text"), **kinds} for table, c in schema.items()}
    source = Source.model_validate({"connector": name, "landing": landing, "schema": "raw"})
    raw = RawTables(source, schema, connector.landings[landing], Snapshot(tables))
    for table, columns in schema.items():
        where = str(raw.query(table, list(columns)).args.get("where"))
        for mark in kinds:
            assert (mark in where) == (mark not in columns), f"{table}: {mark}"
