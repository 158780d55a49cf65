"""What it costs live dashboards that of each record only the newest row counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from crmkpi_demo.queries import tile_seconds
from crmkpi_demo.run import demo_project, generate_raw
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import Snapshot


@dataclass(frozen=True)
class Newest:
    """One dashboard: seconds of its tiles as a warehouse without keys has it, and with keys.

    The rows are the same, and no record is there twice: with keys nothing is looked for.
    """

    scale: float
    dashboard: str
    looked_for: float
    declared: float

    @property
    def ratio(self) -> float:
        return self.looked_for / self.declared

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def measure(scale: float, runs: int, say: Callable[[str], None]) -> Iterator[Newest]:
    """One result per dashboard of the demo company at `scale`, on DuckDB."""
    today = date.today()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        generate_raw(path, scale, today, lambda text: say(f"Scale {scale:g}: {text}"))
        uri = f"duckdb:///{path}?access_mode=read_only"
        plain, keyed = demo_project(uri, today), demo_project(uri, today)
        vars(keyed)["snapshot"] = with_keys(plain)
        try:
            with plain.engine.connect() as connection:
                for board in load_dashboards(plain.catalog):
                    seconds = []
                    for project in (plain, keyed):
                        say(f"Scale {scale:g}: {board.title}")
                        taken = tile_seconds(board, project.catalog, project.live, connection, runs)
                        seconds.append(sum(spent for _, spent in taken))
                    yield Newest(scale, board.title, *seconds)
        finally:
            plain.engine.dispose()
            keyed.engine.dispose()


def with_keys(project: Project) -> Snapshot:
    """The project's tables as a warehouse would tell of them that declares each one's key."""
    unique = dict(project.snapshot.unique)
    for source in project.sources:
        for table in source.raw.logical:
            physical, key = source.raw.physical(table), source.raw.row_key(table)
            names = frozenset(place.column for place in key if place.path is None)
            if physical is not None and key and len(names) == len(key):
                place = physical.schema, physical.name
                unique[place] = [*unique.get(place, ()), names]
    return replace(project.snapshot, unique=unique)
