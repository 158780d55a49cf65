"""What people arrange on a page of Superset comes back into the spec."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superset_crmkpi.dashboards.spec import lint
from tests.pulling import (
    LACKING,
    OVERDUE,
    PIPELINE,
    SLUGS,
    Edit,
    Page,
    arranged,
    assets,
    board_of,
    comes_back,
    making,
    pulled,
    spec,
    tile,
    told,
    written,
)
from tests.seeds import by_turns, examples

# -- layout


def test_widths_and_heights_come_back() -> None:
    page = Page(making(), "crm-executive")
    page.meta(page.box("win_rate_trend"))["width"] = 5
    page.meta(page.box("ltv_cac_ratio_trend"))["width"] = 1
    line = page.nodes[page.box("win_rate_trend")]["children"][1]
    page.meta(line)["height"] += 12
    risk = page.box("revenue_at_risk_number")
    page.meta(risk)["height"] = 30
    board = pulled(page)
    assert (board.refused, told(board)) == ("", "")
    assert tile(board.changed, "win_rate_trend").width == 5
    rows = {row.tiles[0].name: row.height for tab in board.changed.tabs for row in tab.rows}
    assert rows["win_rate_trend"] == 60
    assert rows["revenue_at_risk_number"] == 30
    assert arranged(board_of(comes_back(page, board))) == arranged(page.board)


def test_a_tile_that_is_lower_than_its_row_stays_as_high_and_is_told() -> None:
    page = Page(making(), "crm-executive")
    page.meta(page.box("revenue_at_risk_number"))["height"] = 12
    board = pulled(page)
    assert board.taken == ()
    assert told(board) == "revenue_at_risk_number: height: 18 -> 12"


def _order(page: Page) -> None:
    rows = page.nodes[page.keys("TAB")[0]]["children"]
    rows.insert(1, rows.pop())


def _tabs(page: Page) -> None:
    page.nodes["TABS-crmkpi"]["children"].reverse()
    page.meta(page.keys("TAB")[0])["text"] = "Erste"


def _tiles(page: Page) -> None:
    row = page.above(page.box("overdue_tasks_number"))
    page.nodes[row]["children"].reverse()


def _other_tab(page: Page) -> None:
    page.move(page.above(page.box(OVERDUE)), page.keys("TAB")[2], 0)


def _own_tab(page: Page) -> None:
    page.add("TABS-crmkpi", "TAB", "TAB-x9", 1, text="Mine")
    page.add("TAB-x9", "ROW", "ROW-x9", background="BACKGROUND_TRANSPARENT")
    for name in ("win_rate_trend", "average_deal_size_trend"):
        page.move(page.box(name), "ROW-x9")
        page.meta(page.box(name))["width"] = 6
    for name in ("sales_cycle_length_trend", "lost_deals_trend"):
        page.meta(page.box(name))["width"] = 6


def _taken_out(page: Page) -> None:
    page.remove(page.box("pipeline_velocity_trend"))
    page.meta(page.box("forecast_accuracy_trend"))["width"] = 8


def _row_taken_out(page: Page) -> None:
    page.remove(page.above(page.box(OVERDUE)))


def _tab_taken_out(page: Page) -> None:
    page.remove(page.keys("TAB")[3])


def _emptied_row(page: Page) -> None:
    page.remove(page.box(OVERDUE))


def _texts(page: Page) -> None:
    row = page.add(page.keys("TAB")[0], "ROW", "ROW-x1", 0, background="BACKGROUND_TRANSPARENT")
    page.add(row, "MARKDOWN", "MARKDOWN-x1", code="#### Mind\n\nthe: gap", width=12, height=10)


def _empty_text(page: Page) -> None:
    row = page.add(page.keys("TAB")[0], "ROW", "ROW-x1", 0, background="BACKGROUND_TRANSPARENT")
    page.add(row, "MARKDOWN", "MARKDOWN-x1", code="", width=12, height=10)


MOVES = [
    _order, _tabs, _tiles, _other_tab, _own_tab, _taken_out, _row_taken_out, _tab_taken_out,
    _emptied_row, _texts, _empty_text,
]  # fmt: skip


@by_turns(2)
@pytest.mark.parametrize("move", MOVES)
def test_what_people_arrange_comes_back(move: Edit) -> None:
    page = Page(making(), PIPELINE)
    before = arranged(page.board)
    move(page)
    board = pulled(page)
    assert board.taken
    assert arranged(board_of(comes_back(page, board))) == arranged(page.board) != before


def test_texts_are_changed_and_taken_out() -> None:
    page = Page(making(), "crm-executive")
    page.meta(page.text("#### Growth"))["code"] = "#### How we grow"
    page.remove(page.text("#### Risk"))
    page.meta(page.text("#### Data quality"))["width"] = 12
    board = pulled(page)
    assert arranged(board_of(comes_back(page, board))) == arranged(page.board)
    assert [str(change) for change in board.taken] == [
        "text `#### Growth`: taken out",
        "text `#### Risk`: taken out",
        "text `#### Data quality`: width: 4 -> 12",
        "text `#### How we grow`: added",
    ]


# -- anything


def _filled(page: Page, row: str) -> None:
    """The tiles of a row made as wide as the row, as people do by hand."""
    boxes = [page.meta(key) for key in page.nodes[row]["children"]]
    if boxes and sum(box["width"] for box in boxes) != 12:
        for place, box in enumerate(boxes):
            box["width"] = 12 // len(boxes) + (place < 12 % len(boxes))


def _anything(page: Page, draw: Any) -> None:
    """Something that people do to the layout, somewhere on the page."""
    rows = [row for row in page.keys("ROW") if page.nodes[row]["children"]]
    row, other = draw(st.sampled_from(rows)), draw(st.sampled_from(rows))
    box = draw(st.sampled_from(page.nodes[row]["children"]))
    tab = draw(st.sampled_from(page.keys("TAB")))
    what = draw(st.sampled_from(["row", "tile", "own row", "out", "width", "tabs", "text"]))
    if what == "row":
        page.move(row, tab, draw(st.integers(0, len(page.nodes[tab]["children"]) - 1)))
    elif what == "tile" and len(page.nodes[other]["children"]) < 6:
        page.move(box, other, draw(st.integers(0, len(page.nodes[other]["children"]) - 1)))
        _filled(page, row)
        _filled(page, other)
    elif what == "own row":
        own = page.add(tab, "ROW", f"ROW-own-{len(page.nodes)}")
        page.move(box, own)
        _filled(page, row)
        _filled(page, own)
    elif what == "out":
        page.remove(box)
        _filled(page, row)
    elif what == "width":
        page.move(box, row, 0)
        boxes = [page.meta(key) for key in page.nodes[row]["children"]]
        if len(boxes) > 1 and boxes[0]["width"] > 1:
            boxes[0]["width"] -= 1
            boxes[1]["width"] += 1
    elif what == "tabs":
        page.move(tab, "TABS-crmkpi", 0)
        page.meta(tab)["text"] = draw(st.text("ab #:'\"-\n", min_size=1, max_size=8))
    else:
        key = f"MARKDOWN-own-{len(page.nodes)}"
        text = draw(st.text("ab #:'\"-\n|", max_size=12))
        page.add(row, "MARKDOWN", key, 0, code=text, width=1, height=8)
        _filled(page, row)


@settings(max_examples=examples(8), deadline=None)
@given(st.data())
def test_whatever_people_arrange_comes_back_or_breaks_a_rule_that_is_told(data: Any) -> None:
    page = Page(making(), data.draw(st.sampled_from(SLUGS)))
    for _ in range(data.draw(st.integers(1, 5))):
        _anything(page, data.draw)
    board = pulled(page)
    if board.refused:
        # which tiles stand together is no matter of the layout
        assert "counts what was done; put a rate beside it" in board.refused
        return
    assert [one for one in told(board).splitlines() if not one.endswith("has no tiles")] == []
    people = [(title, rows) for title, rows in arranged(page.board) if rows]
    assert arranged(board_of(assets(page.made, written(board.changed)))) == people


# -- what a profile does not show


def test_a_tile_without_data_stands_as_a_text_and_stays_a_tile() -> None:
    page = Page(making(), "crm-trust")
    lacking = tile(spec(page.made, "crm-trust"), f"{LACKING}_ranking_course")
    key = page.text(f"#### {lacking.title}")
    page.meta(key)["width"] = 6
    other = page.nodes[page.above(key)]["children"][1]
    page.meta(other)["width"] = 6
    page.move(page.above(key), page.keys("TAB")[0])
    board = pulled(page)
    assert tile(board.changed, lacking.name) == lacking.model_copy(update={"width": 6})
    assert arranged(board_of(comes_back(page, board))) == arranged(page.board)
    page.meta(key)["code"] = "We train nobody."
    board = pulled(page)
    assert tile(board.changed, lacking.name).text is None
    assert told(board).startswith(f"{lacking.name}: what it says of its data: #### ")
    page.remove(key)
    page.meta(other)["width"] = 12
    board = pulled(page)
    assert lacking.name not in [one.name for one in board.changed.tiles]
    comes_back(page, board)


@pytest.mark.parametrize(("there", "here"), [("", LACKING), (LACKING, "")])
@pytest.mark.parametrize("name", [f"{LACKING}_ranking_course", "win_rate_trend"])
def test_a_tile_is_not_lost_where_superset_has_another_state_of_the_data(
    there: str, here: str, name: str
) -> None:
    slug = "crm-trust" if LACKING in name else PIPELINE
    kpi = LACKING if LACKING in name else "win_rate"
    there, here = (kpi if one else "" for one in (there, here))
    page = Page(making(lacking=there), slug)
    page.nodes["TABS-crmkpi"]["children"].reverse()
    page.made = making(lacking=here)
    board = pulled(page)
    assert board.refused == ""
    assert [str(change).partition(":")[0] for change in board.taken] == ["tabs"]
    before, now = (sorted(map(str, one.tiles)) for one in (spec(page.made, slug), board.changed))
    assert now == before
    told_of = {one.tile.partition(",")[0] for one in board.not_taken if one.tile}
    assert told_of == {one.name for one in board.changed.tiles if one.kpi == [kpi]}


def test_rows_that_are_not_shown_stay_where_they_are() -> None:
    page = Page(making(), "crm-customer-health")
    rows = page.nodes[page.keys("TAB")[-1]]["children"]
    rows.reverse()
    board = pulled(page)
    comes_back(page, board)
    last = board.changed.tabs[-1]
    before = spec(page.made, "crm-customer-health").tabs[-1]
    (hidden,) = [row for row in before.rows if row.needs]
    assert sorted(map(str, last.rows)) == sorted(map(str, before.rows))
    # behind the row that it stood behind
    place = last.rows.index(hidden)
    assert last.rows[place - 1] == before.rows[before.rows.index(hidden) - 1]
    every = making(lacks="")
    shown = assets(every, written(board.changed))
    assert len(board_of(shown)["position"]) > len(board_of(page.assets)["position"])


@by_turns(3)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("packs", [("growing", "saas"), ("small_business", "retail")])
def test_with_packs_tabs_and_rows_are_arranged_and_nothing_that_they_leave_out_is_lost(
    packs: tuple[str, ...], slug: str
) -> None:
    page = Page(making(*packs), slug)
    page.nodes[page.keys("TAB")[0]]["children"].reverse()
    page.meta(page.keys("TAB")[0])["text"] = "First"
    board = pulled(page)
    names = sorted(tile.name for tile in spec(page.made, slug).tiles)
    assert sorted(tile.name for tile in board.changed.tiles) == names
    assert board.refused == ""
    assert not lint(board.changed, page.made.catalog)
    back = board_of(assets(page.made, written(board.changed)))
    titles = [title for title, _ in arranged(page.board)]
    assert [title for title, _ in arranged(back)] == titles


def test_a_width_that_a_pack_gave_is_changed_by_as_much_as_people_changed_it() -> None:
    page = Page(making("small_business", "retail"), "crm-campaigns")
    before = spec(page.made, "crm-campaigns")
    fitted = page.made.fitted(before)
    names = next(
        [tile.name for tile in row.tiles]
        for row in [row for tab in fitted.tabs for row in tab.rows]
        if len(row.tiles) > 1
        and {one.name for one in row.tiles} <= {one.name for one in before.tiles}
        and any(one.width != tile(before, one.name).width for one in row.tiles)
    )
    for name, more in zip(names, (1, -1), strict=False):
        page.meta(page.box(name))["width"] += more
    board = pulled(page)
    assert len(board.taken) == 2
    assert arranged(board_of(comes_back(page, board))) == arranged(page.board)
    row = next(row for tab in board.changed.tabs for row in tab.rows
               if names[0] in [one.name for one in row.tiles])  # fmt: skip
    assert len(row.tiles) > len(names)
