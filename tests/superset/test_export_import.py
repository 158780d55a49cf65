"""The zips of `crmkpi export` and `crmkpi bundle`, imported as a person does in the Superset UI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile

from superset_crmkpi.cli import main
from superset_crmkpi.profile.alerts import LISTS, Alerts
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import fetched
from tests.needs import need_superset
from tests.real.conftest import Answers
from tests.seeds import in_turn, turn
from tests.superset.asking import Viewer
from tests.superset.saved_queries import difference
from tests.warehouses import ENGINES, postgres

#: one engine a day, in step with the charts and the live bundle below
pytestmark = [
    pytest.mark.superset,
    turn("warehouse", ["postgres", "duckdb", "duckdb", "postgres"]),
]
TODAY = date.today()  # the exports' dashboards open with the months before the real today
#: by the day every chart of one dashboard is asked on one engine
#: on the days on which no live bundle is asked
EVERY_CHART = in_turn(
    [
        one
        for number in range(5)
        for engine in ("duckdb", "postgresql")
        for one in (("", number), (engine, number))
    ]
)
#: KPI, and the rows of its fact that it may be asked of (facts of several period types)
HEADLINES = {
    "win_rate": {},
    "average_deal_size": {},
    "sales_cycle_length": {},
    "lead_conversion_rate": {},
    "csat": {},
    "nps": {},
    "ticket_volume": {},
    "leads_created": {},
    "lost_deals": {},
    "data_completeness": {},
    "nrr": {"period_type": "trailing_year"},
}


@dataclass(frozen=True)
class Warehouse:
    """The demo company, built; `uri` is how Superset opens it."""

    tables: dict[str, pd.DataFrame]
    project: Project
    uri: str
    folder: Path


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    need_superset()
    return generate(scale=0.05, seed=7, today=TODAY)


@pytest.fixture(scope="module", params=ENGINES)
def warehouse(
    request: pytest.FixtureRequest,
    company: dict[str, pd.DataFrame],
    hold: Callable[[str], sa.engine.Engine],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("export")
    if request.param == "postgres":
        for engine in postgres("export"):
            write(company, engine)
            build(Project(demo_profile(TODAY), engine))
            uri = engine.url.render_as_string(hide_password=False)
            yield Warehouse(company, Project(demo_profile(TODAY), engine), uri, folder)
        return
    path = folder / "warehouse.duckdb"
    writing = sa.create_engine(f"duckdb:///{path}", future=True)
    write(company, writing)
    build(Project(demo_profile(TODAY), writing))
    writing.dispose()
    uri = f"duckdb:///{path}?access_mode=read_only"
    yield Warehouse(company, Project(demo_profile(TODAY), hold(uri)), uri, folder)


@pytest.fixture(scope="module")
def exported(emptied: Any, warehouse: Warehouse) -> Viewer:
    """A Superset that the zips of `crmkpi export` were imported into, one after the other."""
    viewer: Viewer = emptied()
    command = ["export", "--zip", "-o", str(warehouse.folder), "--uri", warehouse.uri]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    for path in sorted(warehouse.folder.glob("*.zip")):
        viewer.import_zip(path)
    return viewer


def test_every_chart_of_the_exports_answers(exported: Viewer, warehouse: Warehouse) -> None:
    """In turn: of a dashboard on one engine every one; else one of each fact.

    The same charts are all drawn by tests/browser, over the facts that were built.
    """
    boards = exported.boards()
    assert len(boards) == 5
    asked = exported.one_of_each_fact()
    assert len(asked) > 30
    for number, board in enumerate(boards):
        assert board.tiles
        if (warehouse.project.engine.dialect.name, number) in EVERY_CHART:
            asked += [(board, tile) for tile in board.tiles]
    for board, tile in asked:
        try:
            exported.tile(tile)
        except AssertionError as error:
            raise AssertionError(f"{board.title}: {tile.title}: {error}") from error


def test_saved_queries_answer_as_the_tiles_do(exported: Viewer, warehouse: Warehouse) -> None:
    """In turn: every chart of one dashboard, on one engine."""
    boards = exported.boards()
    for number, board in enumerate(boards):
        if (warehouse.project.engine.dialect.name, number) in EVERY_CHART:
            found = [(tile.title, difference(exported, tile)) for tile in board.tiles]
            assert found
            assert [one for one in found if one[1]] == []


def test_a_list_is_told_with_as_many_rows_as_its_tile_shows(
    exported: Viewer, warehouse: Warehouse
) -> None:
    told = {"default": {"email": "crm@example.com"}}
    alerts = Alerts.model_validate({"kpis": [], "recipients": told, "lists": LISTS})
    profile = warehouse.project.profile.model_copy(update={"alerts": alerts})
    project = Project(profile, warehouse.project.engine)
    assert project.alerts is not None
    assert project.alerts.notes == []
    titles = {
        project.alerts.target.uuid("chart", f"{board.slug}/{tile.name}"): tile.title
        for board in project.dashboards
        for tile in board.tiles
    }
    made = list(project.alerts.make(titles).values())
    assert len(made) == len(LISTS)
    tiles = {tile.title: tile for board in exported.boards() for tile in board.tiles}
    for alert in made:
        number = fetched(project.engine, alert["sql"])[0]["alert"]
        rows = exported.tile(tiles[titles[alert["chart_uuid"]]])
        assert number == len(rows) > 0, alert["name"]


def test_headlines_of_the_exports_are_those_of_the_live_sql_over_the_raw_tables(
    exported: Viewer, warehouse: Warehouse
) -> None:
    live = Answers(warehouse.project)
    for kpi, where in HEADLINES.items():
        condition = " and ".join(f"{column} = '{value}'" for column, value in where.items())
        expected = live.kpi(kpi, condition or "1 = 1", uses=list(where))
        assert exported.kpi(kpi, **where) == pytest.approx(expected), kpi


def test_headlines_of_the_exports_are_those_of_pandas_over_the_raw_tables(
    exported: Viewer, warehouse: Warehouse
) -> None:
    tables = warehouse.tables
    deals = tables["salesforce.opportunity"]
    deals = deals[~deals["is_deleted"] & deals["is_closed"]]
    assert exported.kpi("win_rate") == pytest.approx(deals["is_won"].mean())
    surveys = tables["helpdesk.surveys"]
    csat = surveys[(surveys["kind"] == "csat") & surveys["answered_at"].notna()]
    assert set(csat["scale_max"]) == {5}
    assert exported.kpi("csat") == pytest.approx((csat["score"] >= 4).mean())
    scores = tables["product.nps_responses"]["score"].dropna()
    nps = 100 * ((scores >= 9).mean() - (scores <= 6).mean())
    assert exported.kpi("nps") == pytest.approx(nps)
    tickets = tables["helpdesk.tickets"]
    assert exported.kpi("ticket_volume") == (tickets["status"].str.lower() != "merged").sum()


@turn("warehouse", ["postgres", "", "duckdb", ""])
def test_a_live_bundle_imports_the_same_way(emptied: Any, warehouse: Warehouse) -> None:
    """In turn: on one engine, one tile of each fact answers."""
    viewer: Viewer = emptied()
    profile = demo_profile(TODAY).model_copy(update={"mode": "live"})
    project = Project(profile, warehouse.project.engine)
    bundle = project.bundle(uri=warehouse.uri).for_people()
    path = warehouse.folder / "live" / "crmkpi.zip"
    path.parent.mkdir()
    bundle.write_zip(path)
    viewer.import_zip(path)
    asked = [viewer.tile(tile) for _, tile in viewer.one_of_each_fact()]
    assert len(asked) > 20
    live = Answers(warehouse.project)
    assert viewer.kpi("win_rate") == pytest.approx(live.kpi("win_rate"))
