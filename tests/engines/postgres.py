"""PostgreSQL on 127.0.0.1: one database per process, dropped at its end; a schema per engine."""

from __future__ import annotations

import atexit
import itertools
import os
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tests.engines.base import Engine

TYPES = {"text": "text", "double": "double precision"}
_counter = itertools.count()


class Postgres(Engine):
    dialect = "postgres"
    _database: Any = None

    def __init__(self) -> None:
        self.schema = f"c{next(_counter)}"
        self.connection = self._open()
        self.execute(f"create schema {self.schema}")

    @classmethod
    def _open(cls) -> Any:
        """One database for the whole process, dropped at its end."""
        import psycopg2

        if cls._database is None:
            name = f"crmkpi_test_{os.getpid()}"
            admin = psycopg2.connect(host="127.0.0.1", user="postgres", dbname="postgres")
            admin.autocommit = True
            admin.cursor().execute(f"drop database if exists {name}")
            admin.cursor().execute(f"create database {name}")
            # compiling such long queries to machine code takes longer than running them
            cls._database = psycopg2.connect(
                host="127.0.0.1", user="postgres", dbname=name, options="-c jit=off"
            )
            cls._database.autocommit = True

            def drop() -> None:
                cls._database.close()
                admin.cursor().execute(f"drop database if exists {name} with (force)")
                admin.close()

            atexit.register(drop)
        return cls._database

    def query(self, sql: str) -> pd.DataFrame:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            names = [column.name for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=names)

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        from psycopg2.extras import execute_values

        columns = ", ".join(f'"{c}" {TYPES.get(t, t)}' for c, t in types.items())
        self.execute(f'create table {self.schema}."{table}" ({columns})')
        if len(frame):
            plain = frame[list(types)].astype(object)
            rows = [
                tuple(None if pd.isna(value) else value for value in row)
                for row in plain.itertuples(index=False, name=None)
            ]
            with self.connection.cursor() as cursor:
                execute_values(cursor, f'insert into {self.schema}."{table}" values %s', rows)

    def close(self) -> None:
        self.execute(f"drop schema {self.schema} cascade")
