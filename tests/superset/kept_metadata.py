"""A Superset's metadata database that is copied, put back and read from outside of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import URL

from superset_crmkpi.superset import bootstrap
from tests.superset.test_cli_install import NO_COUNT

Rows = dict[str, list[tuple[Any, ...]]]


class Metadata(Protocol):
    """Nothing of this process or its children is connected to it while one of these runs."""

    def keep(self, name: str) -> str:
        """A copy of it as it is now; gives what `put_back` takes."""
        ...

    def put_back(self, kept: str) -> None:
        """As it was when it was kept."""
        ...

    def rows(self) -> Rows:
        """All rows by table, but for Superset's log of requests."""
        ...

    def execute(self, sql: str) -> None:
        """As somebody else who has the database."""
        ...


class SqliteMetadata:
    """In one file."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder

    def keep(self, name: str) -> str:
        """See Metadata."""
        path = self.folder / f"{name}.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as now, closing(sqlite3.connect(path)) as to:
            now.backup(to)
        return str(path)

    def put_back(self, kept: str) -> None:
        """See Metadata."""
        bootstrap.use_template(Path(kept), self.path)

    def rows(self) -> Rows:
        """See Metadata."""
        with closing(sqlite3.connect(self.path)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'")
            return {
                name: sorted(connection.execute(f'select * from "{name}"').fetchall(), key=repr)
                for (name,) in names.fetchall()
                if name not in NO_COUNT
            }

    def execute(self, sql: str) -> None:
        """See Metadata."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql)


class PostgresMetadata:
    """In a database of a server; copies are further databases there, dropped by `close`."""

    def __init__(self, url: URL) -> None:
        self.url, self.name = url, str(url.database)
        self.kept: list[str] = []

    def keep(self, name: str) -> str:
        """See Metadata."""
        copy = f"{self.name}_{name}"
        self.kept.append(copy)
        self._copied(self.name, copy)
        return copy

    def put_back(self, kept: str) -> None:
        """See Metadata."""
        self._copied(kept, self.name)

    def rows(self) -> Rows:
        """See Metadata. What a killed process left open ends first."""
        with self._server() as server:
            self._alone(server, self.name)
        engine = sa.create_engine(self.url, future=True)
        try:
            with engine.connect() as connection:
                return {
                    name: sorted(
                        (
                            tuple(row)
                            for row in connection.exec_driver_sql(f'select * from "{name}"')
                        ),
                        key=repr,
                    )
                    for name in sa.inspect(engine).get_table_names()
                    if name not in NO_COUNT
                }
        finally:
            engine.dispose()

    def execute(self, sql: str) -> None:
        """See Metadata."""
        engine = sa.create_engine(self.url, future=True)
        with engine.begin() as connection:
            connection.exec_driver_sql(sql)
        engine.dispose()

    def close(self) -> None:
        """Drop the copies."""
        with self._server() as server:
            for copy in self.kept:
                server.exec_driver_sql(f'drop database if exists "{copy}" with (force)')

    @contextmanager
    def _server(self) -> Iterator[Connection]:
        engine = sa.create_engine(
            self.url.set(database="postgres"), isolation_level="AUTOCOMMIT", future=True
        )
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def _copied(self, source: str, target: str) -> None:
        with self._server() as server:
            self._alone(server, source)
            server.exec_driver_sql(f'drop database if exists "{target}" with (force)')
            server.exec_driver_sql(f'create database "{target}" template "{source}"')

    @staticmethod
    def _alone(server: Connection, name: str) -> None:
        """A server notices a client's death late; its transaction ends with its process there."""
        others = sa.text(
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = :n"
        )
        server.execute(others, {"n": name})
