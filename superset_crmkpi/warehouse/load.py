"""Load files into the warehouse as raw tables, aside and then swapped in one transaction.

A table `crmkpi_loads` in the same schema remembers what was loaded from where: only such tables
are ever replaced, and a file whose content is there already is left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import quoted_name

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import SQLALCHEMY_TYPES
from superset_crmkpi.warehouse.files import SUFFIXES, FileTable, read_file
from superset_crmkpi.warehouse.sentiment import with_sentiment

logger = logging.getLogger(__name__)

LEDGER = "crmkpi_loads"
#: in a folder, a .txt is as likely a note as a table
_IN_FOLDERS = tuple(suffix for suffix in SUFFIXES if suffix != ".txt")
_POSTGRES_NAME_BYTES = 63
#: called with the table's name and the rows so far
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Loaded:
    """What became of one table. `status` is loaded, replaced, unchanged or planned (a dry run)."""

    table: str
    file: str
    status: str
    rows: int | None
    columns: int
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def load_files(
    engine: Engine,
    schema: str,
    paths: Sequence[Path | str],
    *,
    table: str | None = None,
    replace: bool = False,
    dry_run: bool = False,
    sentiment: Sequence[str] = (),
    progress: Progress | None = None,
) -> list[Loaded]:
    """Load files (or all files of folders) into `schema` of DuckDB or PostgreSQL.

    Each table is named after its file or sheet, or `table` when there is one only. All tables come
    in one transaction. Beside each text column named in `sentiment` comes `<column>_sentiment`, a
    number from -1 to 1. Raises CrmKpiError, and leaves everything as it was, for a table that
    exists and was not made by this function, or that would change without `replace`.
    """
    if engine.name not in ("duckdb", "postgresql"):
        raise CrmKpiError(f"files can be loaded into DuckDB and PostgreSQL, not {engine.name}")
    tables = [entry for path in _files(paths) for entry in read_file(path)]
    tables = with_sentiment(tables, sentiment)
    names = _names(tables, table)
    try:
        with engine.connect() as connection, connection.begin():
            if not dry_run:
                quoted = connection.dialect.identifier_preparer.quote_schema(schema)
                connection.execute(sa.text(f"create schema if not exists {quoted}"))
            return [
                _load(connection, schema, name, entry, replace, dry_run, progress)
                for name, entry in names.items()
            ]
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CrmKpiError(f"nothing was loaded into schema {schema}: {reason}") from error


def _files(paths: Iterable[Path | str]) -> list[Path]:
    found: list[Path] = []
    for given in map(Path, paths):
        if given.is_dir():
            inside = sorted(p for p in given.iterdir() if p.suffix.lower() in _IN_FOLDERS)
            if not inside:
                raise CrmKpiError(f"{given}: no file in it can be loaded ({', '.join(SUFFIXES)})")
            found.extend(inside)
        else:
            found.append(given)
    if not found:
        raise CrmKpiError("no file to load; name one or more files or folders")
    return found


def _names(tables: list[FileTable], table: str | None) -> dict[str, FileTable]:
    if table is not None and len(tables) != 1:
        raise CrmKpiError(f"--table names one table, but there are {len(tables)}; leave it out")
    names: dict[str, FileTable] = {}
    for entry in tables:
        name = table or entry.name
        clash = next((other for other in names if other.lower() == name.lower()), None)
        if clash or name.lower() == LEDGER:
            where = f"{names[clash].file} and {entry.file}" if clash else str(entry.file)
            raise CrmKpiError(f"table `{name}` ({where}): the name is taken; rename the file")
        names[name] = entry
    return names


def _load(
    connection: Connection,
    schema: str,
    name: str,
    entry: FileTable,
    replace: bool,
    dry_run: bool,
    progress: Progress | None,
) -> Loaded:
    columns, notes = list(entry.columns), list(entry.notes)
    if connection.dialect.name == "postgresql":
        columns = _shortened(columns, notes)
    inspector = sa.inspect(connection)
    there = inspector.has_table(name, schema=schema)
    known = _remembered(connection, inspector, schema, name)
    shown = f"{schema}.{name}"
    if there and known is None:
        raise CrmKpiError(
            f"{shown} exists and was not made by `crmkpi load`; choose another --schema or --table"
        )
    if there and known is not None and known.sha256 == entry.sha256:
        return Loaded(name, str(entry.file), "unchanged", known.rows, len(columns), notes)
    if there and not replace:
        raise CrmKpiError(
            f"{shown} holds other content; add --replace to put this file in its place"
        )
    if dry_run:
        return Loaded(name, str(entry.file), "planned", None, len(columns), notes)
    target = _table(f"{name[:40]}__crmkpi_new", schema, columns, entry.kinds)
    target.drop(connection, checkfirst=True)
    target.create(connection)
    rows = 0
    for chunk in entry.chunks():
        _insert(connection, target, chunk)
        rows += len(chunk)
        if progress:
            progress(name, rows)
    quote = connection.dialect.identifier_preparer.quote_identifier
    if there:
        connection.execute(sa.text(f"drop table {_full(connection, schema, name)}"))
    old = _full(connection, schema, target.name)
    connection.execute(sa.text(f"alter table {old} rename to {quote(name)}"))
    _remember(connection, schema, name, entry, rows, len(columns))
    logger.info("%s: %d rows from %s", shown, rows, entry.file)
    return Loaded(
        name, str(entry.file), "replaced" if there else "loaded", rows, len(columns), notes
    )


def _full(connection: Connection, schema: str, name: str) -> str:
    preparer = connection.dialect.identifier_preparer
    return f"{preparer.quote_schema(schema)}.{preparer.quote_identifier(name)}"


def _table(name: str, schema: str, columns: list[str], kinds: list[str]) -> sa.Table:
    # Keys of their own: names such as `Rate (%)` are no names for bound parameters. Everything is
    # quoted: the dialect of DuckDB does not know all of its reserved words.
    return sa.Table(
        quoted_name(name, True),
        sa.MetaData(),
        *[
            sa.Column(quoted_name(column, True), SQLALCHEMY_TYPES[kind], key=f"c{number}")
            for number, (column, kind) in enumerate(zip(columns, kinds, strict=True))
        ],
        schema=schema,
    )


def _insert(connection: Connection, target: sa.Table, chunk: pd.DataFrame) -> None:
    if connection.dialect.name == "duckdb":
        raw = connection.connection
        frame = chunk.set_axis([f"c{number}" for number in chunk.columns], axis=1)
        raw.register("crmkpi_chunk", frame)
        selected = ", ".join(
            f"cast({column.key} as {column.type.compile(connection.dialect)})"
            for column in target.columns
        )
        into = _full(connection, str(target.schema), target.name)
        connection.execute(sa.text(f"insert into {into} select {selected} from crmkpi_chunk"))
        raw.unregister("crmkpi_chunk")
        return
    keys = [column.key for column in target.columns]
    plain = chunk.astype(object).where(chunk.notna(), None)
    rows = [dict(zip(keys, row, strict=True)) for row in plain.itertuples(index=False, name=None)]
    if rows:
        connection.execute(target.insert(), rows)


def _shortened(columns: list[str], notes: list[str]) -> list[str]:
    """PostgreSQL cuts names after 63 bytes; cut them here, so that they stay apart."""
    result: list[str] = []
    for number, name in enumerate(columns, start=1):
        encoded = name.encode()
        if len(encoded) > _POSTGRES_NAME_BYTES:
            cut = encoded[: _POSTGRES_NAME_BYTES - 5].decode(errors="ignore")
            short = f"{cut}_{number}"
            notes.append(f"column `{name}` is called `{short}`: PostgreSQL allows 63 bytes")
            name = short
        result.append(name)
    return result


def _ledger(schema: str) -> sa.Table:
    return sa.Table(
        LEDGER,
        sa.MetaData(),
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.BigInteger, nullable=False, key="column_count"),
        sa.Column("loaded_at", sa.DateTime, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        schema=schema,
    )


def _remembered(connection: Connection, inspector: Any, schema: str, name: str) -> Any:
    ledger = _ledger(schema)
    if not inspector.has_table(LEDGER, schema=schema):
        return None
    query = sa.select(ledger.c.sha256, ledger.c.rows).where(ledger.c.table_name == name)
    return connection.execute(query).first()


def _remember(
    connection: Connection, schema: str, name: str, entry: FileTable, rows: int, columns: int
) -> None:
    ledger = _ledger(schema)
    ledger.create(connection, checkfirst=True)
    connection.execute(ledger.delete().where(ledger.c.table_name == name))
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    connection.execute(
        ledger.insert().values(
            table_name=name,
            file=entry.file.name,
            rows=rows,
            column_count=columns,
            loaded_at=now,
            sha256=entry.sha256,
        )
    )
