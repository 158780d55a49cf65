"""The profile `crmkpi.yaml`: what is where, and how this company counts.

Every fault is one line that names the file, the line, the key and the remedy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from superset_crmkpi.accounts import Accounts
from superset_crmkpi.custom import CustomField
from superset_crmkpi.errors import CrmKpiError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HOURS = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Database(_Strict):
    """The database in Superset: `name` of the connection; `uri` when crmkpi itself reads it."""

    name: str
    uri: str | None = None

    @field_validator("uri")
    @classmethod
    def _no_secret(cls, uri: str | None) -> str | None:
        if uri is not None and not _VARIABLE.search(uri):
            check_uri(uri)
        elif uri is not None and re.search(r"://[^:/@]+:(?!\$\{)[^@]+@", uri):
            raise ValueError("a password stands in clear text; write ${VARIABLE} in its place")
        return uri


class Source(BaseModel):
    """One source: a connector, and where its tables lie. Further keys are the connector's own."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    connector: str
    landing: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    #: zone of timestamps that have none
    time_zone: str = "UTC"
    #: currency of records that name none; else the reporting currency
    currency: str | None = None
    #: logical table -> `table` or `schema.table`
    tables: dict[str, str] = Field(default_factory=dict)
    #: `entity.column` -> vendor label -> canonical value, besides the connector's
    values: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    #: entity -> source whose ids the foreign keys to that entity hold
    links: dict[str, str] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Calendar(_Strict):
    """Time zone (IANA), first day of the week, first month of the fiscal year, pinned today."""

    time_zone: str = "UTC"
    week_start: Weekday = "monday"
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    today: date | None = None

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)


class BusinessHours(_Strict):
    """Open hours per weekday as `HH:MM-HH:MM` in local time; missing weekdays are closed.

    `teams` by name and `users` by e-mail address or name work by it; all others by `default`.
    """

    days: dict[Weekday, str]
    holidays: list[date] = Field(default_factory=list)
    teams: list[str] = Field(default_factory=list)
    users: list[str] = Field(default_factory=list)

    @field_validator("days")
    @classmethod
    def _hours(cls, days: dict[str, str]) -> dict[str, str]:
        for text in days.values():
            if not _HOURS.match(text) or minutes(text)[0] >= minutes(text)[1]:
                raise ValueError(f"`{text}` is not HH:MM-HH:MM with the end after the start")
        return days


class Rate(_Strict):
    """One unit of `currency` is `rate` units of the reporting currency from `valid_from` on."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    valid_from: date
    rate: float = Field(gt=0)


class Currency(_Strict):
    reporting: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    rates: list[Rate] = Field(default_factory=list)


class Owner(_Strict):
    name: str
    email: str | None = None


class ProfileThresholds(_Strict):
    warn: float
    act: float


class Profile(_Strict):
    """The whole profile. `path` is where it was read from, for messages."""

    name: str = "CRM"
    database: Database
    schema_: str = Field(default="crmkpi", alias="schema", pattern="^[a-z][a-z0-9_]*$")
    mode: Literal["live", "built"] = "live"
    sources: dict[str, Source] = Field(min_length=1)
    calendar: Calendar = Calendar()
    business_hours: dict[str, BusinessHours] = Field(default_factory=dict)
    currency: Currency = Currency()
    settings: dict[str, Any] = Field(default_factory=dict)
    owners: dict[str, Owner] = Field(default_factory=dict)
    targets: dict[str, float] = Field(default_factory=dict)
    thresholds: dict[str, ProfileThresholds] = Field(default_factory=dict)
    #: fields of the company's own CRM, by `entity.column`
    fields: dict[str, CustomField] = Field(default_factory=dict)
    #: sources that know the same companies
    accounts: Accounts | None = None
    #: what kind of company this is: packs of dashboards/packs
    packs: list[str] = Field(default_factory=list)
    #: KPIs on the scorecard; None takes those whose file has a `scorecard` rule
    scorecard: list[str] | None = None

    @field_validator("sources")
    @classmethod
    def _names(cls, sources: dict[str, Source]) -> dict[str, Source]:
        for name, source in sources.items():
            if not re.fullmatch("[a-z][a-z0-9_]*", name) or name == "profile":
                raise ValueError(f"source name `{name}`: use lower-case letters, digits and _")
            for entity, other in source.links.items():
                if other not in sources:
                    raise ValueError(
                        f"`{name}.links.{entity}: {other}`: there is no source {other}"
                    )
        return sources

    @field_validator("business_hours")
    @classmethod
    def _one_schedule_each(cls, schedules: dict[str, BusinessHours]) -> dict[str, BusinessHours]:
        placed: dict[tuple[str, str], str] = {}
        for name, hours in schedules.items():
            holders = [("team", t) for t in hours.teams] + [("user", u) for u in hours.users]
            for kind, holder in holders:
                other = placed.setdefault((kind, holder.lower()), name)
                if other != name:
                    raise ValueError(
                        f"{kind} `{holder}` is on two schedules, {other} and {name}; keep one"
                    )
        return schedules


def load_profile(path: Path | str) -> Profile:
    """Read and check a profile. Raises CrmKpiError with file, line, key and remedy."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CrmKpiError(
            f"{path}: cannot be read ({error.strerror}); name the profile by --profile"
        ) from error
    try:
        tree = yaml.compose(text)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise CrmKpiError(
            f"{path.name}{line}: not YAML: {getattr(error, 'problem', error)}"
        ) from error
    if not isinstance(content, dict):
        raise CrmKpiError(f"{path.name}: is empty; a profile has `database:` and `sources:`")
    try:
        profile = Profile.model_validate(content)
    except ValidationError as error:
        raise profile_error(path, tree, error) from error
    from superset_crmkpi.profile_check import check_names  # which builds on this module

    check_names(path, tree, profile)
    return profile


