"""Retention and recurring revenue against a day-by-day recount, on both engines."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.canonical import Canonical, canonical
from tests.oracles.account_periods import account_periods, rates, read_books
from tests.oracles.retention_frames import TODAY, random_frames
from tests.oracles.several import fact, kpis

KEYS = ["account_id", "period_type", "period_start"]
KPIS = (
    "retention_rate", "churn_rate", "gross_revenue_retention", "nrr", "upsell_rate",
    "mrr", "customer_growth", "expansion_revenue", "quick_ratio",
)  # fmt: skip


def expected(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return account_periods(read_books(frames["subscription"], frames["mrr_movement"]), TODAY)


def days(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).dt.date


def check_rows(db: Canonical, want: pd.DataFrame) -> pd.DataFrame:
    """The fact holds exactly the rows of the oracle; returns them."""
    got = fact(db, "account_periods")
    got = got.assign(period_start=days(got.period_start), period_end=days(got.period_end))
    left = got.sort_values(KEYS).reset_index(drop=True)
    right = want.sort_values(KEYS).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        left[list(right.columns)], right, check_dtype=False, rtol=0, atol=1e-6
    )
    return left


def check_rates(db: Canonical, got: pd.DataFrame, want: pd.DataFrame) -> None:
    """Each KPI by period type, period and segment is what the oracle says of those rows."""
    by = ["period_type", "period_start", "segment"]
    labelled = want.merge(got[[*KEYS, "segment"]], on=KEYS)
    groups = {key: rates(rows) for key, rows in labelled.groupby(by)}
    frame = kpis(db, KPIS, by=by)
    assert len(frame) == len(groups)
    for row in frame.to_dict("records"):
        wanted = groups[
            row["period_type"], pd.Timestamp(row["period_start"]).date(), row["segment"]
        ]
        for kpi in KPIS:
            if wanted[kpi] is None:
                assert pd.isna(row[kpi]), (kpi, row)
            else:
                assert row[kpi] == pytest.approx(wanted[kpi], abs=1e-9), (kpi, row)


@pytest.mark.parametrize(("engine", "seed"), [("duckdb", 1), ("postgres", 3)])
def test_customers_and_recurring_revenue_are_those_of_a_recount_day_by_day(
    engine: str, seed: int
) -> None:
    frames = random_frames(seed, accounts=40)
    db = canonical(engine, frames, today=TODAY)
    want = expected(frames)
    assert len(want) > 300
    got = check_rows(db, want)
    check_rates(db, got, want)

    change = got.end_mrr - got.start_mrr
    gains = got.new_mrr + got.reactivation_mrr + got.expansion_mrr
    assert ((gains - got.contraction_mrr - got.churned_mrr - change).abs() < 0.001).all()
    signed = fact(db, "mrr_changes").groupby("movement").mrr_change.sum()
    assert signed["start"] == pytest.approx(got.start_mrr.sum(), abs=0.001)
    assert signed.sum() == pytest.approx(got.end_mrr.sum(), abs=0.001)
    assert (signed.reindex(["contraction", "churn"]) < 0).all()

    monthly = (
        got[got.period_type == "month"].groupby("period_start")[["start_mrr", "end_mrr"]].sum()
    )
    assert monthly.start_mrr.iloc[1:].to_numpy() == pytest.approx(monthly.end_mrr.iloc[:-1])
    by = ["period_type", "period_start"]
    total = kpis(db, ["gross_revenue_retention", "churn_rate", "retention_rate"], by=by).dropna()
    assert len(total) > 40
    assert total.gross_revenue_retention.between(0, 1 + 1e-12).all()
    assert (1 - total.churn_rate).to_numpy() == pytest.approx(total.retention_rate.to_numpy())


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_without_any_customers_there_are_no_rows_and_no_rates(engine: str) -> None:
    db = canonical(engine, {}, today=TODAY)
    assert fact(db, "account_periods").empty
    assert fact(db, "mrr_changes").empty
    assert fact(db, "cohorts").empty
    assert kpis(db, KPIS).iloc[0].isna().all()


LEDGERS = {
    "left and returned": [("2025-11-03", 100), ("2026-02-10", -100), ("2026-03-31", 80)],
    "stayed": [("2025-01-03", 100)],
    "came back": [("2025-01-03", 100), ("2025-05-10", -100), ("2026-02-01", 80)],
    "fractions": [("2026-01-05", 0.1), ("2026-01-06", 0.2), ("2026-03-06", -0.3)],
    "old": [("1998-07-01", 50)],
}


def small(**settings: int) -> Canonical:
    """A warehouse of the ledgers above, each the MRR movements of one account."""
    rows = [
        {
            "id": f"{account}{day}",
            "account_id": account,
            "movement_date": date.fromisoformat(day),
            "mrr_change": change,
        }
        for account, entries in LEDGERS.items()
        for day, change in entries
    ]
    return canonical("duckdb", {"mrr_movement": pd.DataFrame(rows)}, today=TODAY, settings=settings)


@pytest.fixture(scope="module")
def per_account() -> pd.DataFrame:
    """KPIs of each ledger by account, period type and start."""
    by = ["account_id", "period_type", "period_start"]
    frame = kpis(small(), [*KPIS[:3], "mrr"], by=by)
    return frame.set_index(by).sort_index()


def test_a_customer_who_leaves_and_returns_inside_the_period_is_retained(
    per_account: pd.DataFrame,
) -> None:
    rows = per_account.loc["left and returned"]
    quarter = rows.loc["quarter", pd.Timestamp("2026-01-01")]
    assert quarter.tolist() == [1, 0, pytest.approx(0.8), 80]
    assert rows.loc["month", pd.Timestamp("2026-02-01")].tolist() == [0, 1, 0, 0]
    march = rows.loc["month", pd.Timestamp("2026-03-01")]
    assert march.iloc[:3].isna().all()
    assert march.mrr == 80


def test_a_customer_who_came_back_counts_in_nrr_only_if_the_profile_says_so() -> None:
    year = (
        "period_type = 'trailing_year' and period_start = date '2026-06-01'"
        " and account_id in ('stayed', 'came back')"
    )
    assert kpis(small(), ["nrr"], where=year).nrr[0] == 1
    assert small(reactivation_in_nrr=1).kpi("nrr", where=year) == pytest.approx(1.8)


def test_a_sum_of_doubles_leaves_no_customer_with_a_billionth(per_account: pd.DataFrame) -> None:
    march = per_account.loc["fractions", "month", pd.Timestamp("2026-03-01")]
    assert march.tolist() == [0, 1, 0, 0]
    assert (("fractions", "month", pd.Timestamp("2026-04-01"))) not in per_account.index


def test_what_began_before_the_calendar_is_there_from_its_first_month(
    per_account: pd.DataFrame,
) -> None:
    rows = per_account.loc["old", "month"]
    assert rows.index.min() == pd.Timestamp("2000-01-01")
    assert rows.mrr.unique().tolist() == [50]


def test_cohorts_are_complete_to_this_month_and_start_whole() -> None:
    frames = random_frames(5, accounts=40)
    db = canonical("duckdb", frames, today=TODAY)
    cells = fact(db, "cohorts")
    start = cells[cells.months_since == 0]
    assert (start.cohort_customers == start.retained_customers).all()
    assert (cells.retained_customers <= cells.cohort_customers).all()
    want = expected(frames)
    months = want[(want.period_type == "month") & (want.end_mrr > 0)]
    firsts = months.groupby("account_id").period_start.min()
    assert start.cohort_customers.sum() == len(firsts)
    this_month = TODAY.replace(day=1)
    since = (this_month.year - pd.to_datetime(cells.cohort_month).dt.year) * 12
    last = since + this_month.month - pd.to_datetime(cells.cohort_month).dt.month
    assert cells[cells.months_since == last].retained_customers.sum() == len(
        months[months.period_start == this_month]
    )
