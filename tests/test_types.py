"""Types of columns: what engines call them, and what they are to us."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool, StaticPool
from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.base.types import (
    LOGICAL,
    LOGICAL_OF,
    TYPES,
    Type,
    kind_named,
    logical,
    type_of,
)
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog, Fact, FactMeta
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.dimensions import with_columns
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.profile.fields import CustomField
from superset_crmkpi.warehouse.connect import snapshot

DUCKDB = {
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "instant",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "HUGEINT": "integer",
    "UTINYINT": "integer",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DECIMAL(38,0)": "number",
    "DECIMAL(18,3)": "number",
    "INTERVAL": "other",
    "TIME": "other",
    "BLOB": "other",
    "BIT": "other",
    "UUID": "other",
    "JSON": "other",
    "VARCHAR[]": "other",
    "INTEGER[3]": "other",
    "STRUCT(paint INTEGER, b VARCHAR)": "other",
    "MAP(VARCHAR, INTEGER)": "other",
    "UNION(num INTEGER, str VARCHAR)": "other",
    "ENUM('paint', 'blue')": "other",
}
POSTGRES = {
    "text": "text",
    "character varying(80)": "text",
    "character(3)": "text",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp(3) without time zone": "timestamp",
    "timestamp with time zone": "instant",
    "boolean": "boolean",
    "smallint": "integer",
    "bigserial": "integer",
    "real": "number",
    "double precision": "number",
    "numeric(38,0)": "number",
    "point": "other",
    "int4range": "other",
    "interval": "other",
    "interval day to second": "other",
    "time with time zone": "other",
    "money": "other",
    "tsvector": "other",
    "jsonb": "other",
    "uuid": "other",
    "inet": "other",
    "bytea": "other",
    "integer[]": "other",
}


@pytest.fixture
def postgres() -> Iterator[Engine]:
    """A PostgreSQL database of its own."""
    server = sa.create_engine(
        "postgresql://postgres@127.0.0.1/postgres",
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        future=True,
    )
    name = f"crmkpi_types_{uuid.uuid4().hex[:8]}"
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    uri = f"postgresql://postgres@127.0.0.1/{name}"
    yield sa.create_engine(uri, poolclass=NullPool, future=True)
    with server.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))


@pytest.mark.parametrize(
    ("dialect", "name", "kind"),
    [
        *[("duckdb", name, kind) for name, kind in DUCKDB.items()],
        *[("postgres", name, kind) for name, kind in POSTGRES.items()],
        ("postgres", "ARRAY", "other"),
        ("postgres", "USER-DEFINED", "other"),
        ("postgres", '"char"', "other"),
        ("mysql", "timestamp", "timestamp"),
        ("mysql", "datetime(6)", "timestamp"),
        ("mysql", "tinyint(1)", "integer"),
        ("mysql", "bigint unsigned", "integer"),
        ("mysql", "mediumtext", "text"),
        ("mysql", "enum('paint','blue')", "other"),
        ("clickhouse", "Nullable(DateTime64(6, 'UTC'))", "timestamp"),
        ("clickhouse", "LowCardinality(Nullable(String))", "text"),
        ("clickhouse", "Nullable(Date32)", "date"),
        ("clickhouse", "UInt64", "integer"),
        ("clickhouse", "Decimal(18, 2)", "number"),
        ("clickhouse", "Array(Int64)", "other"),
        ("clickhouse", "Enum8('point' = 1)", "other"),
        ("hive", "string", "text"),
        ("sqlite", "", "other"),
        ("duckdb", "no type at all", "other"),
    ],
)
def test_an_engines_name_of_a_type_is_read_not_guessed(dialect: str, name: str, kind: str) -> None:
    assert kind_named(name, dialect) == kind


def test_the_snapshot_of_a_duckdb_warehouse_tells_odd_types_apart() -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    columns = ", ".join(f"c{place} {name}" for place, name in enumerate(DUCKDB))
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"create table toy ({columns})")
    found = snapshot(engine, ["main"]).tables["main", "toy"]
    assert dict(zip(DUCKDB, found.values(), strict=True)) == DUCKDB


@pytest.mark.postgres
def test_the_snapshot_of_a_postgresql_warehouse_tells_odd_types_apart(postgres: Engine) -> None:
    columns = ", ".join(f"c{place} {name}" for place, name in enumerate(POSTGRES))
    with postgres.connect() as connection, connection.begin():
        connection.exec_driver_sql("create schema odd")
        connection.exec_driver_sql("create type odd.colour as enum ('paint', 'blue')")
        connection.exec_driver_sql(f"create table odd.toy ({columns}, colour odd.colour)")
    found = dict(snapshot(postgres, ["odd"]).tables["odd", "toy"])
    assert found.pop("colour") == "other"
    assert dict(zip(POSTGRES, found.values(), strict=True)) == POSTGRES


def test_each_kind_has_a_type_and_goes_back_to_a_kind_that_schemas_state() -> None:
    assert set(LOGICAL_OF) == {TYPES[kind] for kind in LOGICAL}
    for kind in LOGICAL:
        assert logical(kind) == kind
    assert logical("instant") == "timestamp"
    assert logical("other") == "text"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("varchar", "text"),
        ("timestamp", "timestamp"),
        ("timestamptz", "timestamp"),
        ("date", "date"),
        ("boolean", "boolean"),
        ("integer", "bigint"),
        ("decimal(18, 2)", "double"),
        ("double", "double"),
        ("interval", "unknown"),
        ("varchar[]", "unknown"),
    ],
)
def test_a_cast_has_the_type_it_names(name: str, wanted: str) -> None:
    assert type_of(exp.DataType.build(name, dialect="duckdb")) == wanted


def test_clickhouse_makes_numbers_of_one_kind_by_the_types_of_the_tables_handed_in() -> None:
    query = sqlglot.parse_one("select coalesce(t.a, 0.5) as value from toy as t", dialect="duckdb")

    def printed(schema: dict[str, dict[str, Type]] | None) -> str:
        return dialects.finish(query, "clickhouse", schema=schema).sql(dialect="clickhouse")

    assert "CAST(t.a AS Nullable(Float64))" in printed({"toy": {"a": "bigint"}})
    assert "CAST(" not in printed({"toy": {"a": "double"}})
    assert "CAST(" not in printed(None)


def test_clickhouse_knows_the_types_of_a_companys_own_columns() -> None:
    model = with_columns(load_model(), {"account.seats": CustomField(type="integer")})
    settings = CompileSettings(dialect="clickhouse")
    fact = Fact(
        "seats",
        FactMeta(label="Seats", grain="an account", time="none", needs=[]),
        SqlFile(Path("seats.sql"), {}, "select coalesce(a.seats, 0.5) as n from account as a", 1),
    )
    compiler = Compiler(model, Catalog({"seats": fact}, {}), BuiltRelations(), settings)
    assert "CAST(a.seats AS Nullable(Float64))" in compiler.fact("seats")
