"""Fields of a company's own CRM become columns of the model and dimensions of facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli import main
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.source_inspection import unmapped_labels, unread_fields
from superset_crmkpi.warehouse.load import load_files
from tests.real.conftest import Answers
from tests.seeds import by_turns, turn
from tests.warehouses import postgres

#: each engine has its turn, another one each day
pytestmark = turn("engine", ["duckdb", "postgres"])

PLUGINS = Path(__file__).parents[1] / "plugins"
SALESFORCE = PLUGINS / "crmkpi-salesforce" / "fixtures" / "fivetran"
HUBSPOT = PLUGINS / "crmkpi-hubspot" / "fixtures" / "airbyte"
SALES = {"connector": "salesforce", "landing": "fivetran", "schema": "raw"}
#: what the company keeps beside the vendor's fields, by the account's native id
OWN = pd.DataFrame(
    [
        ("001A000000aaaaaAAA", "A", "Strategic", "90", "true"),
        ("001A000000AAAAAAAA", " B ", "mid-market", "", "no"),
        ("001A000000ccc", "", "Strategic", "x", ""),
        ("001A000000fff", "A", None, None, None),
    ],
    columns=["id", "ICP_Tier__c", "Tiering__c", "Fit__c", "Is_Partner__c"],
)
#: rows of an enrichment tool, one per fact it found
FOUND = pd.DataFrame(
    [
        ("001A000000aaaaaAAA", "headcount", "120"),
        ("001A000000aaaaaAAA", "funding", "7"),
        ("001A000000ccc", "headcount", "85"),
        ("nobody", "headcount", "3"),
    ],
    columns=["account_key", "what", "value"],
)


def prepare(engine: Engine) -> Engine:
    load_files(engine, "raw", sorted(SALESFORCE.glob("*.csv")))
    load_files(engine, "crm2", sorted(HUBSPOT.glob("*.csv")))
    with engine.begin() as connection:
        OWN.to_sql("own", connection, schema="raw", index=False)
        FOUND.to_sql("clay_facts", connection, schema="raw", index=False)
    own = ", ".join(f'o."{column}"' for column in OWN.columns[1:])
    wide = f"select a.*, {own} from raw.account as a left join raw.own as o on o.id = a.id"
    for change in (
        f"create table raw.wide as {wide}",
        "drop table raw.account",
        "alter table raw.wide rename to account",
    ):
        with engine.begin() as connection:
            connection.exec_driver_sql(change)
    return engine


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "postgres":
        for engine in postgres("fields"):
            yield prepare(engine)
        return
    yield prepare(sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True))


def project(engine: Engine, fields: dict[str, Any], **more: Any) -> Project:
    given: dict[str, Any] = {"database": {"name": "x"}, "sources": {"sales": SALES}, **more}
    return Project(Profile.model_validate({**given, "fields": fields}), engine)


def by_account(answers: Answers, entity: str, column: str) -> dict[str, Any]:
    frame = answers.entity(entity)
    return {
        row["source_id"]: row[column] for _, row in frame.iterrows() if not pd.isna(row[column])
    }


def test_a_field_cuts_a_kpi_as_pandas_cuts_the_raw_tables(engine: Engine) -> None:
    tier = {"from": {"sales": "ICP_Tier__c"}, "facts": ["opportunities", "accounts"]}
    answer = Answers(project(engine, {"account.icp_tier": tier})).kpi("win_rate", by="icp_tier")
    deals = pd.read_csv(SALESFORCE / "opportunity.csv", dtype=str)
    deals = deals[(deals["_fivetran_active"] == "true") & (deals["is_deleted"] == "false")]
    deals = deals.merge(OWN, left_on="account_id", right_on="id", how="left")
    tiers = deals["ICP_Tier__c"].fillna("").str.strip().replace("", "(none)")
    closed = deals["is_closed"] == "true"
    won = (deals["is_won"] == "true")[closed].groupby(tiers[closed]).mean()
    assert answer.dropna().to_dict() == pytest.approx(won.to_dict())
    assert len(won) == 2


def test_an_enrichment_table_is_read_by_its_key_one_row_per_record(engine: Engine) -> None:
    place = {"table": "clay_facts", "key": "account_key", "where": {"what": "headcount"}}
    headcount = {"type": "integer", "from": {"sales": {**place, "field": "value"}}}
    fields = {"account.headcount": headcount}
    answers = Answers(project(engine, fields))
    assert by_account(answers, "account", "headcount") == {
        "001A000000aaaaaAAA": 120,
        "001A000000ccc": 85,
    }
    plain = Answers(project(engine, {})).entity("account")
    assert len(answers.entity("account")) == len(plain)


def test_a_field_may_stand_for_a_column_of_the_model(engine: Engine) -> None:
    fit = {"from": {"sales": "Fit__c"}}
    answers = Answers(project(engine, {"account.health_score": fit}))
    assert by_account(answers, "account", "health_score") == {"001A000000aaaaaAAA": 90}


def test_or_only_where_the_crm_itself_has_nothing(engine: Engine) -> None:
    before = by_account(Answers(project(engine, {})), "account", "employee_count")
    place = {"table": "clay_facts", "key": "account_key", "where": {"what": "headcount"}}
    place |= {"field": "value", "only_if_empty": True}
    answers = Answers(project(engine, {"account.employee_count": {"from": {"sales": place}}}))
    after = by_account(answers, "account", "employee_count")
    assert before["001A000000aaaaaAAA"] == 50
    assert after == {**before, "001A000000ccc": 85}


def test_its_labels_are_mapped_by_the_profile_and_the_others_are_told(engine: Engine) -> None:
    fields = {"account.segment": {"from": {"sales": "Tiering__c"}}}
    values = {"account.segment": {"strategic": "enterprise"}}
    asked = project(engine, fields, sources={"sales": {**SALES, "values": values}})
    segments = by_account(Answers(asked), "account", "segment")
    assert segments == {
        "001A000000aaaaaAAA": "enterprise",
        "001A000000AAAAAAAA": "mid-market",
        "001A000000ccc": "enterprise",
    }
    plain = unmapped_labels(project(engine, fields))
    assert [(u.label, u.rows) for u in plain if u.column == "account.segment"] == [("strategic", 2)]


def test_flags_become_words_and_numbers_stay_numbers(engine: Engine) -> None:
    fields = {
        "account.is_partner": {"type": "boolean", "from": {"sales": "Is_Partner__c"}},
        "account.fit": {"type": "number", "from": {"sales": "Fit__c"}},
    }
    frame = Answers(project(engine, fields)).fact("accounts", ["account_id", "is_partner", "fit"])
    flags = {
        key.removeprefix("sales:"): flag
        for key, flag in zip(*_two(frame, "is_partner"), strict=True)
    }
    assert flags["001A000000aaaaaAAA"] == "yes"
    assert flags["001A000000AAAAAAAA"] == "no"
    assert flags["001A000000ccc"] == "(none)"
    assert frame["fit"].dropna().tolist() == [90.0]


def _two(frame: pd.DataFrame, column: str) -> tuple[list[str], list[Any]]:
    return frame["account_id"].tolist(), frame[column].tolist()


def test_two_sources_fill_one_column_each_from_its_own_place(engine: Engine) -> None:
    sources = {
        "sales": SALES,
        "more": {"connector": "hubspot", "landing": "airbyte", "schema": "crm2"},
    }
    fields = {"account.icp_tier": {"from": {"sales": "ICP_Tier__c", "more": "industry"}}}
    frame = Answers(project(engine, fields, sources=sources)).entity("account")
    tiers = frame.set_index("id")["icp_tier"]
    assert tiers["sales:001A000000fff"] == "A"
    industries = frame.loc[frame["source_system"] == "hubspot", ["icp_tier", "industry"]]
    assert industries["icp_tier"].notna().any()
    same = industries["icp_tier"].str.lower() == industries["industry"].str.lower()
    assert same[industries["industry"].notna()].all()


@by_turns(3)
def test_built_tables_have_it_too(engine: Engine) -> None:
    tier = {"from": {"sales": "ICP_Tier__c"}, "facts": ["opportunities"]}
    asked = project(engine, {"account.icp_tier": tier}, schema="built_fields")
    build(asked)
    columns = ["opportunity_id", "icp_tier"]
    live = Answers(asked).fact("opportunities", columns).sort_values(columns)
    built = Answers(asked).rows(asked.built.fact("opportunities", columns)).sort_values(columns)
    assert live.to_numpy().tolist() == built.to_numpy().tolist()
    assert "A" in built["icp_tier"].tolist()


@by_turns(3)
def test_superset_gets_a_labelled_column_to_filter_and_group_by(engine: Engine) -> None:
    tier = {
        "label": "ICP tier",
        "from": {"sales": "ICP_Tier__c"},
        "facts": ["accounts"],
        "filter": True,
    }
    assets = project(engine, {"account.icp_tier": tier}).bundle().assets
    (columns,) = [
        a["columns"]
        for path, a in assets.items()
        if path.endswith("/crmkpi_customer_health_accounts.yaml")
    ]
    (column,) = [column for column in columns if column["column_name"] == "icp_tier"]
    assert (column["verbose_name"], column["filterable"], column["groupby"]) == (
        "ICP tier",
        True,
        True,
    )
    filters = {
        path: [f["name"] for f in a["metadata"]["native_filter_configuration"]]
        for path, a in assets.items()
        if path.startswith("dashboards/")
    }
    assert "ICP tier" in filters["dashboards/customer_health.yaml"]
    assert "ICP tier" not in filters["dashboards/pipeline_operations.yaml"]


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"account.tier": {"from": {"sales": "ICP_Teir__c"}}},
        r"`fields\.account\.tier\.from\.sales`: no column `ICP_Teir__c` in raw\.account; "
        "near: ICP_Tier__c",
    ),
    ({"account.tier": {"facts": ["accounts"]}}, r"`fields\.account\.tier`: no source gives it"),
    (
        {"account.tier": {"from": {"sales": {"field": "value", "table": "clay_facts"}}}},
        "`clay_facts` is another table; say which column holds the id, by `key`",
    ),
    (
        {"account.tier": {"from": {"sales": {"field": "v", "table": "clay", "key": "k"}}}},
        "table `clay` is not in raw",
    ),
    ({"product_usage_event.x": {"from": {"sales": "y"}}}, "maps no `product_usage_event`"),
]


@pytest.mark.parametrize(("fields", "message"), WRONG)
def test_a_field_that_is_not_there_is_one_line_with_what_to_do(
    engine: Engine, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(CrmKpiError, match=message):
        _ = project(engine, fields).sources


def test_a_record_of_no_table_has_no_fields(engine: Engine) -> None:
    made = {"connector": "sql", "schema": "raw", "entities": {"team": "select 'a' as id"}}
    fields = {"team.x": {"from": {"own": "y"}, "facts": []}}
    with pytest.raises(CrmKpiError, match="id comes from no table; name one by `table` and `key`"):
        _ = project(engine, fields, sources={"own": made}).sources


PAGE = {"database": {"name": "x"}, "sources": {"sales": SALES}}
MISWRITTEN: list[tuple[str, Any, str]] = [
    ("account", {"from": {"sales": "x"}}, "write entity.column"),
    ("acount.tier", {"from": {"sales": "x"}}, "no such canonical entity"),
    ("account.created_date", {"from": {"sales": "x"}}, "is computed from `created_at`"),
    ("account.tier", {"from": {"marketing": "x"}}, "no such source; there are: sales"),
    ("contact.tier", {"from": {"sales": "x"}}, "no fact has one row per contact; name"),
    ("account.tier", {"from": {"sales": "x"}, "facts": ["deals"]}, "no such fact: deals"),
    ("account.health", {"from": {"sales": "x"}}, "the fact `accounts` has a column `health`"),
    ("account.tier", {"from": {"sales": "x"}, "facts": ["forecasts"]}, "is of no single account"),
    (
        "account.health",
        {"from": {"sales": "x"}, "facts": "accounts"},
        "has a column `health` already",
    ),
    ("account.tier", {"from": {"sales": {"field": "x", "key": "y"}}}, "are about another `table`"),
    ("account.tier", {"from": {"sales": "x"}, "type": "picklist"}, "Input should be"),
    ("account.city", {"from": {"sales": "x"}, "personal": True}, "is for columns of your own"),
]


@pytest.mark.parametrize(("name", "field", "message"), MISWRITTEN)
def test_a_miswritten_field_is_named_with_its_line(
    tmp_path: Path, name: str, field: Any, message: str
) -> None:
    path = tmp_path / "crmkpi.yaml"
    path.write_text(yaml.safe_dump({**PAGE, "fields": {name: field}}, sort_keys=False))
    with pytest.raises(CrmKpiError, match=rf"crmkpi\.yaml line \d+: `fields\.{name}.*{message}"):
        load_profile(path)


def test_a_percent_sign_in_a_column_is_only_a_name(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("create table raw.product_2_new as select * from raw.product_2"))
        connection.execute(sa.text('alter table raw.product_2_new add column "Margin %" varchar'))
    sources = {"sales": {**SALES, "tables": {"product_2": "product_2_new"}}}
    found = unread_fields(project(engine, {}, sources=sources))
    assert ("Margin %", 0) in [(field.field, field.filled) for field in found]


def test_fields_that_nobody_reads_are_listed_by_how_full_they_are(tmp_path: Path) -> None:
    uri = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    warehouse = sa.create_engine(uri, future=True)
    prepare(warehouse)
    warehouse.dispose()
    path = tmp_path / "crmkpi.yaml"
    database = {"name": "x", "uri": f"{uri}?access_mode=read_only"}
    tier = {"account.icp_tier": {"from": {"sales": "ICP_Tier__c"}}}
    path.write_text(yaml.safe_dump({**PAGE, "database": database, "fields": tier}))
    ask = ["fields", "sales", "--profile", str(path)]
    done = CliRunner().invoke(main, [*ask, "--format", "json"])
    listed = [
        row
        for row in json.loads(done.stdout[done.stdout.index("[") :])
        if row["table"] == "raw.account"
    ]
    assert [(row["field"], row["filled"], row["rows"]) for row in listed] == [
        ("Fit__c", 4, 9),  # an empty text is something, for a database
        ("Is_Partner__c", 4, 9),
        ("Tiering__c", 4, 9),
    ]
    text = CliRunner().invoke(main, ask).output
    assert "Tiering__c" in text
    assert "ICP_Tier__c" not in text
    assert "from: {sales: " in text
    assert CliRunner().invoke(main, ["fields", "seles", "--profile", str(path)]).exit_code == 2
