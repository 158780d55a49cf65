"""Mappings of the shipped connectors bind, whatever is asked of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.types import TYPES, Kind
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.registry import connector, connectors
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.kit.contract.bench import Bench
from superset_crmkpi.profile.schema import Profile, Source
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import Snapshot
from superset_crmkpi.warehouse.load import load_files
from tests.seeds import by_turns, within

CONNECTORS = {c.name: c for c in connectors().values() if c.schema is not None}


def mapped(connector: Connector) -> MappedSource:
    """The connector over a warehouse that has all its tables."""
    assert connector.schema is not None
    landing = next(iter(connector.landings))
    source = Source.model_validate(
        {"connector": connector.name, "landing": landing, "schema": "raw"}
    )
    tables: dict[tuple[str, str], dict[str, Kind]] = {
        ("raw", table): dict.fromkeys(columns, "text")
        for table, columns in connector.schema.items()
    }
    return MappedSource.bind("crm", source, connector, Snapshot(tables), "duckdb", load_model(), {})


@pytest.mark.parametrize("name", within(4, list(CONNECTORS)))
def test_each_column_of_a_mapping_with_a_union_or_distinct_rows_binds_alone(name: str) -> None:
    source = mapped(CONNECTORS[name])
    connection = duckdb.connect()
    for table, kinds in (CONNECTORS[name].schema or {}).items():
        typed = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in kinds.items())
        connection.execute(f'create table "{table}" ({typed})')
    for entity in source:
        if not source[entity].query.find(exp.SetOperation, exp.Distinct):
            continue  # the contract suite binds it, whole
        for column in source[entity].emits:
            query = dialects.finish(source[entity].pruned([column]).query.copy(), "duckdb")
            result = connection.execute(f"describe {query.sql(dialect='duckdb')}")
            assert column in {row[0] for row in result.fetchall()}, entity


HUBSPOT = Path(__file__).parents[1] / "plugins" / "crmkpi-hubspot" / "fixtures"


@by_turns(3)
def test_facts_that_read_a_union_of_hubspot_bind_live() -> None:
    bench = Bench(connector("hubspot"), HUBSPOT, "fivetran")
    live = bench.project.live
    facts = [fact for fact in bench.project.catalog.facts if "pipeline" in live.demand(fact)]
    assert len(facts) > 10
    for fact in facts:
        bench.execute(f"explain {live.fact(fact)}")


RAW = {
    "deal": """deal_id,property_dealname,deal_pipeline_id,deal_pipeline_stage_id,property_amount,\
property_createdate,property_closedate
1,Oak,new,paid,300,2026-01-02 08:00:00,2026-02-03 08:00:00
2,Elm,new,gone,200,2026-01-02 08:00:00,2026-02-04 08:00:00
3,Ash,new,talk,700,2026-01-02 08:00:00,2026-09-05 08:00:00
4,Fir,old,talk,100,2026-01-02 08:00:00,2026-09-06 08:00:00
""",
    "deal_pipeline": """pipeline_id,label,display_order,active
new,New business,0,true
""",
    "deal_pipeline_stage": """pipeline_id,stage_id,label,display_order,probability,is_closed
new,talk,Talk,0,0.3,false
new,paid,Paid,1,1.0,true
new,gone,Gone,2,0.0,true
""",
}


def test_deals_of_hubspot_have_their_pipeline_live(tmp_path: Path) -> None:
    for table, text in RAW.items():
        (tmp_path / f"{table}.csv").write_text(text.replace("\\\n", ""), encoding="utf-8")
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    load_files(engine, "raw", sorted(tmp_path.glob("*.csv")))
    source = {"connector": "hubspot", "landing": "fivetran", "schema": "raw"}
    profile = Profile.model_validate({"database": {"name": "w"}, "sources": {"crm": source}})
    sql = Project(profile, engine).live.fact("opportunities")
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "select opportunity_name, pipeline, is_won, is_lost, open_amount "
            f"from ({sql}) as f order by 1"
        )
        assert [tuple(row) for row in found] == [
            ("Ash", "New business", 0, 0, 700),
            ("Elm", "New business", 0, 1, None),
            ("Fir", "old", 0, 0, 100),
            ("Oak", "New business", 1, 0, None),
        ]
