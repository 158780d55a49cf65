"""Which tables of a schema are CRM entities, by their names and the names of their columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from superset_crmkpi.base.types import Kind
from superset_crmkpi.connectors.connector import squash
from superset_crmkpi.connectors.usual_names import USUAL, Usual
from superset_crmkpi.warehouse.built import LEDGER
from superset_crmkpi.warehouse.connect import Snapshot

#: schemas of the engines' own
SYSTEM = frozenset(
    ["information_schema", "pg_catalog", "pg_toast", "sys", "mysql", "performance_schema", "system"]
)
#: what stands before the names of tables of all sorts
_PREFIXES = frozenset(["crm", "tbl", "t", "app", "dim", "stg", "raw", "sales"])
#: a table needs so many columns that we know
_FEWEST = 3


@dataclass(frozen=True)
class GuessedTable:
    """A table that may be the entity; `columns`: canonical name -> its own name."""

    entity: str
    schema: str
    table: str
    kinds: Mapping[str, Kind]
    columns: Mapping[str, str]
    by_name: bool
    score: int

    def kind(self, column: str) -> Kind:
        """The kind of the canonical column's own column."""
        return self.kinds[self.columns[column]]


def ours(snapshot: Snapshot, schema: str) -> bool:
    """Whether `crmkpi build` made the schema's tables."""
    return LEDGER in snapshot.schema(schema)


def guess_tables(snapshot: Snapshot, schema: str) -> dict[str, GuessedTable]:
    """Entity -> the likeliest table; none is taken for two entities."""
    tables = snapshot.schema(schema)
    prefixes = _shared_prefixes(tables)
    found = [
        guess
        for table, kinds in tables.items()
        for entity, usual in USUAL.items()
        if (guess := _guess(entity, usual, schema, table, kinds, prefixes)) is not None
    ]
    chosen: dict[str, GuessedTable] = {}
    for guess in sorted(found, key=lambda guess: (-guess.score, guess.table)):
        taken = guess.table in {other.table for other in chosen.values()}
        if guess.entity not in chosen and not taken:
            chosen[guess.entity] = guess
    return {entity: chosen[entity] for entity in USUAL if entity in chosen}


def _guess(
    entity: str,
    usual: Usual,
    schema: str,
    table: str,
    kinds: Mapping[str, Kind],
    prefixes: frozenset[str],
) -> GuessedTable | None:
    columns = _columns(usual, kinds)
    names = usual.tables.split()
    prefix, ending = _parted(table)
    if squash(table) in names:
        points = 200 - names.index(squash(table))
    elif squash(ending) in names and prefix in prefixes:
        points = 100 - names.index(squash(ending))
    else:
        points = 0
    wanted = any if points else all
    telling = (usual.telling if points else usual.alone).split()
    known = sum(name != "id" for name in columns)
    if "id" not in columns or known + 1 < _FEWEST or not telling:
        return None
    if not wanted(name in columns for name in telling):
        return None
    return GuessedTable(entity, schema, table, kinds, columns, points > 0, points + known)


def _columns(usual: Usual, kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Canonical column -> the table's own, each of which is taken once."""
    there = {squash(name): name for name in reversed(list(kinds))}
    found: dict[str, str] = {}
    for column, names in usual.columns.items():
        free = (there[n] for n in names.split() if n in there and there[n] not in found.values())
        name = next(free, None)
        if name is not None:
            found[column] = name
    return found


def _parted(table: str) -> tuple[str, str]:
    """`crm_deals` as `crm` and `deals`."""
    parts = re.split(r"[\W_]+", table.lower())
    return "".join(parts[:-1]), parts[-1]


def _shared_prefixes(tables: Mapping[str, object]) -> frozenset[str]:
    """Prefixes of any table, and those that tables of several entities share."""
    entities = defaultdict(set)
    for table in tables:
        prefix, ending = _parted(table)
        for entity, usual in USUAL.items():
            if squash(ending) in usual.tables.split():
                entities[prefix].add(entity)
    return _PREFIXES | {prefix for prefix, several in entities.items() if len(several) > 1}
