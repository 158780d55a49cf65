"""What no spec can say of an export is listed, and nothing is changed by it."""

from __future__ import annotations

import pytest

from tests.pulling import (
    Edit,
    Page,
    is_value,
    making,
    pulled,
    spec,
    told,
)
from tests.seeds import by_turns


def _style(page: Page) -> None:
    page.params("mrr_line_month").update(color_scheme="d3Category10", zoomable=True)


def _formula(page: Page) -> None:
    page.params("mrr_line_month")["adhoc_filters"].append(
        {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "mrr > 1"}
    )


def _more(page: Page) -> None:
    page.params("mrr_line_month")["adhoc_filters"].append(
        {**is_value("segment", 5), "operator": ">", "operatorId": "GREATER_THAN"}
    )


def _metric(page: Page) -> None:
    page.params("mrr_line_month")["metrics"] = ["nrr"]


def _day(page: Page) -> None:
    page.params("nrr_trend_trailing_year")["time_grain_sqla"] = "P1D"


def _css(page: Page) -> None:
    page.board["css"] = "b { color: red; }"


def _own_filter(page: Page) -> None:
    filters = page.board["metadata"]["native_filter_configuration"]
    filters.append({**filters[1], "id": "NATIVE_FILTER-own", "name": "Mine"})


def _own_chart(page: Page) -> None:
    uuid = "00000000-0000-4000-8000-000000000001"
    chart = {**page.chart("mrr_line_month"), "uuid": uuid, "slice_name": "My own"}
    page.assets["charts/own.yaml"] = chart
    row = page.add(page.keys("TAB")[0], "ROW", "ROW-own", 0)
    page.add(row, "CHART", "CHART-own", uuid=uuid, width=12, height=50, chartId=99)


def _beside_ours(page: Page) -> None:
    _own_chart(page)
    page.meta(page.box("at_risk_customers_list"))["width"] = 8
    page.meta("CHART-own")["width"] = 4
    page.move("CHART-own", page.above(page.box("at_risk_customers_list")))


def _column(page: Page) -> None:
    column = page.add(page.above(page.box("mrr_line_month")), "COLUMN", "COLUMN-x", width=12)
    for name in CHARTS_OF_MRR:
        page.move(page.box(name), column)


def _headings(page: Page) -> None:
    page.add(page.keys("TAB")[0], "HEADER", "HEADER-x", text="Mind this")
    page.add(page.keys("TAB")[0], "DIVIDER", "DIVIDER-x")
    page.add("GRID_ID", "ROW", "ROW-above", 0)


def _empty_tab(page: Page) -> None:
    page.add("TABS-crmkpi", "TAB", "TAB-x", text="To come")


def _half(page: Page) -> None:
    page.remove(page.nodes[page.box("nrr_trend_trailing_year")]["children"][1])


def _apart(page: Page) -> None:
    line = page.nodes[page.box("nrr_trend_trailing_year")]["children"][1]
    row = page.add(page.keys("TAB")[0], "ROW", "ROW-x", 0)
    page.move(line, row)


def _upside_down(page: Page) -> None:
    page.nodes[page.box("nrr_trend_trailing_year")]["children"].reverse()


def _no_tabs(page: Page) -> None:
    page.nodes["GRID_ID"]["children"] = page.keys("ROW")


def _line_title(page: Page) -> None:
    line = page.nodes[page.box("nrr_trend_trailing_year")]["children"][1]
    page.meta(line)["sliceNameOverride"] = "Since then"


def _background(page: Page) -> None:
    page.meta(page.keys("ROW")[0])["background"] = "BACKGROUND_WHITE"


def _text_of_info(page: Page) -> None:
    page.chart("mrr_line_month")["description"] = "Ask Ann."


