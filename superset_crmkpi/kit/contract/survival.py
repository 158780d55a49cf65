"""Promises under bad input: missing tables and columns, poisoned values."""

from __future__ import annotations

import pandas as pd

from superset_crmkpi.canonical.model import MANAGED
from superset_crmkpi.kit.contract.bench import Bench
from superset_crmkpi.kit.contract.records import check_enumerations

#: a name for the poison, the logical types it goes for, and the expression that gives it
POISONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("empty texts", ("text",), "''"),
    ("blank texts", ("text",), "'   '"),
    ("quotes, braces, percent signs", ("text",), "'O''Hara \"x\" {{ y }} %s; --'"),
    ("other scripts", ("text",), "'名前 ∅ 😀'"),
    ("texts of 5,000 letters", ("text",), "repeat('x', 5000)"),
    ("negative numbers", ("number", "integer"), "-1"),
    ("zeros", ("number", "integer"), "0"),
    ("absurdly large numbers", ("number", "integer"), "1000000000000000"),
    ("the year 1", ("timestamp", "date"), "date '0001-01-01'"),
    ("the year 9999", ("timestamp", "date"), "date '9999-12-31'"),
    ("all flags set", ("boolean",), "true"),
    ("no flag set", ("boolean",), "false"),
)


def any_table_may_be_missing(bench: Bench) -> None:
    """The mapping runs, ids stay unique, enumerations canonical."""
    for name, tables in bench.reads.items():
        for table in tables:
            _survives(bench, name, f"table {table} missing", emptied=table)


def any_column_may_be_missing(bench: Bench) -> None:
    """Likewise for each column that a mapping reads."""
    for name, tables in bench.reads.items():
        for table, columns in tables.items():
            for column in sorted(columns):
                what = f"column {table}.{column} missing"
                _survives(bench, name, what, {table: {column: "null"}})


def keys_may_point_nowhere(bench: Bench) -> None:
    """Likewise for each key."""
    for name, tables in bench.reads.items():
        for table, columns in tables.items():
            for column in sorted(columns):
                if (
                    bench.is_key(name, table, column)
                    and column != "id"
                    and bench.schema[table][column] == "text"
                ):
                    lost = {table: {column: f"case when \"{column}\" <> '' then 'nowhere' end"}}
                    _survives(bench, name, f"{table}.{column} points nowhere", lost, unique=False)


def poisoned_values_do_no_harm(bench: Bench) -> None:
    """Empty and hostile texts, absurd numbers and years, all flags set or none."""
    for name, tables in bench.reads.items():
        for poison, kinds, sql in POISONS:
            changes = {
                table: {
                    column: sql
                    for column in columns
                    if bench.schema[table][column] in kinds
                    and not bench.is_key(name, table, column)
                }
                for table, columns in tables.items()
            }
            if any(changes.values()):
                rows = _survives(bench, name, poison, changes)
                _complete(bench, name, poison, rows)


def _survives(
    bench: Bench,
    name: str,
    what: str,
    changes: dict[str, dict[str, str]] | None = None,
    emptied: str | None = None,
    unique: bool = True,
) -> pd.DataFrame:
    try:
        rows = bench.mapped(name, changes, emptied)
    except Exception as error:
        raise AssertionError(f"{name}, {what}: {str(error).splitlines()[0]}") from error
    ids = rows["id"].dropna()
    assert ids.is_unique or not unique, f"{name}, {what}: ids are there twice"
    check_enumerations(bench.model[name], rows)
    if "probability" in rows:
        values = rows["probability"].dropna().astype(float)
        assert values.between(0, 1).all(), f"{name}, {what}: probability {values.max()}"
    return rows


def _complete(bench: Bench, name: str, what: str, rows: pd.DataFrame) -> None:
    """Texts and flags that are never null stay so, whatever stands in the vendor's columns.

    A null currency is the source's own, which the compiler fills in.
    """
    for column in bench.model[name].columns.values():
        kept = column.nullable or column.name in MANAGED or column.references is not None
        told = column.type in ("text", "boolean") and column.name != "currency"
        if kept or not told or column.name not in rows:
            continue
        assert rows[column.name].notna().all(), f"{name}.{column.name}, {what}: null"


PROMISES = (
    any_table_may_be_missing,
    any_column_may_be_missing,
    keys_may_point_nowhere,
    poisoned_values_do_no_harm,
)
