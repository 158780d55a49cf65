"""What people change in the Superset UI comes back into the specs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from superset_crmkpi.pull.making import Making
from superset_crmkpi.pull.writing import to_text
from tests.pulling import (
    OVERDUE,
    PIPELINE,
    SLUGS,
    Edit,
    Page,
    assets,
    board_of,
    built,
    comes_back,
    is_value,
    making,
    pulled,
    spec,
    tile,
    written,
)
from tests.seeds import by_turns

# -- nothing changed


@by_turns(3)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "made",
    [
        making(),
        making("growing", "saas"),
        making("small_business", "retail", personal=True),
        making(spoken="de"),
    ],
    ids=["plain", "growing saas", "small retail personal", "german"],
)
def test_of_an_export_that_nobody_changed_nothing_is_taken_over(made: Making, slug: str) -> None:
    board = pulled(Page(made, slug))
    assert (board.taken, board.not_taken, board.refused) == ((), (), "")
    assert board.changed == spec(made, slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_spec_that_is_written_makes_the_same_assets(slug: str) -> None:
    before = spec(making(), slug)
    text = to_text(before)
    assert written(before) == before
    assert assets(making(), written(before)) == assets(making(), before)
    assert re.search(r"^    - \{kpi: \w+, chart: \w+, (title: .+, )?width: \d+\}$", text, re.M)
    assert len(text.splitlines()) < 400


# -- charts


def _set(name: str, **given: Any) -> Edit:
    return lambda page: page.params(name).update(given)


def _filters(name: str, *more: dict[str, Any], without: str = "") -> Edit:
    def edit(page: Page) -> None:
        kept = [f for f in page.params(name)["adhoc_filters"] if f["subject"] != without]
        page.params(name)["adhoc_filters"] = [*kept, *more]

    return edit


BY_OWNER = "close_date_pushes_ranking_owner"
OPEN = "next_step_coverage_open_deals_open_value_weighted_value_table_step"
LINE = "lead_response_sla_line"
CHARTS: list[tuple[str, str, Edit, dict[str, Any]]] = [
    (PIPELINE, OVERDUE, _set(OVERDUE, row_limit=25), {"limit": 25}),
    (PIPELINE, BY_OWNER, _set(BY_OWNER, row_limit="5"), {"limit": 5}),
    (
        PIPELINE, OVERDUE, _set(OVERDUE, order_by_cols=['["due_date",true]']),
        {"order": "due_date"},
    ),
    (PIPELINE, OVERDUE, _set(OVERDUE, order_by_cols=[]), {"order": None}),
    (PIPELINE, OVERDUE, _filters(OVERDUE, without="is_overdue"), {"where": {}}),
    (
        PIPELINE, OVERDUE, _filters(OVERDUE, is_value("owner", ["Ann", "Bo"])),
        {"where": {"is_overdue": 1, "owner": ["Ann", "Bo"]}},
    ),
    (
        PIPELINE, OVERDUE, _filters(OVERDUE, is_value("is_overdue", 0), without="is_overdue"),
        {"where": {"is_overdue": 0}},
    ),
    (PIPELINE, LINE, _set(LINE, time_grain_sqla="P1W"), {"grain": "week"}),
    (PIPELINE, LINE, _set(LINE, viz_type="echarts_timeseries_bar"), {"chart": "bar"}),
    (PIPELINE, LINE, _set(LINE, groupby=["owner"]), {"by": ["owner"]}),
    (PIPELINE, BY_OWNER, _set(BY_OWNER, x_axis="team"), {"by": ["team"]}),
    (PIPELINE, OPEN, _set(OPEN, order_desc=True), {"order": "-step"}),
    (
        PIPELINE, OPEN, _set(OPEN, timeseries_limit_metric="open_value", order_desc=True),
        {"order": "-open_value"},
    ),
    (
        "crm-executive", "nrr_trend_trailing_year",
        _set("nrr_trend_trailing_year", time_grain_sqla="P3M"), {"grain": "quarter"},
    ),
]  # fmt: skip


@by_turns(3)
@pytest.mark.parametrize(("slug", "name", "edit", "fields"), CHARTS)
def test_what_people_set_in_a_chart_comes_back_as_a_field_of_its_tile(
    slug: str, name: str, edit: Edit, fields: dict[str, Any]) -> None:  # fmt: skip
    page = Page(making(), slug)
    before = json.loads(json.dumps(page.params(name)))
    edit(page)
    board = pulled(page)
    now = tile(board.changed, name)
    assert {key: getattr(now, key) for key in fields} == fields
    params = built(comes_back(page, board), page, name)["params"]
    for key in {k for k, value in page.params(name).items() if value != before.get(k)}:
        if key not in ("adhoc_filters", "row_limit", "order_by_cols"):
            assert params[key] == page.params(name)[key], key
    assert len(board.taken) == 1


def test_columns_of_a_list_come_back_without_labels_and_links() -> None:
    page = Page(making(), PIPELINE)
    shown = page.params(OVERDUE)["all_columns"]
    assert "subject" not in shown  # what people wrote is personal data
    page.params(OVERDUE)["all_columns"] = ["record_link", "days_overdue", *shown[:2]]
    board = pulled(page)
    assert tile(board.changed, OVERDUE).columns == ["days_overdue", "subject", "owner"]
    labelled = "pipeline_change_list_quarter"
    page = Page(making(), PIPELINE)
    columns = page.params(labelled)["all_columns"]
    assert "change_kind__label" in columns
    page.params(labelled)["all_columns"] = list(reversed(columns))
    board = pulled(page)
    named = tile(spec(making(), PIPELINE), labelled).columns
    assert tile(board.changed, labelled).columns == named[::-1]
    comes_back(page, board)


# -- titles


def test_a_title_comes_back_from_the_chart_or_from_above_it() -> None:
    page = Page(making(), "crm-executive")
    page.chart("win_rate_trend")["slice_name"] = "Deals won"
    (key,) = page.nodes[page.box("nrr_trend_trailing_year")]["children"][:1]
    page.meta(key)["sliceNameOverride"] = "Net: retention # 1"
    board = pulled(page)
    assert tile(board.changed, "win_rate_trend").title == "Deals won"
    assert tile(board.changed, "nrr_trend_trailing_year").title == "Net: retention # 1"
    back = comes_back(page, board)
    assert built(back, page, "win_rate_trend_line")["slice_name"] == "Deals won, by month"
    assert [str(change) for change in board.taken] == [
        "win_rate_trend: title: nothing -> Deals won",
        "nrr_trend_trailing_year: title: Net retention (12 months) -> Net: retention # 1",
    ]


def test_title_description_period_and_filters_of_a_dashboard_come_back() -> None:
    page = Page(making(), PIPELINE)
    page.board["dashboard_title"] = "Oak: Our pipeline"
    page.board["description"] = "What to do now."
    filters = page.board["metadata"]["native_filter_configuration"]
    time, team, owner = filters[:3]
    chosen = page.made.maker.time_range(6)
    time["defaultDataMask"]["extraFormData"]["time_range"] = chosen
    time["defaultDataMask"]["filterState"]["value"] = chosen
    team["name"] = "Squad"
    filters.remove(owner)
    board = pulled(page)
    now = board.changed
    assert (now.title, now.description, now.months) == ("Our pipeline", "What to do now.", 6)
    assert now.filters[0].label == "Squad"
    assert "owner" not in [one.column for one in now.filters]
    assert len(board.taken) == 5
    back = board_of(comes_back(page, board))
    assert back["dashboard_title"] == "Oak: Our pipeline"
    assert back["metadata"]["native_filter_configuration"] == filters
