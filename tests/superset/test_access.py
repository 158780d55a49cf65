"""Who has one audience's role, and no other, sees its dashboard whole and nothing of the others."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.bundle.export import bundles
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.gateway import Gateway
from superset_crmkpi.superset.inprocess import open_gateway
from tests.seeds import by_turns
from tests.superset import toy
from tests.superset.asking import with_session

pytestmark = pytest.mark.superset

OTHER = "CRM KPI Other"
#: user -> roles
PEOPLE = {
    "executive": [toy.ROLE],
    "other": [OTHER],
    "both": [toy.ROLE, OTHER],
    "gamma": ["Gamma"],
    "alpha": ["Alpha"],
    "public": ["Public"],
    "nobody": [],
}
#: what of the toy's and of the other dashboard each of them gets; Alpha has all data by design
EXPECTED = {
    "executive": (True, False),
    "other": (False, True),
    "both": (True, True),
    "gamma": (False, False),
    "alpha": (True, True),
    "public": (False, False),
    "nobody": (False, False),
}


def of_two_audiences(uri: str) -> Bundle:
    """The toy twice, for two audiences with data of their own."""
    base = toy.bundle(uri)
    names = ("dataset", "total", "table", "bar", "dashboard")
    uuids = {toy.uid(name): toy.uid(f"other {name}") for name in names}
    text = yaml.safe_dump({k: dict(v) for k, v in base.assets.items() if "/" in k})
    for old, new in uuids.items():
        text = text.replace(old, new)
    text = text.replace("crmkpi_toy_deals", "crmkpi_other_deals")
    text = text.replace("crmkpi-toy", "crmkpi-other").replace("Toy deals", "Other deals")
    second = {
        path.replace("/", "/other_"): content
        for path, content in yaml.safe_load(text).items()
        if not path.startswith("databases/")
    }
    role = RoleGrant(OTHER, (toy.uid("other dashboard"),), (toy.uid("other dataset"),))
    return Bundle({**base.assets, **second}, (*base.roles, role))


@pytest.fixture(scope="module")
def client_of(
    _superset: Any, emptied: Callable[[], Any], warehouse_uri: str
) -> Iterator[Callable[[str], Any]]:
    """A function: user -> (client, headers); of somebody without a login for ''."""
    from superset.extensions import feature_flag_manager

    emptied()
    app = _superset[0]
    with open_gateway(app) as gateway:
        apply(of_two_audiences(warehouse_uri), gateway)
        for name, roles in PEOPLE.items():
            gateway.ensure_user(name, f"pass-of-{name}", name, roles)

    def client(name: str) -> Any:
        if not name:
            return app.test_client(), {}
        found = with_session(app, name)
        login = {"username": name, "password": f"pass-of-{name}", "provider": "db"}
        token = found.post("/api/v1/security/login", json=login).json["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Referer": "http://localhost/"}
        csrf = found.get("/api/v1/security/csrf_token/", headers=headers).json
        return found, {**headers, "X-CSRFToken": csrf.get("result", "")}

    with pytest.MonkeyPatch.context() as patch:
        for flag in ("ALERT_REPORTS", "EMBEDDED_SUPERSET"):
            patch.setitem(feature_flag_manager._feature_flags, flag, True)
        yield client


@pytest.fixture(scope="module")
def numbers(_superset: Any, client_of: Any) -> dict[str, int]:
    """Slug of the dashboard, or what else by its uuid's name -> its number."""
    from superset_crmkpi.superset.reader import model

    found = {}
    with _superset[0].app_context():
        for kind, names in {
            "dataset": ("dataset", "other dataset"),
            "chart": ("total", "other total"),
            "dashboard": ("dashboard", "other dashboard"),
        }.items():
            for name in names:
                found[name] = model(kind, toy.uid(name)).id
    return found


def query(dataset: int, **more: Any) -> dict[str, Any]:
    return {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"metrics": ["deal_count"], "columns": [], "filters": [], **more}],
        "result_format": "json",
        "result_type": "full",
        **({"result_format": more["format"]} if "format" in more else {}),
    }


