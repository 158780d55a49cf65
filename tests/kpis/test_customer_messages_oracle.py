"""The mood of customers against an implementation apart, on two engines."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from tests.oracles.customer_messages import (
    customer_message_kpis,
    mean_sentiment,
    messages,
    random_messages,
)
from tests.oracles.workbench import Workbench

KPI = "sentiment_score"
ENTITIES = (
    "user", "team", "account", "contact", "opportunity", "ticket", "survey_response", "activity",
)  # fmt: skip
SEEDS = {"duckdb": range(12), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_message_equals_the_oracle_on_random_messages(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_messages(seed)
        bench.fill(frames)
        expected = messages(frames)
        rows = bench.fact("customer_messages").to_dict("records")
        found = Counter(
            (
                row["message_id"],
                row["message_kind"],
                None if pd.isna(row["message_date"]) else pd.Timestamp(row["message_date"]).date(),
                row["account_name"],
                float(row["sentiment"]),
            )
            for row in rows
        )
        parts = ("id", "kind", "day", "account", "sentiment")
        told = Counter(tuple(message[part] for part in parts) for message in expected)
        assert found == told, seed
        for name, value in customer_message_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
        mails = [message for message in expected if message["kind"] == "email"]
        got = bench.kpi(KPI, "message_kind = 'email'")
        assert got == pytest.approx(mean_sentiment(mails)), seed


def test_only_what_came_in_counts_of_activities(bench: Workbench) -> None:
    bench.fill({"activity": pd.DataFrame([
        {"id": str(i), "activity_type": "email", "status": "completed", "direction": direction,
         "sentiment": value}
        for i, (direction, value) in enumerate([("inbound", 0.4), ("outbound", 1.0), (None, 1.0)])
    ])})  # fmt: skip
    assert bench.kpi(KPI) == pytest.approx(0.4)


def test_a_message_without_a_sentiment_is_not_neutral(bench: Workbench) -> None:
    bench.fill({"survey_response": pd.DataFrame([
        {"id": "a", "comment": "Great", "sentiment": 0.8},
        {"id": "b", "comment": "Das ging schief", "sentiment": None},
    ])})  # fmt: skip
    assert bench.kpi(KPI) == pytest.approx(0.8)
    assert len(bench.fact("customer_messages")) == 1


def test_a_rating_on_another_scale_is_left_out(bench: Workbench) -> None:
    bench.fill({"ticket": pd.DataFrame([
        {"id": "a", "status": "open", "sentiment": 72.0},
        {"id": "b", "status": "open", "sentiment": -0.5},
    ])})  # fmt: skip
    assert bench.kpi(KPI) == pytest.approx(-0.5)


def test_the_tone_is_neutral_only_near_zero(bench: Workbench) -> None:
    values = {"a": -0.05, "b": -0.04, "c": 0.0, "d": 0.04, "e": 0.05}
    bench.fill({"ticket": pd.DataFrame([
        {"id": key, "status": "open", "subject": key, "sentiment": value}
        for key, value in values.items()
    ])})  # fmt: skip
    rows = bench.fact("customer_messages").sort_values("message")
    assert list(rows["tone"]) == ["negative", "neutral", "neutral", "neutral", "positive"]
    assert list(rows["is_negative"]) == [1, 0, 0, 0, 0]


def test_nothing_rated_gives_no_score(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi(KPI) is None
    bench.fill({"ticket": pd.DataFrame([{"id": "a", "status": "open", "subject": "Help"}])})
    assert bench.kpi(KPI) is None
