"""By `access.rows: own` a representative sees own records, a manager the people's, some all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.superset.inprocess import open_gateway
from tests.seeds import by_turns, turn
from tests.superset import guarded
from tests.superset.asking import with_session
from tests.superset.conftest import ADMIN_PASSWORD
from tests.superset.test_access import opens

MODES = ["live", "built"]
#: one company for all of them
pytestmark = [pytest.mark.superset, turn("company", MODES), by_turns(2, 0)]

PIPELINE, EXECUTIVE = "Owned Pipeline", "Owned Executive"
#: user -> roles; whose records they see of those that have an owner
PEOPLE: dict[str, tuple[list[str], set[str]]] = {
    "head": ([PIPELINE, EXECUTIVE], {"Boss", "Rep", "Peer", "(none)"}),
    "rep": ([PIPELINE], {"Rep"}),
    "boss": ([PIPELINE], {"Boss", "Rep"}),
    "peer": ([PIPELINE], {"Peer"}),
    "alpha": (["Alpha"], set()),
    "temp": ([PIPELINE], set()),
}
DEALS = {"Boss": 1, "Rep": 2, "Peer": 4, "(none)": 8}


class Company:
    """An installed Superset, and what its people see there."""

    def __init__(self, app: Any, bundle: Bundle) -> None:
        self.app = app
        self.bundle = bundle
        self.clients: dict[str, tuple[Any, dict[str, str]]] = {}
        #: name -> number, of the datasets that the rule of owners guards
        self.guarded: dict[str, int] = {}
        #: the same of filters by owner, and of the deals of the pipeline
        rules = {str(r["name"]): r for _, r in bundle.of("rules")}
        from superset_crmkpi.superset.reader import model

        with app.app_context():
            for uuid in rules["Owned: own records"]["datasets"]:
                row = model("dataset", uuid)
                self.guarded[row.table_name] = row.id

    def as_(self, name: str, password: str = "") -> tuple[Any, dict[str, str]]:
        if name not in self.clients:
            client = with_session(self.app, name)
            known = password or f"pass-of-{name}"
            login = {"username": name, "password": known, "provider": "db"}
            token = client.post("/api/v1/security/login", json=login).json["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Referer": "http://localhost/"}
            csrf = client.get("/api/v1/security/csrf_token/", headers=headers).json
            self.clients[name] = client, {**headers, "X-CSRFToken": csrf.get("result", "")}
        return self.clients[name]

    def ask(self, name: str, dataset: str, kind: str = "full", **query: Any) -> Any:
        client, headers = self.as_(name)
        body = {
            "datasource": {"id": self.guarded[dataset], "type": "table"},
            "queries": [{"columns": [], "filters": [], "row_limit": 1000, **query}],
            "result_format": "json",
            "result_type": kind,
        }
        if kind == "csv":
            body |= {"result_format": "csv", "result_type": "full"}
        return client.post("/api/v1/chart/data", json=body, headers=headers)

    def owners(self, name: str, dataset: str, kind: str = "full", **query: Any) -> set[str]:
        answer = self.ask(name, dataset, kind, **{"columns": ["owner"], **query})
        assert answer.status_code == 200, answer.text[:500]
        if kind == "csv":
            return {row["Owner"] for row in csv.DictReader(io.StringIO(answer.text))}
        return {str(row["owner"]) for row in answer.json["result"][0]["data"]}


@pytest.fixture(scope="module", params=MODES)
def company(
    request: pytest.FixtureRequest,
    _superset: Any,
    emptied: Callable[[], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Company:
    path = tmp_path_factory.mktemp("owned") / "owned.duckdb"
    guarded.fill(path)
    bundle = guarded.bundle(path, request.param)
    emptied()
    with open_gateway(_superset[0]) as gateway:
        apply(bundle, gateway)
        for name, (roles, _) in PEOPLE.items():
            gateway.ensure_user(name, f"pass-of-{name}", name, roles)
    return Company(_superset[0], bundle)


OPPORTUNITIES = "crmkpi_owned_pipeline_opportunities"


@pytest.mark.parametrize("name", PEOPLE)
def test_each_sees_the_records_that_are_theirs_in_every_dataset(
    company: Company, name: str
) -> None:
    expected = PEOPLE[name][1]
    mine = [d for d in company.guarded if name != "alpha" and "_executive_" not in d] or list(
        company.guarded
    )
    assert len(mine) > 3
    for dataset in mine:
        assert company.owners(name, dataset) <= expected, dataset
    if name != "alpha":
        assert company.owners(name, OPPORTUNITIES) == expected


@pytest.mark.parametrize("name", PEOPLE)
def test_numbers_are_of_what_one_sees_also_after_somebody_else_asked(
    company: Company, name: str
) -> None:
    for who in ("head", name, "head"):  # Superset keeps answers
        found = company.ask(who, OPPORTUNITIES, metrics=["open_deals"])
        expected = sum(count for owner, count in DEALS.items() if owner in PEOPLE[who][1])
        assert found.json["result"][0]["data"] == [{"open_deals": expected}], who


@pytest.mark.parametrize("name", ["rep", "temp"])
def test_no_other_way_to_the_data_shows_more(company: Company, name: str) -> None:
    expected = PEOPLE[name][1]
    client, headers = company.as_(name)
    number = company.guarded[OPPORTUNITIES]
    assert company.owners(name, OPPORTUNITIES, "csv") == expected
    assert company.owners(name, OPPORTUNITIES, "drill_detail") == expected
    assert company.owners(name, OPPORTUNITIES, "samples") <= expected
    address = f"/api/v1/datasource/table/{number}/column/owner/values/"
    assert not opens(client.get(address, headers=headers))
    by_sql = {"where": "1 = 1) or (1 = 1"}
    answer = company.ask(name, OPPORTUNITIES, columns=["owner"], extras=by_sql)
    assert (
        answer.status_code != 200
        or not {row["owner"] for row in answer.json["result"][0]["data"]} - expected
    )
    samples = f"/datasource/samples?datasource_type=table&datasource_id={number}&force=false"
    answer = client.post(samples, json={"filters": []}, headers=headers)
    assert answer.status_code == 200, answer.text
    found = {row["owner"] for row in answer.json["result"]["data"]}
    assert found == expected
    lab = {"database_id": 1, "sql": "select * from crm.deals", "schema": "crm"}
    assert not opens(client.post("/api/v1/sqllab/execute/", json=lab, headers=headers))


def test_who_may_explore_all_data_is_bound_as_well(company: Company) -> None:
    client, headers = company.as_("alpha")
    number = company.guarded[OPPORTUNITIES]
    address = f"/api/v1/datasource/table/{number}/column/owner/values/"
    assert client.get(address, headers=headers).json["result"] == []
    for kind in ("samples", "drill_detail"):
        assert company.owners("alpha", OPPORTUNITIES, kind) == set()


def test_the_filter_of_owners_names_only_those_one_sees(company: Company) -> None:
    (filter_,) = [name for name in company.guarded if name.endswith("_owner")]
    assert company.owners("rep", filter_) == {"Rep"}
    assert company.owners("boss", filter_) == {"Boss", "Rep"}


def test_stored_charts_answer_each_with_their_own(company: Company) -> None:
    from superset import db
    from superset.models.slice import Slice

    with company.app.app_context():
        table = company.guarded[OPPORTUNITIES]
        found = db.session.query(Slice).filter_by(datasource_id=table)
        charts = [c.id for c in found if '"owner"' in c.params][:3]
    assert charts
    shown = set()
    for chart in charts:
        client, headers = company.as_("rep")
        answer = client.get(f"/api/v1/chart/{chart}/data/", headers=headers)
        assert answer.status_code == 200, answer.text[:300]
        for result in answer.json["result"]:
            shown |= {row["owner"] for row in result["data"] if "owner" in row}
    assert shown == {"Rep"}


def test_the_installer_asks_a_tile_as_who_sees_all(company: Company) -> None:
    from superset.models.slice import Slice

    from superset_crmkpi.superset.tiles import ask

    with company.app.app_context():
        table = company.guarded[OPPORTUNITIES]
        from superset import db

        found = db.session.query(Slice).filter_by(datasource_id=table)
        answers = [ask(str(c.uuid), PIPELINE) for c in found if '"owner"' in c.params]
        assert max(answer.rows for answer in answers) >= len(DEALS)
        assert not [answer for answer in answers if answer.error]


def test_an_alert_of_theirs_cannot_be_made(company: Company) -> None:
    client, headers = company.as_("rep")
    body = {
        "name": "All", "type": "Alert", "crontab": "* * * * *", "sql": "select 1", "database": 1,
        "recipients": [{"type": "Email", "recipient_config_json": {"target": "rep@demo.invalid"}}],
    }  # fmt: skip
    assert not opens(client.post("/api/v1/report/", json=body, headers=headers))


def test_a_guest_of_an_embedded_dashboard_sees_no_records(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset import db
    from superset.extensions import feature_flag_manager
    from superset.models.dashboard import Dashboard

    monkeypatch.setitem(feature_flag_manager._feature_flags, "EMBEDDED_SUPERSET", True)
    monkeypatch.setitem(company.app.config, "GUEST_ROLE_NAME", "Gamma")
    with company.app.app_context():
        found = db.session.query(Dashboard).filter_by(slug="owned-crm-pipeline").one()
        board = found.id
        of_deals = [c for c in found.slices if c.datasource_id == company.guarded[OPPORTUNITIES]]
        asked_by = {c.id: json.loads(c.query_context) for c in of_deals[:3] if c.query_context}
    admin, headers = company.as_("admin", ADMIN_PASSWORD)
    address = f"/api/v1/dashboard/{board}/embedded"
    embedded = admin.post(address, json={"allowed_domains": []}, headers=headers).json["result"]
    asked = {
        "user": {"username": "guest"},
        "resources": [{"type": "dashboard", "id": embedded["uuid"]}],
        "rls": [],
    }
    token = admin.post("/api/v1/security/guest_token/", json=asked, headers=headers).json["token"]
    guest = company.app.test_client()
    for chart, body in asked_by.items():
        body["form_data"] = {**body.get("form_data", {}), "dashboardId": board, "slice_id": chart}
        answer = guest.post("/api/v1/chart/data", json=body, headers={"X-GuestToken": token})
        assert answer.status_code == 200, answer.text[:300]
        for row in (row for result in answer.json["result"] for row in result["data"]):
            assert not any(isinstance(value, str) or value for value in row.values()), row
    assert asked_by


def test_company_wide_numbers_are_everybodys(company: Company) -> None:
    unguarded = {
        content["table_name"]
        for _, content in company.bundle.of("datasets")
        if content["table_name"] not in company.guarded
    }
    assert "crmkpi_owned_executive_kpi_scorecard" in unguarded
    assert not {name for name in unguarded if name.endswith(("opportunities", "_owner"))}
