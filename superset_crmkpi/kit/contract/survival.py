"""Promises under bad input: missing tables and columns, poisoned values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
        for (table, _), rows in bench.each_mapped(name, {}, without=tables):
            _survives(bench, name, f"table {table} missing", rows)


def any_column_may_be_missing(bench: Bench) -> None:
    """Likewise for each column that a mapping reads."""
    for name in bench.reads:
        lost = dict.fromkeys(_columns(bench, name), "null")
        for (table, column), rows in bench.each_mapped(name, lost):
            _survives(bench, name, f"column {table}.{column} missing", rows)


def keys_may_point_nowhere(bench: Bench) -> None:
    """Likewise for each key, and no row is lost: a join that drops rows is a left join."""
    for name in bench.reads:
        may_be_null = _may_be_null(bench, name)
        whole = set(bench.mapped(name)["id"].dropna())
        lost = {
            (table, column): f"case when \"{column}\" <> '' then 'nowhere' end"
            for table, column in _columns(bench, name)
            if bench.is_key(name, table, column)
            and column != "id"
            and bench.schema[table][column] == "text"
        }
        for (table, column), rows in bench.each_mapped(name, lost):
            what = f"{table}.{column} points nowhere"
            found = _survives(bench, name, what, rows, unique=False)
            gone = sorted(whole - set(found["id"]))
            if (table, column) in may_be_null:
                assert not gone, f"{name}, {what}: {gone[0]} is lost; join it with a left join"


def _may_be_null(bench: Bench, name: str) -> set[tuple[str, str]]:
    """Columns that hold a reference which a row may lack, and of which no id is made.

    None where a reference that a row must have lies in another table: that one has to be there.
    """
    leaves, columns = bench.source[name].leaves, bench.model[name].columns
    references = [c for c in leaves if c in columns and columns[c].references]
    held = {place for c in references if columns[c].nullable for place in leaves[c]}
    needed = {place for c in references if not columns[c].nullable for place in leaves[c]}
    if {table for table, _ in needed} - {table for table, _ in leaves["id"]}:
        return set()
    return {place for place in held if bench.names_records(place[1])} - needed - leaves["id"]


def more_rows_beside_multiply_nothing(bench: Bench) -> None:
    """A second record with the keys of each one: a join that fans out gives ids twice."""
    for name in bench.reads:
        rows = bench.mapped(name, beside=True)
        twice = sorted(rows.loc[rows["id"].duplicated(), "id"].dropna())
        assert not twice, f"{name}: {twice[0]} comes twice when rows beside it do; group them first"


def _columns(bench: Bench, name: str) -> list[tuple[str, str]]:
    """Logical table and column of all that a mapping reads."""
    reads = bench.reads[name]
    return [(table, column) for table, columns in reads.items() for column in sorted(columns)]


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
                rows = _survives(bench, name, poison, partial(bench.mapped, name, changes))
                _complete(bench, name, poison, rows)


def _survives(
    bench: Bench, name: str, what: str, ask: Callable[[], pd.DataFrame], unique: bool = True
) -> pd.DataFrame:
    try:
        rows = ask()
    except Exception as error:
        raise AssertionError(f"{name}, {what}: {str(error).splitlines()[0]}") from error
    ids = rows["id"].dropna()
    twice = sorted(ids[ids.duplicated()]) if unique else []
    assert not twice, f"{name}, {what}: id {twice[0]} is there twice"
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
    more_rows_beside_multiply_nothing,
    poisoned_values_do_no_harm,
)