def alert(chart: int) -> dict[str, Any]:
    """An alert of somebody's own on a chart."""
    return {
        "name": f"Mine {chart}",
        "type": "Report",
        "crontab": "0 9 * * *",
        "chart": chart,
        "recipients": [{"type": "Email", "recipient_config_json": {"target": "me@example.com"}}],
    }


def routes(which: str, numbers: dict[str, int]) -> dict[str, tuple[str, str, Any]]:
    """What opens something of a dashboard: name -> (method, address, body)."""
    dataset, chart = numbers[f"{which}dataset"], numbers[f"{which}total"]
    board = numbers[f"{which}dashboard"]
    table = "crmkpi_other_deals" if which else "crmkpi_toy_deals"
    drill = {**query(dataset, columns=["deal_id"], metrics=[]), "result_type": "drill_detail"}
    return {
        "dashboard": ("get", f"/api/v1/dashboard/{board}", None),
        "its charts": ("get", f"/api/v1/dashboard/{board}/charts", None),
        "its datasets": ("get", f"/api/v1/dashboard/{board}/datasets", None),
        "dashboard's export": ("get", f"/api/v1/dashboard/export/?q=!({board})", None),
        "chart": ("get", f"/api/v1/chart/{chart}", None),
        "chart's export": ("get", f"/api/v1/chart/export/?q=!({chart})", None),
        "data": ("post", "/api/v1/chart/data", query(dataset)),
        "CSV": ("post", "/api/v1/chart/data", {**query(dataset), "result_format": "csv"}),
        "drill to detail": ("post", "/api/v1/chart/data", drill),
        "rows behind a number": (
            "post",
            f"/datasource/samples?datasource_type=table&datasource_id={dataset}&force=false",
            {"filters": []},
        ),
        "columns of those rows": ("get", f"/api/v1/dataset/{dataset}/drill_info/", None),
        "values of a filter": (
            "get",
            f"/api/v1/datasource/table/{dataset}/column/region/values/",
            None,
        ),
        "dataset": ("get", f"/api/v1/dataset/{dataset}", None),
        "dataset's export": ("get", f"/api/v1/dataset/export/?q=!({dataset})", None),
        "stored chart's data": ("get", f"/api/v1/chart/{chart}/data/", None),
        "tabs": ("get", f"/api/v1/dashboard/{board}/tabs", None),
        "explore": ("get", f"/api/v1/explore/?slice_id={chart}", None),
        "explore the dataset": (
            "get",
            f"/api/v1/explore/?datasource_type=table&datasource_id={dataset}",
            None,
        ),
        "permalink": ("post", f"/api/v1/dashboard/{board}/permalink", {"dataMask": {}}),
        "embedding": ("get", f"/api/v1/dashboard/{board}/embedded", None),
        "to embed": ("post", f"/api/v1/dashboard/{board}/embedded", {"allowed_domains": []}),
        "guest token": (
            "post",
            "/api/v1/security/guest_token/",
            {"user": {}, "resources": [{"type": "dashboard", "id": str(board)}], "rls": []},
        ),
        "screenshot": ("post", f"/api/v1/dashboard/{board}/cache_dashboard_screenshot/", {}),
        "copy": (
            "post",
            f"/api/v1/dashboard/{board}/copy/",
            {"dashboard_title": "Copy", "json_metadata": "{}"},
        ),
        "alert": ("post", "/api/v1/report/", alert(chart)),
        "what needs the dataset": ("get", f"/api/v1/dataset/{dataset}/related_objects", None),
        "row-level rules": ("get", "/api/v1/rowlevelsecurity/", None),
        "ledger": ("get", "/api/v1/annotation_layer/1/annotation/", None),
        "SQL Lab": (
            "post",
            "/api/v1/sqllab/execute/",
            {"database_id": 1, "sql": f"select * from {table}", "schema": "main"},
        ),
        "SQL Lab on the table": (
            "post",
            "/api/v1/sqllab/execute/",
            {"database_id": 1, "sql": "select * from deals", "schema": "main"},
        ),
    }


