"""What an installation promises, whichever gateway it goes through."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.ledger import LAYER_NAME
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.superset import access
from tests.superset import toy

pytestmark = pytest.mark.superset

CHART = "charts/total.yaml"
BOARD = "dashboards/toy.yaml"
DATASET = "datasets/toy/deals.yaml"


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    return toy.bundle(warehouse_uri)


def actions(plan: Any) -> dict[str, str]:
    return {step.path or step.name: step.action for step in plan.steps}


def database(uri: str, name: str = "Toy") -> dict[str, Any]:
    return {
        "database_name": name,
        "sqlalchemy_uri": uri,
        "extra": {},
        "allow_csv_upload": False,
        "uuid": toy.uid(f"foreign database {name}"),
        "version": "1.0.0",
    }


def put(gateway: Any, path: str, content: dict[str, Any]) -> None:
    """Something that somebody else has in Superset."""
    with gateway.transaction():
        gateway.write({path: content})


def test_a_plan_for_an_empty_superset_creates_everything_and_changes_nothing(gateway, bundle, dump):
    before = dump()
    plan = make_plan(bundle, gateway)
    assert set(actions(plan).values()) == {"create"}
    assert len(plan.steps) == 7
    assert dump() == before


def test_a_second_install_changes_not_one_row(gateway, bundle, dump):
    first = apply(bundle, gateway)
    assert first.changes
    before = dump()
    second = apply(bundle, gateway)
    assert set(actions(second).values()) == {"unchanged"}
    assert dump() == before


def test_what_is_installed_is_what_superset_exports(gateway, bundle):
    apply(bundle, gateway)
    dataset = gateway.read("dataset", toy.uid("dataset"))
    assert dataset["sql"] == toy.SQL
    assert {metric["metric_name"] for metric in dataset["metrics"]} == {
        "total_amount",
        "deal_count",
        "win_rate",
    }
    assert len(dataset["columns"]) == 5
    chart = gateway.read("chart", toy.uid("total"))
    assert chart["params"]["metric"] == "total_amount"
    board = gateway.read("dashboard", toy.uid("dashboard"))
    shown = {
        item["meta"]["uuid"]
        for item in board["position"].values()
        if isinstance(item, dict) and item["type"] == "CHART"
    }
    assert shown == {toy.uid("total"), toy.uid("table"), toy.uid("bar")}
    (native,) = board["metadata"]["native_filter_configuration"]
    assert native["targets"][0]["datasetUuid"] == toy.uid("dataset")


def test_only_what_changed_is_written_and_edits_elsewhere_stay(gateway, bundle, superset_app):
    apply(bundle, gateway)
    edited = gateway.read("chart", toy.uid("table"))
    edited["slice_name"] = "By region, as we like it"
    put(gateway, "charts/edited.yaml", edited)

    plan = apply(toy.changed(bundle, CHART, slice_name="Sum of amounts"), gateway)

    assert {path for path, action in actions(plan).items() if action == "update"} == {CHART}
    assert gateway.read("chart", toy.uid("total"))["slice_name"] == "Sum of amounts"
    assert gateway.read("chart", toy.uid("table"))["slice_name"] == "By region, as we like it"


def test_the_ledger_holds_what_was_installed_and_no_secret(gateway, bundle, warehouse_uri, dump):
    apply(bundle, gateway)
    ledger = gateway.state().ledger
    assert {kind for kind, _ in ledger} == {"database", "dataset", "chart", "dashboard", "role"}
    entry = ledger[("dataset", toy.uid("dataset"))]
    assert entry.content == json.loads(json.dumps(bundle.assets[DATASET]))
    assert LAYER_NAME in str(dump()["annotation_layer"])


def test_a_chart_deleted_by_hand_stays_deleted_until_it_is_asked_for(gateway, bundle, dump):
    apply(bundle, gateway)
    gateway.delete("chart", toy.uid("total"))

    plan = apply(bundle, gateway)
    assert actions(plan)[CHART] == "deleted"
    assert not plan.changes

    changed = toy.changed(bundle, BOARD, css=".new { color: blue }")
    assert actions(apply(changed, gateway))[CHART] == "deleted"

    plan = apply(changed, gateway, restore=True)
    assert actions(plan)[CHART] == "create"
    assert actions(plan)[BOARD] == "update"
    assert actions(plan)[DATASET] == "unchanged"
    charts = {row["id"] for row in dump()["slices"]}
    links = {row["slice_id"] for row in dump()["dashboard_slices"]}
    assert links == charts
    assert not apply(changed, gateway).changes


def test_a_rebuilt_dataset_takes_charts_dashboard_and_role_along(gateway, bundle):
    apply(bundle, gateway)
    for name in ("total", "table", "bar"):
        gateway.delete("chart", toy.uid(name))
    gateway.delete("dataset", toy.uid("dataset"))

    plan = apply(bundle, gateway)

    assert actions(plan)[DATASET] == "create"
    assert actions(plan)[toy.ROLE] == "update"
    (role,) = [thing for thing in gateway.state().found if thing.name == toy.ROLE]
    assert role.grants == {toy.uid("dataset")}


@pytest.mark.parametrize("installed", [False, True])
def test_a_failure_half_way_leaves_everything_as_it_was(gateway, bundle, snapshot, installed):
    if installed:
        apply(bundle, gateway)
        bundle = toy.changed(bundle, CHART, slice_name="Renamed")
    metadata = dict(bundle.assets[BOARD]["metadata"])
    # Superset looks this chart number up when databases, datasets and charts are written already.
    metadata["timed_refresh_immune_slices"] = [4711]
    broken = toy.changed(bundle, BOARD, metadata=metadata)
    before = snapshot()

    with pytest.raises(CrmKpiError, match=f"{BOARD}: Superset rejected it: ") as caught:
        apply(broken, gateway)

    # by REST Superset does not tell its reason
    assert "4711" in caught.value.message or "unknown reason" in caught.value.message
    assert "nothing was changed" in caught.value.message
    assert "\n" not in caught.value.message
    assert snapshot() == before


def test_a_failure_after_the_import_leaves_everything_as_it_was(gateway, bundle, snapshot):
    before = snapshot()
    missing = RoleGrant("CRM KPI Nobody", (), (toy.uid("no such dataset"),))
    assets = {path: content for path, content in bundle.assets.items() if "/" in path}

    def write() -> None:
        with gateway.transaction():
            gateway.write(assets)
            gateway.grant(bundle.roles[0])
            gateway.grant(missing)

    with pytest.raises(CrmKpiError, match="has no dataset"):
        write()
    assert snapshot() == before
    assert apply(bundle, gateway).changes  # and the same gateway still works


def test_deleting_what_was_installed_leaves_no_row_behind(gateway, bundle, dump):
    before = {name: len(rows) for name, rows in dump().items()}
    apply(bundle, gateway)
    with gateway.transaction():
        ledger = gateway.state().ledger
        gateway.delete("dashboard", toy.uid("dashboard"))
        for name in ("total", "table", "bar"):
            gateway.delete("chart", toy.uid(name))
        gateway.delete("dataset", toy.uid("dataset"))
        gateway.delete("database", toy.uid("database"))
        gateway.delete("role", toy.ROLE)
        gateway.forget(ledger)
    after = {name: len(rows) for name, rows in dump().items()}
    # The kinds of permission (such as datasource_access) are words that Superset adds when first
    # needed and keeps; no asset of ours stands behind them.
    assert {name for name in after if after[name] != before[name]} <= {"ab_permission"}


def test_a_connection_of_that_name_is_refused(gateway, bundle, warehouse_uri, dump):
    put(gateway, "databases/other.yaml", database(warehouse_uri))
    before = dump()
    with pytest.raises(CrmKpiError, match='another database connection named "Toy"'):
        apply(bundle, gateway)
    assert dump() == before


def test_an_existing_connection_is_used_by_name_and_left_alone(gateway, warehouse_uri):
    foreign = database(warehouse_uri)
    put(gateway, "databases/other.yaml", foreign)
    before = gateway.read("database", foreign["uuid"])

    plan = apply(toy.bundle(None), gateway)

    assert actions(plan)["databases/toy.yaml"] == "use"
    installed = gateway.read("dataset", toy.uid("dataset"))
    assert installed["database_uuid"] == foreign["uuid"]
    assert gateway.read("database", foreign["uuid"]) == before
    assert not apply(toy.bundle(None), gateway).changes


def test_a_connection_that_does_not_exist_is_refused(gateway):
    with pytest.raises(CrmKpiError, match='no database connection named "Toy"'):
        apply(toy.bundle(None), gateway)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dashboard_title": "Theirs"}, 'has the slug "crmkpi-toy"'),
        ({"slug": "theirs"}, 'another dashboard titled "Toy deals"'),
    ],
)
def test_a_dashboard_of_that_slug_or_title_is_refused(gateway, bundle, dump, values, message):
    theirs = {**toy.dashboard(), "uuid": toy.uid("theirs"), "position": {}, "metadata": {}}
    put(gateway, "dashboards/theirs.yaml", theirs | values)
    before = dump()
    with pytest.raises(CrmKpiError, match=message):
        apply(bundle, gateway)
    assert dump() == before


def test_a_dataset_of_that_table_is_refused(gateway, warehouse_uri, dump):
    foreign = database(warehouse_uri)
    theirs = {**toy.dataset(), "uuid": toy.uid("theirs"), "database_uuid": foreign["uuid"]}
    with gateway.transaction():
        gateway.write({"databases/d.yaml": foreign, "datasets/d/theirs.yaml": theirs})
    before = dump()
    with pytest.raises(CrmKpiError, match=r'another dataset "main.crmkpi_toy_deals"'):
        apply(toy.bundle(None), gateway)
    assert dump() == before


def test_a_role_of_that_name_with_other_permissions_is_refused(gateway, bundle, superset_app):
    from superset import db, security_manager

    role = security_manager.add_role(toy.ROLE)
    role.permissions = [
        security_manager.add_permission_view_menu("all_database_access", "all_database_access")
    ]
    db.session.commit()
    with pytest.raises(CrmKpiError, match=f'role "{toy.ROLE}"'):
        apply(bundle, gateway)


def test_a_viewer_sees_the_dashboard_and_one_without_the_role_does_not(
    gateway, bundle, superset_app
):
    apply(bundle, gateway)
    access.ensure_user("viewer", "pass-of-viewer", "Viewer", [toy.ROLE])
    access.ensure_user("stranger", "pass-of-stranger", "Stranger", ["Gamma"])
    assert titles(superset_app, "viewer") == ["Toy deals"]
    assert titles(superset_app, "stranger") == []


def titles(app: Any, username: str) -> list[str]:
    client = app.test_client()
    login = {"username": username, "password": f"pass-of-{username}", "provider": "db"}
    token = client.post("/api/v1/security/login", json=login).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/v1/dashboard/", headers=headers).json
    return [board["dashboard_title"] for board in answer["result"]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sql": "select * from no_such_table"}, "no_such_table"),
        ({"sql": "select deal_id from from deals"}, "its SQL does not run"),
        ({"sql": toy.SQL.replace("is_won", "1 as lost")}, "column is_won is not in the result"),
        (
            {"metrics": [*toy.dataset()["metrics"], toy.metric("bad", "SUM(no_such_column)")]},
            "metric bad does not run",
        ),
    ],
)
def test_sql_that_does_not_run_is_refused_before_anything_is_written(
    gateway, bundle, snapshot, values, message
):
    before = snapshot()
    with pytest.raises(CrmKpiError, match=message) as caught:
        apply(toy.changed(bundle, DATASET, **values), gateway)
    assert caught.value.message.startswith(f"{DATASET}: ")
    assert snapshot() == before


def test_a_database_that_cannot_be_reached_is_refused(gateway, tmp_path, dump):
    before = dump()
    uri = f"duckdb:///{tmp_path}/nowhere/x.duckdb?access_mode=read_only"
    with pytest.raises(CrmKpiError, match='cannot connect to "Toy"'):
        apply(toy.bundle(uri), gateway)
    assert dump() == before


def test_a_changed_layout_of_an_installed_dashboard_arrives(gateway, bundle):
    apply(bundle, gateway)
    path, board = next(iter(bundle.of("dashboards")))
    position = deepcopy(dict(board["position"]))
    tiles = [item for item in position.values() if isinstance(item, dict)]
    next(item for item in tiles if item["type"] == "CHART")["meta"]["width"] = 7

    apply(toy.changed(bundle, path, position=position, description="another"), gateway)

    found = gateway.read("dashboard", str(board["uuid"]))
    assert found["description"] == "another"
    shown = [item for item in found["position"].values() if isinstance(item, dict)]
    assert 7 in {item["meta"]["width"] for item in shown if item["type"] == "CHART"}
