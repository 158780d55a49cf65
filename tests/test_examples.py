"""The worked examples of the KPI files are right, on each engine, by the KPI's own expression."""

from __future__ import annotations

from pathlib import Path

import pytest

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Example, Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.kit.examples import given_rows, relation
from tests.engines import DuckDb, Engine, Postgres

SPECIFICATION = Path(__file__).parents[2] / "shared" / "spec" / "kpis.psv"
CATALOG = load_catalog()
CASES = [
    pytest.param(kpi, example, id=f"{name}-{number}")
    for name, kpi in CATALOG.kpis.items()
    for number, example in enumerate(kpi.meta.examples, start=1)
]


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> tuple[Engine, Compiler]:
    engine: Engine = DuckDb() if request.param == "duckdb" else Postgres()
    settings = CompileSettings(dialect=engine.dialect)
    return engine, Compiler(load_model(), CATALOG, BuiltRelations(), settings)


@pytest.mark.parametrize(("kpi", "example"), CASES)
def test_the_worked_example_is_right(
    bench: tuple[Engine, Compiler], kpi: Kpi, example: Example
) -> None:
    engine, compiler = bench
    rows = given_rows(kpi, example)
    query = (
        f"select {compiler.expression(kpi)} as value"
        f" from ({relation(rows, compiler.types_of(kpi.fact))}) as {kpi.fact}"
    )
    value = engine.query(query)["value"].iloc[0]
    if example.value is None:
        assert value is None or value != value, f"{value}, but there is nothing to divide by"
    else:
        assert float(value) == pytest.approx(example.value, rel=1e-9)


def test_every_example_of_the_specification_is_one_of_a_file() -> None:
    if not SPECIFICATION.is_file():
        pytest.skip(f"{SPECIFICATION} is not there")
    header, *lines = SPECIFICATION.read_text(encoding="utf-8").splitlines()
    place = header.split("|").index("worked example (input -> expected)")
    worked = [line.split("|")[0] for line in lines if line.split("|")[place].strip()]
    assert len(worked) > 20
    without = [
        name for name in worked if name in CATALOG.kpis and not CATALOG.kpis[name].meta.examples
    ]
    assert not without, f"no `examples` in the files of {without}"


def test_every_kpi_of_the_specification_has_a_file() -> None:
    if not SPECIFICATION.is_file():
        pytest.skip(f"{SPECIFICATION} is not there")
    specified = {line.split("|")[0] for line in SPECIFICATION.read_text().splitlines()[1:]}
    assert set(CATALOG.kpis) <= specified, "a KPI that the specification does not know"
    lacking = specified - set(CATALOG.kpis) - TO_COME
    assert not lacking


#: KPIs that come with the dashboards that show them
TO_COME = {"pipeline_change", "close_date_pushes", "quick_ratio"}
