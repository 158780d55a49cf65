"""Promises for a record that is there twice, as a loader that appends leaves it."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.types import Kind
from superset_crmkpi.connectors.places import Physical, Place
from superset_crmkpi.kit.contract.bench import Bench, rows
from superset_crmkpi.kit.contract.engines import comparable

#: a time before all others, by the kind of its column; a loader's text may be a number
_LONG_AGO = {
    "text": "'1990-01-01T00:00:00Z'",
    "date": "date '1990-01-01'",
    "timestamp": "timestamp '1990-01-01'",
    "instant": "timestamptz '1990-01-01 00:00:00+00'",
    "integer": "1",
    "number": "1",
}
_LONG_AGO_BY_LOADER = {**_LONG_AGO, "text": "'0'"}


def every_row_of_a_raw_table_has_a_key(bench: Bench) -> None:
    """`id`, or what keys.yaml says; so a record that is there twice is known."""
    keys = bench.connector.row_keys
    assert keys is not None
    for table, columns in bench.schema.items():
        known = "id" in columns or table in keys.keys
        assert known, f"keys.yaml: `{table}` has no `id`: say which columns name a row"


def the_newest_row_of_a_record_is_known(bench: Bench) -> None:
    """What becomes `updated_at` says which row is newer: it is among `changed` of keys.yaml."""
    for name in bench.entities:
        leaves = bench.source[name].leaves
        own = {table for table, _ in leaves["id"]}
        # the time of creation is the same in all rows of a record
        for table, column in sorted(
            leaves.get("updated_at", set()) - leaves.get("created_at", set())
        ):
            there = bench.raw.column(table, column)
            if table in own and there is not None and there.path is None:
                named = there in bench.raw.row_key(table)  # a time that is part of the key
                told = named or bench.raw.changed(table)
                assert told, f"keys.yaml: `{table}` changes ({column}), but `changed` lacks it"


def a_record_that_is_there_twice_counts_once(bench: Bench) -> None:
    """Each row of each raw table comes again as it is, and as it was before it changed."""
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    bench.loaded(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("set threads = 1")
        for statement in _plants(bench):
            connection.exec_driver_sql(statement)
    for name in bench.entities:
        once = comparable(bench.finished(name))
        twice = comparable(rows(engine, bench.project.live.entity(name)))
        ids = sorted(twice.index[twice.index.duplicated()])
        assert not ids, f"{name}: {ids[0]} comes twice when its raw rows do"
        strange = sorted(set(once.index) ^ set(twice.index))
        assert not strange, f"{name}: {strange[0]}, when raw rows come twice"
        for column in once:
            pairs = zip(once.index, once[column], twice[column], strict=True)
            for key, one, other in pairs:
                assert one == other, f"{name}.{column}: {key}: {other}, not {one}: an older row"
    engine.dispose()


def _plants(bench: Bench) -> Iterator[str]:
    """Statements that put older versions and copies into each raw table, each table once."""
    keys: dict[tuple[str, str], set[str]] = {}
    tables: dict[tuple[str, str], tuple[str, Physical]] = {}
    for table in bench.schema:
        physical, key = bench.raw.physical(table), bench.raw.row_key(table)
        if physical is not None:
            place = (physical.schema, physical.name)
            keys.setdefault(place, set()).update(one.column for one in key)
            if key:
                tables.setdefault(place, (table, physical))
    for place, (table, physical) in tables.items():
        changed, marks = bench.raw.changed(table), bench.raw.marks(table)
        where = f'"{physical.schema}"."{physical.name}"'
        yield f"create temporary table given as select * from {where}"
        yield f"insert into {where} select * from given"
        times = [(one, _LONG_AGO) for one in [changed] if one is not None]
        times += [(one, _LONG_AGO_BY_LOADER) for one in marks[:1]]
        told = [(one, ago) for one, ago in times if one.column not in keys[place]]
        if told:
            values = _older(physical, keys[place], told)
            known = " or ".join(
                f"nullif(trim(cast(\"{t.column}\" as varchar)), '') is not null" for t, _ in told
            )
            yield f"insert into {where} select {values} from given where {known}"
        yield "drop table given"


def _older(physical: Physical, key: set[str], times: list[tuple[Place, dict[str, str]]]) -> str:
    """The columns of a row as it was: other values, an older time, the same key."""
    ago = {place.column: texts[place.kind] for place, texts in times}
    values = []
    for name, kind in physical.columns.items():
        column = f'"{name}"'
        if name in ago:
            column = f"case when {column} is not null then {ago[name]} end"
        elif name not in key:
            column = _other(name, kind)
        values.append(column)
    return ", ".join(values)


def _other(name: str, kind: Kind | str) -> str:
    """Another value, greater than the one that counts where there is a greater one."""
    if name.lower().lstrip("_") == "fivetran_active":
        return f'"{name}"'  # a version that is over would not count for that alone
    return f"'zz' || coalesce(\"{name}\", '')" if kind == "text" else "null"


PROMISES = (
    every_row_of_a_raw_table_has_a_key,
    the_newest_row_of_a_record_is_known,
    a_record_that_is_there_twice_counts_once,
)
