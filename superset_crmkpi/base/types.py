"""Types of columns, in the two vocabularies there are, and the ways between them.

A `Type` is what a column of the canonical model, of a fact or of any query of ours has. A `Kind` is
what a raw table has: six that a connector's schema.yaml may state (`LOGICAL`), and two that only a
warehouse knows, `instant` (a timestamp with zone) and `other` (JSON, UUIDs, arrays, intervals: to
be cast to text first).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlglot import exp
from sqlglot.errors import SqlglotError

Type = Literal["text", "timestamp", "date", "boolean", "bigint", "double", "unknown"]
Logical = Literal["text", "timestamp", "date", "boolean", "number", "integer"]
Kind = Literal["text", "timestamp", "date", "boolean", "number", "integer", "instant", "other"]
UNKNOWN: Literal["unknown"] = "unknown"
LOGICAL: tuple[Logical, ...] = get_args(Logical)

#: kind -> the type it has once it is read; also its name in canonical SQL
TYPES: Mapping[str, Type] = {
    "text": "text",
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
    "number": "double",
    "integer": "bigint",
    "instant": "timestamp",
    "other": "text",
}
#: type -> the kind a schema.yaml would state
LOGICAL_OF: Mapping[str, Logical] = {TYPES[kind]: kind for kind in LOGICAL}
#: type -> what Superset calls it; what is unknown is a number far more often than not
SUPERSET_TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "double": "DOUBLE PRECISION",
    "unknown": "DOUBLE PRECISION",
}
#: logical kind -> column of a table of ours
SQLALCHEMY_TYPES: Mapping[str, Any] = {
    "text": sa.Text,
    "integer": sa.BigInteger,
    "number": sa.Float(53),
    "boolean": sa.Boolean,
    "date": sa.Date,
    "timestamp": sa.DateTime,
}

#: kind -> sqlglot's types, by name: its own groups of them differ between versions
_NAMES: Mapping[Kind, str] = {
    "text": "TEXT VARCHAR NVARCHAR CHAR NCHAR BPCHAR TINYTEXT MEDIUMTEXT LONGTEXT FIXEDSTRING",
    "date": "DATE DATE32",
    "timestamp": "TIMESTAMP TIMESTAMPNTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS"
    " DATETIME DATETIME2 DATETIME64 SMALLDATETIME",
    "instant": "TIMESTAMPTZ TIMESTAMPLTZ",
    "boolean": "BOOLEAN",
    "integer": "TINYINT SMALLINT MEDIUMINT INT BIGINT INT128 INT256 UTINYINT USMALLINT UMEDIUMINT"
    " UINT UBIGINT UINT128 UINT256 SMALLSERIAL SERIAL BIGSERIAL",
    "number": "FLOAT DOUBLE DECIMAL DECIMAL32 DECIMAL64 DECIMAL128 DECIMAL256 UDECIMAL UDOUBLE"
    " BIGDECIMAL",
}
_KINDS: Mapping[str, Kind] = {
    name: kind for kind, names in _NAMES.items() for name in names.split()
}
#: what ClickHouse wraps a type in
_WRAPPERS = ("LOWCARDINALITY", "NULLABLE")


def logical(kind: str) -> Logical:
    """The kind as a schema.yaml would state it."""
    return LOGICAL_OF[TYPES[kind]]


@lru_cache(maxsize=1024)
def kind_named(name: str, dialect: str) -> Kind:
    """The kind of a type as the catalogue of an engine names it: `character varying(80)`.

    `dialect` is sqlglot's. What it cannot read (`tsvector`, a type of the user's own) is `other`.
    """
    try:
        kind = kind_of(exp.DataType.build(name, dialect=dialect))
    except SqlglotError:
        return "other"
    # a TIMESTAMP of MySQL is shown by the wall clock of the session
    return "timestamp" if kind == "instant" and dialect == "mysql" else kind


def kind_of(data_type: exp.DataType) -> Kind:
    """The kind of a SQL type."""
    name = str(getattr(data_type.this, "value", ""))
    if name in _WRAPPERS and data_type.expressions:
        return kind_of(data_type.expressions[0])
    return _KINDS.get(name, "other")


def type_of(data_type: exp.DataType) -> Type:
    """The type of a SQL type; `unknown` for what no canonical SQL may hold."""
    kind = kind_of(data_type)
    return UNKNOWN if kind == "other" else TYPES[kind]
