"""Changes of the pipeline and moves of close dates against an implementation apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest

from tests.matrix.rows import Rows, difference
from tests.oracles.pipeline_changes import (
    KINDS,
    LOSSES,
    change_kpis,
    change_rows,
    month_rows,
    move_rows,
)
from tests.oracles.pipeline_frames import ENTITIES, MONTHS, STAGES, TODAY, pipeline_frames
from tests.oracles.workbench import Workbench

SEEDS = [("duckdb", seed) for seed in range(8)] + [("postgres", seed) for seed in (50, 51)]
PERIOD = ["period_type", "period_start"]


@lru_cache
def workbench(kind: str) -> Workbench:
    return Workbench(kind, ENTITIES, today=TODAY, pipeline_change_months=MONTHS)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda given: f"{given[0]}-{given[1]}")
def example(request: pytest.FixtureRequest) -> tuple[Workbench, Mapping[str, pd.DataFrame]]:
    kind, seed = request.param
    frames = pipeline_frames(seed)
    workbench(kind).fill(frames)
    return workbench(kind), frames


@pytest.fixture(params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> Workbench:
    return workbench(request.param)


def summed(changes: pd.DataFrame, by: list[str], kinds: list[str]) -> pd.Series:
    own = changes[changes["change_kind"].isin(kinds)]
    return own.groupby(by)["pipeline_amount"].sum()


# -- random histories -----------------------------------------------------------------------------


def test_each_deal_stands_behind_the_bars_that_the_oracle_says(
    example: tuple[Workbench, Mapping[str, pd.DataFrame]],
) -> None:
    bench, frames = example
    for fact, want in (
        ("opportunity_months", month_rows(frames, TODAY, MONTHS)),
        ("close_date_changes", move_rows(frames)),
        ("pipeline_changes", change_rows(frames, TODAY, MONTHS)),
    ):
        assert not difference(Rows(fact, list(want[0]), want), bench.fact(fact))


@pytest.mark.parametrize("by", [[], ["owner"], ["team"], ["segment"], ["pipeline"], ["stage"]])
def test_start_and_changes_add_up_to_the_end_to_the_cent(
    example: tuple[Workbench, Mapping[str, pd.DataFrame]], by: list[str]
) -> None:
    changes = example[0].fact("pipeline_changes")
    changes["pipeline_amount"] = changes["pipeline_amount"].astype(float)
    *before, end = KINDS.values()
    parts, ends = (summed(changes, [*PERIOD, *by], kinds) for kinds in (before, [end]))
    assert len(parts) > 20
    off = parts.sub(ends, fill_value=0.0).abs()
    assert off.max() < 0.005, off.idxmax()


def test_the_kpi_is_the_change_other_than_by_winning_in_any_slice(
    example: tuple[Workbench, Mapping[str, pd.DataFrame]],
) -> None:
    bench, frames = example
    rows = change_rows(frames, TODAY, MONTHS)
    for kind in ("month", "quarter", "year"):
        own = [row for row in rows if row["period_type"] == kind]
        for start in sorted({row["period_start"] for row in own})[-3:]:
            period = [row for row in own if row["period_start"] == start]
            where = f"period_type = '{kind}' and period_start = date '{start}'"
            want = change_kpis(period)["pipeline_change"]
            assert bench.kpi("pipeline_change", where) == pytest.approx(want, abs=0.005), where


def test_pushes_are_counted_alike_in_both_facts(
    example: tuple[Workbench, Mapping[str, pd.DataFrame]],
) -> None:
    bench, frames = example
    moves = move_rows(frames)
    assert bench.kpi("close_date_pushes") == sum(move["is_push"] for move in moves) > 0
    per_deal = bench.fact("pipeline_changes").drop_duplicates([*PERIOD, "opportunity_id"])
    for row in per_deal[per_deal["pushes"] > 0].to_dict("records"):
        start, end = (pd.Timestamp(row[name]).date() for name in ("period_start", "period_end"))
        own = [m for m in moves if m["opportunity_id"] == row["opportunity_id"] and m["is_push"]]
        assert row["pushes"] == sum(start <= move["changed_date"] <= end for move in own)


@pytest.mark.parametrize(("kind", "flag"), [("won", "is_won"), ("lost", "is_lost")])
def test_what_was_won_or_lost_in_a_period_is_what_the_other_facts_say(kind: str, flag: str) -> None:
    bench = workbench("duckdb")
    bench.fill(pipeline_frames(7, deals=120, faults=0.0))
    changes = bench.fact("pipeline_changes").query("period_type == 'month'")
    changes = changes[changes["change_kind"] == KINDS[kind]].set_index("opportunity_id")
    deals = bench.fact("opportunities").query(f"{flag} == 1").set_index("opportunity_id")
    months = pd.to_datetime(deals["closed_date"]).dt.to_period("M").dt.start_time
    deals = deals[months >= "2024-12-01"]
    assert len(deals) > 10
    # one that was closed so before, and reopened, is told of that month too
    told = changes[pd.to_datetime(changes["period_start"]) == months.reindex(changes.index)]
    amounts = deals["amount"].astype(float).fillna(0.0)
    assert (-told["pipeline_amount"].astype(float).fillna(0.0)).to_dict() == pytest.approx(
        amounts.to_dict(), abs=0.005
    )


def test_all_kinds_of_change_are_among_the_examples() -> None:
    kinds = {
        row["change_kind"]
        for seed in range(8)
        for row in change_rows(pipeline_frames(seed), TODAY, MONTHS)
    }
    assert kinds == set(KINDS.values())


# -- one deal each --------------------------------------------------------------------------------

MARCH = "period_type = 'month' and period_start = date '2026-03-01'"


def deal(*steps: tuple[str, str, Any], **given: Any) -> dict[str, pd.DataFrame]:
    """A deal worth 100 and due on 2026-03-20, made on 2026-02-10, changed by each step (day, what,
    new value); its present values are those after the last one."""
    now = {"stage_id": "p1-new", "amount": 100.0, "expected_close_date": pd.Timestamp("2026-03-20")}
    now |= {name: given.pop(name) for name in tuple(now) if name in given}
    made = pd.Timestamp(given.pop("created", "2026-02-10"))
    changes = [now | {"field": "stage", "changed_at": made}]
    closed = None
    for day, what, value in steps:
        at = pd.Timestamp(day) + pd.Timedelta(hours=10)
        now = now | {
            what: pd.Timestamp(value) if what == "expected_close_date" and value else value
        }
        field = "stage" if what == "stage_id" else what
        changes.append(now | {"field": field, "changed_at": at})
        if what == "stage_id":
            closed = at if str(value).endswith(("won", "lost")) else None
    last = str(now["stage_id"]).rpartition("-")[2]
    row = now | {"id": "a", "name": "A", "created_at": made, "closed_at": closed,
                 "pipeline_id": "p1", "status": last if closed is not None else "open"}  # fmt: skip
    history = [{"id": f"a{i}", "opportunity_id": "a"} | c for i, c in enumerate(changes)]
    return {"stage": pd.DataFrame(STAGES), "opportunity": pd.DataFrame([row | given]),
            "opportunity_history": pd.DataFrame(history)}  # fmt: skip


def waterfall(
    bench: Workbench, where: str = "month", start: str = "2026-03-01"
) -> dict[str, float]:
    changes = bench.fact("pipeline_changes")
    own = changes[
        (changes["period_type"] == where) & (changes["period_start"].astype(str).str[:10] == start)
    ]
    names = {label: kind for kind, label in KINDS.items()}
    return {
        names[row["change_kind"]]: float(row["pipeline_amount"]) for row in own.to_dict("records")
    }


DUE, AMOUNT, STAGE = "expected_close_date", "amount", "stage_id"


@pytest.mark.parametrize(
    ("steps", "given", "expected"),
    [
        pytest.param([], {}, {"start": 100, "end": 100}, id="nothing happens"),
        pytest.param([("2026-03-05", AMOUNT, 130.0)], {},
                     {"start": 100, "increased": 30, "end": 130}, id="increased"),
        pytest.param([("2026-03-05", AMOUNT, 130.0), ("2026-03-06", AMOUNT, 90.0)], {},
                     {"start": 100, "decreased": -10, "end": 90}, id="several changes are netted"),
        pytest.param([("2026-03-05", AMOUNT, 130.0), ("2026-03-06", DUE, "2026-04-20")], {},
                     {"start": 100, "pushed_out": -100}, id="pushed out at its amount before"),
        pytest.param([("2026-03-05", DUE, "2026-04-20"), ("2026-03-25", DUE, "2026-03-30")], {},
                     {"start": 100, "end": 100}, id="pushed out and back"),
        pytest.param([("2026-03-05", DUE, None)], {}, {"start": 100, "pushed_out": -100},
                     id="the date is taken away"),
        pytest.param([("2026-03-05", DUE, "2026-03-25")], {DUE: pd.Timestamp("2026-06-01")},
                     {"pulled_in": 100, "end": 100}, id="pulled in"),
        pytest.param([("2026-03-05", DUE, "2026-03-25")], {DUE: None},
                     {"pulled_in": 100, "end": 100}, id="its first date"),
        pytest.param([("2026-03-05", DUE, "2026-03-25")], {DUE: pd.Timestamp("2026-02-20")},
                     {"pushed_in": 100, "end": 100}, id="overdue, given a new date"),
        pytest.param([], {DUE: pd.Timestamp("2026-02-20")}, {}, id="overdue from before"),
        pytest.param([], {DUE: None}, {}, id="no date"),
        pytest.param([("2026-03-08", STAGE, "p1-lost")], {DUE: pd.Timestamp("2026-02-20")},
                     {"pushed_in": 100, "lost": -100}, id="overdue, then lost"),
        pytest.param([("2026-03-08", STAGE, "p1-won")], {DUE: pd.Timestamp("2026-09-20")},
                     {"pulled_in": 100, "won": -100}, id="won long before its date"),
        pytest.param([("2026-03-08", AMOUNT, 80.0), ("2026-03-08", STAGE, "p1-won")], {},
                     {"start": 100, "decreased": -20, "won": -80}, id="won for less"),
        pytest.param([("2026-03-08", AMOUNT, 80.0), ("2026-03-09", STAGE, "p1-won")],
                     {"created": "2026-03-02"}, {"created": 80, "won": -80},
                     id="created and won within the month"),
        pytest.param([], {"created": "2026-03-02", DUE: pd.Timestamp("2026-06-01")}, {},
                     id="created for a later month"),
        pytest.param([("2026-03-08", DUE, "2026-06-01")], {"created": "2026-03-02"}, {},
                     id="created, then pushed out"),
        pytest.param([("2026-02-20", STAGE, "p1-lost"), ("2026-03-08", STAGE, "p1-offer")], {},
                     {"reopened": 100, "end": 100}, id="lost before, reopened"),
        pytest.param([("2026-03-03", STAGE, "p1-lost"), ("2026-04-08", STAGE, "p1-offer")], {},
                     {"start": 100, "lost": -100}, id="lost, reopened later"),
        pytest.param([("2026-02-20", STAGE, "p1-lost"), ("2026-03-08", STAGE, "p1-offer"),
                      ("2026-03-20", STAGE, "p1-won")], {},
                     {"reopened": 100, "won": -100}, id="lost before, reopened and won"),
    ],
)  # fmt: skip
def test_a_deal_of_march_is_told_as(
    bench: Workbench, steps: list[Any], given: dict[str, Any], expected: dict[str, float]
) -> None:
    bench.fill(deal(*steps, **given))
    assert waterfall(bench) == pytest.approx(expected)


def test_a_deal_created_for_a_later_quarter_comes_into_an_earlier_one_when_pulled_in(
    bench: Workbench,
) -> None:
    bench.fill(deal(("2026-03-05", DUE, "2026-03-25"), **{DUE: pd.Timestamp("2026-06-20")}))
    assert waterfall(bench) == {"pulled_in": 100, "end": 100}
    # created in the same quarter: for the quarter, and for the year, it is a new deal
    assert waterfall(bench, "quarter", "2026-01-01") == {"created": 100, "end": 100}
    assert waterfall(bench, "year", "2026-01-01") == {"created": 100, "end": 100}


def test_the_running_period_is_to_date_and_its_window_is_whole(bench: Workbench) -> None:
    bench.fill(deal(**{DUE: pd.Timestamp("2026-06-29")}))
    assert waterfall(bench, "quarter", "2026-04-01") == {"start": 100, "end": 100}
    changes = bench.fact("pipeline_changes")
    running = changes[changes["period_type"] == "quarter"]
    assert set(running["is_complete"]) == {0}


def test_a_deal_handed_over_is_all_with_its_present_owner(bench: Workbench) -> None:
    frames = deal(("2026-03-05", AMOUNT, 130.0), owner_id="u1")
    history = frames["opportunity_history"]
    handed = {"id": "a9", "opportunity_id": "a", "field": "owner", "new_value": "u1",
              "changed_at": pd.Timestamp("2026-03-15"), "stage_id": "p1-new", "amount": 130.0,
              "expected_close_date": pd.Timestamp("2026-03-20")}  # fmt: skip
    frames["opportunity_history"] = pd.DataFrame([*history.to_dict("records"), handed])
    frames["team"] = pd.DataFrame([{"id": "t1", "name": "North"}])
    frames["user"] = pd.DataFrame([{"id": "u1", "name": "Ada", "team_id": "t1"}])
    bench.fill(frames)
    assert waterfall(bench) == {"start": 100, "increased": 30, "end": 130}
    march = bench.fact("pipeline_changes")
    assert set(zip(march["owner"], march["team"], strict=True)) == {("Ada", "North")}


def test_a_currency_is_no_change_of_the_amount(bench: Workbench) -> None:
    bench.fill(deal(("2026-03-05", AMOUNT, 200.0), currency="USD", amount_base=160.0))
    assert waterfall(bench) == {"start": 80, "increased": 80, "end": 160}


def test_an_amount_that_is_taken_away_is_decreased_by_all_of_it(bench: Workbench) -> None:
    frames = deal(("2026-03-05", AMOUNT, None), currency="USD")
    # which tells the rate
    other = {"id": "b", "name": "B", "status": "open", "stage_id": "p1-new", "currency": "USD",
             "amount": 10.0, "amount_base": 8.0}  # fmt: skip
    frames["opportunity"] = pd.DataFrame([*frames["opportunity"].to_dict("records"), other])
    bench.fill(frames)
    march = bench.fact("pipeline_changes").query("period_type == 'month'")
    march = march[march["period_start"].astype(str).str[:10] == "2026-03-01"]
    told = march.set_index("change_kind")["pipeline_amount"].astype(float).fillna(0.0)
    assert told.to_dict() == {KINDS["start"]: 80, KINDS["decreased"]: -80, KINDS["end"]: 0}


def test_a_history_that_begins_with_the_loss_tells_of_an_open_deal_before(bench: Workbench) -> None:
    frames = deal(("2026-03-03", STAGE, "p1-lost"), ("2026-04-08", STAGE, "p1-offer"))
    frames["opportunity_history"] = frames["opportunity_history"].iloc[1:]
    bench.fill(frames)
    assert waterfall(bench) == {"start": 100, "lost": -100}


def test_an_unknown_amount_counts_nothing_and_is_listed(bench: Workbench) -> None:
    bench.fill(deal(amount=None))
    changes = bench.fact("pipeline_changes")
    march = changes[changes["period_start"].astype(str).str[:10] == "2026-03-01"]
    assert sorted(march["change_kind"]) == [KINDS["start"], KINDS["end"]]
    assert bench.kpi("pipeline_change", MARCH) is None


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("2026-03-05", DUE, "2026-03-25")], 1),
        ([("2026-03-05", DUE, "2026-04-25"), ("2026-03-06", DUE, "2026-03-20")], 1),
        ([("2026-03-05", DUE, "2026-04-25"), ("2026-03-06", DUE, "2026-05-20")], 2),
        ([("2026-03-05", DUE, "2026-03-10")], 0),
        ([("2026-03-05", DUE, None), ("2026-03-06", DUE, "2026-05-20")], 0),
        # put to the day of closing, in the moment of the close or after it
        ([("2026-03-25", DUE, "2026-03-25"), ("2026-03-25", STAGE, "p1-won")], 0),
        ([("2026-03-25", STAGE, "p1-won"), ("2026-03-26", DUE, "2026-03-26")], 0),
    ],
)  # fmt: skip
def test_a_push_moves_the_date_of_an_open_deal_to_a_later_day(
    bench: Workbench, steps: list[Any], expected: int
) -> None:
    bench.fill(deal(*steps))
    assert bench.kpi("close_date_pushes") == expected


def test_without_any_deal_there_is_no_change_and_no_push(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi("pipeline_change") is None
    assert bench.kpi("close_date_pushes") == 0


def test_losses_are_below_zero() -> None:
    rows = change_rows(pipeline_frames(1), TODAY, MONTHS)
    falling = {KINDS[kind] for kind in LOSSES}
    assert all((row["pipeline_amount"] or 0) <= 0 for row in rows if row["change_kind"] in falling)
