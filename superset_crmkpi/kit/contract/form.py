"""Promises of the mappings' text."""

from __future__ import annotations

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.compile.lint import MAX_LINES, portable
from superset_crmkpi.kit.contract.bench import Bench
from superset_crmkpi.query.prune import RESERVED


def every_mapped_column_is_one_of_the_model(bench: Bench) -> None:
    """Names are those of sql/model, each once, `id` among them."""
    for name in bench.mappings:
        emitted = bench.emitted(name)
        unknown = set(emitted) - set(bench.model[name].schema)
        assert not unknown, f"{name}: not in sql/model: {', '.join(sorted(unknown))}"
        assert len(emitted) == len(set(emitted)), f"{name}: a column is given twice"
        assert "id" in emitted, f"{name}: `id` is missing"


def columns_that_must_not_be_null_are_mapped(bench: Bench) -> None:
    """What sql/model says is not null is given."""
    from superset_crmkpi.canonical.model import MANAGED

    for name in bench.mappings:
        needed = {c.name for c in bench.model[name].columns.values() if not c.nullable}
        lacking = needed - set(bench.emitted(name)) - set(MANAGED)
        assert not lacking, f"{name}: `{sorted(lacking)[0]}` is never null, and not mapped"


def the_sql_is_portable(bench: Bench) -> None:
    """Only what six engines take; see above."""
    faults = [
        fault
        for file in _files(bench).values()
        for fault in portable(file, file.parse(), quoted=tuple(RESERVED))
    ]
    assert not faults, "; ".join(faults)


def a_mapping_can_be_read_at_one_sitting(bench: Bench) -> None:
    """At most 150 lines a file."""
    for name, file in _files(bench).items():
        lines = file.line + file.sql.count("\n")
        assert lines <= MAX_LINES, f"{name}.sql: {lines} lines; {MAX_LINES} at most"


def every_shared_part_is_read(bench: Bench) -> None:
    """A file of `parts/` that no mapping reads any more is removed."""
    read = {
        table.name for file in _files(bench).values() for table in file.parse().find_all(exp.Table)
    }
    unread = sorted(set(bench.connector.parts) - read)
    assert not unread, f"parts/{unread[0]}.sql: no mapping reads it; remove it"


def every_table_of_the_schema_is_read(bench: Bench) -> None:
    """The schema lists nothing that no mapping needs."""
    read = {table for tables in bench.reads.values() for table in tables}
    unread = sorted(set(bench.schema) - read)
    assert not unread, f"schema.yaml: no mapping reads {', '.join(unread)}; remove it"


def every_column_of_the_schema_is_read(bench: Bench) -> None:
    """Nor a column: one that says which records are deleted or merged is easily forgotten."""
    for table, columns in bench.schema.items():
        read: set[str] = set().union(*(tables.get(table, set()) for tables in bench.reads.values()))
        unread = sorted(set(columns) - read - bench.told_apart(table))
        assert not unread, f"schema.yaml: no mapping reads `{table}.{unread[0]}`; read or remove it"


PROMISES = (
    every_mapped_column_is_one_of_the_model,
    columns_that_must_not_be_null_are_mapped,
    the_sql_is_portable,
    a_mapping_can_be_read_at_one_sitting,
    every_shared_part_is_read,
    every_table_of_the_schema_is_read,
    every_column_of_the_schema_is_read,
)


def _files(bench: Bench) -> dict[str, SqlFile]:
    """Mappings by entity, and parts."""
    mappings = {name: mapping.file for name, mapping in bench.mappings.items()}
    return {**bench.connector.parts, **mappings}
