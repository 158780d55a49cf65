"""Data freshness against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.oracles.freshness import OWN_DATES, data_freshness, newest, random_changes
from tests.oracles.workbench import TODAY, Workbench

KPI = "data_freshness"
SEEDS = {"duckdb": range(20), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, tuple(OWN_DATES))


def test_every_source_and_entity_equals_the_oracle_on_random_changes(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_changes(seed)
        bench.fill(frames)
        assert bench.kpi(KPI) == data_freshness(frames), seed
        for source in ("one", "(none)"):
            found = bench.kpi(KPI, f"source = '{source}'")
            assert found == data_freshness(frames, source), (seed, source)
        rows = bench.fact("data_freshness")
        assert len(rows) == len(newest(frames)), seed
        for (source, entity), _ in newest(frames).items():
            found = bench.kpi(KPI, f"source = '{source}' and entity = '{entity}'")
            assert found == data_freshness(frames, source, entity), (seed, source, entity)


def account(key: str, day: date | None, source: str = "one") -> dict[str, object]:
    return {"id": key, "source_system": source, "created_at": None if day is None else
            pd.Timestamp(day)}  # fmt: skip


def test_the_stalest_source_counts_by_its_newest_change(bench: Workbench) -> None:
    bench.fill({"account": pd.DataFrame([
        account("a", TODAY - timedelta(days=9)), account("b", TODAY - timedelta(days=2)),
        account("c", TODAY, "two"),
    ])})  # fmt: skip
    assert bench.kpi(KPI) == 48
    assert bench.kpi(KPI, "source = 'two'") == 0


def test_the_future_counts_as_today(bench: Workbench) -> None:
    bench.fill({"account": pd.DataFrame([account("a", TODAY + timedelta(days=4))])})
    assert bench.kpi(KPI) == 0


def test_records_without_any_date_have_no_freshness(bench: Workbench) -> None:
    bench.fill({"account": pd.DataFrame([account("a", None)])})
    assert bench.kpi(KPI) is None
    bench.fill({})
    assert bench.kpi(KPI) is None


def test_usage_known_by_day_only_is_as_old_as_that_day(bench: Workbench) -> None:
    bench.fill({"product_usage_event": pd.DataFrame([
        {"id": "e", "account_id": "a", "feature": "export", "event_count": 1,
         "event_date": TODAY - timedelta(days=3)},
    ])})  # fmt: skip
    assert bench.kpi(KPI) == 72


def told(frames: dict[str, pd.DataFrame]) -> str:
    """Whether today's numbers can be trusted: by the last day that anything of a source is new."""
    ages: dict[str, list[int]] = {}
    for (source, _), day in newest(frames).items():
        known = ages.setdefault(source, [])
        if day is not None:
            known.append(max(0, (TODAY - day).days))
    oldest = [min(days) for days in ages.values() if days]
    if not oldest:  # nothing says when anything came
        return ""
    for limit, word in ((7, "■ No"), (2, "▲ With care")):
        if late := sum(age > limit for age in oldest):
            return f"{word}: {late} of {len(oldest)} sources brought nothing new for {limit} days"
    return f"● Yes: all {len(oldest)} sources brought something new in the last 2 days"


def test_the_sentence_of_trust_is_that_of_a_recount(bench: Workbench) -> None:
    said = set()
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_changes(seed)
        bench.fill(frames)
        found = str(bench.measure("data_freshness", "trust"))
        assert found == told(frames), seed
        said.add(found[:1])
    assert len(said) > 1
