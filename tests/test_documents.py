"""What is wrong with a YAML document is one line: the path of keys, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from superset_crmkpi.base.documents import first_fault
from superset_crmkpi.catalogue.definitions import FactMeta, KpiMeta
from superset_crmkpi.connectors.connector import Landing
from superset_crmkpi.dashboards.spec import Dashboard
from superset_crmkpi.profile.packs import Pack
from superset_crmkpi.profile.schema import Profile

TILE = {"kpi": "win_rate", "chart": "number", "width": 12}


def board(tile: dict[str, Any]) -> dict[str, Any]:
    rows = [{"tiles": [TILE | tile]}]
    tabs = [{"title": "Now", "use": "operating", "rows": rows}]
    return {"audience": "pipeline", "title": "P", "slug": "p", "tabs": tabs}


@pytest.mark.parametrize(
    ("model", "content", "fault"),
    [
        (
            Landing,
            {"label": "x", "collumns": {}},
            "`collumns`: unknown key; did you mean `columns`?",
        ),
        (
            Landing,
            {"label": "x", "rows": {"a": {"table": "b", "colum": "c"}}},
            "`rows.a.colum`: unknown key; did you mean `column`? (known: table, column)",
        ),
        (Landing, {}, "`label`: is missing; add it"),
        (FactMeta, {"lable": "x"}, "`lable`: unknown key; did you mean `label`? (known: label, "),
        (
            KpiMeta,
            {"thresholds": {"wran": 1}},
            "`thresholds.wran`: unknown key; did you mean `warn`?",
        ),
        (
            KpiMeta,
            {"examples": [{"valeu": 1}]},
            "`examples.0.valeu`: unknown key; did you mean `value`? (known: given, rows, value)",
        ),
        (Pack, {"abuot": "x"}, "`abuot`: unknown key; did you mean `about`?"),
        (
            Dashboard,
            board({"tittle": "x"}),
            "`tabs.0.rows.0.tiles.0.tittle`: unknown key; did you mean `title`?",
        ),
        (Profile, {"calender": {}}, "`calender`: unknown key; did you mean `calendar`?"),
        (Profile, {"calendar": {"zone": "UTC"}}, "`calendar.zone`: unknown key; "),
        (
            Profile,
            {"currency": {"xyz": 1}},
            "`currency.xyz`: unknown key; remove it or mend its spelling (known: reporting, ",
        ),
    ],
)
def test_a_misspelt_or_missing_key_is_told_with_the_one_that_was_meant(
    model: type[BaseModel], content: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(content)
    assert str(first_fault(caught.value, model)).startswith(fault)
