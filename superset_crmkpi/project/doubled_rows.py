"""Rows of raw tables that do not count, because a newer one of the same record is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.compile.live import raw_name, with_raw
from superset_crmkpi.connectors.source import MappedEntity, MappedSource
from superset_crmkpi.project.project import Project
from superset_crmkpi.query.verbatim import restored
from superset_crmkpi.warehouse.connect import fetched


@dataclass(frozen=True)
class SetAside:
    """`rows` of a table that do not count, as `records` are there more than once.

    `entities` read the table; those that a user's own SELECTs give are counted by their ids, and
    `table` is empty.
    """

    source: str
    table: str
    entities: tuple[str, ...]
    records: int
    rows: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        what = f"{self.table} ({', '.join(self.entities)})" if self.table else self.entities[0]
        return (
            f"source {self.source}: {what}: {self.rows:,} rows set aside, as {self.records:,} "
            "records are there more than once; the newest row of each counts"
        )


def set_aside(project: Project) -> list[SetAside]:
    """Tables and entities with rows that do not count; where a key is declared none are."""
    found = []
    for source in project.sources:
        counted = _tables(source) if source.has_schema else _entities(source)
        for table, entities, query in counted:
            text = dialects.finish(query, source.dialect).sql(dialect=source.dialect)
            (row,) = fetched(project.engine, restored(text))
            if row["set_aside"]:
                numbers = int(row["records"]), int(row["set_aside"])
                found.append(SetAside(source.name, table, entities, *numbers))
    return found


def _tables(source: MappedSource) -> Iterable[tuple[str, tuple[str, ...], exp.Query]]:
    """Raw tables, the entities that are made of them, and a query that counts; each table once."""
    readers: dict[str, dict[str, str]] = {}
    for entity in sorted(source):
        for table in source[entity].reads:
            physical = source.raw.physical(table)
            if physical is not None:
                readers.setdefault(f"{physical.schema}.{physical.name}", {})[entity] = table
    for name, entities in sorted(readers.items()):
        queries = {table: source.raw.doubled(table) for table in sorted({*entities.values()})}
        own = [e for e, t in entities.items() if any(t == leaf for leaf, _ in _ids(source[e]))]
        query = next((query for query in queries.values() if query is not None), None)
        if query is not None:
            yield name, tuple(own or sorted(entities)), query


def _ids(entity: MappedEntity) -> set[tuple[str, str]]:
    return entity.leaves.get("id", set())


def _entities(source: MappedSource) -> Iterable[tuple[str, tuple[str, ...], exp.Query]]:
    """Entities of a user's own SELECTs, each with a query that counts its ids."""
    for entity in sorted(source):
        if not source.usable(entity):
            continue
        mapped = source[entity].pruned({"id"})
        each = exp.select("count(*) as copies").from_("mapped").where("not id is null")
        each = each.group_by("id").having("count(*) > 1")
        counts = ("count(*) as records", "coalesce(sum(copies - 1), 0) as set_aside")
        query = exp.select(*counts).from_(each.subquery("each_key"))
        for table, columns in mapped.reads.items():
            query = query.with_(raw_name(source.name, table), as_=source.raw.query(table, columns))
        yield "", (entity,), query.with_("mapped", as_=with_raw(source, mapped))
