"""Who we are to a remote Superset: a user with a password, an access token, or Preset's key pair.

Secrets come from the environment or a hidden prompt, and are kept out of logs and errors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import click
import requests

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import remember_secret
from superset_crmkpi.superset.rest import answers

USERNAME, PASSWORD = "CRMKPI_SUPERSET_USERNAME", "CRMKPI_SUPERSET_PASSWORD"
TOKEN = "CRMKPI_SUPERSET_TOKEN"
PRESET_NAME, PRESET_SECRET = "CRMKPI_PRESET_NAME", "CRMKPI_PRESET_SECRET"
#: where Preset gives tokens; another address by CRMKPI_PRESET_API
PRESET_API = "https://api.app.preset.io"
TIMEOUT = (10.0, 60.0)


class Login(Protocol):
    """A way to an access token."""

    #: what to do when the token is refused
    remedy: str
    #: whether asking again gives a fresh token
    renews: bool

    def token(self, session: requests.Session, base: str) -> str:
        """An access token for the Superset at `base`. CrmKpiError where it is refused."""
        ...


@dataclass(frozen=True)
class Token:
    """A token that somebody got elsewhere."""

    value: str
    remedy = f"put a fresh access token into {TOKEN}"
    renews = False

    def token(self, session: requests.Session, base: str) -> str:
        """See Login."""
        return self.value


@dataclass(frozen=True)
class Password:
    """A user of Superset's own database of users."""

    username: str
    password: str
    remedy = "log in again"
    renews = True

    def token(self, session: requests.Session, base: str) -> str:
        """See Login."""
        address = f"{base}/api/v1/security/login"
        body = {"username": self.username, "password": self.password, "provider": "db"}
        answer = _post(session, address, body)
        if answer.status_code == 401:
            raise CrmKpiError(
                f"{base}: Superset refuses the user {self.username} with this password; check both "
                f"(a user of single sign-on has none: set {TOKEN} instead)"
            )
        found = answers.checked(answer, base, "log in there as an administrator")
        return _kept(found.get("access_token"), address)


@dataclass(frozen=True)
class PresetKeys:
    """Name and secret of an API key of Preset, from Preset's own settings of a user."""

    name: str
    secret: str
    api: str = PRESET_API
    remedy = f"check {PRESET_NAME} and {PRESET_SECRET}"
    renews = True

    def token(self, session: requests.Session, base: str) -> str:
        """See Login."""
        address = f"{self.api.rstrip('/')}/v1/auth/"
        answer = _post(session, address, {"name": self.name, "secret": self.secret})
        if answer.status_code in (400, 401, 403):
            raise CrmKpiError(f"{self.api}: Preset refuses the key pair; {self.remedy}")
        found = answers.checked(answer, self.api, self.remedy).get("payload") or {}
        return _kept(found.get("access_token"), address)


def _post(session: requests.Session, address: str, body: Mapping[str, str]) -> requests.Response:
    with answers.told(address):
        return session.post(address, json=body, timeout=TIMEOUT, allow_redirects=False)


def _kept(token: object, address: str) -> str:
    if not isinstance(token, str) or not token:
        raise CrmKpiError(f"{address}: the answer has no access token; is this a Superset?")
    remember_secret(token)
    return token


def login_from(
    username: str | None, environment: Mapping[str, str] | None = None, terminal: bool | None = None
) -> Login:
    """The login that options and environment give: a named user goes before what is set there."""
    values = os.environ if environment is None else environment
    asks = sys.stdin.isatty() if terminal is None else terminal
    if not username and (token := _secret(values, TOKEN)):
        return Token(token)
    if not username and values.get(PRESET_NAME):
        return _preset(values)
    if not (user := username or values.get(USERNAME)):
        raise CrmKpiError(
            f"who are you there? give --username and set {PASSWORD}, or set {TOKEN}, or "
            f"{PRESET_NAME} and {PRESET_SECRET}"
        )
    password = _secret(values, PASSWORD)
    if not password and asks:
        password = click.prompt(f"Password of {user}", hide_input=True, err=True)
        remember_secret(password)
    if not password:
        raise CrmKpiError(f"the password of {user} is not known; set {PASSWORD}")
    return Password(user, password)


def _preset(values: Mapping[str, str]) -> Login:
    secret = _secret(values, PRESET_SECRET)
    if not secret:
        raise CrmKpiError(f"{PRESET_NAME} is set and {PRESET_SECRET} is not; set both")
    return PresetKeys(values[PRESET_NAME], secret, values.get("CRMKPI_PRESET_API") or PRESET_API)


def _secret(values: Mapping[str, str], name: str) -> str:
    secret = values.get(name, "")
    if secret:
        remember_secret(secret)
    return secret
