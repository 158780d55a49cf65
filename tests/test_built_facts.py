"""Built facts give what live ones give, on the demo's company, and dashboards read no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile

from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.relations import FACT
from superset_crmkpi.profile.schema import BusinessHours
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.trial import not_running
from tests.seeds import by_turns, within
from tests.warehouses import ENGINES, duckdb, postgres, rows, same

TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    return generate(scale=0.05, seed=7, today=TODAY)


@pytest.fixture(scope="module", params=ENGINES)
def demo(
    request: pytest.FixtureRequest,
    company: dict[str, pd.DataFrame],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    """The demo company's project, built."""
    folder = tmp_path_factory.mktemp("demo")
    for engine in duckdb(folder) if request.param == "duckdb" else postgres("demo"):
        write(company, engine)
        profile = demo_profile(TODAY)
        late = BusinessHours(days={"monday": "12:00-20:00"}, teams=["Sales DACH"])
        changed = {
            "settings": {**profile.settings, "crm_change_date": date(2025, 9, 1)},
            "business_hours": {**profile.business_hours, "late": late},
        }
        project = Project(profile.model_copy(update=changed), engine)
        build(project)
        yield project


#: the demo's systems hold each other's ids: tests/test_matching.py compares this one
NOT_IN_THE_DEMO = {"account_matches"}


FACTS = sorted(set(load_catalog().facts) - NOT_IN_THE_DEMO)
#: some of them a day; a landing of tests/landings has all of them
TODAYS = {"duckdb": set(within(5, FACTS)), "postgres": set(within(10, FACTS))}


@pytest.mark.turn(lambda given: given["fact"] in TODAYS[given["demo"]])
@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_gives_the_same_rows_live_and_built(demo: Project, fact: str) -> None:
    live = rows(demo.engine, demo.live.fact(fact))
    built = rows(demo.engine, demo.built.fact(fact))
    assert live, f"{fact} is empty: nothing was compared"
    assert len(live) == len(built)
    different = [pair for pair in zip(live, built, strict=True) if not same(*pair)]
    assert not different, (demo.live.columns_of(fact), different[0])


@by_turns(2)
def test_the_dashboards_only_read_the_facts_that_were_built(demo: Project) -> None:
    made = demo.bundle()
    assert not_running(demo, made) == []
    datasets = [data for _, data in made.of("datasets") if "SELECT DISTINCT" not in data["sql"]]
    read = {data["uuid"]: data["sql"].rpartition(f".{FACT}")[2] for data in datasets}
    assert set(read.values()) == set(demo.facts_shown)
    assert len(demo.facts_shown) > 20
    for dataset in datasets:
        fact = read[dataset["uuid"]]
        assert dataset["table_name"].endswith(f"_{fact}")
        assert dataset["sql"].endswith(f"FROM {demo.profile.schema_}.{FACT}{fact}"), fact
        columns = [c["column_name"] for c in dataset["columns"] if c["expression"] is None]
        assert columns == demo.built.columns_of(fact), fact


@pytest.mark.parametrize("fact", ["account_periods", "opportunity_stages", "kpi_scorecard"])
def test_a_built_fact_gives_what_its_sql_gives(demo: Project, fact: str) -> None:
    schema = demo.profile.schema_
    read = rows(demo.engine, demo.built.made_fact(fact, schema))
    asked = rows(demo.engine, demo.built.fact(fact))
    assert read, f"{fact} is empty: nothing was compared"
    assert len(read) == len(asked)
    assert all(same(*pair) for pair in zip(read, asked, strict=True))
