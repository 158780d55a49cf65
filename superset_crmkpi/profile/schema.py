"""The profile `crmkpi.yaml`: what is where, and how this company counts."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.base.secrets import check_written_uri
from superset_crmkpi.profile.access import Access
from superset_crmkpi.profile.accounts import Accounts
from superset_crmkpi.profile.alerts import Alerts
from superset_crmkpi.profile.environments import Environment
from superset_crmkpi.profile.fields import CustomField
from superset_crmkpi.profile.records import BASE, check_base, pages

#: of a profile that gives no name, and of the schema that is built for it
NAME, SCHEMA = "CRM", "crmkpi"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_HOURS = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")


class Database(Strict):
    """The database in Superset: `name` of the connection; `uri` when crmkpi itself reads it."""

    name: str
    uri: str | None = None

    @field_validator("uri")
    @classmethod
    def _no_secret(cls, uri: str | None) -> str | None:
        if uri is not None:
            check_written_uri(uri)
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
    #: name -> address of the vendor's application, by which lists open records; one needs no name
    record_base: dict[str, str] = Field(default_factory=dict)
    #: entity -> page of its records, or shape of ids -> page, in place of the connector's
    record_pages: dict[str, str | dict[str, str]] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)

    @field_validator("record_base", mode="before")
    @classmethod
    def _bases(cls, given: object) -> object:
        named = {BASE: given} if isinstance(given, str) else given or {}
        for url in named.values() if isinstance(named, dict) else ():
            check_base(str(url))
        return named

    @field_validator("record_pages")
    @classmethod
    def _pages(cls, given: dict[str, Any]) -> dict[str, Any]:
        for entity, page in given.items():
            list(pages(entity, page))
        return given

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Calendar(Strict):
    """Time zone (IANA), first day of the week, first month of the fiscal year, pinned today."""

    time_zone: str = "UTC"
    week_start: Weekday = "monday"
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    today: date | None = None

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone)


class BusinessHours(Strict):
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


class Rate(Strict):
    """One unit of `currency` is `rate` units of the reporting currency from `valid_from` on."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    valid_from: date
    rate: float = Field(gt=0)


class Currency(Strict):
    reporting: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    rates: list[Rate] = Field(default_factory=list)


class Owner(Strict):
    name: str
    email: str | None = None


class ProfileThresholds(Strict):
    warn: float
    act: float


class OwnDefinitions(Strict):
    """What a profile defines itself."""

    #: folders of definitions, beside the profile
    definitions: list[Path] = Field(default_factory=list)

    @field_validator("definitions", mode="before")
    @classmethod
    def _beside(cls, given: object, info: ValidationInfo) -> object:
        """`context={"folder": ...}` says where the profile lies."""
        folder = Path((info.context or {}).get("folder", "."))
        several = [given] if isinstance(given, str | Path) else given
        if not isinstance(several, list):
            return several
        return [folder / one if isinstance(one, str | Path) else one for one in several]


class Profile(OwnDefinitions):
    """The whole profile; one that was read for an environment has no `environments`."""

    #: one that is not the default is in the names of all that is made, and in the schema's
    name: str = Field(default=NAME, min_length=1, max_length=60)
    database: Database
    schema_: str = Field(default="", alias="schema", pattern="^([a-z][a-z0-9_]*)?$")
    mode: Literal["live", "built"] = "live"
    #: of titles, labels, texts and numbers: the code of a locale
    language: str = Field(default="en", pattern="^[a-z]{2,3}(_[A-Za-z]+)*$")
    sources: dict[str, Source] = Field(min_length=1)
    calendar: Calendar = Calendar()
    business_hours: dict[str, BusinessHours] = Field(default_factory=dict)
    currency: Currency = Currency()
    settings: dict[str, Any] = Field(default_factory=dict)
    owners: dict[str, Owner] = Field(default_factory=dict)
    targets: dict[str, float] = Field(default_factory=dict)
    #: what others reach, by KPI
    benchmarks: dict[str, float] = Field(default_factory=dict)
    thresholds: dict[str, ProfileThresholds] = Field(default_factory=dict)
    #: fields of the company's own CRM, by `entity.column`
    fields: dict[str, CustomField] = Field(default_factory=dict)
    #: sources that know the same companies
    accounts: Accounts | None = None
    #: whether datasets have what tells who customers are, and what they wrote
    personal_data: bool = False
    #: who is told that a number got worse; None tells nobody
    alerts: Alerts | None = None
    #: who sees which records
    access: Access = Access()
    #: what kind of company this is: packs of dashboards/packs
    packs: list[str] = Field(default_factory=list)
    #: KPIs on the scorecard; None takes those whose file has a `scorecard` rule
    scorecard: list[str] | None = None
    #: what is otherwise where it is installed a second time, by name
    environments: dict[str, Environment] = Field(default_factory=dict)

    @field_validator("environments")
    @classmethod
    def _places_of_sources(
        cls, environments: dict[str, Environment], info: ValidationInfo
    ) -> dict[str, Environment]:
        known = info.data.get("sources", {})  # none where these are wrong, which is told first
        for name, environment in environments.items():
            for source in sorted(set(environment.sources) - set(known)) if known else ():
                raise ValueError(
                    f"`{name}.sources.{source}`: there is no source `{source}`; "
                    f"there are: {', '.join(known)}"
                )
        return environments

    @field_validator("alerts")
    @classmethod
    def _alerts_zone(cls, alerts: Alerts | None) -> Alerts | None:
        if alerts is not None and alerts.time_zone is not None:
            check_zone(alerts.time_zone)
        return alerts

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

    @model_validator(mode="after")
    def _own_schema(self) -> Profile:
        if not self.schema_:
            self.schema_ = schema_for(self.name)
        return self

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


def schema_for(name: str) -> str:
    """Where `crmkpi build` writes for a profile of this name, if it does not say so."""
    if name == NAME:
        return SCHEMA
    plain = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"{SCHEMA}_{plain or sha256(name.encode()).hexdigest()[:8]}"


def check_zone(zone: str) -> str:
    """An IANA time zone, or ValueError."""
    try:
        ZoneInfo(zone)
    except Exception as error:
        raise ValueError(
            f"`{zone}` is not a time zone; use an IANA name as Europe/Berlin"
        ) from error
    return zone


def minutes(hours: str) -> tuple[int, int]:
    """`09:00-17:30` as minutes after midnight (540, 1050)."""
    match = _HOURS.match(hours)
    assert match is not None
    a, b, c, d = (int(part) for part in match.groups())
    return a * 60 + b, c * 60 + d
