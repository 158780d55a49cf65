"""MariaDB: a server of its own per test process on a free port of 127.0.0.1, with time zones.

The machine's server is left alone: its root may want a password, and as a rule it lacks the time
zone tables that live mode needs. The server here ends with the process that began it.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from tests.engines.base import Engine

#: byte by byte and without padding: MariaDB's own default takes `A`, `a` and `a ` for the same
COLLATION = "utf8mb4_nopad_bin"
TYPES = {
    "text": f"varchar(255) character set utf8mb4 collate {COLLATION}",
    "timestamp": "datetime(6)",
}
ZONES = Path("/usr/share/zoneinfo")
#: no safety against power cuts, little memory
OPTIONS = [
    "--no-defaults",
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-ssl",
    "--innodb-buffer-pool-size=256M",
    "--innodb-doublewrite=0",
    "--innodb-fast-shutdown=2",
    "--innodb-file-per-table=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=16M",
]
#: without it every join of facts compares each row with each; the results are the same
HASH_JOINS = "set join_cache_level = 8"
PR_SET_PDEATHSIG = 1
_counter = itertools.count()


class MariaDb(Engine):
    dialect = "mysql"
    _connection: Any = None

    def __init__(self) -> None:
        self.schema = f"c{next(_counter)}"
        self.connection = self._open()
        self.execute(f"create database {self.schema}")

    @classmethod
    def _open(cls) -> Any:
        if cls._connection is None:
            import pymysql

            port = start_server()
            cls._connection = pymysql.connect(
                host="127.0.0.1", port=port, user="root", autocommit=True, init_command=HASH_JOINS
            )
        return cls._connection

    def query(self, sql: str) -> pd.DataFrame:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description]
            rows = [tuple(map(_number, row)) for row in cursor.fetchall()]
            return pd.DataFrame(rows, columns=names)

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        columns = ", ".join(f"`{c}` {TYPES.get(t, t)}" for c, t in types.items())
        self.execute(f"create table {self.schema}.`{table}` ({columns})")
        rows = plain_rows(frame, list(types))
        if rows:
            places = ", ".join(["%s"] * len(types))
            with self.connection.cursor() as cursor:
                insert = f"insert into {self.schema}.`{table}` values ({places})"
                cursor.executemany(insert, rows)

    def close(self) -> None:
        self.execute(f"drop database {self.schema}")


def plain_rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows as Python's own values, None for what is missing."""
    plain = frame[list(columns)].astype(object)
    return [
        tuple(
            None if pd.isna(v) else v.to_pydatetime() if isinstance(v, pd.Timestamp) else v
            for v in row
        )
        for row in plain.itertuples(index=False, name=None)
    ]


def _number(value: Any) -> Any:
    """MariaDB's sums of whole numbers are decimals: numbers come back as int or float."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def start_server() -> int:
    """Start a server with the time zones of this machine; gives its port. It ends with us."""
    import pymysql

    folder = Path(tempfile.mkdtemp(prefix="crmkpi-mariadb-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    # a server that starts removes the temporary tables of others from a folder that they share
    user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}",
         "--skip-test-db", "--auth-root-authentication-method=normal", f"--tmpdir={folder}",
         "--innodb-log-file-size=16M"],
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, *OPTIONS, f"--user={user}", f"--datadir={data}", f"--port={port}",
             f"--tmpdir={folder}", f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}"],
            stdout=log, stderr=log, preexec_fn=_die_with_parent,
        )  # fmt: skip

    def stop() -> None:
        server.terminate()
        server.wait(30)

    atexit.register(stop)
    for _ in range(900):
        try:
            connection = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
            break
        except pymysql.err.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    else:
        server.poll()
    if server.poll() is not None:
        raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
    connection.close()
    zones = subprocess.run(["mariadb-tzinfo-to-sql", str(ZONES)], check=True, capture_output=True)
    subprocess.run(
        ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "mysql"],
        input=zones.stdout, check=True, capture_output=True,
    )  # fmt: skip
    return port


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
