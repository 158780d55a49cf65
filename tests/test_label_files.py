"""Labels of others stand beside ours, and are refused where nobody would read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.labels import LabelColumns
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.plugins.definitions import beside
from superset_crmkpi.project.definitions import definition_faults
from tests.test_catalog import FACT, KPI


def toys(folder: Path, labels: str, fact: str = FACT) -> Path:
    """A folder `crm` with a fact, a KPI and labels."""
    files = {
        "sql/facts/toys.sql": fact,
        "sql/kpis/conversion/toy_rate.sql": KPI,
        "sql/labels/toys.yaml": labels,
    }
    for name, text in files.items():
        path = folder / "crm" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return folder / "crm"


def test_labels_of_a_fact_of_theirs_stand_beside_ours(tmp_path: Path) -> None:
    kind = "case when o.amount > 9 then 'big_toy' else 'small' end as kind"
    kinds = FACT.replace("2 as weight", f"{kind}, 2 as weight")
    text = "values:\n  kind: {big_toy: Large, small: Small}\nnumbered: [kind]\n"
    fact = kinds.replace("{status: Status}", "{status: Status, kind: Kind}")
    folders = beside([toys(tmp_path, text, fact)])
    catalog = load_catalog(folders)
    assert definition_faults(catalog, load_model(folders), folders) == []
    compiler = Compiler(load_model(folders), catalog, BuiltRelations(), CompileSettings())
    made = LabelColumns(compiler).of("toys")
    assert "WHEN kind = 'big_toy' THEN '1 Large'" in made["kind"]
    assert "WHEN status = 'won' THEN 'Won'" in made["status"]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (
            "  priority: {lowest: Lowest}",
            "folder crm: crm/sql/labels/toys.yaml line 2: `values.priority.lowest`: `priority` "
            "never has this value; it has (none), high, low, normal, urgent",
        ),
        ("  colour: {red: Red}", "line 2: `values.colour.red`: no fact has a text column `colour`"),
        (
            "  priority: {low: Least, lowest: Least}",
            "line 2: `low` of `priority` is `Low` by sql/labels/values.yaml",
        ),
        ("  tone: {positive: 1}", "toys.yaml line 2: `values.tone.positive`: "),
        ("  tone: {}\nnumbers: [tone]", "toys.yaml line 3: `numbers`: unknown key; did you mean"),
        ("  tone: {}\nnumbered: [mood]", "toys.yaml line 3: `numbered`: no values `mood`"),
    ],
)
def test_a_label_that_nobody_would_read_is_one_line(tmp_path: Path, labels: str, told: str) -> None:
    folders = beside([toys(tmp_path, f"values:\n{labels}\n")])
    try:
        catalog = load_catalog(folders)
        (fault,) = definition_faults(catalog, load_model(folders), folders)
    except CrmKpiError as error:
        fault = error.message
    assert told in fault
    assert "\n" not in fault
