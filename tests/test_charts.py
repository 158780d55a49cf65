"""What the params of a tile's chart promise."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.bundle import charts
from superset_crmkpi.bundle.colors import label_colors
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.dashboards.spec import Tile, drawn, load_dashboards

COLUMNS = {"owner": "text", "amount": "double", "days": "double", "visits": "bigint"}


def made(time: str | None = "closed_date", **tile: Any) -> dict[str, Any]:
    spec = Tile.model_validate({"kpi": "win_rate", **tile})
    metrics = [load_catalog().kpis[name].metric for name in spec.kpi]
    return charts.params(spec, metrics, COLUMNS, time, "EUR")


def test_a_trend_goes_straight_from_value_to_value() -> None:
    trend = made(chart="trend", grain="month")
    assert trend["viz_type"] == "echarts_timeseries_line"
    assert (trend["time_grain_sqla"], trend["markerEnabled"]) == ("P1M", True)


def test_a_list_has_all_its_rows_on_one_page() -> None:
    assert made(chart="list", columns=["owner"])["page_length"] == 0


def test_a_bar_outside_of_the_time_filter_takes_its_axis_from_by() -> None:
    now = made(chart="bar", time=None, by=["period_start", "owner"])
    assert (now["x_axis"], now["groupby"]) == ("period_start", ["owner"])
    assert not [part for part in now["adhoc_filters"] if part["operator"] == "TEMPORAL_RANGE"]
    past = made(chart="bar", by=["owner"])
    assert (past["x_axis"], past["groupby"]) == ("closed_date", ["owner"])


def test_a_ranking_is_sorted_by_its_value_or_by_the_named_column_in_reading_order() -> None:
    by_value = made(chart="ranking", by="owner")
    assert (by_value["x_axis_sort"], by_value["x_axis_sort_asc"]) == ("win_rate", True)
    by_name = made(chart="ranking", by="owner", order="owner")
    assert (by_name["x_axis_sort"], by_name["x_axis_sort_asc"]) == ("owner", False)


def test_a_table_is_sorted_by_its_first_metric_another_one_or_a_dimension() -> None:
    both = {"chart": "table", "kpi": ["win_rate", "sales_cycle_length"], "by": "owner"}
    assert made(**both)["timeseries_limit_metric"] == "win_rate"
    assert made(**both)["order_desc"]
    other = made(**both, order="sales_cycle_length")
    assert (other["timeseries_limit_metric"], other["order_desc"]) == ("sales_cycle_length", False)
    dimension = made(**both, order="owner")["timeseries_limit_metric"]
    assert (dimension["aggregate"], dimension["column"]) == ("MIN", {"column_name": "owner"})


def test_a_list_is_worst_first_and_shows_money_and_counts_without_decimals() -> None:
    rows = made(chart="list", columns=["owner", "amount", "days", "visits"], order="-amount")
    assert rows["order_by_cols"] == ['["amount", false]']
    formats = {name: config["d3NumberFormat"] for name, config in rows["column_config"].items()}
    assert formats == {"amount": ",.0f", "days": ",.1~f", "visits": ",.0f"}


@pytest.mark.parametrize("audience", ["executive", "pipeline"])
def test_what_is_to_be_done_today_names_an_owner_and_the_next_action(audience: str) -> None:
    dashboard = next(d for d in load_dashboards(load_catalog()) if d.audience == audience)
    # what lies behind a bar of a review is nobody's list of work
    tabs = [tab for tab in dashboard.tabs if tab.use == "operating" or audience == "executive"]
    for tab in tabs:
        for tile in [tile for row in tab.rows for tile in row.tiles if tile.chart == "list"]:
            assert "owner" in tile.columns, tile.name
            assert {"next_action", "action"} & set(tile.columns), tile.name
            assert tile.order is not None, tile.name


def test_the_executive_sees_exactly_the_ten_metrics() -> None:
    dashboard = next(d for d in load_dashboards(load_catalog()) if d.audience == "executive")
    numbers = [tile for tile in dashboard.tiles if tile.measure != ["trust"]]
    assert {kpi for tile in numbers for kpi in tile.kpi} == {
        "win_rate", "sales_cycle_length", "revenue_growth_rate", "ltv_cac_ratio",
        "retention_rate", "nrr", "expansion_revenue", "revenue_at_risk", "pipeline_coverage",
        "data_completeness",
    }  # fmt: skip


def test_metrics_that_meet_in_a_chart_differ_in_colour() -> None:
    """On one dashboard a name has one colour, also where the metric is alone."""
    catalog, met = load_catalog(), 0
    for board in load_dashboards(catalog):
        colors = label_colors(board.tiles, catalog)
        for tile in board.tiles:
            metrics = drawn(tile, catalog)[1] if tile.chart in ("line", "bar", "ranking") else []
            if len(metrics) > 1:
                met += 1
                assert len({colors[metric.name] for metric in metrics}) == len(metrics), tile.name
                assert all(colors[m.label] == colors[m.name] for m in metrics), tile.name
    assert met > 5


def test_every_kpi_stands_on_a_tab_of_its_use() -> None:
    catalog = load_catalog()
    uses: dict[str, set[str]] = {name: set() for name in catalog.kpis}
    for tab in [tab for board in load_dashboards(catalog) for tab in board.tabs]:
        for name in [name for row in tab.rows for tile in row.tiles for name in tile.kpi]:
            uses[name].add(tab.use)
    assert [name for name, kpi in catalog.kpis.items() if kpi.meta.use not in uses[name]] == []
