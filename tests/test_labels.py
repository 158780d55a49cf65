"""People read a label in place of every stored value, and it chooses the same rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.alerts import with_alerts
from superset_crmkpi.catalogue.definitions import Catalog, ScorecardRule
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.dimensions import with_columns, with_dimensions
from superset_crmkpi.compile.labels import LabelColumns, label_faults
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.dialects import FIXES
from superset_crmkpi.plugins.definitions import built_in
from superset_crmkpi.profile.fields import CustomField
from superset_crmkpi.query.values import Values
from tests.engines import Engine, open_engine
from tests.seeds import by_turns

#: sentences: why a customer is at risk, what a meeting is called
SENTENCES = {"reasons", "review", "risk_reasons", "upsell_reason"}
#: dimensions that are the company's own texts: names of its systems, what it puts into links
OWN = {"source", "utm_medium", "utm_source"}
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*|[a-z][a-z0-9 ._-]*")


def whole() -> Catalog:
    """All facts there can be, those that are generated too."""
    catalog = load_catalog(built_in())
    # none of ours enters the scorecard by its running month; those of others may
    due = catalog.kpis["renewals_due"]
    rule = ScorecardRule(period="running")
    due = replace(due, meta=due.meta.model_copy(update={"scorecard": rule}))
    catalog = replace(catalog, kpis={**catalog.kpis, due.name: due})
    governance = Governance({}, {}, scorecard=list(catalog.kpis))
    alerts = with_alerts(catalog, governance, list(catalog.kpis), "kpi_alerts")
    return with_scorecard(alerts, governance, list(catalog.kpis))


def compiler_of(catalog: Catalog, dialect: str = "duckdb") -> Compiler:
    settings = CompileSettings(dialect=dialect)
    return Compiler(load_model(built_in()), catalog, BuiltRelations(), settings)


CATALOG = whole()
COLUMNS = LabelColumns(compiler_of(CATALOG))


def held(fact: str) -> dict[str, Values]:
    """Columns of a fact that are its dimensions or stand in lists -> the texts it knows of."""
    meta = CATALOG.facts[fact].meta
    values = COLUMNS.values_of(fact)
    shown = [*meta.dimensions, *meta.columns]
    return {name: values[name] for name in shown if name not in SENTENCES}


def needs_label(value: str, values: Values) -> bool:
    """A word of a list, or one word among texts of the CRM; no sentence, and no `(none)`."""
    return bool(re.match("[a-z]", value)) and not (values.others and " " in value)


# -- every value has one --------------------------------------------------------------------------


def test_every_value_of_the_model_and_of_sql_that_people_see_has_a_label() -> None:
    found = {
        (column, value)
        for fact in CATALOG.facts
        for column, values in held(fact).items()
        for value in values.known
        if needs_label(value, values)
    }
    # of a check of the model, through a join; of a case; of a branch of a union
    assert {("metric", "first_reply"), ("health", "at risk"), ("movement", "churn")} <= found
    assert len(found) > 200
    without = [key for key in sorted(found) if CATALOG.labels.label(*key) is None]
    assert without == []


def test_no_label_is_of_a_value_that_cannot_occur() -> None:
    assert list(label_faults(CATALOG, COLUMNS.compiler)) == []
    assert len(CATALOG.labels.places) > 250


def test_values_are_followed_through_joins_unions_and_conditions() -> None:
    values = COLUMNS.values_of("renewals")
    assert values["renewal_status"] == Values(
        frozenset({"open", "renewed", "partially_renewed", "churned"})
    )
    assert "settled" in values["due_bucket"].known
    assert values["owner"] == Values(frozenset({"(none)"}), others=True)
    # a literal that is only compared with is no value
    assert "kept" in COLUMNS.values_of("churn_predictions")["outcome"].known
    assert "trialing" not in values["renewal_status"].known


def test_a_label_reads_like_one() -> None:
    for column in CATALOG.labels.values:
        for value, text in CATALOG.labels.of(column).items():
            assert not CODE.fullmatch(text), (column, value)


def test_a_yes_or_no_field_of_a_profile_reads_like_a_flag() -> None:
    field = CustomField.model_validate({"type": "boolean", "from": {"crm": "Partner__c"}})
    fields = {"account.partner": field}
    model = with_columns(load_model(built_in()), fields)
    catalog = with_dimensions(load_catalog(built_in()), model, fields)
    compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
    made = LabelColumns(compiler).of("accounts")["partner"]
    assert made == (
        "CASE WHEN partner = 'yes' THEN 'Yes' WHEN partner = 'no' THEN 'No' ELSE partner END"
    )


# -- they keep the order --------------------------------------------------------------------------


def test_movements_of_mrr_are_sorted_from_new_to_churn() -> None:
    shown = CATALOG.labels.of("movement")
    assert list(shown) == ["start", "new", "reactivation", "expansion", "contraction", "churn"]
    assert sorted(shown.values()) == list(shown.values())


def test_a_tile_that_is_sorted_by_a_dimension_has_the_order_of_what_is_stored() -> None:
    seen = set()
    for board in load_dashboards(CATALOG, built_in()):
        for tile in board.tiles:
            order = (tile.order or "").removeprefix("-")
            steps = {order} if order in tile.by else set()
            # and of these the chart sorts the axis or the series itself
            for column in steps | set(tile.by) & {"age_band", "recency"}:
                labels = CATALOG.labels.of(column)
                assert list(map(labels.get, sorted(labels))) == sorted(labels.values()), column
                seen |= {column} if labels else set()
    assert {"due_bucket", "deal_size", "age_band", "recency"} <= seen


# -- every engine gives them ----------------------------------------------------------------------


@pytest.fixture(params=["clickhouse", "duckdb", "mariadb", "postgres", "spark", "sqlite"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param)
    yield opened
    opened.close()


def test_each_engine_gives_the_same_labels(engine: Engine) -> None:
    columns = LabelColumns(compiler_of(CATALOG, engine.dialect))
    asked = {
        ("ticket_slas", "metric"): [("'first_reply'", "First reply"), ("null", None)],
        ("campaigns", "channel"): [("'paid_social'", "Paid social"), ("'Türkiye'", "Türkiye")],
        ("mrr_changes", "movement"): [("'new'", "2 New")],
        ("opportunities", "is_open"): [("1", "Yes"), ("0", "No"), ("null", None)],
        # of one fact a list, of another one the CRM's own
        ("tickets", "channel"): [("'paid_social'", "paid_social"), ("'sms'", "sms")],
    }
    for (fact, column), pairs in asked.items():
        label = columns.of(fact)[column]
        kind = "varchar(100)" if pairs[0][0].startswith("'") else "integer"
        for stored, text in pairs:
            cast = f"cast({stored} as {_type(kind, engine.dialect)})"
            answer = engine.query(f"select {label} as label from (select {cast} as {column}) as t")
            value = answer["label"].iloc[0]
            assert (None if pd.isna(value) else value) == text, (fact, column, stored)


def _type(kind: str, dialect: str) -> str:
    names = {
        "clickhouse": {"varchar(100)": "Nullable(String)", "integer": "Nullable(Int64)"},
        "mysql": {"varchar(100)": "char(100)", "integer": "signed"},
        "hive": {"varchar(100)": "string", "integer": "bigint"},
    }
    return names.get(dialect, {}).get(kind, kind)


@by_turns(3)
@pytest.mark.parametrize("dialect", sorted(FIXES))
def test_every_label_can_be_written_for_every_engine(dialect: str) -> None:
    columns = LabelColumns(compiler_of(CATALOG, dialect))
    made = [sql for fact in CATALOG.facts for sql in columns.of(fact).values()]
    assert len(made) > 300
    assert all(made)
