"""What the sales facts promise, one promise a test, on rows one can follow by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.sales_bench import SalesBench, sales_bench

STAGES = pd.DataFrame(
    [
        {"id": f"s{i}", "pipeline_id": "p", "name": name, "display_order": i, "is_active": True,
         "is_closed": i > 3, "is_won": i == 5}
        for i, name in enumerate(["Lead in", "Demo", "Proposal", "Lost", "Won"], start=1)
    ]
)  # fmt: skip


@pytest.fixture(params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> SalesBench:
    return sales_bench(request.param)


def deal(name: str, stage: str, status: str, **more: Any) -> dict[str, Any]:
    known = {"id": name, "name": name, "stage_id": stage, "status": status, "pipeline_id": "p"}
    dates = {k: pd.Timestamp(v) for k, v in more.items() if k.endswith(("_at", "_date"))}
    return {**known, **more, **dates}


def path(name: str, *steps: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": f"{name}{i}", "opportunity_id": name, "field": "stage", "stage_id": stage,
         "changed_at": pd.Timestamp(at)}
        for i, (stage, at) in enumerate(steps)
    ]  # fmt: skip


def fill(bench: SalesBench, deals: list[dict[str, Any]], **others: list[dict[str, Any]]) -> None:
    frames = {name: pd.DataFrame(rows) for name, rows in others.items()}
    bench.filled({"stage": STAGES, "opportunity": pd.DataFrame(deals), **frames})


def stage(bench: SalesBench, name: str, stage_id: str) -> dict[str, Any]:
    rows = bench.fact("opportunity_stages").set_index(["opportunity_id", "stage_id"])
    return dict(rows.loc[(name, stage_id)])


def one(bench: SalesBench, name: str) -> dict[str, Any]:
    return dict(bench.fact("opportunities").set_index("opportunity_id").loc[name])


def test_a_skipped_stage_counts_as_passed_and_has_no_duration(bench: SalesBench) -> None:
    fill(
        bench,
        [deal("a", "s4", "lost", closed_at="2026-05-09")],
        opportunity_history=path(
            "a", ("s1", "2026-05-01"), ("s3", "2026-05-05"), ("s4", "2026-05-09")
        ),
    )
    demo = stage(bench, "a", "s2")
    assert (demo["is_skipped"], demo["is_advanced"], demo["is_mature"]) == (1, 1, 1)
    assert pd.isna(demo["days_in_stage"])
    assert str(demo["entered_date"])[:10] == "2026-05-05"
    assert stage(bench, "a", "s3")["is_advanced"] == 0
    assert one(bench, "a")["last_stage"] == "Proposal"


def test_of_two_changes_at_one_moment_the_source_says_which_held_on(bench: SalesBench) -> None:
    """By `valid_to`, whatever the order of ids: s2 ended in the moment it began."""
    first, *moved = path("a", ("s1", "2026-05-01"), ("s3", "2026-05-05"), ("s2", "2026-05-05"))
    moved[1]["valid_to"] = moved[1]["changed_at"]
    fill(
        bench,
        [deal("a", "s4", "lost", closed_at="2026-05-09")],
        opportunity_history=[first, *moved],
    )
    assert stage(bench, "a", "s2")["days_in_stage"] == 0
    assert stage(bench, "a", "s3")["days_in_stage"] == 4
    assert stage(bench, "a", "s3")["is_last_stage"] == 1


def test_back_and_forward_again_is_one_row_whose_stays_add_up(bench: SalesBench) -> None:
    fill(
        bench,
        [deal("a", "s5", "won", closed_at="2026-05-20")],
        opportunity_history=path(
            "a", ("s1", "2026-05-01"), ("s2", "2026-05-03"), ("s1", "2026-05-04"),
            ("s2", "2026-05-10"), ("s5", "2026-05-20"),
        ),
    )  # fmt: skip
    rows = bench.fact("opportunity_stages")
    assert sorted(rows["stage_id"]) == ["s1", "s2", "s3", "s5"]
    assert float(stage(bench, "a", "s1")["days_in_stage"]) == 8
    assert float(stage(bench, "a", "s2")["days_in_stage"]) == 11
    assert bench.kpis("opportunity_stages")["stage_conversion"] == 1.0


def test_an_open_deal_is_in_progress_and_its_stay_counts_to_today(bench: SalesBench) -> None:
    fill(
        bench,
        [deal("a", "s2", "open"), deal("b", "s4", "lost", closed_at="2026-06-30")],
        opportunity_history=path("a", ("s1", "2026-06-01"), ("s2", "2026-06-20"))
        + path("b", ("s1", "2026-06-01"), ("s4", "2026-06-30")),
    )
    here = stage(bench, "a", "s2")
    assert (here["is_in_progress"], here["is_current"], here["is_mature"]) == (1, 1, 0)
    assert float(here["days_in_stage"]) == 10
    assert bench.kpis("opportunity_stages", "stage = 'Lead in'")["stage_conversion"] == 0.5
    assert bench.kpis("opportunity_stages", "stage = 'Demo'")["stage_conversion"] is None


@pytest.mark.parametrize(("year", "days"), [(2025, 181), (2024, 182)])
def test_the_cycle_runs_from_the_first_talk_to_the_contract(
    bench: SalesBench, year: int, days: int
) -> None:
    talk = {"id": "x", "activity_type": "call", "status": "completed", "opportunity_id": "a",
            "occurred_at": pd.Timestamp(f"{year}-01-01 09:00")}  # fmt: skip
    won = deal("a", "s5", "won", created_at=f"{year}-02-01", closed_at=f"{year}-07-01 18:00")
    fill(bench, [won], activity=[talk])
    assert bench.kpis("opportunities")["sales_cycle_length"] == days


def test_a_talk_after_the_close_is_no_first_contact(bench: SalesBench) -> None:
    talk = {
        "id": "x",
        "activity_type": "call",
        "status": "completed",
        "opportunity_id": "a",
        "occurred_at": pd.Timestamp("2026-05-20"),
    }
    won = deal("a", "s5", "won", created_at="2026-05-01", closed_at="2026-05-11")
    fill(bench, [won], activity=[talk])
    assert bench.kpis("opportunities")["sales_cycle_length"] == 10


def test_a_deal_closed_before_it_was_created_is_a_fault_and_not_a_negative_cycle(
    bench: SalesBench,
) -> None:
    fill(bench, [deal("a", "s5", "won", created_at="2026-05-10", closed_at="2026-05-01")])
    assert bench.kpis("opportunities")["sales_cycle_length"] is None
    assert one(bench, "a")["is_cycle_fault"] == 1


def test_a_won_deal_without_an_amount_is_in_neither_side_of_the_average(bench: SalesBench) -> None:
    deals = [
        deal("a", "s5", "won", amount=900.0, closed_at="2026-05-01"),
        deal("b", "s5", "won", amount=None, closed_at="2026-05-01"),
    ]
    fill(bench, deals)
    assert bench.kpis("opportunities")["average_deal_size"] == 900
    assert one(bench, "b")["problem"] == "won without an amount"


def test_an_amount_in_a_currency_without_a_rate_is_left_out_and_told_with_its_currency(
    bench: SalesBench,
) -> None:
    won = {"closed_at": "2026-05-01", "account_id": "x"}
    deals = [
        deal("a", "s5", "won", amount=900.0, amount_base=900.0, currency="EUR", **won),
        deal("b", "s5", "won", amount=2000.0, amount_base=None, currency="USD", **won),
        deal("c", "s5", "won", amount=0.0, amount_base=None, currency="USD", **won),
        deal("d", "s1", "open", amount=70.0, amount_base=None, currency="USD"),
    ]
    fill(bench, deals)
    told = one(bench, "b")
    assert told["problem"] == "currency without a rate"
    assert told["next_action"] == "Add the exchange rate of USD"
    assert (told["is_to_correct"], told["is_wrong_stage"], told["is_unconverted"]) == (1, 0, 1)
    assert one(bench, "a")["problem"] is None
    assert one(bench, "c")["problem"] == "won without an amount"
    assert (one(bench, "c")["is_wrong_stage"], one(bench, "c")["is_unconverted"]) == (1, 0)
    left_out = bench.fact("opportunities").set_index("opportunity_id")["unconverted_amount"]
    assert left_out.dropna().astype(float).to_dict() == {"b": 2000.0, "d": 70.0}
    assert bench.kpis("opportunities")["average_deal_size"] == 900
    fields = bench.fact("record_quality").query("field == 'amount'").set_index("record_id")
    assert fields.loc["b", ["fault", "currency", "next_action"]].tolist() == [
        "currency without a rate", "USD", "Add the exchange rate of USD"
    ]  # fmt: skip
    assert (fields.loc["b", "unconverted_amount"], fields.loc["b", "is_valid"]) == (2000, 1)
    assert fields.loc["a", "fault"] == fields.loc["c", "fault"] == "(none)"


def weights(bench: SalesBench) -> dict[str, float]:
    months = bench.fact("pipeline_months")
    months = months[months["month_start"].astype(str).str[:10] >= "2026-04-01"]
    summed = months.groupby(months["month_start"].astype(str).str[:7])["weighted_amount"].sum()
    return {month: float(value) for month, value in summed.items()}


OFTEN = pd.DataFrame([{**row, "probability": 0.5} for row in STAGES.to_dict("records")])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # of own accord in each month
        ((0.2, 0.2), {"2026-04": 20, "2026-05": 20, "2026-06": 20}),
        # the history of one deal says nothing: both by the stage, in every month
        ((0.2, None), {"2026-04": 100, "2026-05": 100, "2026-06": 100}),
    ],
)
def test_the_weighted_pipeline_of_all_months_goes_by_one_rule(
    bench: SalesBench, told: tuple[float | None, float | None], expected: dict[str, float]
) -> None:
    deals = [
        deal(name, "s1", "open", amount=amount, created_at="2026-04-02", probability=0.2)
        for name, amount in (("a", 50.0), ("b", 150.0))
    ]
    if told[1] is not None:
        deals[1]["amount"] = 50.0
    changes = [
        {**change, "probability": known}
        for name, known in zip("ab", told, strict=True)
        for change in path(name, ("s1", "2026-04-02"))
    ]
    bench.filled(
        {"stage": OFTEN, "opportunity": pd.DataFrame(deals),
         "opportunity_history": pd.DataFrame(changes)}
    )  # fmt: skip
    assert weights(bench) == pytest.approx(expected)


def test_an_open_deal_of_an_unknown_forecast_category_stays_in_the_pipeline(
    bench: SalesBench,
) -> None:
    odd = deal("a", "s1", "open", amount=70.0, created_at="2026-06-01", forecast_category="upside")
    fill(bench, [odd])
    june = bench.kpis("pipeline_months", "month_start = date '2026-06-01'")
    assert june["pipeline_value"] == 70


def test_a_task_tells_the_deal_and_the_account_that_it_is_about(bench: SalesBench) -> None:
    common = {"activity_type": "task", "status": "open"}
    tasks = [
        {"id": "of deal", **common, "opportunity_id": "a"},
        {"id": "of account", **common, "account_id": "other"},
        {"id": "of nothing", **common},
    ]
    sold = deal("a", "s1", "open", created_at="2026-06-29", account_id="firm")
    fill(bench, [sold], activity=tasks)
    rows = bench.fact("activities").set_index("activity_id")[["opportunity_id", "account_id"]]
    found = rows.astype(object).where(rows.notna(), None).T.to_dict("list")
    about = {"of deal": ["a", "firm"], "of account": [None, "other"], "of nothing": [None, None]}
    assert found == about


def test_a_task_of_yesterday_is_overdue_and_no_next_step(bench: SalesBench) -> None:
    tasks = [
        {"id": day, "activity_type": "task", "status": "open", "opportunity_id": name,
         "due_at": pd.Timestamp(f"2026-06-{day}")}
        for name, day in (("a", "29"), ("b", "30"))
    ]  # fmt: skip
    opened = [deal(name, "s1", "open", created_at="2026-06-29") for name in ("a", "b")]
    fill(bench, opened, activity=tasks)
    assert bench.kpis("opportunities")["next_step_coverage"] == 0.5
    assert bench.kpis("activities")["overdue_tasks"] == 1
    assert one(bench, "a")["next_action"] == "Plan the next call, meeting or task with a date"


def test_a_quarterly_quota_is_spread_over_its_months_and_no_team_counts_twice(
    bench: SalesBench,
) -> None:
    quarter = {"period_start": pd.Timestamp("2026-04-01"), "period_end": pd.Timestamp("2026-06-30"),
               "measure": "bookings"}  # fmt: skip
    fill(
        bench,
        [],
        user=[{"id": "u", "name": "Ada", "team_id": "t"}],
        team=[{"id": "t", "name": "North"}],
        quota=[
            {"id": "q1", "owner_id": "u", "target_amount": 90.0, **quarter},
            {"id": "q2", "team_id": "t", "target_amount": 500.0, **quarter},
        ],
    )
    rows = bench.fact("pipeline_periods")
    assert [float(amount) for amount in rows["target_amount"]] == [30, 30, 30]


def test_the_forecast_is_the_one_from_before_the_period_began(bench: SalesBench) -> None:
    taken = [
        {"id": day, "snapshot_date": pd.Timestamp(day), "period_start": pd.Timestamp("2026-05-01"),
         "owner_id": "u", "forecast_category": "commit", "amount_base": amount}
        for day, amount in (("2026-04-02", 10.0), ("2026-04-30", 90.0), ("2026-05-01", 100.0))
    ]  # fmt: skip
    won = deal("a", "s5", "won", owner_id="u", amount=100.0, closed_at="2026-05-15")
    fill(bench, [won], user=[{"id": "u", "name": "Ada"}], forecast_snapshot=taken)
    assert bench.kpis("forecasts")["forecast_accuracy"] == pytest.approx(0.9)
    assert float(bench.fact("forecasts")["bias_amount"].sum()) == -10


def test_the_current_month_is_compared_with_the_same_days_of_last_year(bench: SalesBench) -> None:
    bench.filled({
        "opportunity": pd.DataFrame([
            deal("now", "s5", "won", amount=150.0, closed_at="2026-06-10"),
            deal("then", "s5", "won", amount=100.0, closed_at="2025-06-10"),
        ])
    })  # fmt: skip
    assert bench.kpis("revenue_months")["revenue_growth_rate"] == pytest.approx(0.5)


def test_only_the_first_purchase_of_an_account_is_net_new(bench: SalesBench) -> None:
    fill(
        bench,
        [
            deal("a", "s5", "won", account_id="c", amount=300.0, arr_amount=100.0,
                 closed_at="2026-05-01"),
            deal("b", "s5", "won", account_id="c", amount=50.0, closed_at="2026-06-01"),
            deal("c", "s5", "won", account_id="d", amount=70.0, closed_at="2026-06-01",
                 opportunity_type="expansion"),
        ],
    )  # fmt: skip
    assert bench.kpis("opportunities")["net_new_revenue"] == 100


def test_a_proposal_is_reached_by_going_past_it_and_lost_before_it_is_not(
    bench: SalesBench,
) -> None:
    fill(
        bench,
        [
            deal("a", "s5", "won", closed_at="2026-05-20"),
            deal("b", "s4", "lost", closed_at="2026-05-20"),
            deal("c", "s3", "open"),
            deal("d", "s2", "open"),
        ],
        opportunity_history=path("a", ("s1", "2026-05-01"), ("s5", "2026-05-20"))
        + path("b", ("s2", "2026-05-01"), ("s4", "2026-05-20")),
    )
    assert bench.kpis("opportunities")["proposal_rate"] == 0.5


def test_a_meeting_is_qualified_with_a_contact_of_a_deal_open_that_day(bench: SalesBench) -> None:
    def meeting(name: str, day: str, **more: Any) -> dict[str, Any]:
        held = {"occurred_at": pd.Timestamp(day), "status": "completed"}
        return {"id": name, "activity_type": "meeting", **held, **more}

    fill(
        bench,
        [deal("a", "s4", "lost", created_at="2026-05-01", closed_at="2026-05-20")],
        opportunity_contact=[{"id": "x", "opportunity_id": "a", "contact_id": "k"}],
        activity=[
            meeting("in-time", "2026-05-10", contact_id="k", opportunity_id="a"),
            meeting("by-contact", "2026-05-10", contact_id="k"),
            meeting("too-late", "2026-05-25", contact_id="k"),
            meeting("stranger", "2026-05-10", contact_id="z"),
        ],
    )
    assert bench.kpis("activities")["qualified_meetings"] == 2
