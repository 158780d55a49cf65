"""The bundle is the same each time, and says what it cannot show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog, Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import Dashboard, lint

CATALOG: Catalog = load_catalog()
SPEC: dict[str, Any] = {
    "audience": "pipeline",
    "title": "Toy",
    "slug": "toy",
    "description": "A toy.",
    "filters": [{"label": "Team", "column": "team", "from": "opportunities"}],
    "tabs": [
        {
            "title": "Now",
            "use": "operating",
            "rows": [
                {
                    "tiles": [
                        {"kpi": "win_rate", "chart": "number", "width": 6},
                        {"kpi": "data_freshness", "chart": "number", "time": "none", "width": 6},
                    ]
                }
            ],
        }
    ],
}


def made(spec: dict[str, Any] = SPEC, lacking: str = "", name: str = "CRM") -> Bundle:
    compiler = Compiler(load_model(), CATALOG, BuiltRelations(), CompileSettings())

    def why_not(kpi: Kpi) -> str:
        return "Needs opportunities: connect a CRM." if kpi.name == lacking else ""

    target = Target(name=name, database="Warehouse", uri=None)
    maker = BundleMaker(CATALOG, compiler, target, why_not)
    return maker.make([Dashboard.model_validate(spec)])


def dashboard(bundle: Bundle) -> dict[str, Any]:
    return dict(next(content for _, content in bundle.of("dashboards")))


def with_tiles(*tiles: dict[str, Any], use: str = "operating", **changes: Any) -> Dashboard:
    tab = {"title": "Now", "use": use, "rows": [{"tiles": list(tiles)}]}
    return Dashboard.model_validate({**SPEC, "tabs": [tab], **changes})


def test_two_builds_are_equal_to_the_byte(tmp_path: Path) -> None:
    made().write_zip(tmp_path / "a.zip")
    made().write_zip(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_uuids_stay_when_other_things_change_and_differ_between_profiles() -> None:
    changed = json.loads(json.dumps(SPEC))
    changed["title"] = "Another title"
    changed["tabs"][0]["rows"][0]["tiles"][1] = {"text": "nothing", "width": 6}

    def charts(bundle: Bundle) -> set[str]:
        return {str(content["uuid"]) for _, content in bundle.of("charts")}

    assert dashboard(made())["uuid"] == dashboard(made(changed))["uuid"]
    assert charts(made(changed)) < charts(made())
    assert not charts(made()) & charts(made(name="Another company"))


def test_a_tile_whose_data_is_missing_becomes_a_text_that_says_so() -> None:
    whole, lacking = made(), made(lacking="win_rate")
    assert len(list(lacking.of("charts"))) == len(list(whole.of("charts"))) - 1
    texts = [
        part["meta"]["code"]
        for part in dashboard(lacking)["position"].values()
        if isinstance(part, dict) and part["type"] == "MARKDOWN"
    ]
    assert len(texts) == 1
    assert "No data yet. Needs opportunities: connect a CRM." in texts[0]
    metrics = [
        metric["metric_name"]
        for _, dataset in lacking.of("datasets")
        for metric in dataset["metrics"]
    ]
    assert "win_rate" not in metrics


def test_filters_act_only_on_tiles_that_have_their_column() -> None:
    found = dashboard(made())
    shown = {
        part["meta"]["sliceName"]: part["meta"]["chartId"]
        for part in found["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    freshness = shown[CATALOG.kpis["data_freshness"].meta.label]
    assert len(shown) == 2
    by_name = {f["name"]: f for f in found["metadata"]["native_filter_configuration"]}
    assert by_name["Team"]["scope"]["excluded"] == [freshness]
    assert by_name["Period"]["scope"]["excluded"] == [freshness]


def test_the_role_opens_the_dashboard_and_just_its_datasets() -> None:
    bundle = made()
    (role,) = bundle.roles
    assert role.dashboards == (dashboard(bundle)["uuid"],)
    assert set(role.datasets) == {content["uuid"] for _, content in bundle.of("datasets")}


def test_more_than_ten_metrics_on_the_executive_dashboard_are_a_fault() -> None:
    kpis = [name for name, kpi in CATALOG.kpis.items() if kpi.meta.over_time == "ratio"]
    tiles = [
        {"kpi": name, "chart": "trend", "width": 1, "where": dict.fromkeys(pick(name), "month")}
        for name in kpis[:11]
    ]
    faults = lint(with_tiles(*tiles, audience="executive"), CATALOG)
    assert any("11 metrics" in fault for fault in faults)
    faults = lint(with_tiles(*tiles[:10], audience="executive"), CATALOG)
    assert not any("metrics" in fault for fault in faults)


def test_more_than_six_filters_are_a_fault() -> None:
    tile = {"kpi": "win_rate", "chart": "trend", "width": 12}
    filters = [{"label": f"No {n}", "column": "owner", "from": "opportunities"} for n in range(7)]
    assert "7 filters; people take in at most 6" in lint(with_tiles(tile, filters=filters), CATALOG)
    assert lint(with_tiles(tile, filters=filters[:6]), CATALOG) == []


def pick(kpi: str) -> list[str]:
    return list(CATALOG.facts[CATALOG.kpis[kpi].fact].meta.pick)


@pytest.mark.parametrize(("dialect", "label"), [("mysql", " (mean)"), ("postgres", "")])
def test_where_a_mean_stands_in_for_a_median_the_metric_says_so(dialect: str, label: str) -> None:
    settings = CompileSettings(dialect=dialect)
    compiler = Compiler(load_model(), CATALOG, BuiltRelations(), settings)
    target = Target(name="CRM", database="Warehouse", uri=None)
    tile = {"kpi": "first_response_time", "chart": "trend", "width": 12}
    bundle = BundleMaker(CATALOG, compiler, target).make([with_tiles(tile)])
    metrics = {
        metric["metric_name"]: metric
        for _, dataset in bundle.of("datasets")
        for metric in dataset["metrics"]
    }
    assert metrics["first_response_time"]["verbose_name"] == f"First response time{label}"
    assert ("warning_markdown" in metrics["first_response_time"]["extra"]) is bool(label)
    assert "(mean)" not in metrics["resolution_time"]["verbose_name"]  # a mean by definition


def test_counts_of_what_was_done_need_a_rate_beside_them_where_results_are_reviewed() -> None:
    calls = {"kpi": "calls_made", "chart": "trend", "width": 6}
    meetings = {"kpi": "meetings_booked", "chart": "trend", "width": 6}
    rate = {"kpi": "win_rate", "chart": "trend", "width": 6}
    faults = lint(with_tiles(calls, meetings, use="reporting"), CATALOG)
    assert any("`calls_made` counts what was done; put a rate beside it" in f for f in faults)
    assert not lint(with_tiles(calls, rate, use="reporting"), CATALOG)


def test_a_level_as_a_plain_number_is_a_fault() -> None:
    level = next(
        name
        for name, kpi in CATALOG.kpis.items()
        if kpi.meta.over_time == "last" and kpi.meta.time != "none"
    )
    faults = lint(with_tiles({"kpi": level, "chart": "number", "width": 12}), CATALOG)
    assert any("is a level" in fault for fault in faults)


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        ({"kpi": "unicorns", "chart": "number", "width": 12}, "no such KPI: unicorns"),
        ({"kpi": ["win_rate", "nps"], "chart": "table", "width": 12}, "of different facts"),
        ({"kpi": "win_rate", "chart": "number", "width": 5}, "is not 12 columns wide"),
        (
            {"kpi": "win_rate", "measure": "luck", "chart": "number", "width": 12},
            "no measure `luck`",
        ),
        ({"kpi": "churn_rate", "chart": "trend", "width": 12}, "pick one `period_type`"),
    ],
)
def test_a_wrong_tile_is_named(tile: dict[str, Any], message: str) -> None:
    faults = lint(with_tiles(tile), CATALOG)
    assert any(message in fault for fault in faults), faults
