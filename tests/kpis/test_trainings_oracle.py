"""Training completion against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.trainings import COURSES, ENTITIES, random_courses, training_completion
from tests.oracles.workbench import Workbench

KPI = "training_completion"
SEEDS = {"duckdb": range(20), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_the_rate_of_all_of_a_course_and_of_a_range_equals_the_oracle(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_courses(seed)
        bench.fill(frames)
        assert bench.kpi(KPI) == pytest.approx(training_completion(frames)), seed
        for course in COURSES:
            found = bench.kpi(KPI, f"course = '{course}'")
            assert found == pytest.approx(training_completion(frames, course)), (seed, course)
        since = date(2026, 3, 1)
        found = bench.kpi(KPI, f"assigned_date >= date '{since}'")
        assert found == pytest.approx(training_completion(frames, since=since)), seed


def rate(bench: Workbench, *taken: tuple[str, str, str | None], where: str = "1 = 1") -> Any:
    """(user, course, day finished)"""
    bench.fill({"training_completion": pd.DataFrame([
        {"id": str(n), "user_id": user, "course": course, "assigned_at": pd.Timestamp("2026-01-05"),
         "completed_at": None if day is None else pd.Timestamp(day)}
        for n, (user, course, day) in enumerate(taken)
    ])})  # fmt: skip
    return bench.kpi(KPI, where)


def test_a_user_has_finished_when_every_course_is(bench: Workbench) -> None:
    done = ("a", "Basics", "2026-02-01")
    taken = [done, ("b", "Basics", "2026-02-01"), ("b", "Reports", None)]
    assert rate(bench, *taken) == 0.5
    assert rate(bench, *taken, where="course = 'Basics'") == 1.0
    assert rate(bench, *taken, where="course = 'Reports'") == 0.0


def test_a_course_taken_again_counts_once_and_is_finished_once_for_all(bench: Workbench) -> None:
    taken = [("a", "Basics", "2026-02-01"), ("a", "Basics", None), ("b", "Basics", None)]
    assert rate(bench, *taken) == 0.5


def test_one_user_is_all_or_nothing(bench: Workbench) -> None:
    assert rate(bench, ("a", "Basics", None)) == 0.0
    assert rate(bench, ("a", "Basics", "2026-02-01")) == 1.0


def test_nobody_assigned_gives_no_rate(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi(KPI) is None
