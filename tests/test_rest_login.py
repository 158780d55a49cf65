"""Who we are to a remote Superset is said by options and the environment, and never shown."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import without_secrets
from superset_crmkpi.superset.rest.client import base_of
from superset_crmkpi.superset.rest.login import Password, PresetKeys, Token, login_from
from tests.commands import run

USER = {"CRMKPI_SUPERSET_USERNAME": "ann", "CRMKPI_SUPERSET_PASSWORD": "pass-of-ann"}
TOKEN = {"CRMKPI_SUPERSET_TOKEN": "token-of-ann"}
PRESET = {"CRMKPI_PRESET_NAME": "name-of-key", "CRMKPI_PRESET_SECRET": "secret-of-key"}


@pytest.mark.parametrize(
    ("username", "environment", "expected"),
    [
        (None, USER, Password("ann", "pass-of-ann")),
        ("bob", USER, Password("bob", "pass-of-ann")),
        (None, TOKEN, Token("token-of-ann")),
        (None, {**USER, **TOKEN}, Token("token-of-ann")),
        ("ann", {**USER, **TOKEN}, Password("ann", "pass-of-ann")),
        (None, PRESET, PresetKeys("name-of-key", "secret-of-key")),
        (None, {**PRESET, **TOKEN}, Token("token-of-ann")),
    ],
)
def test_the_login_is_what_is_set_and_its_secret_is_kept_out_of_logs(
    username: str | None, environment: dict[str, str], expected: object
) -> None:
    assert login_from(username, environment, terminal=False) == expected
    for secret in ("pass-of-ann", "token-of-ann", "secret-of-key"):
        if secret in str(expected):
            assert without_secrets(f"said {secret}") == "said ***"


@pytest.mark.parametrize(
    ("username", "environment", "message"),
    [
        (None, {}, "give --username and set CRMKPI_SUPERSET_PASSWORD"),
        ("ann", {}, "the password of ann is not known; set CRMKPI_SUPERSET_PASSWORD"),
        (None, {"CRMKPI_PRESET_NAME": "n"}, "CRMKPI_PRESET_SECRET is not; set both"),
    ],
)
def test_what_is_missing_is_one_line(
    username: str | None, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(CrmKpiError, match=message) as caught:
        login_from(username, environment, terminal=False)
    assert "\n" not in caught.value.message


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {}

    def prompt(text: str, **options: object) -> str:
        asked.update(options, text=text)
        return "typed-in"

    monkeypatch.setattr(click, "prompt", prompt)
    assert login_from("ann", {}, terminal=True) == Password("ann", "typed-in")
    assert asked == {"text": "Password of ann", "hide_input": True, "err": True}
    assert without_secrets("typed-in") == "***"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://superset.example.com/", "https://superset.example.com"),
        ("https://example.com/bi", "https://example.com/bi"),
        ("https://example.com/bi/superset/welcome/", "https://example.com/bi"),
        ("https://example.com/login/?next=x", "https://example.com"),
        ("http://127.0.0.1:8088/dashboard/list/", "http://127.0.0.1:8088"),
    ],
)
def test_the_address_of_any_page_leads_to_its_superset(url: str, base: str) -> None:
    assert base_of(url) == base


def test_an_address_that_is_not_encrypted_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    base_of("http://127.0.0.1:8088")
    assert not caplog.messages
    base_of("http://superset.example.com")
    assert "is not encrypted" in caplog.messages[0]


@pytest.mark.parametrize("command", ["plan", "install"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--url", "http://127.0.0.1:9", "--as", "ann"], "with --url use --username"),
        (["--username", "ann"], "--username goes with --url"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    command: str, options: list[str], message: str, tmp_path: Path
) -> None:
    profile = tmp_path / "crmkpi.yaml"
    source = "{connector: salesforce, landing: dlt}"
    profile.write_text(f"database: {{name: W}}\nsources: {{crm: {source}}}\n", encoding="utf-8")
    done = run(command, "--profile", str(profile), *options)
    assert done.exit_code == (1 if command == "plan" else 2)
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
