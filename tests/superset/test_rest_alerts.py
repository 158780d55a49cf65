"""Alerts made by REST: put back after an error, found again, and refused where they are off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply, prepare
from superset_crmkpi.installer.uninstall import make_uninstall
from superset_crmkpi.superset.rest.gateway import RestGateway, open_remote
from superset_crmkpi.superset.rest.login import Password
from tests.seeds import by_turns
from tests.superset import toy
from tests.superset.conftest import ADMIN_PASSWORD, fresh

#: another day than alerts in process
pytestmark = [pytest.mark.superset, by_turns(2, 0)]
ADMIN = Password("admin", ADMIN_PASSWORD)


@dataclass(frozen=True)
class Remote:
    gateway: RestGateway
    bundle: Bundle

    def reports(self) -> list[dict[str, Any]]:
        """All alerts and reports as REST shows them, without what Superset numbers and dates."""
        return [
            {
                **{key: value for key, value in row.items() if key != "id"},
                "recipients": [
                    {key: one[key] for key in one if key != "id"} for one in row["recipients"]
                ],
            }
            for listed in self.gateway.client.get("report/")["result"]
            for row in [self.gateway.client.get(f"report/{listed['id']}")["result"]]
        ]


@pytest.fixture(scope="module")
def toy_there(_superset: Any, superset_url: str, warehouse_uri: str) -> Iterator[Remote]:
    fresh(_superset)
    bundle = toy.bundle(warehouse_uri)
    with open_remote(superset_url, ADMIN) as gateway:
        apply(bundle, gateway)
        yield Remote(gateway, bundle)


@pytest.fixture
def remote(toy_there: Remote, alerts_on: None) -> Iterator[Remote]:
    """With the toy and its alert; the alert is gone afterwards."""
    apply(toy.with_alert(toy_there.bundle), toy_there.gateway)
    yield Remote(toy_there.gateway, toy.with_alert(toy_there.bundle))
    apply(toy_there.bundle, toy_there.gateway)
    assert toy_there.gateway.client.get("report/")["count"] == 0


def test_where_alerts_are_off_the_plan_says_what_to_do(toy_there: Remote) -> None:
    with pytest.raises(CrmKpiError, match=r"alerts are off in this Superset; set FEATURE_FLAGS"):
        prepare(toy.with_alert(toy_there.bundle), toy_there.gateway)


def test_its_question_is_tried_beforehand(remote: Remote) -> None:
    for sql, fault in (
        ("select * from no_such_table", "its SQL does not run: .*no_such_table"),
        ("select 1 as one, 2 as two", "its SQL gives 2 columns"),
        ("select {{ 1 }}", "its SQL is a template"),
    ):
        with pytest.raises(CrmKpiError, match=f"{toy.ALERT}: {fault}"):
            prepare(toy.changed(remote.bundle, toy.ALERT, sql=sql), remote.gateway)


def test_an_alert_leads_to_its_dashboard_and_a_second_run_changes_nothing(remote: Remote) -> None:
    (alert,) = remote.reports()
    base, board = remote.gateway.base, toy.uid("dashboard")
    assert alert["description"] == f"Total. Dashboard: {base}/superset/dashboard/{board}/"
    assert not apply(remote.bundle, remote.gateway).changes
    assert make_uninstall("", remote.gateway).losses == ()


def test_after_an_error_alerts_are_as_they_were(remote: Remote) -> None:
    before = remote.reports()
    changed = {**remote.bundle.assets[toy.ALERT], "crontab": "1 1 * * *"}
    new = {**changed, "name": "Toy: another", "uuid": toy.uid("another alert")}

    def fail_half_way() -> None:
        with remote.gateway.transaction():
            remote.gateway.write({toy.ALERT: changed, "alerts/another.yaml": new})
            remote.gateway.delete("alert", toy.uid("alert"))
            assert len(remote.reports()) == 2  # deleted at the end only
            raise CrmKpiError("on purpose")

    with pytest.raises(CrmKpiError, match="on purpose"):
        fail_half_way()
    assert remote.reports() == before


def test_one_that_failed_is_told(remote: Remote, metadata_rows: Any) -> None:
    alerts = [content for _, content in remote.bundle.of("alerts")]
    assert remote.gateway.why_not_fired(alerts) == []
    metadata_rows("update report_schedule set last_state = 'Error'")
    remote.gateway.alerts.refresh()
    (line,) = remote.gateway.why_not_fired(alerts)
    assert line.startswith("1 alerts failed when they last ran, first `Toy: total`")


@pytest.fixture
def metadata_rows(_superset: Any) -> Any:
    """Changes the metadata database by SQL."""
    import sqlite3
    from contextlib import closing

    def execute(sql: str) -> None:
        with closing(sqlite3.connect(_superset[1], timeout=30)) as connection:
            connection.execute(sql)
            connection.commit()

    return execute
