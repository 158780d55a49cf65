"""A write by REST that fails is undone, and Superset is left with what belongs together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply, prepare
from superset_crmkpi.superset.bootstrap import superset_version
from superset_crmkpi.superset.rest import checks
from superset_crmkpi.superset.rest.gateway import RestGateway, open_remote
from superset_crmkpi.superset.rest.login import Password
from tests.superset import rows, toy
from tests.superset.between import Answer, Between
from tests.superset.conftest import ADMIN_PASSWORD, fresh, serving

pytestmark = pytest.mark.superset
ADMIN = Password("admin", ADMIN_PASSWORD)
BOARD, CHART, DATASET = "dashboards/toy.yaml", "charts/total.yaml", "datasets/toy/deals.yaml"


@dataclass(frozen=True)
class Installed:
    """The toy in a Superset; each test leaves it as it was."""

    app: Any
    gateway: RestGateway
    bundle: Bundle
    metadata: Path

    def rows(self) -> rows.Rows:
        return rows.all_of(self.metadata, ["logs", "ab_user"])

    def execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.metadata, timeout=30)) as connection:
            connection.execute(sql)
            connection.commit()


@pytest.fixture(scope="module")
def installed(_superset: Any, superset_url: str, warehouse_uri: str) -> Iterator[Installed]:
    metadata = fresh(_superset)
    bundle = toy.bundle(warehouse_uri)
    with open_remote(superset_url, ADMIN) as gateway:
        apply(bundle, gateway)
        yield Installed(_superset[0], gateway, bundle, metadata)


def test_a_plan_refuses_sql_that_does_not_run_and_writes_nothing(installed: Installed) -> None:
    before = installed.rows()
    broken = toy.changed(installed.bundle, DATASET, sql="select * from no_such_table")
    with pytest.raises(CrmKpiError, match=f"{DATASET}: its SQL does not run: .*no_such_table"):
        prepare(broken, installed.gateway)
    assert installed.rows() == before


def test_superset_itself_runs_a_dataset_and_names_what_does_not(installed: Installed) -> None:
    client, number = installed.gateway.client, 1
    whole = toy.dataset()
    assert checks.check_dataset(client, number, whole) == []
    more = deepcopy(whole)
    more["metrics"].append(toy.metric("unknown", "SUM(amount)"))
    (fault,) = checks.check_dataset(client, number, more)
    assert fault.startswith("metric unknown does not run: ")
    more["columns"].append({"column_name": "nowhere"})
    assert checks.check_dataset(client, number, more) == [
        "column nowhere is not in the result of its SQL"
    ]


def test_a_template_is_run_by_superset_alone_and_undone(installed: Installed) -> None:
    before = rows.undone(installed.rows())
    sql = "{# only Superset makes SQL of this #} select * from no_such_table"
    broken = toy.changed(installed.bundle, DATASET, sql=sql)
    with pytest.raises(CrmKpiError, match=r"its SQL does not run: .*no_such_table.*nothing was"):
        apply(broken, installed.gateway)
    assert rows.undone(installed.rows()) == before


def test_charts_that_a_layout_does_not_show_are_taken_off_the_dashboard(
    installed: Installed,
) -> None:
    before = rows.undone(installed.rows())["dashboard_slices"]
    with installed.gateway.transaction():
        own = toy.chart("own", "Own", "big_number_total", metric="deal_count")
        installed.gateway.write({"charts/own.yaml": own})
    number = installed.gateway.catalog.known("chart", toy.uid("own"))
    installed.execute(f"insert into dashboard_slices (dashboard_id, slice_id) values (1, {number})")
    installed.gateway.writer.link(BOARD, installed.bundle.assets[BOARD])
    assert rows.undone(installed.rows())["dashboard_slices"] == before
    installed.gateway.delete("chart", toy.uid("own"))


def newer(bundle: Bundle) -> Bundle:
    """Another title of a chart, and another text of the dashboard."""
    return toy.changed(toy.changed(bundle, CHART, slice_name="Volume"), BOARD, description="New")


@dataclass
class Breaking:
    """Refuses the next dashboard, and from then on all that writes if it is `for_good`."""

    armed: bool = False
    for_good: bool = False

    def __call__(self, environ: Any) -> Answer | None:
        writes = environ["REQUEST_METHOD"] != "GET"
        if self.armed and environ["PATH_INFO"] == "/api/v1/dashboard/import/":
            self.armed = False
        elif self.armed or not (writes and self.for_good):
            return None
        return "500 Internal Server Error", [], ADMIN_PASSWORD.encode()


def test_a_failure_half_way_is_undone_owners_too(installed: Installed) -> None:
    installed.execute("delete from slice_user")  # the charts are nobody's
    before = rows.undone(installed.rows())
    breaking = Breaking(armed=True)
    with (
        serving(Between(installed.app, breaking)) as url,
        open_remote(url, ADMIN) as gateway,
        pytest.raises(CrmKpiError, match="nothing was changed") as caught,
    ):
        apply(newer(installed.bundle), gateway)
    assert not breaking.armed
    assert f"{BOARD}: Superset rejected it" in caught.value.message
    assert rows.undone(installed.rows()) == before


@pytest.mark.skipif(
    (superset_version() or "").startswith(("4.", "5.")),
    reason="it imports no PostgreSQL connection that it cannot reach: it asks for its catalogs",
)
def test_a_password_that_cannot_be_taken_back_is_told(installed: Installed) -> None:
    def write(password: str, fault: str = "") -> None:
        uri = f"postgresql+psycopg2://reader:{password}@127.0.0.1:9/nowhere"
        name = {"database_name": "Nowhere", "uuid": toy.uid("nowhere")}
        content = {**installed.bundle.assets["databases/toy.yaml"], **name, "sqlalchemy_uri": uri}
        with installed.gateway.transaction():
            installed.gateway.write({"databases/nowhere.yaml": content})
            if fault:
                raise CrmKpiError(fault)

    with pytest.raises(CrmKpiError, match=r"stopped \(nothing was changed\)"):
        write("first-s3cret", "stopped")
    write("first-s3cret")
    told = 'stopped .*connection "Nowhere" has the password of the profile'
    with pytest.raises(CrmKpiError, match=told) as caught:
        write("second-s3cret", "stopped")
    assert "s3cret" not in caught.value.message
    installed.gateway.delete("database", toy.uid("nowhere"))


def test_a_deletion_that_fails_half_way_puts_back_what_was_deleted(installed: Installed) -> None:
    def keeps_datasets(environ: Any) -> Answer | None:
        deletes = environ["REQUEST_METHOD"] == "DELETE" and "/dataset/" in environ["PATH_INFO"]
        return ("500 Internal Server Error", [], b"") if deletes else None

    def delete_all(gateway: RestGateway) -> None:
        with gateway.transaction():
            gateway.forget(gateway.state().ledger)
            gateway.delete("dashboard", toy.uid("dashboard"))
            for name in ("total", "table", "bar"):
                gateway.delete("chart", toy.uid(name))
            gateway.delete("dataset", toy.uid("dataset"))

    before = installed.gateway.state()
    with (
        serving(Between(installed.app, keeps_datasets)) as url,
        open_remote(url, ADMIN) as gateway,
        pytest.raises(CrmKpiError, match='chart "By region" was made again; give it') as caught,
    ):
        delete_all(gateway)
    assert "DELETE /api/v1/dataset/1 gave 500" in caught.value.message
    after = installed.gateway.state()
    assert set(after.found) == set(before.found)
    assert after.ledger == before.ledger
    assert not apply(installed.bundle, installed.gateway).changes


def test_what_could_not_be_undone_is_named(installed: Installed) -> None:
    breaking = Breaking(armed=True, for_good=True)
    with (
        serving(Between(installed.app, breaking)) as url,
        open_remote(url, ADMIN) as gateway,
        pytest.raises(CrmKpiError, match="not all of it could be undone") as caught,
    ):
        apply(newer(installed.bundle), gateway)
    assert "\n" not in caught.value.message
    assert ADMIN_PASSWORD not in caught.value.message
    assert 'changed: chart "Total amount"' in caught.value.message
    assert "nothing was changed" not in caught.value.message
