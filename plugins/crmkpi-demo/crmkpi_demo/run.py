"""The demo's warehouse and bundle: generated raw tables, and the real way from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from superset_crmkpi import __version__
from superset_crmkpi.base.cache import content_digest
from superset_crmkpi.base.paths import SQL
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project

Mode = Literal["live", "built"]
PROFILE = Path(__file__).with_name("crmkpi.yaml")
SEED = 7


def stamp(scale: float, today: date) -> str:
    """What the warehouse's content depends on."""
    sql = content_digest(SQL)[:12]
    return f"{__version__} {sql} seed {SEED} scale {scale} today {today}"


def fill_warehouse(path: Path, scale: float, today: date, report: Callable[[str], None]) -> None:
    """Generate the company into the DuckDB file `path`, and build the canonical tables from it."""
    from superset_crmkpi.project.build import build

    generate_raw(path, scale, today, report)
    project = demo_project(f"duckdb:///{path}", today)
    try:
        build(project, lambda what: report(what.capitalize()))
    finally:
        project.engine.dispose()


def generate_raw(path: Path, scale: float, today: date, report: Callable[[str], None]) -> None:
    """Generate the company's raw vendor tables into the DuckDB file `path`."""
    from crmkpi_demo.company import generate, write

    tables = generate(scale=scale, seed=SEED, today=today)
    report(f"{sum(len(frame) for frame in tables.values()):,} rows in {len(tables)} raw tables")
    engine = sa.create_engine(f"duckdb:///{path}", future=True)
    try:
        write(tables, engine)
    finally:
        engine.dispose()


def demo_profile(today: date, mode: Mode = "built") -> Profile:
    """The demo's profile, its calendar pinned to the last day of the data."""
    profile = load_profile(PROFILE)
    calendar = profile.calendar.model_copy(update={"today": today})
    return profile.model_copy(update={"calendar": calendar, "mode": mode})


def demo_project(uri: str, today: date, mode: Mode = "built") -> Project:
    """The demo company's project over the warehouse `uri`."""
    os.environ["CRMKPI_DEMO_URI"] = uri
    return Project(demo_profile(today, mode))


def demo_bundle(uri: str, today: date, mode: Mode = "built") -> Bundle:
    """The dashboards over the demo's built tables, or straight over its raw ones."""
    project = demo_project(uri, today, mode)
    try:
        return project.bundle(uri=uri)
    finally:
        project.engine.dispose()
