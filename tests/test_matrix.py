"""Every KPI is right on every engine, and docs/matrix.md says just that."""

from __future__ import annotations

import pytest

from superset_crmkpi.catalogue.reader import load_catalog
from tests.matrix.case import Case
from tests.matrix.cases import CASES
from tests.matrix.page import DAYS, PAGE, PROVEN, SEEDS, TOO_LONG, page
from tests.matrix.row_cases import ROW_CASES
from tests.matrix.run import run_case, wrong_rows
from tests.mutation.bench import Bench
from tests.seeds import by_turns, within

#: facts are compared row by row on these
ROW_ENGINES = ("duckdb", "postgres")


def _cases(engine: str) -> list[Case]:
    """All on DuckDB; on the others some each day, all of them within days, or all at length."""
    cases = [case for case in CASES if (engine, case.name) not in TOO_LONG]
    return cases if engine == "duckdb" else within(DAYS[engine], cases)


ROWS = [
    pytest.param(engine, case, id=f"{engine}-{case.name}")
    for engine in ROW_ENGINES
    for case in (ROW_CASES if engine == "duckdb" else within(DAYS[engine], ROW_CASES))
]


HELD = [
    pytest.param(engine, case, id=f"{engine}-{case.name}")
    for engine in PROVEN
    for case in _cases(engine)
]


@pytest.mark.parametrize(("engine", "case"), HELD)
def test_every_kpi_is_what_the_oracle_says(engine: str, case: Case) -> None:
    outcomes = [outcome for seed in SEEDS for outcome in run_case(case, engine, seed)]
    assert outcomes
    wrong = [
        f"{o.check.kpi} where {o.check.where}, seed {o.seed}: {o.fault}"
        for o in outcomes
        if o.fault
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("engine", "case"), ROWS)
def test_every_row_is_what_the_oracle_says(engine: str, case: Case) -> None:
    wrong = [fault for seed in SEEDS for fault in wrong_rows(case, engine, seed)]
    assert not wrong, "\n".join(wrong)


@by_turns(3)
def test_every_random_warehouse_of_the_mutation_check_is_right_before_any_mutation() -> None:
    bench = Bench()
    bench.warehouses = within(12, bench.warehouses)
    assert bench.fault_of_unchanged() == ""


def test_every_kpi_is_compared_by_at_least_one_number() -> None:
    compared = {
        check.kpi
        for case in CASES
        for seed in SEEDS
        for check in case.checks(case.frames(seed))
        if check.value is not None or check.asked is not None
    }
    assert compared == set(load_catalog().kpis)


def test_the_page_is_that_of_the_cases() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/matrix.md: run `make matrix`"
