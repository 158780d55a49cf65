"""What a card says beside its number, computed by each engine and once more in Python."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pytest

from superset_crmkpi.bundle.cards import Card, Goal, filled
from superset_crmkpi.catalogue.definitions import Metric, Thresholds, Unit
from superset_crmkpi.language.numbers import Numbers
from tests.engines import ENGINES, Engine, compiled, open_engine
from tests.seeds import by_turns, seed

WORSE = {"up": "<", "down": ">"}
#: unit, which way is good, target, warn and act
KINDS: list[tuple[Unit, str, float | None, tuple[float, float] | None]] = [
    ("percent", "up", 0.4, (0.3, 0.2)),
    ("percent", "down", None, (0.3, 0.5)),
    ("money", "up", 90_000, None),
    ("money", "down", 2_000_000, (1_500_000, 3_000_000)),
    ("days", "down", 30, (35, 50)),
    ("ratio", "up", None, None),
    ("count", "up", 12, (8, 4)),
]
SIZES = {"percent": 1.0, "money": 4e6, "days": 70.0, "ratio": 9.0, "count": 20.0}


@dataclass(frozen=True)
class Series:
    """A KPI's value by month; some months have no row, some no value."""

    number: int
    card: Card
    values: dict[date, float | None]


def metric(unit: Unit, good: str, levels: tuple[float, float] | None) -> Metric:
    known = Thresholds(warn=levels[0], act=levels[1]) if levels else None
    return Metric("kpi", "KPI", unit, "What's the use of {it}?", good, known, "avg(amount)")


def all_series(rng: random.Random) -> list[Series]:
    found = []
    for unit, good, target, levels in [kind for kind in KINDS for _ in range(3)]:
        goal = Goal(target, rng.choice([None, SIZES[unit] / 2]))
        card = Card(metric(unit, good, levels), Numbers("€"), goal, "day")
        months = [date(2025 + n // 12, n % 12 + 1, 1) for n in range(18)]
        values: dict[date, float | None] = {}
        for month in months:
            value = rng.uniform(0.01, 1) ** rng.choice([1, 3]) * SIZES[unit]
            kept = round(value) if unit == "count" else value
            if rng.random() < 0.8:
                values[month] = None if rng.random() < 0.1 else kept
        if rng.random() < 0.5:  # as it was
            values[months[-1]] = values[months[-2]] = SIZES[unit] / 4
        found.append(Series(len(found), card, values))
    return found


def written(unit: Unit, value: float, points: bool = False) -> str:
    """A number as people write it, whole, by its unit."""
    if unit == "money":
        for size, decimals, letter in ((1e6, 2, "M"), (1e3, 1, "k"), (1, 0, "")):
            if abs(value) >= size or size == 1:
                return f"€ {plain(value / size, decimals)}{letter}"
    if unit == "percent":
        return plain(value * 100, 1) + (" points" if points else "%")
    return plain(value, {"ratio": 2}.get(unit, 0)) + {"days": " days"}.get(unit, "")


def plain(value: float, decimals: int) -> str:
    return re.sub(r"\.?0+$", "", f"{value:.{decimals}f}") if decimals else f"{value:.0f}"


def told_change(series: Series, month: date) -> str:
    before_month = (month - timedelta(days=1)).replace(day=1)
    now, before = series.values[month], series.values.get(before_month)
    if now is None or before is None:
        return ""
    unit = series.card.metric.unit
    amount = written(unit, abs(now - before), points=True)
    if amount in ("€ 0", "0 points", "0 days", "0"):
        return "As the month before"
    rises = now > before
    better = rises == (series.card.metric.good == "up")
    return (
        f"{'▲' if rises else '▼'} {amount}, {'better' if better else 'worse'} "
        f"(before: {written(unit, before)})"
    )


def told_goal(series: Series, month: date) -> str | None:
    value, card = series.values[month], series.card
    up = card.metric.good == "up"

    def beyond(level: float) -> bool:
        assert value is not None
        return value < level if up else value > level

    unit, goal, levels = card.metric.unit, card.goal, card.metric.thresholds
    told = []
    if value is None:
        return None
    if levels or goal.target is not None:
        if levels and beyond(levels.act):
            told.append("■ Act")
        elif levels and beyond(levels.warn):
            told.append("▲ Watch")
        elif goal.target is not None and beyond(goal.target):
            told.append("▼ Below target")
        else:
            told.append("● On track")
    if goal.target is not None:
        away = written(unit, abs(value - goal.target), points=True) + " to go"
        reached = "reached" if not beyond(goal.target) else away
        told.append(f"Target {written(unit, goal.target)}: {reached}")
    elif levels:
        told.append(f"Act {'below' if up else 'above'} {written(unit, levels.act)}")
    if goal.benchmark is not None:
        told.append(f"Benchmark {written(unit, goal.benchmark)}")
    return " · ".join(told) or None


def seen(html: object) -> str | None:
    return None if html is None or pd.isna(html) else re.sub("<[^>]+>", "", str(html))


def one(sql: str, engine: Engine) -> str:
    """An aggregate as it is compiled for the engine, and printed again by Superset."""
    return (
        compiled(f"select {sql} as made", engine.dialect)
        .partition("SELECT")[2]
        .rpartition(" AS ")[0]
    )


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param)
    yield opened
    opened.close()


@by_turns(6)
def test_a_card_tells_change_status_and_distance_as_python_does(engine: Engine) -> None:
    known = all_series(random.Random(seed()))
    rows = [
        {"series": s.number, "month_start": month, "day": month + timedelta(days=9), "amount": v}
        for s in known
        for month, v in s.values.items()
    ]
    types = {"series": "bigint", "month_start": "date", "day": "date", "amount": "double"}
    engine.load("amounts", types, pd.DataFrame(rows))
    for series in known:
        parts = series.card.columns()
        columns = ", ".join(
            f"{filled(one(sql, engine), 'avg(amount)', 'max(day)')} as part_{name.lower()}"
            for name, sql in parts.items()
        )
        found = engine.query(
            f"select month_start, {columns} from {engine.schema}.amounts "
            f"where series = {series.number} group by month_start"
        )
        assert len(found) == len(series.values)
        for row in found.to_dict("records"):
            month = pd.Timestamp(row["month_start"]).date()
            assert seen(row["part_change"]) == told_change(series, month), (series, month)
            goal = seen(row.get("part_goal"))
            expected = told_goal(series, month)
            if "part_goal" in row and series.values[month] is not None:
                assert goal == expected, (series, month)


def test_a_question_is_text_and_no_html() -> None:
    found = Card(metric("count", "up", None), Numbers("€")).columns()
    assert "What&#x27;s the use" in found["Question"]
    assert list(found) == ["Question"]
