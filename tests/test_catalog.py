"""Every file of `sql/` keeps the rules, and each rule is able to fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import SQL
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import read_sql_file
from superset_crmkpi.bundle.export import bundles
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.lint import lint
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.plugins.built_in import Home
from superset_crmkpi.plugins.definitions import Folder

FACT = """/*---
label: Toys
grain: one row per deal
time: created_date
needs: [opportunity]
dimensions: {status: Status}
---*/
select o.id as toy_id, o.status, o.created_date, 1 as is_toy, 2 as weight
from opportunity as o
"""
KPI = """/*---
label: Toy rate
question: How many toys?
definition: Toys over weight.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: created_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly review
thresholds: {warn: 0.5, act: 0.2}
action: Look at the toys.
---*/
select 1.0 * sum(is_toy) / nullif(sum(weight), 0)
from toys
"""


def faults(root: Path, fact: str = FACT, kpi: str = KPI) -> list[str]:
    """Faults of a catalogue of one fact and one KPI."""
    sql = root / "sql"
    (sql / "facts").mkdir(parents=True, exist_ok=True)
    (sql / "kpis" / "conversion").mkdir(parents=True, exist_ok=True)
    (sql / "facts" / "toys.sql").write_text(fact)
    (sql / "kpis" / "conversion" / "toy_rate.sql").write_text(kpi)
    catalog, model = load_catalog((Folder(root),)), load_model()
    return lint(catalog, model, Compiler(model, catalog, BuiltRelations(), CompileSettings()))


def test_all_facts_and_kpis_keep_the_rules() -> None:
    catalog, model = load_catalog(), load_model()
    compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
    assert lint(catalog, model, compiler) == []


def test_a_right_fact_and_a_right_kpi_have_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2 as weight", "date_trunc('week', o.created_at) as weight", "line 8: a date function"),
        ("2 as weight", "current_date as weight", "line 8: the current date"),
        ("2 as weight", "o.created_date + interval 1 day as weight", "an interval"),
        ("2 as weight", '2 as "Weight"', 'line 8: the quoted name "Weight"'),
        ("1 as is_toy", "sum(2) filter (where true) as is_toy", "FILTER"),
        ("select o.id", "select distinct on (o.id) o.id", "DISTINCT ON"),
        ("from opportunity as o", "from opportunity as o order by o.id", "ORDER BY at the end"),
        ("2 as weight", "sum(amount) as amount, 2 as weight", "an aggregate and its own input"),
        ("time: created_date", "time: made_date", "line 4: `time`: `made_date` is not a column"),
        ("{status: Status}", "{stat: Status}", "line 6: `dimensions`: `stat` is not a column"),
        ("[opportunity]", "[opportunity, unicorn]", "line 5: `needs`: `unicorn`"),
        (
            "dimensions:",
            "opens: {opportunity_id: opportunity}\ndimensions:",
            "line 6: `opens`: `opportunity_id` is no column of the SELECT",
        ),
        (
            "dimensions:",
            "opens: {toy_id: toy}\ndimensions:",
            "line 6: `opens`: `toy` is neither in sql/model nor a column",
        ),
        ("[opportunity]", "[opportunity.horn]", "line 5: `needs`: `opportunity.horn`"),
    ],
)
def test_the_lint_names_file_and_line_of_a_wrong_fact(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in FACT
    found = faults(tmp_path, fact=FACT.replace(old, new, 1))
    assert any("toys.sql" in fault and message in fault for fault in found), found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: sales_manager", "owner: ' '", "line 13: `owner`: is empty"),
        ("action: Look at the toys.", "action: ''", "line 17: `action`: is empty"),
        ("review: weekly review", "review: ''", "`review`: is empty"),
        ("Toys over weight.", "''", "`definition`: is empty"),
        ("nullif(sum(weight), 0)", "sum(weight)", "line 19: a division without `nullif(..., 0)`"),
        (
            "1.0 * sum(is_toy) / nullif(sum(weight), 0)",
            "avg(is_toy / nullif(weight, 0))",
            "average",
        ),
        ("sum(weight)", "sum(mass)", "line 19: `mass` is not a column of toys"),
        ("time: created_date", "time: made_date", "line 11: `time`: `made_date`"),
        ("thresholds: {warn: 0.5, act: 0.2}\n", "", "`thresholds`: are missing"),
        ("warn: 0.5, act: 0.2", "warn: 0.2, act: 0.5", "line 16: `thresholds`: `act` is reached"),
        ("refresh: daily", "refresh: daily\nreport: {by: [hue], measures: [x]}", "`hue` is not a"),
        ("refresh: daily", "refresh: daily\nreport: {by: [status], measures: [x]}", "a measure of"),
    ],
)
def test_the_lint_names_file_and_line_of_a_wrong_kpi(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in KPI
    found = faults(tmp_path, kpi=KPI.replace(old, new, 1))
    assert any("toy_rate.sql" in fault and message in fault for fault in found), found


def test_exports_are_not_made_of_files_that_break_a_rule(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(SQL, tmp_path / "sql")
    path = tmp_path / "sql" / "kpis" / "conversion" / "win_rate.sql"
    path.write_text(path.read_text().replace("nullif(sum(is_closed), 0)", "sum(is_closed)"))
    monkeypatch.setattr(Home, "folder", tmp_path)
    with pytest.raises(CrmKpiError, match=r"win_rate.sql line \d+: a division without"):
        bundles()


def test_a_file_of_more_than_150_lines_is_a_fault(tmp_path: Path) -> None:
    found = faults(tmp_path, fact=FACT.replace("from opp", "--\n" * 150 + "from opp"))
    assert any("over 150 lines" in fault for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit: percent", "unit: parsecs", "toy_rate.sql: front matter, key `unit`"),
        ("review: weekly review\n", "", "toy_rate.sql: front matter, key `review`"),
        ("from toys", "from toys where is_toy = 1", "toy_rate.sql: no `where`"),
        ("from toys", "from games", "there is no sql/facts/games.sql"),
        ("select 1.0", "select weight, 1.0", "a KPI is `select <one aggregate> from <one fact>`"),
        ("label: Toy rate", "label: [", "toy_rate.sql line"),
        ("nullif(sum(weight), 0)", "nullif(sum(weight), 0", "toy_rate.sql line 20"),
    ],
)
def test_a_malformed_kpi_is_refused_with_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(CrmKpiError) as caught:
        faults(tmp_path, kpi=KPI.replace(old, new, 1))
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_a_kpi_of_a_name_taken_is_refused(tmp_path: Path) -> None:
    faults(tmp_path)
    (tmp_path / "sql/kpis/retention").mkdir()
    shutil.copy(tmp_path / "sql/kpis/conversion/toy_rate.sql", tmp_path / "sql/kpis/retention")
    with pytest.raises(CrmKpiError, match="stands in conversion too"):
        load_catalog((Folder(tmp_path),))


def test_every_sql_file_has_at_most_150_lines_of_sql() -> None:
    long = {
        str(path.relative_to(SQL)): lines
        for path in SQL.rglob("*.sql")
        if (lines := len(read_sql_file(path).sql.splitlines())) > 150
    }
    assert not long
