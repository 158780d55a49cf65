"""The scorecard gives each KPI's own value for the last complete month, and judges it."""

from __future__ import annotations

import pandas as pd
import pytest

from superset_crmkpi.catalogue.definitions import Catalog, Thresholds
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import NAME, Governance, with_scorecard
from superset_crmkpi.profile.packs import with_thresholds
from tests.canonical import Canonical, canonical
from tests.oracles.retention_frames import TODAY, random_frames
from tests.oracles.sales_frames import sales_frames

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
    governance = Governance({"win_rate": 0.3}, {"sales_manager": "Dana Reyes"})
    rows = bench(kind, governance).fact(NAME)
    latest = rows[(rows["is_latest"] == 1) & (rows["period_type"] == "month")]
    assert len(latest) == 1
    row = latest.iloc[0]
    assert pd.Timestamp(row["period_start"]) == pd.Timestamp("2026-05-01")
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
    catalog = with_thresholds(load_catalog(), {"win_rate": Thresholds(warn=warn, act=act)})
    catalog = with_scorecard(catalog, Governance({"win_rate": target}, {}), ["win_rate"])
    rows = canonical("duckdb", {"opportunity": deals()}, catalog=catalog).fact(NAME)
    latest = rows[(rows["is_latest"] == 1) & (rows["period_type"] == "month")]
    assert latest["status"].tolist() == [status]


def test_a_kpi_without_data_is_no_data_and_not_on_track() -> None:
    catalog = with_scorecard(load_catalog(), Governance({"win_rate": 0.3}, {}), ["win_rate"])
    row = canonical("duckdb", {}, catalog=catalog).fact(NAME).iloc[0]
    assert row["status"] == "no data"
    assert pd.isna(row["value"])


def test_only_kpis_that_can_be_computed_are_on_it() -> None:
    assert with_scorecard(load_catalog(), Governance({}, {}), []) == load_catalog()
    some = with_scorecard(load_catalog(), Governance({}, {}), ["win_rate", "churn_rate"])
    assert "'win_rate'" in some.facts[NAME].file.sql
    assert "'nps'" not in some.facts[NAME].file.sql


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_quarters_and_years_are_counted_from_the_deals_not_from_the_months(kind: str) -> None:
    rows = bench(kind, Governance({}, {})).fact(NAME)
    found = {
        (row["period_type"], str(pd.Timestamp(row["period_start"]).date())): float(row["value"])
        for row in rows.to_dict("records")
    }
    # April to June is still running on 30 June, and so is the year
    assert found == {
        ("month", "2026-05-01"): 0.25,
        ("month", "2026-04-01"): 0.5,
        ("month", "2025-05-01"): 0.75,
        ("quarter", "2025-04-01"): 0.75,
        ("year", "2025-01-01"): 0.75,
    }
    assert set(rows[rows["is_latest"] == 1]["period_type"]) == {"month", "year"}


def test_the_next_review_is_the_monday_that_the_cadence_of_the_review_says() -> None:
    # 30 June 2026 is a Tuesday
    expected = {"weekly": "2026-07-06", "monthly": "2026-07-06", "quarterly": "2026-07-06"}
    catalog = load_catalog()
    some = ["win_rate", "ltv_cac_ratio", "overdue_tasks"]
    chosen = with_scorecard(catalog, Governance({}, {}, scorecard=some), list(catalog.kpis))
    rows = canonical("duckdb", {"opportunity": deals()}, catalog=chosen).fact(NAME)
    for row in rows.to_dict("records"):
        cadence = catalog.kpis[row["kpi_id"]].meta.review.split()[0]
        day = str(pd.Timestamp(row["next_review_date"]).date())
        assert day == expected.get(cadence, "2026-07-01"), row["kpi_id"]
    assert set(rows["kpi_id"]) == set(some)


def test_the_status_of_a_count_is_judged_by_its_change_on_last_year() -> None:
    catalog = load_catalog()
    assert catalog.kpis["lost_deals"].meta.thresholds.of == "change"  # warn 10 % above, act 20 %
    chosen = with_scorecard(
        catalog, Governance({}, {}, scorecard=["lost_deals"]), list(catalog.kpis)
    )
    rows = canonical("duckdb", {"opportunity": deals()}, catalog=chosen).fact(NAME)
    may = rows[rows["period_start"] == pd.Timestamp("2026-05-01")].iloc[0]
    assert (int(may["value"]), int(may["last_year"]), may["status"]) == (3, 1, "act")
    april = rows[rows["period_start"] == pd.Timestamp("2026-04-01")].iloc[0]
    assert (pd.isna(april["last_year"]), april["status"]) == (True, "no target")


def test_a_period_holds_what_the_kpi_says_when_asked_for_its_days() -> None:
    some = ["win_rate", "average_deal_size", "lost_deals", "opportunities_created", "calls_made"]
    frames = sales_frames(11, deals=60)
    db = canonical("duckdb", frames, catalog=_scored(some))
    rows = db.fact(NAME)
    compared = 0
    for row in rows.to_dict("records"):
        kpi = load_catalog().kpis[row["kpi_id"]]
        first = pd.Timestamp(row["period_start"])
        length = {"month": 1, "quarter": 3, "year": 12}[row["period_type"]]
        last = first + pd.DateOffset(months=length)
        if pd.isna(row["value"]):
            continue
        days = (
            f"{kpi.meta.time} >= date '{first.date()}' and {kpi.meta.time} < date '{last.date()}'"
        )
        asked = db.kpi(kpi.name, days)
        assert float(row["value"]) == pytest.approx(asked), (kpi.name, row["period_type"], first)
        compared += 1
    assert compared > 40


def test_a_quarter_adds_up_what_its_months_gained_and_takes_the_last_rate() -> None:
    frames = random_frames(3, accounts=40)
    some = ["expansion_revenue", "nrr", "mrr"]
    rows = canonical("duckdb", frames, today=TODAY, catalog=_scored(some)).fact(NAME)
    found = rows.set_index(["kpi_id", "period_type", "period_start"])["value"].astype(float)
    quarter = pd.Timestamp("2026-01-01")
    months = [quarter + pd.DateOffset(months=number) for number in range(3)]
    gained = sum(found["expansion_revenue", "month", month] for month in months)
    assert found["expansion_revenue", "quarter", quarter] == pytest.approx(gained)
    for kpi in ("nrr", "mrr"):
        assert found[kpi, "quarter", quarter] == pytest.approx(found[kpi, "month", months[-1]])


def _scored(kpis: list[str]) -> Catalog:
    catalog = load_catalog()
    return with_scorecard(catalog, Governance({}, {}, scorecard=kpis), list(catalog.kpis))
