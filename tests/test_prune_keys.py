"""Keys that facts declare hold: joins that nobody reads are dropped by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile
from sqlglot import exp

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.keys import CALENDARS, keys_of
from superset_crmkpi.compile.lint import lint
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.project.project import Project
from superset_crmkpi.query.clauses import Relation
from superset_crmkpi.query.keys import names_a_row
from superset_crmkpi.query.prune import qualified
from tests.seeds import by_turns

MODEL = load_model()
CATALOG = load_catalog()
KEYED = [name for name, fact in CATALOG.facts.items() if fact.meta.key]
#: a stage has one pipeline, name and place, which its steps join to it: the query groups by all
BY_DATA_ONLY = {"stage_benchmarks"}


TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def queries() -> dict[str, Relation]:
    """Facts with a key, and the calendars, as queries of which every column has its table."""
    settings = CompileSettings(dialect="duckdb")
    compiler = Compiler(MODEL, CATALOG, BuiltRelations("crmkpi"), settings)
    schema = {name: entity.schema for name, entity in MODEL.items()}
    for name, file in compiler.calendars.items():
        schema[name] = {str(column): "bigint" for column in file.query().named_selects}
    for name in CATALOG.facts:
        schema[name] = compiler.types_of(name)
    found = {}
    for name in [*KEYED, *CALENDARS]:
        file = CATALOG.facts[name].file if name in KEYED else compiler.calendars[name]
        query = compiler.with_settings(file.query().copy(), file, name)
        assert isinstance(query, exp.Query)
        found[name] = Relation(qualified(query, schema), {})
    return found


@pytest.mark.parametrize("name", [name for name in KEYED if name not in BY_DATA_ONLY])
def test_a_declared_key_follows_from_the_query_and_the_keys_below_it(
    name: str, queries: dict[str, Relation]
) -> None:
    others = {n: fact for n, fact in CATALOG.facts.items() if n != name}
    keys = keys_of(MODEL, Catalog(others, {}))
    assert names_a_row(queries[name], CATALOG.facts[name].meta.key, keys)


@pytest.mark.parametrize("name", KEYED)
def test_a_declared_key_has_no_column_too_many(name: str, queries: dict[str, Relation]) -> None:
    key = CATALOG.facts[name].meta.key
    for column in key:
        assert not names_a_row(queries[name], {*key} - {column}, keys_of(MODEL, CATALOG))


def test_a_key_that_the_fact_does_not_have_is_a_fault() -> None:
    fact = CATALOG.facts["campaigns"]
    wrong = replace(fact, meta=fact.meta.model_copy(update={"key": ["campaign", "colour"]}))
    catalog = Catalog({**CATALOG.facts, "campaigns": wrong}, CATALOG.kpis)
    compiler = Compiler(MODEL, catalog, BuiltRelations("crmkpi"), CompileSettings(dialect="duckdb"))
    faults = lint(catalog, MODEL, compiler)
    assert [fault for fault in faults if "colour" in fault] == [
        "campaigns.sql line 4: `key`: `colour` is not a column of the SELECT"
    ]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The demo company, live."""
    folder = tmp_path_factory.mktemp("keys")
    engine = sa.create_engine(f"duckdb:///{folder / 'warehouse.duckdb'}", future=True)
    write(generate(scale=0.05, seed=7, today=TODAY), engine)
    yield Project(demo_profile(TODAY), engine)
    engine.dispose()


def rows(project: Project, sql: str) -> list[tuple[Any, ...]]:
    with project.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


@pytest.mark.parametrize("name", KEYED)
def test_a_declared_key_has_no_two_rows_in_the_demo_company(name: str, project: Project) -> None:
    key = CATALOG.facts[name].meta.key
    sql, columns = project.live.fact(name, key), ", ".join(key)
    twice = f"select {columns}, count(*) from ({sql}) as f group by {columns} having count(*) > 1"
    assert rows(project, twice) == []
    [(count,)] = rows(project, f"select count(*) from ({sql}) as f")
    assert count


@pytest.mark.parametrize("name", CALENDARS)
def test_a_key_of_a_calendar_has_no_two_rows(name: str, project: Project) -> None:
    for key in CALENDARS[name]:
        columns = ", ".join(key)
        twice = f"select {columns} from ({project.live.entity(name)}) as c group by {columns}"
        assert rows(project, f"{twice} having count(*) > 1") == []


FILTERS = sorted({(f.from_, f.column) for d in load_dashboards(CATALOG) for f in d.filters})


@by_turns(3)
@pytest.mark.parametrize("fact", sorted({fact for fact, _ in FILTERS}))
def test_a_filter_lists_what_the_whole_fact_holds_as_often_as_it_does(
    fact: str, project: Project
) -> None:
    columns = [column for name, column in FILTERS if name == fact]
    whole = project.live.fact(fact)
    counted = "select {0}, count(*) from ({1}) as f group by {0} order by {0}"
    for column in columns:
        alone = project.live.fact(fact, [column])
        found = rows(project, counted.format(column, alone))
        assert found == rows(project, counted.format(column, whole))
        assert len(found) > 1
        assert len(alone) < len(whole)
