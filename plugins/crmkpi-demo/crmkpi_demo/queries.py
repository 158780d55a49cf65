"""Times the queries of the dashboards' tiles against a raw scan of the columns they read.

The raw scan reads, once per fact, the vendors' raw columns that the fact's live SQL reads; it is
the same for both modes, so their ratios compare.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlglot import exp, parse_one

from crmkpi_demo.run import demo_project, fill_warehouse, generate_raw
from superset_crmkpi.bundle.tree import PLACE, branches
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import literal
from superset_crmkpi.dashboards.spec import Dashboard, Tile, drawn, load_dashboards, time_of
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import Snapshot

#: charts whose axis is time
OVER_TIME = ("trend", "line", "bar")


@dataclass(frozen=True)
class Result:
    """One dashboard in one mode. Seconds are sums over its tiles of the median of each query."""

    scale: float
    mode: str
    dashboard: str
    queries: int
    seconds: float
    scan_seconds: float
    slowest: str
    slowest_seconds: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.scan_seconds if self.scan_seconds else float("nan")

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def run(
    scale: float, modes: Sequence[str], runs: int, say: Callable[[str], None]
) -> Iterator[Result]:
    """One result per mode (`built`, `live`) and dashboard for the demo company at `scale`."""
    today = date.today()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        prepare = fill_warehouse if "built" in modes else generate_raw
        prepare(path, scale, today, lambda text: say(f"Scale {scale:g}: {text}"))
        project = demo_project(f"duckdb:///{path}?access_mode=read_only", today)
        try:
            with project.engine.connect() as connection:
                for board in load_dashboards(project.catalog):
                    scan = _scan_seconds(board, project, connection, runs)
                    for mode in modes:
                        compiler = project.built if mode == "built" else project.live
                        taken = tile_seconds(board, project.catalog, compiler, connection, runs)
                        seconds: dict[str, float] = {}
                        for tile, spent in taken:
                            say(f"Scale {scale:g}, {mode}: {board.title}: {tile}")
                            seconds[tile] = spent
                        slowest = max(seconds, key=lambda tile: seconds[tile])
                        yield Result(
                            scale,
                            mode,
                            board.title,
                            len(seconds),
                            sum(seconds.values()),
                            scan,
                            slowest,
                            seconds[slowest],
                        )
        finally:
            project.engine.dispose()


def _scan_seconds(board: Dashboard, project: Project, connection: Any, runs: int) -> float:
    facts = sorted({_fact(tile, project.catalog) for tile in _queried(board)})
    scans = [_scan(project.live.fact(fact), project.snapshot) for fact in facts]
    return sum(_median(connection, scan, runs) for scan in scans)


def tile_seconds(
    board: Dashboard, catalog: Catalog, compiler: Compiler, connection: Any, runs: int
) -> Iterator[tuple[str, float]]:
    """Name of each tile of a board, and the median seconds of its query."""
    compiled: dict[str, str] = {}
    for number, tile in enumerate(_queried(board), start=1):
        fact = _fact(tile, catalog)
        if fact not in compiled:
            compiled[fact] = compiler.fact(fact)
        query = _query(tile, compiled[fact], catalog, compiler)
        yield f"{number} {tile.name}", _median(connection, [query], runs)


def _queried(board: Dashboard) -> list[Tile]:
    return [tile for tile in board.tiles if tile.text is None]


def _fact(tile: Tile, catalog: Catalog) -> str:
    return tile.fact or catalog.kpis[tile.kpi[0]].fact


def _query(tile: Tile, fact: str, catalog: Catalog, compiler: Compiler) -> str:
    """What Superset asks for a tile, without the dashboard's filters."""
    if tile.chart == "list":
        chosen, grouped = tile.columns, []
    elif tile.chart == "tree":
        name, grouped = _fact(tile, catalog), [PLACE]
        leaves = (
            f"{compiler.measure(name, sql)} as {area}"
            for area, sql in branches(catalog.language).items()
        )
        chosen = [PLACE, *leaves]
    else:
        name, metrics = drawn(tile, catalog)
        time_column = time_of(tile, catalog) if tile.chart in OVER_TIME else None
        grouped = [*tile.by, *([time_column] if time_column else [])]
        chosen = [*grouped, *(f"{compiler.measure(name, m.sql)} as {m.name}" for m in metrics)]
    conditions = [_condition(column, value) for column, value in tile.where.items()]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    group = f" group by {', '.join(grouped)}" if grouped else ""
    return f"select {', '.join(chosen)} from ({fact}) as virtual_table{where}{group} limit 10000"


def _condition(column: str, value: Any) -> str:
    chosen = literal(value).sql(dialect="duckdb")
    return f"{column} in {chosen}" if isinstance(value, list) else f"{column} = {chosen}"


def _scan(fact: str, snapshot: Snapshot) -> list[str]:
    """One query per raw table: read the columns that the fact reads, and do nothing with them."""
    scans = []
    for select in parse_one(fact, dialect="duckdb").find_all(exp.Select):
        tables = [table for table in select.find_all(exp.Table) if table.db]
        if len(tables) == 1 and isinstance(select.parent, exp.CTE):
            # names that the SELECT gives itself, like a row's place, are not the table's
            columns = snapshot.tables[tables[0].db, tables[0].name]
            names = {column.name for column in select.find_all(exp.Column)}.intersection(columns)
            counts = ", ".join(f'count("{name}")' for name in sorted(names)) or "count(*)"
            scans.append(f"select {counts} from {tables[0].sql(dialect='duckdb')}")
    return scans


def _median(connection: Any, queries: list[str], runs: int) -> float:
    """Median over `runs` of the seconds that all queries take together."""
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        for query in queries:
            connection.execute(sa.text(query.replace(":", r"\:"))).fetchall()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)
