"""The scorecard gives each KPI's own value for the last complete month, and judges it."""

from __future__ import annotations

import pandas as pd
import pytest

from superset_crmkpi.catalog import Thresholds, load_catalog
from superset_crmkpi.scorecard import NAME, Governance, with_scorecard
from tests.canonical import Canonical, canonical

# today is 30 June 2026: May is the last complete month; won, lost
CLOSED = {"2026-06-10": (9, 0), "2026-05-10": (1, 3), "2026-04-10": (1, 1), "2025-05-10": (3, 1)}


def deals() -> pd.DataFrame:
    rows = [
        {
            "id": f"{day}{status}{n}",
            "name": "deal",
            "status": status,
            "stage_id": "s",
            "created_at": "2025-01-01",
            "closed_at": f"{day} 12:00",
            "amount": 100.0,
        }
        for day, counts in CLOSED.items()
        for status, count in zip(("won", "lost"), counts, strict=True)
        for n in range(count)
    ]
    return pd.DataFrame(rows)


def bench(kind: str, governance: Governance) -> Canonical:
    catalog = with_scorecard(load_catalog(), governance, ["win_rate"])
    return canonical(kind, {"opportunity": deals()}, catalog=catalog)


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_the_value_is_that_of_the_last_complete_month_beside_the_ones_before(kind: str) -> None:
    governance = Governance({"win_rate": 0.3}, {}, {"sales_manager": "Dana Reyes"})
    rows = bench(kind, governance).fact(NAME)
    assert len(rows) == 1
    row = rows.iloc[0]
    assert float(row["value"]) == pytest.approx(0.25)
    assert float(row["previous"]) == pytest.approx(0.5)
    assert float(row["last_year"]) == pytest.approx(0.75)
    assert float(row["change"]) == pytest.approx(-0.25)
    assert float(row["off_target"]) == pytest.approx((0.25 - 0.3) / 0.3)
    assert row["owner"] == "Dana Reyes"
    kpi = load_catalog().kpis["win_rate"]
    assert (row["review"], row["action"]) == (kpi.meta.review, kpi.meta.action)


@pytest.mark.parametrize(
    ("target", "warn", "act", "status"),
    [
        (0.2, 0.2, 0.1, "on track"),
        (0.3, 0.2, 0.1, "below target"),
        (0.3, 0.26, 0.1, "watch"),
        (0.3, 0.4, 0.26, "act"),
        (0.25, 0.25, 0.25, "on track"),
    ],
)
def test_the_status_follows_the_thresholds_of_the_profile(
    target: float, warn: float, act: float, status: str
) -> None:
    governance = Governance({"win_rate": target}, {"win_rate": Thresholds(warn=warn, act=act)}, {})
    assert bench("duckdb", governance).fact(NAME)["status"].tolist() == [status]


def test_a_kpi_without_data_is_no_data_and_not_on_track() -> None:
    catalog = with_scorecard(load_catalog(), Governance({"win_rate": 0.3}, {}, {}), ["win_rate"])
    row = canonical("duckdb", {}, catalog=catalog).fact(NAME).iloc[0]
    assert row["status"] == "no data"
    assert pd.isna(row["value"])


def test_only_kpis_that_can_be_computed_are_on_it() -> None:
    assert with_scorecard(load_catalog(), Governance({}, {}, {}), []) == load_catalog()
    some = with_scorecard(load_catalog(), Governance({}, {}, {}), ["win_rate", "churn_rate"])
    assert "'win_rate'" in some.facts[NAME].file.sql
    assert "'nps'" not in some.facts[NAME].file.sql
