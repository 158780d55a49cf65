"""What a server answers, and what hinders it to, as one line that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import without_secrets

LONGEST = 600  # characters of a reason
API = "/api/v1/"


class Refused(CrmKpiError):
    """Superset answered, and not as it was asked to."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what goes wrong on the way to a server into one line."""
    try:
        yield
    except requests.exceptions.RequestException as error:
        raise CrmKpiError(f"{_site(address)}: {_hindrance(error)}") from error


def _site(address: str) -> str:
    place = address.partition(API)[0]
    return place or address


def _hindrance(error: requests.exceptions.RequestException) -> str:
    kinds = requests.exceptions
    if isinstance(error, kinds.SSLError):
        return (
            "its TLS certificate cannot be trusted "
            f"({_innermost(error)}); let REQUESTS_CA_BUNDLE name the file of its CA, or check the "
            "address"
        )
    if isinstance(error, kinds.ProxyError):
        return "the proxy does not let us through; check HTTPS_PROXY and NO_PROXY"
    if isinstance(error, (kinds.Timeout, kinds.RetryError)):
        return "no answer in time; try again, or ask whoever runs it"
    if _is_about(error, NameResolutionError):
        return "there is no such host; check --url"
    if isinstance(error, kinds.ConnectionError):
        return f"cannot be reached ({_innermost(error)}); is it up, and is --url right?"
    return f"cannot be asked ({_innermost(error)}); check --url"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error with all that it was made of."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _is_about(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(one, kind) for one in _chain(error))


def _innermost(error: BaseException) -> str:
    found = [one for one in _chain(error) if isinstance(one, OSError)]
    last = found[-1]
    return one_line(last.strerror or str(last) or type(last).__name__)[:200]


def checked(answer: requests.Response, base: str, remedy: str) -> Any:
    """The JSON of a good answer; Refused for any other. `remedy`: what to do when not logged in."""
    refuse_others(answer, base, remedy)
    try:
        found = answer.json()
    except ValueError as error:
        raise Refused(_no_json(answer, base, remedy), answer.status_code) from error
    if not isinstance(found, dict):
        raise Refused(_no_json(answer, base, remedy), answer.status_code)
    return found


def refuse_others(answer: requests.Response, base: str, remedy: str) -> None:
    """Raise Refused for an answer that is none of 2xx."""
    status = answer.status_code
    if status < 300:
        return
    raise Refused(f"{base}: {_refusal(answer, remedy)}", status)


def _refusal(answer: requests.Response, remedy: str) -> str:
    status = answer.status_code
    if status < 400:
        return _redirect(answer, remedy)
    if status == 401 or _refuses_token(answer):
        return f"not logged in ({reason(answer)}); {remedy}"
    if status == 403:
        said = f"{asked(answer)}: {reason(answer)}"
        return f"this user may not do that ({said}); it takes the role Admin"
    if status == 429:
        return "it still answers that there are too many requests; run this again later"
    if status in (502, 503, 504):
        return f"Superset does not answer now ({status}); run this again when it is up"
    if status == 404 and not _is_json(answer):
        return (
            f"there is no Superset API ({asked(answer)} is not found); is the path of --url right?"
        )
    return reason(answer)


def _refuses_token(answer: requests.Response) -> bool:
    """A token that is none: what reads tokens says so in words of its own, by another status."""
    if answer.status_code != 422 or not _is_json(answer):
        return False
    found = answer.json()
    return isinstance(found, dict) and set(found) == {"msg"}


def _redirect(answer: requests.Response, remedy: str) -> str:
    target = answer.headers.get("Location", "").partition("?")[0]
    path = urlsplit(answer.url).path
    same = path[max(path.find(API), 0) :]
    if not target.endswith(same) and "login" in target:
        return f"not logged in (it leads to its login page); {remedy}"
    place = target.removesuffix(same)
    return f"it leads elsewhere, to {place}; if that is your Superset, give --url {place}"


def _no_json(answer: requests.Response, base: str, remedy: str) -> str:
    if "login" in answer.text[:20_000].lower():
        return f"{base}: not logged in (a login page came in place of an answer); {remedy}"
    return f"{base}: {asked(answer)} gave a page and no answer; is this the address of a Superset?"


def asked(answer: requests.Response) -> str:
    """What was asked, for an error."""
    method = answer.request.method if answer.request is not None else "GET"
    return f"{method} {urlsplit(answer.url).path}"


def _is_json(answer: requests.Response) -> bool:
    return "json" in answer.headers.get("Content-Type", "")


def reason(answer: requests.Response) -> str:
    """What Superset says was wrong."""
    try:
        found = answer.json()
    except ValueError:
        return f"{asked(answer)} gave {answer.status_code}"
    said = list(dict.fromkeys(_said(found)))
    return one_line("; ".join(said))[:LONGEST] or f"{asked(answer)} gave {answer.status_code}"


def _said(found: Any) -> Iterator[str]:
    if not isinstance(found, dict):
        yield str(found)
        return
    for key in ("message", "msg", "error"):
        if found.get(key):
            yield from flat(found[key])
    for error in found.get("errors") or []:
        if not isinstance(error, dict):
            yield str(error)
            continue
        yield str(error.get("message", ""))
        extra = error.get("extra") or {}
        yield from flat({key: value for key, value in extra.items() if key not in _NO_REASON})


#: what Superset adds to errors beside the reason
_NO_REASON = ("issue_codes", "engine_name", "level", "sqlalchemy_uri")


def flat(messages: Any, path: str = "") -> Iterator[str]:
    """Each message of a tree of them, with its place."""
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from flat(value, f"{path}: {key}" if path else str(key))
    elif isinstance(messages, (list, tuple)):
        for value in messages:
            yield from flat(value, path)
    elif messages not in (None, ""):
        yield f"{path}: {messages}" if path else str(messages)


def one_line(text: str) -> str:
    """Without line breaks, and without secrets that a server may have repeated."""
    return without_secrets(" ".join(text.split()))
