"""`crmkpi calc` gives what the warehouse would, and `crmkpi kpis` a page a manager understands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.cli import main
from superset_crmkpi.compile.calculator import inputs_of

CATALOG = load_catalog()
FIELDS = (
    "id", "label", "question", "area", "unit", "good", "kind", "signal", "use", "journey", "time",
    "over_time", "owner", "refresh", "review", "thresholds", "action", "fact", "expression",
)  # fmt: skip


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(
    ("name", "inputs", "value"),
    [
        ("stage_conversion", "entered=100 advanced=40", 0.4),
        ("retention_rate", "start=100 end=110 new=15", 0.95),
        ("churn_rate", "start=100 lost=5", 0.05),
        ("gross_revenue_retention", "start=100 contraction=5 churned=5", 0.9),
        ("nrr", "start=100 expansion=20 contraction=5 churned=5", 1.1),
        ("ltv_cac_ratio", "ltv=9000 cac=3000", 3.0),
        ("cac_payback_months", "cac=1200 mrr=100 margin=80%", 15.0),
        ("sales_cycle_length", "first_contact=2024-01-01 closed=2024-07-01", 182.0),
        ("nrr", "start=0 expansion=20 contraction=5 churned=5", None),
    ],
)
def test_the_known_examples_are_calculated(name: str, inputs: str, value: float | None) -> None:
    answer = run("calc", name, *inputs.split(), "--format", "json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["value"] == (value if value is None else pytest.approx(value))


def test_every_worked_example_with_inputs_is_calculated() -> None:
    examples = [
        (name, example)
        for name, kpi in CATALOG.kpis.items()
        for example in kpi.meta.examples
        if example.given
    ]
    assert len(examples) > 50
    for name, example in examples:
        given = [f"{key}={value}" for key, value in example.given.items()]
        answer = run("calc", name, *given, "--format", "json")
        assert answer.exit_code == 0, answer.output
        value = json.loads(answer.stdout)["value"]
        assert value == (None if example.value is None else pytest.approx(example.value)), name


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["nrr", "start=100"], "`expansion` is missing: crmkpi calc nrr start=... expansion=..."),
        (["churn_rate", "start=100", "lost=5", "won=1"], "`won` is not an input of churn_rate"),
        (["churn_rate", "start=many", "lost=5"], "`many`: write a number (1200.5)"),
        (["churn_rate", "start", "lost=5"], "`start`: write inputs as key=value"),
        (["churn_rate", "start=1", "start=2", "lost=5"], "`start` is given twice"),
        (["churn_rate", "start=1,2,3", "lost=5,6"], "the lists of churn_rate differ in length"),
        (["luck", "start=1"], "no KPI `luck`"),
        (["health_score", "start=1"], "health_score has no calculator"),
    ],
)
def test_wrong_inputs_get_one_line_and_exit_two(arguments: list[str], fault: str) -> None:
    answer = run("calc", *arguments)
    assert answer.exit_code == 2
    assert fault in answer.output
    assert answer.output.count("\n") == 1


def test_without_a_name_every_calculator_is_listed_with_its_inputs() -> None:
    listed = json.loads(run("calc", "--format", "json").stdout)
    assert listed["nrr"] == ["start", "expansion", "contraction", "churned"]
    assert set(listed) == {name for name, kpi in CATALOG.kpis.items() if kpi.meta.calculator}
    assert all(inputs_of(CATALOG.kpis[name]) == inputs for name, inputs in listed.items())


def test_the_catalogue_as_json_has_every_kpi_with_its_governance() -> None:
    listed = json.loads(run("kpis", "--format", "json").stdout)
    assert len(listed) == 106
    for entry in listed:
        empty = [field for field in FIELDS if entry[field] in (None, "", {}, [])]
        assert not empty, (entry["id"], empty)


def test_the_page_of_a_kpi_says_who_acts_on_what_and_how_it_is_counted() -> None:
    page = run("kpis", "win_rate").stdout
    for part in (
        "Sales manager",
        "Warn below 25%, act below 20%",
        "Coach the two",
        "crmkpi calc win_rate won=50 lost=150   -> 25%",
        "from opportunities",
    ):
        assert part in page, part
    shared = run("kpis", "cac").stdout
    assert "CMO (the spend on marketing) and CRO (the spend on sales" in shared
