"""A partner with two logins, one of them given up: what they did is there once."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.kit.contract.bench import Bench, rows
from superset_crmkpi.testing import bench_of

BENCH = ("odoo", Path(__file__).parents[1] / "fixtures", "database")


@pytest.fixture(scope="module")
def bench() -> Bench:
    name, fixtures, landing = BENCH
    return bench_of(connector(name), fixtures, landing)


@pytest.mark.parametrize(
    "entity", ["activity", "contact", "lead", "opportunity_history", "survey_response", "ticket"]
)
def test_a_second_login_of_a_partner_changes_nothing(bench: Bench, entity: str) -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    project = bench.loaded(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into raw.res_users select * replace ('1' || id as id, 'false' as active)"
            " from raw.res_users"
        )
    found = rows(engine, project.live.entity(entity))
    engine.dispose()
    once = bench.finished(entity)
    assert len(once)
    assert found.sort_values("id").to_dict("list") == once.sort_values("id").to_dict("list")
