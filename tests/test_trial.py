"""What does not run is told before a bundle is written: dataset, metric, and the engine's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from sqlparse import lexer

from superset_crmkpi.base.paths import DASHBOARDS
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.trial import not_running, too_long
from superset_crmkpi.query.tokens import tokens_of
from tests.test_build import MINI
from tests.warehouses import duckdb, postgres, run


def bundle(sql: str, **metrics: str) -> Bundle:
    found = [{"metric_name": name, "expression": text} for name, text in metrics.items()]
    dataset: dict[str, Any] = {"table_name": "deals", "sql": sql, "metrics": found}
    return Bundle({"datasets/warehouse/deals.yaml": dataset}, [])


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    for engine in duckdb(tmp_path) if request.param == "duckdb" else postgres("trial"):
        run(engine, "create table deals (id varchar(9), amount double precision)")
        yield Project(MINI, engine)


def test_what_runs_is_not_mentioned(project: Project) -> None:
    sound = bundle("select id, amount from deals where id like '%:%'", won="sum(amount)")
    assert not_running(project, sound) == []


def test_a_dataset_that_does_not_bind_is_one_line(project: Project) -> None:
    (line,) = not_running(project, bundle("select ammount from deals", won="sum(amount)"))
    assert line.startswith("dataset deals does not run: ")
    assert "ammount" in line


def test_of_two_metrics_the_one_that_does_not_run_is_named(project: Project) -> None:
    broken = bundle("select amount from deals", won="sum(amount)", lost="sum(lost_amount)")
    (line,) = not_running(project, broken)
    assert line.startswith("dataset deals: metric lost does not run: ")


def test_before_the_first_build_there_is_nothing_to_run(tmp_path: Path) -> None:
    built = Profile.model_validate({**MINI.model_dump(by_alias=True), "mode": "built"})
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'w.duckdb'}", future=True)
    assert not_running(Project(built, engine), bundle("select 1 from ours.opportunity")) == []
    run(engine, "create schema ours")
    assert len(not_running(Project(built, engine), bundle("select 1 from ours.opportunity"))) == 1


def test_what_older_supersets_do_not_parse_is_noted() -> None:
    long = "select " + ", ".join(f"{n} as c{n}" for n in range(2000))
    note = too_long(bundle(long, rows="count(*)"))
    assert note.startswith("1 of 1 datasets (deals, ...) have more than the 10,000 tokens")
    assert "`mode: built`" in note
    assert too_long(bundle("select 1 as one", rows="count(*)")) == ""


@pytest.mark.parametrize(
    "name", ["executive_kpi_scorecard", "pipeline_opportunities", "filter_accounts_segment"]
)
def test_tokens_are_counted_as_sqlparse_does(name: str) -> None:
    path = next((DASHBOARDS / "export").rglob(f"crmkpi_{name}.yaml"))
    sql = yaml.safe_load(path.read_text(encoding="utf-8"))["sql"]
    assert tokens_of(sql) == pytest.approx(sum(1 for _ in lexer.tokenize(sql)), rel=0.02)
