"""A connector over the fixtures of one landing, in a DuckDB of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import TYPES
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.newest import RowKeys
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.query.prune import columns_used
from superset_crmkpi.warehouse.load import load_files

NAME = "bench"


class NotRun(Exception):
    """A promise that cannot be tried here, with the reason."""


class Bench:
    """Schema `raw` holds the fixtures as loaded, `typed` the logical tables as mappings see them.

    `fixtures` holds one CSV per table, named as the landing names it, in a folder per landing
    (`fixtures/fivetran/account.csv`), or right there where there is one landing only.
    """

    def __init__(self, connector: Connector, fixtures: Path, landing: str) -> None:
        if connector.schema is None:
            raise CrmKpiError("the contract is for connectors with a schema.yaml")
        self.connector = connector
        self.landing = landing
        self.fixtures = fixtures
        self.folder = fixtures / landing if (fixtures / landing).is_dir() else fixtures
        if not list(self.folder.glob("*.csv")):
            raise CrmKpiError(f"{fixtures.name}/{landing}: no CSV of this landing; add some")
        self.schema = connector.schema
        self.mappings = connector.mappings({})
        self.engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
        self.project = self.loaded(self.engine)
        self.source = self.project.sources[0]
        self.raw = self.source.raw
        self.execute("set threads = 1")  # the tables are tiny
        # or a prepared query would hold for always what the table of changes holds just now
        self.execute("set disabled_optimizers = 'statistics_propagation'")
        self._rows: dict[str, pd.DataFrame] = {}
        self._texts: dict[str, str] = {}
        self.execute("create schema typed")
        self.execute("create schema changes")
        self.execute("create table changes.chosen as select -1 as change_number")
        for table, columns in self.schema.items():
            query = dialects.finish(self.raw.query(table, list(columns)), "duckdb")
            self.execute(f'create table typed."{table}" as {query.sql(dialect="duckdb")}')

    def loaded(self, engine: sa.engine.Engine) -> Project:
        """The fixtures in schema `raw` of a warehouse, and a project over them."""
        load_files(engine, "raw", sorted(self.folder.glob("*.csv")))
        source = {"connector": self.connector.name, "landing": self.landing, "schema": "raw"}
        given = {"database": {"name": NAME}, "sources": {NAME: source}}
        return Project(Profile.model_validate(given), engine, [self.connector])

    @property
    def model(self) -> dict[str, Entity]:
        return load_model()

    @cached_property
    def entities(self) -> list[str]:
        """Entities that this landing can give: the others lack a table here."""
        covered = self.project.coverage.entities
        return [name for name in self.mappings if covered[name].availability != "absent"]

    def lacking(self, entity: str) -> set[str]:
        """Columns the mapping gives for which this landing has nothing."""
        lacking = set(self.project.coverage.entities[entity].missing)
        leaves = self.source[entity].leaves.get("is_deleted", set())
        if leaves and not any(self.raw.column(*leaf) for leaf in leaves):
            lacking.add("is_deleted")
        return lacking & set(self.emitted(entity))

    def emitted(self, entity: str) -> list[str]:
        return list(self.source[entity].emits)

    @cached_property
    def reads(self) -> Mapping[str, Mapping[str, set[str]]]:
        """Entity -> logical table -> columns that its mapping reads."""
        return {name: columns_used(self.source[name].qualified) for name in self.mappings}

    def told_apart(self, table: str) -> set[str]:
        """Columns of a logical table by which its rows are told apart, before any mapping."""
        flags = (landing.current for landing in self.connector.landings.values())
        return {*self._row_keys.of(table), *self._row_keys.changed}.union(*flags)

    @property
    def _row_keys(self) -> RowKeys:
        return self.connector.row_keys or RowKeys()

    def _own_key(self, table: str) -> str | None:
        """The last column that names a row of the table, if it is a text."""
        texts = [c for c in self._row_keys.of(table)[-1:] if self.schema[table].get(c) == "text"]
        return texts[0] if texts else None

    def is_key(self, entity: str, table: str, column: str) -> bool:
        """Whether a column identifies records: by its name, or as ids are made of it."""
        return self.names_records(column) or (table, column) in self._keys[entity]

    @staticmethod
    def names_records(column: str) -> bool:
        return column in ("id", "uuid", "guid") or column.endswith(("_id", "_key", "id"))

    @cached_property
    def _keys(self) -> dict[str, set[tuple[str, str]]]:
        keys = {}
        for name in self.mappings:
            columns = self.model[name].columns
            leaves = self.source[name].leaves
            references = {c for c in leaves if c in columns and columns[c].references}
            keys[name] = set().union(*(leaves[c] for c in {"id", *references} if c in leaves))
        return keys

    def execute(self, sql: str) -> None:
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(sql)

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a query, cells as Python's own objects."""
        return rows(self.engine, sql)

    def finished(self, name: str) -> pd.DataFrame:
        """The finished entity, as Superset would read it."""
        if name not in self._rows:
            self._rows[name] = self.query(self.project.live.entity(name))
        return self._rows[name]

    def mapped(
        self,
        name: str,
        changes: Mapping[str, Mapping[str, str]] | None = None,
        only: Mapping[str, str] | None = None,
        beside: bool = False,
    ) -> pd.DataFrame:
        """What the mapping alone gives over `typed`.

        `changes`: logical table -> column -> expression in its place (the type is kept); `only`:
        logical table -> condition of the rows it keeps; `beside`: each row comes again as another
        record, with a key of its own.
        """
        tables = []
        for table in self.reads[name]:
            changed = {
                column: self._cast(sql, table, column)
                for column, sql in (changes or {}).get(table, {}).items()
            }
            where = f" where {only[table]}" if only and table in only else ""
            text = f"{_replaced(table, changed)}{where}"
            own = self._own_key(table) if beside else None
            if own is not None:
                other = self._cast(f"'beside-' || \"{own}\"", table, own)
                text += f" union all {_replaced(table, {**changed, own: other})}{where}"
            tables.append(f'"{table}" as ({text})')
        return self.query(self._over(name, tables))

    def each_mapped(
        self, name: str, columns: Mapping[tuple[str, str], str], without: Iterable[str] = ()
    ) -> Iterator[tuple[tuple[str, str], Callable[[], pd.DataFrame]]]:
        """What the mapping gives over `typed` with one change at a time, and how to ask for it.

        `columns`: (logical table, column) -> expression in its place; `without`: tables that have
        no rows, each as (table, ""). Planned once, as planning takes longer than tiny tables do;
        a parameter would have it planned again, so a table says which change it is.
        """
        changes = [*columns, *((table, "") for table in without)]
        numbers = {change: number for number, change in enumerate(changes)}
        tables = []
        for table in self.reads[name]:
            changed = {
                column: f"case when w.change_number = {numbers[place]}"
                f' then {self._cast(sql, *place)} else t."{column}" end'
                for place, sql in columns.items()
                for column in place[1:]
                if place[0] == table
            }
            gone = numbers.get((table, ""))
            where = "" if gone is None else f" where w.change_number <> {gone}"
            tables.append(f'"{table}" as ({_replaced(table, changed)}{where})')
        if not changes:
            return
        self.execute(f"prepare changed as {self._over(name, tables)}")
        for change, number in numbers.items():
            self.execute(f"update changes.chosen set change_number = {number}")
            yield change, partial(self.query, "execute changed")
        self.execute("deallocate changed")

    def _cast(self, sql: str, table: str, column: str) -> str:
        return f"cast({sql} as {TYPES[self.schema[table][column]]})"

    def _over(self, name: str, tables: Sequence[str]) -> str:
        """The mapping as a query over these CTEs."""
        with_ = f"with {', '.join(tables)} " if tables else ""
        return f"{with_}select * from ({self._text(name)}) as mapped"

    def _text(self, name: str) -> str:
        if name not in self._texts:
            mapping = dialects.finish(self.source[name].query, "duckdb")
            self._texts[name] = mapping.sql(dialect="duckdb")
        return self._texts[name]


def _replaced(table: str, changed: Mapping[str, str]) -> str:
    columns = ", ".join(f'{sql} as "{column}"' for column, sql in changed.items())
    replace = f" replace ({columns})" if columns else ""
    return f'select t.*{replace} from typed."{table}" as t, changes.chosen as w'


def rows(engine: sa.engine.Engine, sql: str) -> pd.DataFrame:
    """Rows of a query, cells as Python's own objects."""
    with engine.connect() as connection:
        text = sql.replace("%", "%%") if engine.name == "postgresql" else sql
        result = connection.exec_driver_sql(text)
        found, names = result.fetchall(), list(result.keys())
    return pd.DataFrame([tuple(row) for row in found], columns=names, dtype=object)
