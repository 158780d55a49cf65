"""What a live bundle costs to compile, and how long its SQL is, over a connector's empty tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connectors.connector import Connector, Landing
from superset_crmkpi.connectors.recognise import MARKS
from superset_crmkpi.connectors.registry import connector

SCHEMA = "raw"
#: datasets with more tokens are near what newer sqlparse, by which Superset 4.1 and 5 read SQL,
#: refuses (10,000)
MANY_TOKENS = 8000
_TYPES = {
    "text": "varchar",
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
    "number": "double",
    "integer": "bigint",
}


@dataclass(frozen=True)
class Dataset:
    """The size of a dataset's SQL; `tokens` as sqlparse counts them: each blank is one.

    None where sqlparse is not installed.
    """

    name: str
    lines: int
    kilobytes: float
    tokens: int | None


@dataclass(frozen=True)
class Cost:
    """One checkout: CPU seconds of a live bundle, and its datasets, the largest first.

    `cold`: nothing was kept; `again`: by the same project; `kept`: in a new process after that.
    """

    checkout: str
    cold: float
    again: float
    kept: float
    datasets: tuple[Dataset, ...]

    @cached_property
    def total(self) -> Dataset:
        lines = sum(dataset.lines for dataset in self.datasets)
        kilobytes = round(sum(dataset.kilobytes for dataset in self.datasets), 1)
        tokens = None if self.too_long is None else sum(d.tokens or 0 for d in self.datasets)
        return Dataset("all", lines, kilobytes, tokens)

    @property
    def too_long(self) -> int | None:
        """How many datasets have more than `MANY_TOKENS`."""
        counts = [d.tokens for d in self.datasets if d.tokens is not None]
        if len(counts) < len(self.datasets):
            return None
        return sum(count > MANY_TOKENS for count in counts)

    def to_dict(self, largest: int) -> dict[str, Any]:
        seconds = {"cold": self.cold, "again": self.again, "kept": self.kept}
        return {
            "checkout": self.checkout,
            "seconds": seconds,
            "largest": [vars(dataset) for dataset in self.datasets[:largest]],
            "datasets": len(self.datasets),
            "total": vars(self.total),
            "over_8000_tokens": self.too_long,
        }


def measure(
    name: str, landing: str | None, against: Path | None, say: Callable[[str], None]
) -> list[Cost]:
    """This checkout, and then the one at `against`. CrmKpiError for a connector without tables."""
    count = _counter()
    chosen = connector(name)
    landing = landing or next(iter(chosen.landings))
    checkouts: list[tuple[str, Mapping[str, str]]] = [("this", dict(os.environ))]
    if against is not None:
        checkouts.append((str(against), _environment(against)))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.duckdb"
        make_tables(file, chosen, landing)
        source = {"connector": name, "landing": landing, "schema": SCHEMA}
        profile = {
            "database": {"name": "warehouse", "uri": f"duckdb:///{file}"},
            "sources": {"crm": source},
        }
        found = []
        for number, (checkout, environment) in enumerate(checkouts):
            say(f"Compiling {name} ({landing}) with {checkout}")
            cache = {**environment, "CRMKPI_CACHE_DIR": str(Path(folder) / f"cache{number}")}
            first, second = (_run(profile, cache, Path(folder)) for _ in range(2))
            datasets = [_size(name, sql, count) for name, sql in first["datasets"].items()]
            datasets.sort(key=lambda dataset: (-dataset.kilobytes, dataset.name))
            cold, again = first["seconds"]
            found.append(Cost(checkout, cold, again, second["seconds"][0], tuple(datasets)))
    return found


def make_tables(file: Path, connector: Connector, landing: str) -> None:
    """The connector's tables in a new DuckDB, named as the landing does, typed, empty."""
    if connector.schema is None:
        raise CrmKpiError(f"connector `{connector.name}` has no tables of its own; take another")
    tables = columns_of(connector.schema, connector.landing(landing))
    with duckdb.connect(str(file)) as db:
        db.execute(f"create schema {SCHEMA}")
        for table, columns in tables.items():
            marks = {mark: "timestamp" for name, mark in MARKS.items() if landing.startswith(name)}
            typed = ", ".join(f'"{column}" {kind}' for column, kind in {**marks, **columns}.items())
            db.execute(f'create table {SCHEMA}."{table}" ({typed})')


def columns_of(
    schema: Mapping[str, Mapping[str, str]], landing: Landing
) -> dict[str, dict[str, str]]:
    """Physical table -> column -> type. What lies inside of JSON is a text, with the JSON's name.

    A name counts once, whatever its case; the first logical table or column that claims it wins.
    """
    found: dict[str, dict[str, str]] = {}
    for table, columns in schema.items():
        rows = landing.rows.get(table)
        named = landing.columns.get(table, {})
        if rows is not None:
            parent = _physical(rows.table, landing)
            _add(found.setdefault(parent, {}), rows.column.partition("$")[0], "varchar")
            continue
        physical = found.setdefault(_physical(table, landing), {})
        for column, kind in columns.items():
            place = (named.get(column) or [column])[0]
            inside = "$" in place
            _add(physical, place.partition("$")[0], "varchar" if inside else _TYPES[kind])
    return found


def _physical(table: str, landing: Landing) -> str:
    return (landing.tables.get(table) or [table])[0]


def _add(columns: dict[str, str], name: str, kind: str) -> None:
    if name and name.lower() not in {other.lower() for other in columns}:
        columns[name] = kind


def _environment(checkout: Path) -> dict[str, str]:
    """With the package and the plugins of another checkout."""
    root = checkout.resolve()
    if not (root / "superset_crmkpi").is_dir():
        raise CrmKpiError(f"{checkout}: no checkout of superset-crmkpi")
    plugins = sorted(path for path in (root / "plugins").glob("*") if path.is_dir())
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [root, *plugins]))}


def _run(profile: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> Any:
    script = (Path(__file__).parent / "measured.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(profile)],
        env=dict(environment),
        cwd=folder,  # no checkout: what is in the current folder would be imported first
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise CrmKpiError(f"the bundle could not be compiled: {reason}")
    return json.loads(done.stdout)


def _counter() -> Callable[[str], int | None]:
    try:
        from sqlparse import lexer
    except ImportError:  # Superset 6 does without
        return lambda sql: None
    return lambda sql: sum(1 for _ in lexer.tokenize(sql))


def _size(name: str, sql: str, count: Callable[[str], int | None]) -> Dataset:
    lines, size = len(sql.splitlines()), len(sql.encode())
    return Dataset(name, lines, round(size / 1000, 1), count(sql))
