"""What takes turns by the day leaves nothing out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.seeds import EXAMPLES, SEED, in_turn, is_due, within


@pytest.mark.parametrize(("number", "usual"), [(2, 1), (3, 1), (23, 8), (25, 9)])
def test_all_have_their_turn_within_days_also_when_a_year_ends(
    monkeypatch: pytest.MonkeyPatch, number: int, usual: int
) -> None:
    monkeypatch.delenv(EXAMPLES, raising=False)
    seen: set[int] = set()
    for day in range(-(-number // usual)):
        monkeypatch.setenv(SEED, (date(2026, 12, 31) + timedelta(days=day)).strftime("%Y%m%d"))
        today = in_turn(range(number), usual)
        assert len(today) == usual
        seen.update(today)
    assert seen == set(range(number))


def test_with_more_examples_all_are_chosen_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SEED, "14")
    monkeypatch.setenv(EXAMPLES, "20")
    assert in_turn(["b", "a", "c"]) == ["b", "a", "c"]


@pytest.mark.parametrize(("days", "number"), [(1, 7), (3, 7), (5, 7), (9, 7)])
def test_all_are_chosen_once_within_days_and_neighbours_apart(
    monkeypatch: pytest.MonkeyPatch, days: int, number: int
) -> None:
    monkeypatch.delenv(EXAMPLES, raising=False)
    chosen = []
    for day in range(days):
        monkeypatch.setenv(SEED, (date(2026, 12, 31) + timedelta(days=day)).strftime("%Y%m%d"))
        today = within(days, range(number))
        assert all(place + 1 not in today for place in today) or days == 1
        chosen += today
    assert sorted(chosen) == list(range(number))


@pytest.mark.parametrize("days", [1, 2, 5])
def test_each_case_is_due_once_in_its_days(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.delenv(EXAMPLES, raising=False)
    due = []
    for day in range(days):
        monkeypatch.setenv(SEED, (date(2026, 12, 31) + timedelta(days=day)).strftime("%Y%m%d"))
        due += [place for place in range(7) if is_due("tests/test_it.py::test_one", days, place)]
    assert sorted(due) == list(range(7))


def test_with_more_examples_all_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXAMPLES, "20")
    assert all(is_due("tests/test_it.py::test_one", 5, place) for place in range(7))


def test_what_shares_a_day_is_due_together_once_in_its_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(EXAMPLES, raising=False)
    due: list[list[int]] = []
    for today in range(3):
        monkeypatch.setenv(SEED, (date(2026, 12, 31) + timedelta(days=today)).strftime("%Y%m%d"))
        due.append([day for day in range(3) if is_due(f"test_{today}", 3, today, day)])
    assert sorted(due) == [[0], [1], [2]]
