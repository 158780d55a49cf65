"""Win probabilities against a count deal by deal, and what they promise, on two engines."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.oracles.deal_predictions import calibration, deal_predictions, odds, win_probability
from tests.oracles.predictions import prediction_kpis
from tests.oracles.sales_frames import ENTITIES, STAGES, sales_frames
from tests.oracles.workbench import Workbench

SEEDS = {"duckdb": range(8), "postgres": range(100, 104)}
LEAST = 3
DAY = pd.Timestamp("2026-01-05 10:00")


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES, deal_min_cases=LEAST)


@pytest.fixture(scope="module", params=list(SEEDS))
def strict(request: pytest.FixtureRequest) -> Workbench:
    """With the default of 20 cases."""
    return Workbench(request.param, ENTITIES)


def test_every_probability_and_the_kpi_equal_the_oracle_on_random_deals(bench: Workbench) -> None:
    rated = 0
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = sales_frames(seed)
        bench.fill(frames)
        expected = deal_predictions(frames, LEAST)
        found = bench.fact("deal_predictions").set_index("opportunity_id")
        assert len(found) == len(frames["opportunity"]), seed
        for name, row in found.iterrows():
            rate, cases = maybe(row["predicted_rate"]), maybe(row["cases"])
            wanted = expected.get(str(name))
            if wanted is None:
                assert (rate, row["reasons"]) == (None, "no stage history"), (seed, name)
                continue
            assert rate == pytest.approx(wanted["rate"]), (seed, name)
            assert cases == wanted["cases"], (seed, name)
            assert (row["reasons"] == "too little history") == (rate is None), seed
            rated += rate is not None
        value = win_probability(frames, LEAST)
        assert bench.kpi("win_probability") == pytest.approx(value), seed
        assert prediction_kpis(frames, deal_cases=LEAST)["win_probability"] == value, seed
    assert rated > 30


def test_calibration_at_every_stage_and_at_the_first_equals_the_oracle(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = sales_frames(seed)
        bench.fill(frames)
        every = odds(frames, LEAST)
        first = [row for row in every if row["first"]]
        assert len(bench.fact("deal_odds")) == len(every), seed
        for fact, rows in (("deal_odds", every), ("deal_predictions", first)):
            bench.fact(fact)
            mean, actual, count = calibration(rows)
            assert measure(bench, fact, "predicted_mean") == pytest.approx(mean), (seed, fact)
            assert measure(bench, fact, "actual_rate") == pytest.approx(actual), (seed, fact)
            assert measure(bench, fact, "tested_deals") == count, (seed, fact)


def test_probability_stays_right_under_a_filter_by_pipeline(bench: Workbench) -> None:
    frames = sales_frames(7, deals=60)
    bench.fill(frames)
    for letter, pipeline in (("a", "Direct"), ("b", "Partner")):
        rates = [
            row["rate"]
            for row in deal_predictions(frames, LEAST).values()
            if row["status"] == "open" and row["rate"] is not None
            and row["stage"].startswith(letter)
        ]  # fmt: skip
        assert rates
        got = bench.kpi("win_probability", f"scored_stage in {stages_of(letter)}")
        assert got == pytest.approx(sum(rates) / len(rates)), pipeline


def test_a_deal_takes_the_finest_kind_that_has_cases_enough(bench: Workbench) -> None:
    bench.fill(deals(
        *[("won", "new_business", 500.0) for _ in range(1)],
        *[("lost", "new_business", 500.0) for _ in range(3)],
        *[("won", "new_business", 20000.0) for _ in range(2)],
        *[("lost", "expansion", None) for _ in range(2)],
        ("open", "new_business", 999.0),
        ("open", "new_business", 49999.0),
        ("open", "expansion", 60000.0),
    ))  # fmt: skip
    found = bench.fact("deal_predictions").set_index("opportunity_id").loc[["8", "9", "10"]]
    assert list(found["basis"]) == ["stage, type and size", "stage and type", "stage"]
    assert list(found["predicted_rate"].astype(float)) == pytest.approx([1 / 4, 1 / 2, 3 / 8])
    assert list(found["reasons"]) == [
        "stage Qualification 38 % of 8; type new_business 50 % of 6; size 1 small 25 % of 4",
        "stage Qualification 38 % of 8; type new_business 50 % of 6",
        "stage Qualification 38 % of 8",
    ]
    assert list(found["calibration_band"]) == ["20-30 %", "50-60 %", "30-40 %"]
    assert bench.kpi("win_probability") == pytest.approx((1 / 4 + 1 / 2 + 3 / 8) / 3)
    assert measure(bench, "deal_predictions", "expected_wins") == pytest.approx(1.125)
    value = 999 / 4 + 49999 / 2 + 60000 * 3 / 8
    assert measure(bench, "deal_predictions", "expected_value") == pytest.approx(value)


def test_an_open_deal_is_judged_at_the_furthest_stage_even_after_it_went_back(
    bench: Workbench,
) -> None:
    frames = deals(*[("won" if n < 3 else "lost", None, None) for n in range(6)],
                   ("open", None, None))  # fmt: skip
    # the three won went over Demo, the lost did not; the open one was in Demo and went back
    steps = [("6", "a2", 1), ("6", "a1", 2)]
    frames = moved(frames, steps)
    bench.fill(frames)
    row = bench.fact("deal_predictions").set_index("opportunity_id").loc["6"]
    assert (row["scored_stage"], float(row["predicted_rate"])) == ("Demo", 1.0)
    # the lost ones are judged at the first stage, not at the one where they were lost
    lost = bench.fact("deal_predictions").set_index("opportunity_id").loc["5"]
    assert (lost["scored_stage"], float(lost["predicted_rate"])) == ("Qualification", 3 / 5)


def test_an_open_deal_without_history_is_judged_by_its_current_stage(bench: Workbench) -> None:
    frames = deals(*[("won" if n < 2 else "lost", None, None) for n in range(5)],
                   ("open", None, None))  # fmt: skip
    history = frames["opportunity_history"]
    frames["opportunity_history"] = history[history["opportunity_id"] != "5"]
    bench.fill(frames)
    assert bench.kpi("win_probability") == pytest.approx(2 / 5)


def test_twenty_closed_deals_are_enough_for_an_open_one(strict: Workbench) -> None:
    for count, value in ((19, None), (20, 5 / 20), (21, 5 / 21)):
        strict.fill(deals(*[("won" if n < 5 else "lost", None, None) for n in range(count)],
                          ("open", None, None)))  # fmt: skip
        assert strict.kpi("win_probability") == pytest.approx(value)
        strict.fact("deal_predictions")
        tested = measure(strict, "deal_predictions", "tested_deals")
        assert tested == (21 if count == 21 else 0)


def test_a_closed_deal_is_left_out_of_its_own_rate(bench: Workbench) -> None:
    bench.fill(deals(*[("won" if n < 2 else "lost", None, None) for n in range(10)]))
    found = bench.fact("deal_predictions").set_index("opportunity_id")
    assert float(found.loc["0", "predicted_rate"]) == pytest.approx(1 / 9)
    assert float(found.loc["9", "predicted_rate"]) == pytest.approx(2 / 9)
    assert set(found["calibration_band"]) == {"20-30 %"}


def test_without_deals_or_without_open_ones_there_is_no_probability_not_zero(
    bench: Workbench,
) -> None:
    bench.fill({})
    assert bench.kpi("win_probability") is None
    assert prediction_kpis({})["win_probability"] is None
    for name in ("expected_wins", "predicted_mean", "actual_rate"):
        assert measure(bench, "deal_predictions", name) is None
    bench.fill(deals(*[("won" if n < 3 else "lost", None, None) for n in range(9)]))
    assert bench.kpi("win_probability") is None


def test_the_probability_of_the_deals_fact_is_not_touched(bench: Workbench) -> None:
    bench.fill(deals(*[("won" if n < 3 else "lost", None, None) for n in range(9)],
                     ("open", None, None)))  # fmt: skip
    found = bench.fact("opportunities").set_index("opportunity_id")
    assert float(found.loc["9", "win_probability"]) == pytest.approx(3 / 9)


def deals(*given: tuple[str, str | None, float | None]) -> dict[str, pd.DataFrame]:
    """Deals by (status, type, amount) that came to the first stage; the won ones passed all."""
    frames = sales_frames(0, deals=0)
    ends = {"open": "a1", "won": "aw", "lost": "al"}
    frames["opportunity"] = pd.DataFrame([
        {"id": str(place), "name": f"Deal {place}", "created_at": DAY, "pipeline_id": "p1",
         "stage_id": ends[status], "status": status, "opportunity_type": kind, "amount": amount,
         "closed_at": None if status == "open" else DAY + pd.Timedelta(days=9)}
        for place, (status, kind, amount) in enumerate(given)
    ])  # fmt: skip
    return moved(frames, [(str(place), "a1", 0) for place in range(len(given))])


def moved(
    frames: dict[str, pd.DataFrame], steps: list[tuple[str, str, int]]
) -> dict[str, pd.DataFrame]:
    """The frames with further stage changes (deal, stage, day)."""
    old = frames["opportunity_history"].to_dict("records")
    new = [
        {"id": f"{deal}-{day}", "opportunity_id": deal, "field": "stage", "stage_id": stage,
         "changed_at": DAY + pd.Timedelta(days=day)}
        for deal, stage, day in steps
    ]  # fmt: skip
    return frames | {"opportunity_history": pd.DataFrame([*old, *new])}


def stages_of(letter: str) -> str:
    """Names of the stages of a pipeline as an SQL list."""
    return "(" + ", ".join(f"'{s[2]}'" for s in STAGES if s[0].startswith(letter)) + ")"


def measure(bench: Workbench, fact: str, name: str) -> float | None:
    """A measure of a fact that has been asked for already, over all its rows."""
    compiler = bench.db.compiler
    sql = compiler.measure(fact, compiler.catalog.facts[fact].meta.measures[name].sql)
    table = f"{bench.db.engine.schema}.fact_{fact}"
    return maybe(bench.db.sql(f"select {sql} as value from {table}")["value"].iloc[0])


def maybe(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
