"""Times the queries of the dashboards' tiles against a raw scan of the columns they read."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlglot import exp, parse_one

from superset_crmkpi.catalog import Catalog
from superset_crmkpi.compiler import Compiler, literal
from superset_crmkpi.dashboards import Dashboard, Tile, drawn, load_dashboards
from superset_crmkpi.demo.run import demo_project, generate_raw


@dataclass(frozen=True)
class Result:
    """Seconds are medians of whole queries; `scan_seconds` reads the same raw columns once."""

    scale: float
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


def run(scale: float, runs: int, say: Callable[[str], None]) -> list[Result]:
    """One result per dashboard for the demo company at `scale`."""
    today = date.today()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        say(f"Generating the company at scale {scale:g}")
        generate_raw(path, scale, today, lambda text: say(f"Scale {scale:g}: {text}"))
        project = demo_project(f"duckdb:///{path}?access_mode=read_only", today)
        try:
            with project.engine.connect() as connection:
                return [
                    _dashboard(board, project.catalog, project.live, connection, scale, runs, say)
                    for board in load_dashboards(project.catalog)
                ]
        finally:
            project.engine.dispose()


def _dashboard(
    board: Dashboard,
    catalog: Catalog,
    compiler: Compiler,
    connection: Any,
    scale: float,
    runs: int,
    say: Callable[[str], None],
) -> Result:
    total = scan = worst = 0.0
    slowest, queries = "", 0
    facts: dict[str, str] = {}
    for tile in board.tiles:
        if tile.text is not None:
            continue
        fact = tile.fact or catalog.kpis[tile.kpi[0]].fact
        say(f"Scale {scale:g}: {board.title}: {tile.name}")
        if fact not in facts:
            facts[fact] = compiler.fact(fact)
            scan += _median(connection, _scan(facts[fact]), runs)
        taken = _median(connection, [_query(tile, facts[fact], catalog, compiler)], runs)
        total, queries = total + taken, queries + 1
        if taken > worst:
            slowest, worst = tile.name, taken
    return Result(scale, board.title, queries, total, scan, slowest, worst)


def _query(tile: Tile, fact: str, catalog: Catalog, compiler: Compiler) -> str:
    """What Superset asks for a tile, without the dashboard's filters."""
    if tile.chart == "list":
        chosen, grouped = tile.columns, []
    else:
        name, metrics = drawn(tile, catalog)
        over_time = tile.chart in ("trend", "line", "bar")
        time_column = tile.time or catalog.kpis[tile.kpi[0]].meta.time
        grouped = [*tile.by, *([time_column] if over_time else [])]
        chosen = [*grouped, *(f"{compiler.measure(name, m.sql)} as {m.name}" for m in metrics)]
    conditions = [_condition(column, value) for column, value in tile.where.items()]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    group = f" group by {', '.join(grouped)}" if grouped else ""
    return f"select {', '.join(chosen)} from ({fact}) as virtual_table{where}{group} limit 10000"


def _condition(column: str, value: Any) -> str:
    chosen = literal(value).sql(dialect="duckdb")
    return f"{column} in {chosen}" if isinstance(value, list) else f"{column} = {chosen}"


def _scan(fact: str) -> list[str]:
    """One query per raw table: read the columns that the fact reads, and do nothing with them."""
    scans = []
    for select in parse_one(fact, dialect="duckdb").find_all(exp.Select):
        tables = [table for table in select.find_all(exp.Table) if table.db]
        if len(tables) == 1 and isinstance(select.parent, exp.CTE):
            names = {column.name for column in select.find_all(exp.Column)}
            counts = ", ".join(f'count("{name}")' for name in sorted(names)) or "count(*)"
            scans.append(f"select {counts} from {tables[0].sql(dialect='duckdb')}")
    return scans


def _median(connection: Any, queries: list[str], runs: int) -> float:
    """Median over `runs` of the seconds that all queries take together, after one run before."""
    seconds = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        for query in queries:
            connection.execute(sa.text(query.replace(":", r"\:"))).fetchall()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])