CHARTS_OF_MRR = [
    "mrr_line_month",
    "mrr_changes_mrr_mrr_change_value_waterfall_movement_trailing_year",
]
HEALTH = "crm-customer-health"
LEFT: list[tuple[Edit, list[str]]] = [
    (
        _style,
        [
            "mrr_line_month: params.color_scheme: supersetColors -> d3Category10",
            'mrr_line_month: params that ours leave to Superset: {} -> {"zoomable": true}',
        ],
    ),
    (_formula, ["mrr_line_month: params.adhoc_filters.mrr > 1: nothing -> set"]),
    (_more, ["mrr_line_month: params.adhoc_filters.segment >: nothing -> 5"]),
    (_metric, ['mrr_line_month: params.metrics: ["mrr"] -> ["nrr"]']),
    (_day, ["nrr_trend_trailing_year: params.time_grain_sqla: P1M -> P1D"]),
    (_own_filter, ["native_filter_configuration.NATIVE_FILTER-own: nothing -> "]),
    (_own_chart, ["a chart that is no tile of ours: `My own`"]),
    (
        _beside_ours,
        ["at_risk_customers_list: width: 12 -> 8", "a chart that is no tile of ours: `My own`"],
    ),
    (
        _headings,
        ["tab `Today`: header `Mind this`", "tab `Today`: divider", "beside the tabs: row"],
    ),
    (_empty_tab, ["tab `To come`: has no tiles"]),
    (
        _half,
        [
            "nrr_trend_trailing_year, the chart below: its chart is not on the dashboard, and "
            "stays on the tile"
        ],
    ),
    (_apart, ["nrr_trend_trailing_year, the chart below: stands apart from its tile"]),
    (
        _upside_down,
        ["nrr_trend_trailing_year, the chart below: stands above what it is below"],
    ),
    (_no_tabs, ["the dashboard has no tabs any more: its layout"]),
    (_line_title, ["nrr_trend_trailing_year, the chart below: heading: By month -> Since then"]),
    (_background, ["ROW-today-at_risk_customers_number: background: BACKGROUND_TRANSPARENT -> "]),
    (_text_of_info, ["mrr_line_month: description: "]),
    (
        _column,
        [f"{name}: stands in a place that no spec has; it stays where it was"
         for name in CHARTS_OF_MRR],
    ),
]  # fmt: skip


@by_turns(2)
@pytest.mark.parametrize(("edit", "lines"), LEFT)
def test_what_no_spec_can_say_is_listed_and_nothing_is_changed_by_it(
    edit: Edit, lines: list[str]
) -> None:
    page = Page(making(), HEALTH)
    edit(page)
    board = pulled(page)
    assert [str(change) for change in board.taken] == []
    assert board.refused == ""
    found = told(board).splitlines()
    assert len(found) == len(lines), found
    for line, begins in zip(found, lines, strict=True):
        assert line.startswith(begins)


def test_what_can_be_said_comes_back_beside_what_cannot() -> None:
    page = Page(making(), HEALTH)
    _style(page)
    page.chart("mrr_line_month")["slice_name"] = "MRR"
    board = pulled(page)
    assert [str(change) for change in board.taken] == [
        "mrr_line_month: title: Monthly recurring revenue -> MRR"
    ]
    assert len(board.not_taken) == 2


def _too_wide(page: Page) -> None:
    page.meta(page.box("at_risk_customers_list"))["width"] = 9


def _no_period(page: Page) -> None:
    params = page.params("mrr_line_month")
    params["adhoc_filters"] = [f for f in params["adhoc_filters"] if f["subject"] != "period_type"]


def _too_low(page: Page) -> None:
    page.meta(page.box("at_risk_customers_list"))["height"] = 3


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_too_wide, "the row of at_risk_customers_list is not 12 columns wide"),
        (_no_period, "tile `mrr_line_month`: pick one `period_type` under `where`"),
        (_too_low, "`tabs.0.rows.1.height`: Input should be greater than or equal to 6"),
    ],
)
def test_of_a_dashboard_that_breaks_a_rule_of_specs_nothing_is_taken_over(
    edit: Edit, why: str
) -> None:
    page = Page(making(), HEALTH)
    page.chart("renewal_rate_trend")["slice_name"] = "Renewed"
    edit(page)
    _style(page)
    board = pulled(page)
    assert board.refused == why
    assert not board.is_changed
    assert board.changed == spec(page.made, HEALTH)
    assert "title: nothing -> Renewed" in told(board)
    assert "color_scheme" in told(board)
