"""Requests to a Superset: logged in, with CSRF token and Referer, tried again where that helps."""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import prison
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.superset.rest import answers
from superset_crmkpi.superset.rest.login import Login

logger = logging.getLogger(__name__)

API = "api/v1"
#: seconds to wait for a connection, and for an answer: an import of all dashboards takes a while
TIMEOUT = (10.0, 300.0)
#: pages of Superset that people copy the address of
PAGES = ("/superset/welcome", "/login", "/dashboard/list", "/api/v1")


class PoliteRetry(Retry):
    """Waits as long as a server asks for, within reason, and does nothing twice by accident."""

    LONGEST_WAIT = 60.0

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """A 502 or 504 may have been carried out, so a POST is not sent again after it."""
        if status_code in (502, 504) and method.upper() == "POST":
            return False
        return bool(self.total) and status_code in (429, 502, 503, 504)

    def get_retry_after(self, response: Any) -> float | None:
        """What the server asks for, but not hours."""
        wanted = super().get_retry_after(response)
        return None if wanted is None else min(wanted, self.LONGEST_WAIT)


class _Bearer(requests.auth.AuthBase):
    """The access token; set as `auth`, so that no .netrc puts another login in its place."""

    def __init__(self) -> None:
        self.token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Client:
    """A session with one Superset. All errors are CrmKpiErrors of one line."""

    def __init__(self, url: str, login: Login, pause: float = 0.5) -> None:
        """`pause`: seconds that the first repetition waits where the server does not say."""
        self.base = base_of(url)
        self._login = login
        self._auth = _Bearer()
        self._csrf = ""
        self._renewing = threading.Lock()
        self._session = requests.Session()
        self._session.auth = self._auth
        retry = PoliteRetry(
            total=5, connect=1, read=1, redirect=0, backoff_factor=pause, raise_on_status=False
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=8))

    def sign_in(self) -> None:
        """Get an access token."""
        self._auth.token = ""
        self._auth.token = self._login.token(self._session, self.base)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def get(self, path: str, query: Any = None) -> Any:
        """The answer; `query` is written as Superset's API wants it (rison)."""
        return self._checked(self._request("GET", path, query))

    def download(self, path: str, query: Any) -> bytes:
        """A file."""
        answer = self._request("GET", path, query)
        answers.refuse_others(answer, self.base, self._login.remedy)
        return answer.content

    def post(self, path: str, **more: Any) -> Any:
        """`json`, or `files` with `data`."""
        return self._checked(self._request("POST", path, **more))

    def put(self, path: str, content: Mapping[str, Any]) -> Any:
        """Change something."""
        return self._checked(self._request("PUT", path, json=content))

    def delete(self, path: str, query: Any = None) -> None:
        """Delete something; what is gone already is no fault."""
        answer = self._request("DELETE", path, query)
        if answer.status_code != 404:
            self._checked(answer)

    def _checked(self, answer: requests.Response) -> Any:
        return answers.checked(answer, self.base, self._login.remedy)

    def _request(self, method: str, path: str, query: Any = None, **more: Any) -> requests.Response:
        token = self._auth.token
        answer = self._send(method, path, query, more)
        if _is_stale(answer) and self._login.renews:
            self._renew(token)
            answer = self._send(method, path, query, more)
        return answer

    def _renew(self, stale: str) -> None:
        """Log in anew, once for all requests that had the stale token."""
        with self._renewing:
            if self._auth.token == stale:
                logger.info("logging in again at %s", self.base)
                self._csrf = ""
                self.sign_in()

    def _send(
        self, method: str, path: str, query: Any, more: Mapping[str, Any]
    ) -> requests.Response:
        headers = {"Accept": "application/json", "Referer": f"{self.base}/"}
        if method != "GET":
            headers["X-CSRFToken"] = self._csrf_token()
        address = f"{self.base}/{API}/{path}"
        params = {} if query is None else {"q": prison.dumps(query)}
        with answers.told(address):
            return self._session.request(
                method,
                address,
                params=params,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                **more,
            )

    def _csrf_token(self) -> str:
        """The session cookie comes with it."""
        if not self._csrf:
            self._csrf = str(self.get("security/csrf_token/").get("result", ""))
        return self._csrf


def _is_stale(answer: requests.Response) -> bool:
    return answer.status_code == 401 or (answer.status_code == 400 and "CSRF" in answer.text)


def base_of(url: str) -> str:
    """The address that all others begin with. CrmKpiError for what is none, or holds a secret."""
    parts = urlsplit(url.strip())
    if parts.username or parts.password:
        raise CrmKpiError(
            "--url holds a login; leave it out, and give --username and CRMKPI_SUPERSET_PASSWORD"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CrmKpiError(f"--url {url}: is no address such as https://superset.example.com")
    path = parts.path.rstrip("/")
    for page in PAGES:
        path = path.removesuffix(page)
    if parts.scheme == "http" and not _is_here(parts.hostname):
        logger.warning("%s is not encrypted: others can read the login; give https://", url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
