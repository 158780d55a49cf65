"""What must hold of any data: totals are the sums of their slices, ratios those of their parts.

The random warehouses are those of tests/matrix; every KPI with data in one is looked at there, by
every dimension of its fact.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from sqlglot import exp

from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from tests.canonical import Canonical, canonical
from tests.matrix.case import Case
from tests.matrix.cases import CASES
from tests.oracles import account_periods
from tests.oracles.several import fact_table, kpis
from tests.seeds import by_turns

CATALOG = load_catalog()
COMBINED = {exp.Sum: "sum", exp.Count: "sum", exp.Max: "max", exp.Min: "min"}
SEED = 5
#: KPIs whose aggregate cannot be put together from those of slices, and why
WHOLE_ONLY = {
    "time_to_activation": "a median",
    "lead_response_time": "a median",
    "first_response_time": "a median",
    "user_adoption_rate": "a user counts once, in however many slices",
    "core_events": "a customer counts once, on however many days",
    "repeat_purchase_rate": "a customer counts once, with however many purchases",
    "training_completion": "a user counts once, in however many courses",
    "sla_compliance": "a ticket counts once, with however many promises",
    "campaign_revenue": "divided by the number of attribution models; its sum is tested below",
}


#: every attribution model tells the whole revenue, in its own way
NOT_SLICES = {("campaign_revenue", "attribution_model")}


def in_sums(expression: exp.Expression) -> exp.Expression:
    """The expression with each mean written as a sum over a count."""

    def split(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Avg):
            return node
        over = node.this.sql("duckdb")
        mean = f"(1.0 * sum({over}) / nullif(count({over}), 0))"
        return exp.maybe_parse(mean, dialect="duckdb")

    return expression.transform(split)


def aggregates(kpi: Kpi) -> list[exp.AggFunc] | None:
    """The aggregates of the expression; None when one cannot be combined."""
    found = list(in_sums(kpi.expression).find_all(exp.AggFunc))
    plain = all(type(node) in COMBINED and not node.find(exp.Distinct) for node in found)
    return found if plain else None


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def warehouse(request: pytest.FixtureRequest) -> Iterator[tuple[Case, Canonical]]:
    case: Case = request.param
    db = canonical("duckdb", case.frames(SEED), today=case.today, **case.options)
    yield case, db
    db.engine.close()


def kpis_of(case: Case) -> list[Kpi]:
    asked = {check.kpi for check in case.checks(case.frames(SEED))}
    return [CATALOG.kpis[name] for name in sorted(asked)]


@by_turns(3)
def test_every_kpi_can_be_put_together_from_the_parts_of_its_slices(
    warehouse: tuple[Case, Canonical],
) -> None:
    case, db = warehouse
    compared = 0
    for kpi in kpis_of(case):
        parts = aggregates(kpi)
        if parts is None:
            assert kpi.name in WHOLE_ONLY, f"{kpi.name}: {kpi.file.sql}"
            continue
        table = fact_table(db, kpi.fact)
        whole = db.sql(f"select {db.compiler.expression(kpi)} as v from {table}")["v"].iloc[0]
        for dimension in CATALOG.facts[kpi.fact].meta.dimensions:
            sliced = _from_slices(db, kpi, table, dimension)
            if pd.isna(whole):
                assert pd.isna(sliced), (kpi.name, dimension)
            else:
                assert sliced == pytest.approx(float(whole), rel=1e-9), (kpi.name, dimension)
            compared += 1
    assert compared >= len(kpis_of(case)) - len(WHOLE_ONLY)


def _from_slices(db: Canonical, kpi: Kpi, table: str, dimension: str) -> float:
    """The KPI of its aggregates, each taken per value of the dimension and then combined."""
    compiled = in_sums(exp.maybe_parse(db.compiler.expression(kpi), dialect="duckdb"))
    inner, outer = [], []
    for number, node in enumerate(list(compiled.find_all(exp.AggFunc))):
        inner.append(f"{node.sql(dialect='duckdb')} as part_{number}")
        outer.append((node, f"{COMBINED[type(node)]}(part_{number})"))
    for node, text in outer:
        replacement = exp.maybe_parse(text, dialect="duckdb")
        if node is compiled:
            compiled = replacement
        else:
            node.replace(replacement)
    slices = f"select {', '.join(inner)} from {table} group by {dimension}"
    frame = db.sql(f"select {compiled.sql(dialect='duckdb')} as v from ({slices})")
    return float(frame["v"].iloc[0]) if not pd.isna(frame["v"].iloc[0]) else float("nan")


@by_turns(3)
def test_a_total_is_the_sum_of_its_slices_for_every_additive_kpi(
    warehouse: tuple[Case, Canonical],
) -> None:
    case, db = warehouse
    for kpi in kpis_of(case):
        if kpi.meta.over_time != "sum":
            continue
        for dimension in CATALOG.facts[kpi.fact].meta.dimensions:
            if (kpi.name, dimension) in NOT_SLICES:
                continue
            value = f"coalesce({db.compiler.expression(kpi)}, 0) as v"
            table = fact_table(db, kpi.fact)
            whole = db.sql(f"select {value} from {table}")["v"].iloc[0]
            parts = db.sql(f"select {value} from {table} group by {dimension}")["v"]
            assert float(parts.sum()) == pytest.approx(float(whole)), (kpi.name, dimension)


@pytest.mark.parametrize("seed", range(4))
def test_retention_and_churn_and_recurring_revenue_agree(seed: int) -> None:
    case = next(case for case in CASES if case.name == "retention")
    frames = case.frames(seed)
    db = canonical("duckdb", frames, today=case.today)
    by = ["period_type", "period_start"]
    names = ["retention_rate", "churn_rate", "gross_revenue_retention", "nrr"]
    frame = kpis(db, names, by=by).set_index(by)
    found = {name: frame[name] for name in names}
    assert (found["retention_rate"] + found["churn_rate"] - 1).abs().max() < 1e-12
    known = found["gross_revenue_retention"].dropna()
    assert len(known) > 20
    assert (known <= 1 + 1e-12).all()
    assert (known <= found["nrr"][known.index] + 1e-12).all()
    rows = account_periods.account_periods(
        account_periods.read_books(frames["subscription"], frames["mrr_movement"]), case.today
    )
    changes = fact_table(db, "mrr_changes")
    for (kind, start), own in rows.groupby(["period_type", "period_start"]):
        where = f"period_type = '{kind}' and period_start = date '{start}'"
        moved = db.sql(f"select sum(mrr_change) as v from {changes} where {where}")
        assert float(moved["v"].fillna(0).iloc[0]) == pytest.approx(own.end_mrr.sum(), abs=0.005)


def test_what_campaigns_earned_and_what_nobody_claims_is_what_was_won() -> None:
    case = next(case for case in CASES if case.name == "marketing")
    for seed in (1, 2, 3):
        frames = case.frames(seed)
        db = canonical("duckdb", frames, today=case.today, settings={"cac_lag_days": 0})
        deals = frames["opportunity"]
        won = deals[deals["status"] == "won"]["amount"].astype(float).sum() if len(deals) else 0.0
        for model in ("first_touch", "last_touch", "linear"):
            found = db.kpi("campaign_revenue", f"attribution_model = '{model}'") or 0.0
            assert found == pytest.approx(won), (seed, model)


def test_deals_of_a_stage_went_on_left_or_are_still_in_it() -> None:
    case = next(case for case in CASES if case.name == "sales")
    for seed in range(5):
        db = canonical("duckdb", case.frames(seed), today=case.today)
        rows = db.fact("opportunity_stages")
        decided = rows["is_mature"].astype(int) + rows["is_in_progress"].astype(int)
        assert decided.max() <= 1
        assert set(rows[decided == 0]["stage_id"]) <= {"aw", "bw"}  # nothing comes after a win
        assert (rows["is_advanced"] <= rows["is_mature"]).all()