def profile_error(path: Path, tree: yaml.Node | None, error: ValidationError) -> CrmKpiError:
    """The first fault of a validation as one line."""
    errors = error.errors()
    # a misspelt key is missing under its right name too; the spelling is what to mend
    misspelt = (fault for fault in errors if fault["type"] == "extra_forbidden")
    first = next(misspelt, errors[0])
    keys = [str(part) for part in first["loc"] if part != "[key]"]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "unknown key; remove it or mend its spelling" + _known_keys(keys)
    elif first["type"] == "missing":
        message = "is missing; add it"
    return CrmKpiError(f"{path.name} line {line_of(tree, keys)}: `{'.'.join(keys)}`: {message}")


def line_of(tree: yaml.Node | None, keys: Sequence[str]) -> int:
    """Line of the deepest key of the path that is there, counted from 1."""
    line, node = 1, tree
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            found = (node.value[int(key)], node.value[int(key)])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def check_zone(zone: str) -> str:
    """An IANA time zone, or ValueError."""
    try:
        ZoneInfo(zone)
    except Exception as error:
        raise ValueError(
            f"`{zone}` is not a time zone; use an IANA name as Europe/Berlin"
        ) from error
    return zone


def check_uri(uri: str) -> None:
    """Raise ValueError for what is no SQLAlchemy URI, or holds a password in clear text."""
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError) as error:
        raise ValueError("is not a database URI as dialect://user@host:port/database") from error
    secret_in_query = any(re.search("pass|token|secret|key", name, re.I) for name in url.query)
    if url.password or secret_in_query:
        raise ValueError(
            "a secret stands in clear text; put it in the environment and write ${VARIABLE}"
        )


def expand_uri(uri: str, environment: Mapping[str, str] | None = None) -> str:
    """The URI with `${VARIABLE}` from the environment. CrmKpiError when one is not set."""
    values = os.environ if environment is None else environment

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise CrmKpiError(f"`{uri}`: the environment variable {name} is not set; export it")
        return values[name]

    if not _VARIABLE.search(uri):
        try:
            check_uri(uri)
        except ValueError as error:
            raise CrmKpiError(f"database URI: {error}") from error
    return _VARIABLE.sub(value, uri)


def minutes(hours: str) -> tuple[int, int]:
    """`09:00-17:30` as minutes after midnight (540, 1050)."""
    match = _HOURS.match(hours)
    assert match is not None
    a, b, c, d = (int(part) for part in match.groups())
    return a * 60 + b, c * 60 + d


def _known_keys(keys: Sequence[str]) -> str:
    models: dict[str, type[BaseModel]] = {
        "database": Database,
        "calendar": Calendar,
        "currency": Currency,
    }
    model = Profile if len(keys) == 1 else models.get(keys[0])
    if model is None:
        return ""
    names = [field.alias or name for name, field in model.model_fields.items()]
    return f" (known: {', '.join(names)})"
