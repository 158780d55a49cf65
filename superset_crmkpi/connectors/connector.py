"""The Connector that a plugin returns: a vendor's logical tables, landings and mappings.

A connector is a folder (see docs/connectors.md):

    schema.yaml             logical tables: column -> type, as the vendor documents them
    values.yaml             the vendor's labels -> canonical values (see labels.py); may be missing
    mapping/<entity>.sql    one SELECT per canonical entity over those tables (DuckDB dialect)
    parts/<name>.sql        SELECTs that several mappings read by name (parts.py); may be missing
    landings/<loader>.yaml  where a loader puts them, and how texts are to be read
    keys.yaml               what names a row of a table, and which row is newer; may be missing
    records.yaml            where the vendor shows a record (records.py); may be missing

Mappings emit canonical columns with the vendor's native ids. The compiler prefixes ids with the
source's name, drops rows with `is_deleted`, casts to the canonical types, adds `source_system`,
`source_id`, `synced_at` and all companions, and turns what the warehouse lacks into typed nulls.
A mapping may emit a companion itself where the vendor gives a date without a time (`close_date as
closed_date` beside `closed_at`): it is then taken as it is, not shifted between time zones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from superset_crmkpi.base.documents import Strict, first_fault, read_document
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import SqlFile, read_sql_files
from superset_crmkpi.base.types import LOGICAL
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.connectors.labels import read_labels
from superset_crmkpi.connectors.newest import RowKeys
from superset_crmkpi.connectors.records import Records


class Rows(Strict):
    """A table that lies as a JSON array in the column of another one, its parent."""

    #: the parent: a logical table, or a physical name
    table: str
    #: where in the parent the array lies: a column, or `x$.path`
    column: str


class Landing(Strict):
    """How a loader lands the vendor's tables. Names match whatever their case and separators."""

    label: str
    #: logical table -> physical names to try, besides its own
    tables: dict[str, list[str]] = Field(default_factory=dict)
    #: logical table -> logical column -> places to try, besides its own name: a column, `x$.path`
    #: inside a JSON column, and in a table of `rows` `$.path` inside the element or `parent.x`
    columns: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    #: prefixes of physical column names to try, such as `property_`
    prefixes: list[str] = Field(default_factory=list)
    #: JSON columns such as `properties`, whose keys are columns that have none of their own
    documents: list[str] = Field(default_factory=list)
    #: logical table -> the JSON array whose elements are its rows
    rows: dict[str, Rows] = Field(default_factory=dict)
    #: column -> value: rows where the column has another value are not current (NULL passes)
    current: dict[str, bool] = Field(default_factory=dict)
    #: strftime formats of texts that are times or dates, besides ISO; `epoch_s` or `epoch_ms`
    #: where numbers are seconds or milliseconds since 1970
    formats: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class EntityMapping:
    """One entity of one source: its SELECT, and where it stands for messages."""

    entity: str
    file: SqlFile
    #: dialect the SELECT is written in; None means the engine's own
    dialect: str | None = "duckdb"


