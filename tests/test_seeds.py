"""What takes turns by the day leaves nothing out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.seeds import EXAMPLES, SEED, in_turn


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
