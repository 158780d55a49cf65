"""A remote Superset that is not as it should be: one line says what to do, and nothing is left."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.superset import access
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.gateway import RestGateway, open_remote
from superset_crmkpi.superset.rest.login import Login, Password, PresetKeys, Token
from tests.superset import rows, toy
from tests.superset.between import Answer, Between, page
from tests.superset.conftest import ADMIN_PASSWORD, serving

pytestmark = pytest.mark.superset
ADMIN = Password("admin", ADMIN_PASSWORD)


def told(url: str, login: Login = ADMIN, pause: float = 0.0) -> str:
    """The one line for a Superset whose connections cannot be listed."""

    def ask() -> None:
        client = Client(url, login, pause)
        client.sign_in()
        RestGateway(client).state()

    with pytest.raises(CrmKpiError) as caught:
        ask()
    assert "\n" not in caught.value.message
    assert ADMIN_PASSWORD not in caught.value.message
    return caught.value.message


@pytest.fixture(scope="module")
def app(_superset: Any) -> Any:
    return _superset[0]


def expired(app: Any) -> str:
    from flask_jwt_extended import create_access_token

    with app.app_context():
        return str(create_access_token(identity="1", expires_delta=timedelta(seconds=-1)))


# -- logging in ------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_and_not_repeated(superset_url: str) -> None:
    message = told(superset_url, Password("admin", "not-this-one"))
    assert "refuses the user admin with this password" in message
    assert "not-this-one" not in message


def test_a_user_without_the_rights_is_told_which_role_it_takes(
    app: Any, superset_url: str, metadata: Any
) -> None:
    with app.app_context():
        access.ensure_user("viewer", "pass-of-viewer", "Viewer", ["Gamma"])
    message = told(superset_url, Password("viewer", "pass-of-viewer"))
    assert "this user may not do that (GET /api/v1/security/roles/" in message
    assert message.endswith("it takes the role Admin")


def test_an_expired_token_is_told_and_a_password_logs_in_again(app: Any, superset_url: str) -> None:
    message = told(superset_url, Token(expired(app)))
    assert "not logged in (Token has expired); put a fresh access token into" in message
    assert "put a fresh access token" in told(superset_url, Token("no-token"))
    with open_remote(superset_url, ADMIN) as gateway:
        gateway.client._auth.token = expired(app)
        assert [thing.name for thing in gateway.state().found if thing.kind == "role"]


def test_a_ready_token_and_a_key_pair_of_preset_log_in(app: Any, superset_url: str) -> None:
    with app.test_client() as client:
        login = {"username": "admin", "password": ADMIN_PASSWORD, "provider": "db"}
        token = client.post("/api/v1/security/login", json=login).json["access_token"]

    def preset(environ: Any) -> Answer:
        sent = json.loads(environ["wsgi.input"].read())
        if environ["PATH_INFO"] != "/v1/auth/" or sent != {"name": "n", "secret": "s3cret"}:
            return page("no", "401 Unauthorized")
        body = json.dumps({"payload": {"access_token": token}}).encode()
        return "200 OK", [("Content-Type", "application/json")], body

    with serving(Between(app, preset)) as api:
        for login_by in (Token(token), PresetKeys("n", "s3cret", api)):
            with open_remote(superset_url, login_by) as gateway:
                assert gateway.state().found
        message = told(superset_url, PresetKeys("n", "other", api))
        assert "Preset refuses the key pair; check CRMKPI_PRESET_NAME" in message


def test_a_login_page_in_place_of_an_answer_is_told(app: Any) -> None:
    def proxy(environ: Any) -> Answer | None:
        return None if "login" in environ["PATH_INFO"] else page("<h1>Please login</h1>")

    with serving(Between(app, proxy)) as url:
        assert "not logged in (a login page came in place of an answer)" in told(url)

    def leads(environ: Any) -> Answer | None:
        if "login" in environ["PATH_INFO"]:
            return None
        return "302 Found", [("Location", "/login/?next=/api")], b""

    with serving(Between(app, leads)) as url:
        assert "not logged in (it leads to its login page)" in told(url)


# -- the way there ---------------------------------------------------------------------------------


def test_an_address_that_leads_nowhere_is_told(app: Any, superset_url: str) -> None:
    assert "there is no such host; check --url" in told("http://no-such-host.invalid")
    assert "Connection refused); is it up, and is --url right?" in told("http://127.0.0.1:9")
    assert "its TLS certificate cannot be trusted" in told(superset_url.replace("http", "https"))
    assert "is the path of --url right?" in told(f"{superset_url}/elsewhere")
    assert "is no address such as https://" in told("superset.example.com")
    assert "--url holds a login" in told("http://admin:hunter2@127.0.0.1:9")
    with serving(Between(app, lambda environ: page("<h1>Welcome</h1>"))) as url:
        assert "gave a page and no answer; is this the address of a Superset?" in told(url)
    with serving(Between(app, lambda environ: page("[]"))) as url:
        assert "is this the address of a Superset?" in told(url, Token("ready"))
    with serving(Between(app, lambda environ: page("{}"))) as url:
        assert "database is listed in no way of Superset's" in told(url, Token("ready"))


def test_a_redirect_is_told_and_no_password_follows_it(app: Any) -> None:
    def leads(environ: Any) -> Answer:
        target = f"https://superset.example.com{environ['PATH_INFO']}"
        return "301 Moved Permanently", [("Location", target)], b""

    with serving(Between(app, leads)) as url:
        assert told(url).endswith("give --url https://superset.example.com")


def test_a_superset_below_a_path_is_used_there(app: Any) -> None:
    from werkzeug.exceptions import NotFound
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    with serving(DispatcherMiddleware(NotFound(), {"/superset-prefix": app})) as url:
        for address in ("/superset-prefix", "/superset-prefix/superset/welcome/"):
            with open_remote(url + address, ADMIN) as gateway:
                assert gateway.base == f"{url}/superset-prefix"
                assert gateway.state().found


def test_too_many_requests_are_waited_for(app: Any) -> None:
    def busy(times: int, status: str) -> Between:
        left = [times]

        def answer(environ: Any) -> Answer | None:
            if environ["PATH_INFO"] != "/api/v1/database/" or not left[0]:
                return None
            left[0] -= 1
            return status, [("Retry-After", "0")], b""

        return Between(app, answer)

    between = busy(2, "429 Too Many Requests")
    with serving(between) as url, open_remote(url, ADMIN) as gateway:
        assert gateway.state().found
    assert between.asked.count("GET /api/v1/database/") == 3
    with serving(busy(99, "429 Too Many Requests")) as url:
        assert "too many requests; run this again later" in told(url)
    with serving(busy(99, "503 Service Unavailable")) as url:
        assert "Superset does not answer now (503)" in told(url)


def test_a_superset_without_the_api_of_roles_is_refused_before_anything_is_written(
    app: Any, metadata: Any, warehouse_uri: str
) -> None:
    def without(environ: Any) -> Answer | None:
        roles = environ["PATH_INFO"].startswith("/api/v1/security/roles")
        return page("Not found", "404 Not Found") if roles else None

    before = rows.all_of(metadata, ["logs", "ab_user"])
    with (
        serving(Between(app, without)) as url,
        open_remote(url, ADMIN) as gateway,
        pytest.raises(CrmKpiError, match="set FAB_ADD_SECURITY_API = True") as caught,
    ):
        apply(toy.bundle(warehouse_uri), gateway)
    assert "\n" not in caught.value.message
    assert "--no-roles" in caught.value.message
    assert rows.all_of(metadata, ["logs", "ab_user"]) == before
    alone = Bundle(toy.bundle(warehouse_uri).assets)
    with serving(Between(app, without)) as url, open_remote(url, ADMIN, False) as gateway:
        assert {step.action for step in apply(alone, gateway).steps} == {"create"}
