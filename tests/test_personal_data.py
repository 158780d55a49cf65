"""Personal data of customers is in no dataset unless the profile says so, and no number changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.validate import check
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from tests import canary_company as company
from tests.seeds import by_turns, turn

#: what the facts of the dashboards show of it; the others are in no fact, or in one of no dashboard
ON_DASHBOARDS = {
    "account.private_note",
    "activity.subject",
    "contact.email",
    "email_event.recipient",
    "lead.last_name",
    "survey_response.comment",
    "ticket.subject",
}
Made = tuple[Project, Bundle]
Make = Callable[[str, bool], Made]
MODES = ["live", "built"]
Test = TypeVar("Test", bound=Callable[..., None])


def both(test: Test) -> Test:
    """In each mode, by turns."""
    return turn("mode", MODES)(pytest.mark.parametrize("mode", MODES)(test))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Engine]:
    engine = company.open_warehouse()
    company.fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def make(warehouse: Engine) -> Make:
    """The project of a mode and its bundle, with personal data or without; each is made once."""
    kept: dict[tuple[str, bool], Made] = {}

    def made(mode: str, personal: bool) -> Made:
        key = mode, personal
        if key not in kept:
            schema = f"crmkpi_{mode}_{'with' if personal else 'without'}"
            project = company.project(warehouse, mode=mode, personal_data=personal, schema=schema)
            if mode == "built":
                build(project)
            kept[key] = project, project.bundle(uri=str(warehouse.url))
        return kept[key]

    return made


def rows(project: Project, sql: str) -> pd.DataFrame:
    with project.engine.connect() as connection:
        found = connection.exec_driver_sql(sql)
        return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def told(frame: pd.DataFrame) -> set[str]:
    return {one for column in frame for value in frame[column] for one in company.canaries(value)}


def in_datasets(project: Project, bundle: Bundle) -> set[str]:
    # audiences have datasets of their own, of one SQL
    texts = dict.fromkeys(data["sql"] for _, data in bundle.of("datasets"))
    return {one for sql in texts for one in told(rows(project, sql))}


@by_turns(2)
@both
def test_no_dataset_filter_or_alert_tells_any_of_it_by_default(make: Make, mode: str) -> None:
    project, bundle = make(mode, False)
    assert not company.project(project.engine).profile.personal_data
    assert len({chart["dataset_uuid"] for _, chart in bundle.of("charts")}) > 30
    assert in_datasets(project, bundle) == set()
    alerts = [alert for _, alert in bundle.of("alerts")]
    assert len(alerts) == 4
    assert [alert["name"] for alert in alerts if told(rows(project, alert["sql"]))] == []


@by_turns(2)
@both
def test_a_dataset_gives_the_columns_it_lists_and_no_other(make: Make, mode: str) -> None:
    for personal in (False, True):
        project, bundle = make(mode, personal)
        for path, data in bundle.of("datasets"):
            columns = [c["column_name"] for c in data["columns"] if c["expression"] is None]
            found = rows(project, f"select * from ({data['sql']}) as t limit 0")
            assert list(found.columns) == columns, path


@by_turns(2)
@both
def test_all_of_it_is_there_where_the_profile_says_so(make: Make, mode: str) -> None:
    assert in_datasets(*make(mode, True)) >= ON_DASHBOARDS


@by_turns(2)
@both
def test_no_number_changes(make: Make, mode: str) -> None:
    without, whole = (_numbers(*make(mode, personal)) for personal in (False, True))
    assert without.keys() == whole.keys()
    assert len(whole) > 150
    known = {key: value for key, value in whole.items() if not pd.isna(value)}
    assert len(known) > 100
    assert {key: without[key] for key in known} == pytest.approx(known)
    assert all(pd.isna(without[key]) for key in whole.keys() - known)


def _numbers(project: Project, bundle: Bundle) -> dict[tuple[str, str], Any]:
    found = {}
    for _, data in bundle.of("datasets"):
        metrics = {metric["metric_name"]: metric["expression"] for metric in data["metrics"]}
        if metrics:
            chosen = ", ".join(f"{sql} as {name}" for name, sql in metrics.items())
            (row,) = rows(project, f"select {chosen} from ({data['sql']}) as t").to_dict("records")
            found |= {(data["table_name"], str(name)): value for name, value in row.items()}
    return found


@by_turns(2)
@both
def test_every_tile_is_drawn_of_what_its_dataset_has(make: Make, mode: str) -> None:
    (_, without), (_, whole) = make(mode, False), make(mode, True)
    assert check(without) == []
    drawn = [{path: chart["uuid"] for path, chart in one.of("charts")} for one in (without, whole)]
    assert drawn[0] == drawn[1]  # each tile is the same chart, so that people's edits stay
    (leads,) = (c for p, c in without.of("charts") if p.endswith("lead_response_sla_list.yaml"))
    assert leads["params"]["all_columns"][:2] == ["lead_id", "company"]


@by_turns(2)
def test_what_is_built_has_none_of_it_in_its_facts(make: Make) -> None:
    project, _ = make("built", False)
    assert len(project.facts_shown) > 25
    for fact in project.facts_shown:
        view = rows(project, f"select * from {project.profile.schema_}.fact_{fact}")
        assert told(view) == set(), fact


@by_turns(2)
def test_each_fact_holds_it_in_the_columns_it_declares_and_in_no_other(make: Make) -> None:
    """All facts, also those of no dashboard."""
    project, _ = make("built", True)
    for name, fact in project.catalog.facts.items():
        frame = rows(project, project.built.fact(name))
        holding = {str(column) for column in frame if told(frame[[column]])}
        assert holding == set(fact.meta.personal), name
