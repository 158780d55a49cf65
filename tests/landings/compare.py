"""One landing's fixtures on DuckDB and PostgreSQL, each fact live and built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.compiled import Remembering
from tests.warehouses import postgres, rows, same

PLUGINS = Path(__file__).parents[2] / "plugins"


@dataclass(frozen=True)
class Landing:
    """A connector's landing that has fixtures."""

    connector: str
    name: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.connector}-{self.name}"


@dataclass
class Outcome:
    """What was compared: facts, those that had rows, and in words what differed."""

    facts: int = 0
    with_rows: int = 0
    faults: list[str] = field(default_factory=list)


def landings() -> list[Landing]:
    """All, by connector and name."""
    folders = sorted(PLUGINS.glob("crmkpi-*/fixtures/*/"))
    found = [Landing(f.parts[-3].removeprefix("crmkpi-"), f.name, f) for f in folders]
    missing = {name for name, c in connectors().items() if c.schema is not None} - {
        landing.connector for landing in found
    }
    assert not missing, f"no fixtures of {missing}"
    return found


def compared(landing: Landing) -> Outcome:
    """Every fact on DuckDB and on PostgreSQL, live against built, and the two engines."""
    outcome = Outcome()
    with _duckdb() as one, _postgres(landing) as other:
        here, there = _built(landing, one), _built(landing, other)
        built_here, built_there = _over_tables(here), _over_tables(there)
        for fact in here.catalog.facts:
            outcome.facts += 1
            columns = here.live.columns_of(fact)
            found = {
                "live on DuckDB": _rows(here, here.live.fact(fact)),
                "built on DuckDB": _rows(here, built_here.fact(fact)),
                "live on PostgreSQL": _rows(there, there.live.fact(fact)),
                "built on PostgreSQL": _rows(there, built_there.fact(fact)),
            }
            outcome.with_rows += bool(found["live on DuckDB"])
            first = next(iter(found))
            for way in list(found)[1:]:
                fault = _difference(found[first], found[way], columns)
                if fault:
                    outcome.faults.append(f"{fact}: {first} and {way}: {fault}")
    return outcome


def _over_tables(project: Project) -> Remembering:
    return Remembering(project.catalog, project.profile.schema_, project.settings)


def _rows(project: Project, sql: str) -> list[tuple[object, ...]] | str:
    try:
        return rows(project.engine, sql)
    except sa.exc.SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _difference(
    one: list[tuple[object, ...]] | str, other: list[tuple[object, ...]] | str, columns: list[str]
) -> str:
    if isinstance(one, str) or isinstance(other, str):
        return next(given for given in (one, other) if isinstance(given, str))
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} rows"
    for left, right in zip(one, other, strict=True):
        if not same(left, right):
            pairs = zip(columns, left, right, strict=True)
            return next(f"{c}: {a!r} and {b!r}" for c, a, b in pairs if not same((a,), (b,)))
    return ""


def _built(landing: Landing, engine: Engine) -> Project:
    load_files(engine, "raw", sorted(landing.folder.glob("*.csv")))
    source = {"connector": landing.connector, "landing": landing.name, "schema": "raw"}
    given = {"database": {"name": "warehouse"}, "sources": {"crm": source}}
    project = Project(Profile.model_validate(given), engine)
    build(project)
    return project


@contextmanager
def _duckdb() -> Iterator[Engine]:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("set threads = 1")  # the tables are tiny
    yield engine
    engine.dispose()


@contextmanager
def _postgres(landing: Landing) -> Iterator[Engine]:
    yield from postgres(f"{landing.connector}_{landing.name}")