@dataclass(frozen=True)
class Connector:
    """A connector read from `folder`. Subclass it only when mappings do not come from files."""

    name: str
    label: str
    folder: Path | None = None
    options: tuple[str, ...] = field(default=())

    @cached_property
    def schema(self) -> dict[str, dict[str, str]] | None:
        """Logical tables, or None when mappings name physical tables themselves."""
        assert self.folder is not None
        raw = _read_yaml(self.folder / "schema.yaml")
        for table, columns in raw.items():
            for column, kind in columns.items():
                if not isinstance(column, str):  # YAML's `no`, `on`, `1`
                    raise CrmKpiError(
                        f"{self.name}/schema.yaml: {table}: YAML reads a column as {column!r}; "
                        "write its name in quotes"
                    )
                if kind not in LOGICAL:
                    raise CrmKpiError(
                        f"{self.name}/schema.yaml: {table}.{column}: `{kind}` is not one of "
                        + ", ".join(LOGICAL)
                    )
        return raw

    @cached_property
    def values(self) -> dict[str, dict[str, str | None]]:
        """`entity.column` -> vendor label -> canonical value."""
        if self.folder is None or not (self.folder / "values.yaml").is_file():
            return {}
        given = _read_yaml(self.folder / "values.yaml")
        return read_labels(given, load_model(), f"{self.name}/values.yaml")

    @cached_property
    def records(self) -> Records:
        """Where the vendor's application shows a record; nowhere where the file is missing."""
        if self.folder is None or not (self.folder / "records.yaml").is_file():
            return Records()
        try:
            found = Records.model_validate(_read_yaml(self.folder / "records.yaml"))
        except ValidationError as error:
            fault = first_fault(error, Records)
            raise CrmKpiError(f"{self.name}/records.yaml: {fault}") from error
        for entity in [*found.pages, *found.without]:
            if entity not in load_model():
                raise CrmKpiError(f"{self.name}/records.yaml: {entity}: no such canonical entity")
        return found

    @cached_property
    def row_keys(self) -> RowKeys | None:
        """What names the rows of the logical tables; None where there are no logical tables."""
        if self.schema is None:
            return None
        path = (self.folder / "keys.yaml") if self.folder is not None else None
        if path is None or not path.is_file():
            return RowKeys()
        try:
            found = RowKeys.model_validate(_read_yaml(path))
        except ValidationError as error:
            raise CrmKpiError(f"{self.name}/keys.yaml: {first_fault(error, RowKeys)}") from error
        self._check_keys(found)
        return found

    @cached_property
    def parts(self) -> dict[str, SqlFile]:
        """What mappings share, by name. CrmKpiError for a part named like a logical table."""
        if self.folder is None or self.schema is None:
            return {}
        found = {file.name: file for file in read_sql_files(self.folder / "parts")}
        for name in found.keys() & self.schema.keys():
            raise CrmKpiError(f"{self.name}/parts/{name}.sql: schema.yaml has a table `{name}` too")
        return found

    @cached_property
    def landings(self) -> dict[str, Landing]:
        """Landings by name."""
        assert self.folder is not None
        found = {}
        for path in sorted((self.folder / "landings").glob("*.yaml")):
            try:
                landing = Landing.model_validate(_read_yaml(path))
            except ValidationError as error:
                fault = first_fault(error, Landing)
                raise CrmKpiError(f"{self.name}/landings/{path.name}: {fault}") from error
            self._check_names(landing, path.name)
            found[path.stem] = landing
        return found

    def _check_keys(self, keys: RowKeys) -> None:
        """They are those of logical tables, or of tables that hold some as JSON."""
        rows = [rows for landing in self.landings.values() for rows in landing.rows.values()]
        known = {*(self.schema or {}), *(one.table for one in rows)}
        for table in keys.keys:
            if table not in known:
                raise CrmKpiError(f"{self.name}/keys.yaml: `{table}` is not a table of schema.yaml")

    def _check_names(self, landing: Landing, file: str) -> None:
        """A landing speaks of logical tables and columns only."""
        schema = self.schema or {}
        for table in [*landing.tables, *landing.columns, *landing.rows]:
            if table not in schema:
                raise CrmKpiError(
                    f"{self.name}/landings/{file}: `{table}` is not a table of schema.yaml"
                )
        for table, columns in landing.columns.items():
            for column in columns:
                if column not in schema[table]:
                    raise CrmKpiError(
                        f"{self.name}/landings/{file}: `{table}.{column}` is not a column of "
                        "schema.yaml"
                    )

    def landing(self, name: str | None) -> Landing:
        """The landing `name`, or the only one. Raises CrmKpiError that lists them."""
        if name is None and len(self.landings) == 1:
            return next(iter(self.landings.values()))
        if name not in self.landings:
            raise CrmKpiError(
                f"landing `{name}` is not known to connector `{self.name}`; "
                f"it knows: {', '.join(self.landings)}"
            )
        return self.landings[name]

    def mappings(self, options: Mapping[str, Any]) -> dict[str, EntityMapping]:
        """Entity -> its mapping. `options` are the source's own keys of the profile."""
        assert self.folder is not None
        known = load_model()
        found = {}
        for file in read_sql_files(self.folder / "mapping"):
            if file.name not in known:
                raise CrmKpiError(f"{self.name}/mapping/{file.path.name}: no such canonical entity")
            found[file.name] = EntityMapping(file.name, file)
        return found


def squash(name: str) -> str:
    """A name without case and separators: `Start DateTime`, `start_date_time` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _read_yaml(path: Path) -> Any:
    shown = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise CrmKpiError(f"{shown}: the connector lacks this file")
    return read_document(path, shown).content or {}
