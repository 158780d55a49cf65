"""The effect of training against a count user by user, and what it promises, on two engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.oracles.training_effects import compared, effects, random_trainings, training_kpis
from tests.oracles.workbench import Workbench

ENTITIES = ("user", "team", "user_login", "crm_action", "activity", "training_completion",
            "account", "contact", "lead", "opportunity", "data_quality_field")  # fmt: skip
SEEDS = {"duckdb": range(8), "postgres": (100, 101, 106, 107)}
WEEKS = 3
#: a Monday whose eight weeks before and after are over on 2026-06-30
MONDAY = datetime(2026, 4, 6, 9)


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES, training_weeks=WEEKS)


@pytest.fixture(scope="module", params=list(SEEDS))
def strict(request: pytest.FixtureRequest) -> Workbench:
    """With the default of 8 weeks."""
    return Workbench(request.param, ENTITIES)


def test_the_kpi_and_both_its_halves_equal_the_oracle_on_random_users(bench: Workbench) -> None:
    known = [0, 0]
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_trainings(seed)
        bench.fill(frames)
        value = training_kpis(frames, WEEKS)["training_effectiveness"]
        assert bench.kpi("training_effectiveness") == near(value), seed
        adoption, completeness = effects(frames, WEEKS)
        assert measure(bench, "adoption_effect") == near(adoption), seed
        assert measure(bench, "completeness_effect") == near(completeness), seed
        known = [known[0] + (adoption is not None), known[1] + (completeness is not None)]
        sides = compared(frames, WEEKS)
        assert len(bench.fact("training_effects")) == sum(len(a) + len(b) for a, b in sides), seed
        assert measure(bench, "trainings_compared") == sum(len(a) for a, b in sides if b), seed
    assert min(known) >= 2


def test_the_change_of_the_untrained_is_taken_off(strict: Workbench) -> None:
    # trained: 2 of 8 weeks before, 6 after; not trained: 4 before, 6 after
    strict.fill(company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann"]))
    assert strict.kpi("training_effectiveness") == pytest.approx(100 * (4 / 8 - 2 / 8))
    assert measure(strict, "completeness_effect") is None
    rows = strict.fact("training_effects").set_index("owner")
    assert list(rows.loc["ann", ["training", "adoption_before", "adoption_after"]]) == [
        "trained", 2, 6,
    ]  # fmt: skip
    assert rows.loc["bob", "training"] == "not trained"


def test_completeness_is_of_the_records_created_before_and_after(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann"])
    # leads of five required fields; ann fills 2 and then 5 of 5, bob 3 and then 4 of 5
    strict.fill(frames | {"lead": pd.DataFrame([
        lead("ann", -1, 2), lead("ann", 1, 5), lead("bob", -8, 3), lead("bob", 8, 4),
        lead("ann", 0, 1), lead("ann", -9, 1), lead("bob", 9, 1),  # outside of the weeks
    ])})  # fmt: skip
    assert measure(strict, "completeness_effect") == pytest.approx(100 * (3 / 5 - 1 / 5))
    assert measure(strict, "adoption_effect") == pytest.approx(25)
    assert strict.kpi("training_effectiveness") == pytest.approx((40 + 25) / 2)


def test_completeness_is_out_when_one_side_created_nothing(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann"])
    strict.fill(frames | {"lead": pd.DataFrame([
        lead("ann", -1, 2), lead("ann", 1, 5), lead("bob", -8, 3),
    ])})  # fmt: skip
    assert measure(strict, "completeness_effect") is None
    assert strict.kpi("training_effectiveness") == pytest.approx(25)


def test_nobody_to_compare_with_gives_no_value_not_zero(strict: Workbench) -> None:
    strict.fill({})
    assert strict.kpi("training_effectiveness") is None
    assert training_kpis({}) == {"training_effectiveness": None}
    strict.fill(company(ann=logins(2, 6), trained=["ann"]))
    assert strict.kpi("training_effectiveness") is None
    assert measure(strict, "trainings_compared") == 0
    strict.fill(company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann", "bob"]))
    assert strict.kpi("training_effectiveness") is None
    strict.fill(company(ann=logins(2, 6), bob=logins(4, 6), trained=[]))
    assert strict.kpi("training_effectiveness") is None


def test_a_training_counts_once_the_weeks_after_it_are_over(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann"])
    done = frames["training_completion"]
    # of the week of 27 April the eighth week after ends with 28 June; today is 30 June
    for day, count in ((datetime(2026, 5, 3, 9), 1), (datetime(2026, 5, 4, 9), 0)):
        strict.fill(frames | {"training_completion": done.assign(completed_at=day)})
        assert measure(strict, "trainings_compared") == count


def test_who_was_trained_shortly_after_or_before_is_on_neither_side(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), cyd=logins(0, 8), trained=["ann"])
    done = frames["training_completion"].to_dict("records")
    for weeks, others in ((-1, ["bob"]), (1, ["bob"]), (8, ["bob"]), (9, ["bob", "cyd"])):
        later = done[0] | {"id": "x", "user_id": "cyd"}
        later["completed_at"] = MONDAY + timedelta(weeks=weeks)
        strict.fill(frames | {"training_completion": pd.DataFrame([*done, later])})
        rows = strict.fact("training_effects")
        rows = rows[rows["week_date"].astype(str).str[:10] == "2026-04-06"]
        assert sorted(rows[rows["training"] == "not trained"]["owner"]) == others, weeks


def test_who_joined_or_left_in_those_weeks_or_has_no_licence_is_out(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), cyd=logins(8, 8), trained=["ann"])
    users = frames["user"].to_dict("records")
    for column, value in (
        ("created_at", MONDAY - timedelta(weeks=7)),
        ("deactivated_at", MONDAY + timedelta(weeks=7)),
        ("is_licensed", False),
    ):
        cyd = users[2] | {column: value, "is_active": column != "deactivated_at"}
        log = frames["user_login"]
        log = log[(log["user_id"] != "cyd") | (log["logged_in_at"] >= MONDAY)]
        user = pd.DataFrame([*users[:2], cyd])
        user["is_licensed"] = user["is_licensed"].astype(object)
        strict.fill(frames | {"user": user, "user_login": log})
        assert sorted(strict.fact("training_effects")["owner"]) == ["ann", "bob"], column


def test_the_others_weigh_as_much_as_those_trained_in_the_same_week(strict: Workbench) -> None:
    # week one: one trained, two others who fall; week two: two trained, one other who stays
    frames = company(ann=logins(0, 8), bob=logins(8, 4), cyd=logins(8, 0), trained=["ann"])
    strict.fill(frames)
    rows = strict.fact("training_effects")
    assert rows["other_weeks"].astype(float).sum() == pytest.approx(8)
    assert rows["trained_weeks"].astype(float).sum() == pytest.approx(8)
    assert strict.kpi("training_effectiveness") == pytest.approx(100 * (1 - (2 - 8) / 8))


def test_a_course_taken_again_counts_from_the_first_time(strict: Workbench) -> None:
    frames = company(ann=logins(2, 6), bob=logins(4, 6), trained=["ann"])
    done = frames["training_completion"].to_dict("records")
    again = done[0] | {"id": "x", "completed_at": MONDAY + timedelta(weeks=2)}
    strict.fill(frames | {"training_completion": pd.DataFrame([*done, again])})
    assert strict.kpi("training_effectiveness") == pytest.approx(25)


def company(trained: list[str], **users: list[int]) -> dict[str, pd.DataFrame]:
    """Users who log in in the weeks given (0 is the week of the training), and who was trained."""
    seats = [
        {"id": name, "name": name, "is_active": True, "created_at": datetime(2025, 6, 2),
         "is_licensed": None}
        for name in users
    ]  # fmt: skip
    log = [
        {"id": f"{name}{week}", "user_id": name, "status": "success",
         "logged_in_at": MONDAY + timedelta(weeks=week, days=1)}
        for name, weeks in users.items() for week in weeks
    ]  # fmt: skip
    done = [
        {"id": name, "user_id": name, "course": "Basics", "completed_at": MONDAY}
        for name in trained
    ]
    columns = ["id", "user_id", "course", "completed_at"]
    return {
        "user": pd.DataFrame(seats),
        "user_login": pd.DataFrame(log, columns=["id", "user_id", "status", "logged_in_at"]),
        "training_completion": pd.DataFrame(done, columns=columns),
    }


def logins(before: int, after: int) -> list[int]:
    """Weeks of login: the last `before` and the first `after`, and the week of the training."""
    return [*range(-before, 0), 0, *range(1, after + 1)]


def lead(owner: str, week: int, filled: int) -> dict[str, Any]:
    """A lead of an owner with that many of the five required fields; the owner is one."""
    fields = {"last_name": "Doe", "company_name": "Acme", "email": "d@x.io", "lead_source": "web"}
    return {
        "id": f"{owner}{week}", "owner_id": owner, "status": "open",
        "created_at": MONDAY + timedelta(weeks=week, days=2),
        **dict(list(fields.items())[: filled - 1]),
    }  # fmt: skip


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=1e-9)


def measure(bench: Workbench, name: str) -> float | None:
    """A measure of the fact over all its rows."""
    compiler = bench.db.compiler
    sql = compiler.measure(
        "training_effects", compiler.catalog.facts["training_effects"].meta.measures[name].sql
    )
    bench.kpi("training_effectiveness")
    table = f"{bench.db.engine.schema}.fact_training_effects"
    value = bench.db.sql(f"select {sql} as value from {table}")["value"].iloc[0]
    return None if pd.isna(value) else float(value)
