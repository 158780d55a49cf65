"""Spark SQL behind its Thrift server: one server per test process, a database per engine.

The server ends with the process that began it. Its session's time zone is not UTC, so that SQL
which depends on it gives wrong answers here and not first at a user's.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tests.engines.base import Engine
from tests.engines.parquet import write_parquet

TYPES = {"text": "string", "timestamp": "timestamp_ntz"}
SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    # compiling such long queries takes longer than running them
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    # a third of the time goes into what else follows from the conditions of long queries
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.session.timeZone": "America/New_York",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}
SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
#: a JVM that lives for minutes gains nothing by its second compiler
JAVA = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
PR_SET_PDEATHSIG = 1
_counter = itertools.count()


class Spark(Engine):
    dialect = "hive"
    _connection: Any = None
    _folder: Path

    def __init__(self) -> None:
        self.schema = f"c{next(_counter)}"
        self.connection = self._open()
        self.execute(f"create database {self.schema}")

    @classmethod
    def _open(cls) -> Any:
        if cls._connection is None:
            from pyhive import hive

            cls._folder = Path(tempfile.mkdtemp(prefix="crmkpi-spark-"))
            atexit.register(shutil.rmtree, cls._folder, ignore_errors=True)
            port = start_server(cls._folder)
            cls._connection = hive.connect("127.0.0.1", port, username="test")
            atexit.register(cls._connection.close)
        return cls._connection

    def query(self, sql: str) -> pd.DataFrame:
        cursor = self._executed(sql)
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        frame = pd.DataFrame(rows, columns=names)
        for place, column in enumerate(cursor.description):
            if column[1] == "DATE_TYPE":  # comes as text
                days = pd.to_datetime(frame.iloc[:, place])
                frame[names[place]] = [None if pd.isna(day) else day.date() for day in days]
        cursor.close()
        return frame

    def execute(self, sql: str) -> None:
        self._executed(sql).close()

    def _executed(self, sql: str) -> Any:
        from pyhive.exc import OperationalError

        cursor = self.connection.cursor()
        try:
            cursor.execute(sql)
        except OperationalError as error:
            status = getattr(error.args[0], "status", None)
            raise RuntimeError(getattr(status, "errorMessage", None) or str(error)) from error
        return cursor

    def create_table(self, name: str, sql: str) -> None:
        self.execute(f"create table {name} using parquet as {sql}")

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        columns = ", ".join(f"`{c}` {TYPES.get(t, t)}" for c, t in types.items())
        folder = self._folder / self.schema / table
        folder.mkdir(parents=True)
        if len(frame):
            write_parquet(frame, types, folder / "rows.parquet")
        self.execute(
            f"create table {self.schema}.`{table}` ({columns}) using parquet location '{folder}'"
        )

    def close(self) -> None:
        self.execute(f"drop database {self.schema} cascade")
        shutil.rmtree(self._folder / self.schema, ignore_errors=True)


def start_server(folder: Path) -> int:
    """Start a Thrift server that keeps its files in `folder`; gives its port."""
    import pyspark

    home = Path(pyspark.__file__).parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        **SETTINGS,
        "spark.driver.extraJavaOptions": " ".join(
            [*JAVA, f"-Dderby.system.home={folder}", f"-Djava.io.tmpdir={folder}"]
        ),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    command = [str(home / "bin" / "spark-submit"), "--class", SERVER]
    command += ["--master", "local[2]", "--driver-memory", "2g"]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    command += ["spark-internal", "--hiveconf", f"hive.server2.thrift.port={port}"]
    command += ["--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "SPARK_HOME": str(home)},
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,
        )

    def stop() -> None:
        server.kill()  # asked to end it takes ten seconds, and all it has is in the folder
        server.wait()

    atexit.register(stop)
    for _ in range(1200):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return port
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