#: what a dashboard cannot be looked at without
WHOLE = ("dashboard", "its charts", "its datasets", "data", "CSV")
#: what looking at it does not take
NEVER = {
    "SQL Lab",
    "SQL Lab on the table",
    "alert",
    "chart's export",
    "copy",
    "dashboard's export",
    "dataset's export",
    "embedding",
    "guest token",
    "ledger",
    "row-level rules",
    "to embed",
    "what needs the dataset",
}


def opens(answer: Any) -> bool:
    """Whether something came; a page of the login, an error or an empty list is nothing."""
    if not 200 <= answer.status_code < 300:
        return False
    if answer.mimetype == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return len(archive.namelist()) > 1
    return True


def reached(client: Any, headers: dict[str, str], numbers: dict[str, int], which: str) -> set[str]:
    found = set()
    for name, (method, address, body) in routes(which, numbers).items():
        more = {"json": body} if body is not None else {}
        if opens(getattr(client, method)(address, headers=headers, **more)):
            found.add(name)
    return found


@pytest.mark.parametrize("name", [*PEOPLE, ""])
def test_a_role_opens_its_dashboard_whole_and_nothing_else(
    client_of: Any, numbers: dict[str, int], name: str
) -> None:
    client, headers = client_of(name)
    toys, others = EXPECTED.get(name, (False, False))
    for which, open_ in (("", toys), ("other ", others)):
        found = reached(client, headers, numbers, which)
        print(f"{name or 'anonymous':10} {which or 'toy':6} {', '.join(sorted(found)) or '-'}")
        if open_:
            assert set(WHOLE) <= found
            assert name == "alpha" or not found & NEVER
        else:
            assert not found


@pytest.mark.parametrize("name", ["executive", "other", "both", "gamma", "nobody"])
def test_the_lists_show_what_is_open_and_nothing_else(client_of: Any, name: str) -> None:
    client, headers = client_of(name)

    def listed(kind: str, key: str) -> list[str]:
        answer = client.get(f"/api/v1/{kind}/", headers=headers)
        return sorted(row[key] for row in answer.json["result"]) if opens(answer) else []

    toys, others = EXPECTED[name]
    boards = [title for title, open_ in (("Other deals", others), ("Toy deals", toys)) if open_]
    assert listed("dashboard", "dashboard_title") == boards
    assert len(listed("chart", "slice_name")) == 3 * len(boards)
    if name not in ("gamma",):
        for kind in ("database", "annotation_layer", "report", "saved_query", "query"):
            assert listed(kind, "id") == [], kind


@by_turns(2)
def test_no_chart_shares_its_dataset_with_another_audience() -> None:
    """Superset lists a dashboard for whoever may query the data of one of its charts."""
    whose: dict[str, set[str]] = {}
    for audience, bundle in bundles().items():
        for _, chart in bundle.of("charts"):
            whose.setdefault(str(chart["dataset_uuid"]), set()).add(audience)
    assert len(whose) > 30
    assert all(len(audiences) == 1 for audiences in whose.values())


def test_an_older_role_is_given_what_a_viewer_needs_once(
    gateway: Gateway, warehouse_uri: str
) -> None:
    from superset import db, security_manager

    bundle = toy.bundle(warehouse_uri)
    apply(bundle, gateway)
    entry = gateway.state().ledger[("role", toy.ROLE)]
    older = {key: value for key, value in entry.content.items() if key != "viewer"}
    gateway.record([replace(entry, content=older, fingerprint="of an older version")])
    role = security_manager.find_role(toy.ROLE)
    whole = len(role.permissions)
    role.permissions = [p for p in role.permissions if p.permission.name == "datasource_access"]
    db.session.commit()
    assert apply(bundle, gateway).changes
    assert len(security_manager.find_role(toy.ROLE).permissions) == whole

    role.permissions = [p for p in role.permissions if p.permission.name != "can_csv"]
    db.session.commit()
    assert not apply(bundle, gateway).changes  # what an admin takes away later stays away
