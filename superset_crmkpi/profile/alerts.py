"""The profile's `alerts`: who is told, and when, that a number got worse.

alerts:
  at: "07:00"                       # or crontab: "0 7 * * 1-5", for all of them
  recipients:                       # by the owner's role, as in the KPI files
    sales_manager: {email: [dana@example.com], slack: ["#sales"]}
    default: {email: [crm@example.com]}
  lists: [at_risk_customers, renewals_due, sla_compliance]
  digest: {crontab: "0 7 * * 1"}
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from superset_crmkpi.base.documents import Strict

#: the KPIs whose list of today can go out each day
LISTS = ("at_risk_customers", "renewals_due", "sla_compliance")
List = Literal["at_risk_customers", "renewals_due", "sla_compliance"]
#: the recipients of owners that have none of their own
DEFAULT = "default"
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
# what Superset takes
_EMAIL = re.compile(r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}")
_CRON_FIELD = r"[\d*/,a-zA-Z#?-]+"
_CRON = re.compile(rf"{_CRON_FIELD}( {_CRON_FIELD}){{4}}")
#: a Monday; the second of the month, as its day before is loaded then
_DAYS = {
    "daily": "* * 1-5",
    "weekly": "* * 1",
    "monthly": "2 * *",
    "quarterly": "2 1,4,7,10 *",
}


def _crontab(text: str) -> str:
    shortened = " ".join(text.split())
    if not _CRON.fullmatch(shortened):
        raise ValueError(f"`{text}` is not a crontab of five fields such as `0 7 * * 1-5`")
    return shortened


def is_address(text: str) -> bool:
    """Whether Superset takes this as an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"`{text}` is not an e-mail address")
    return text


def _webhook(text: str) -> str:
    if not re.match(r"https?://[^/@\s]+(/|$)", text):
        raise ValueError(
            f"`{text}` is not a web address such as https://example.com/hook without a password"
        )
    return text


def many(value: object) -> object:
    """A list of one where a text stands alone."""
    return [value] if isinstance(value, str) else value


Crontab = Annotated[str, AfterValidator(_crontab)]
Addresses = Annotated[list[Annotated[str, AfterValidator(_address)]], BeforeValidator(many)]
Channels = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(many)]
Webhooks = Annotated[list[Annotated[str, AfterValidator(_webhook)]], BeforeValidator(many)]


class Recipients(Strict):
    """Where the messages of one owner go."""

    email: Addresses = Field(default_factory=list)
    slack: Channels = Field(default_factory=list)
    webhook: Webhooks = Field(default_factory=list)

    @model_validator(mode="after")
    def _somebody(self) -> Recipients:
        if not (self.email or self.slack or self.webhook):
            raise ValueError("names nobody; give it `email`, `slack` or `webhook`")
        return self


class Digest(Strict):
    """The scorecard before the review meeting."""

    crontab: Crontab
    recipients: Recipients | None = None


class Alerts(Strict):
    """Which numbers are watched, when, and who is told."""

    at: str = "07:00"
    #: in place of `at` and of each KPI's own rhythm
    crontab: Crontab | None = None
    #: None takes that of the calendar
    time_zone: str | None = None
    #: from which threshold on a KPI is told
    level: Literal["warn", "act"] = "warn"
    #: None takes all on the dashboards that have thresholds
    kpis: list[str] | None = None
    recipients: dict[str, Recipients] = Field(default_factory=dict)
    lists: list[List] = Field(default_factory=list)
    digest: Digest | None = None

    @field_validator("at")
    @classmethod
    def _time(cls, at: str) -> str:
        if not _TIME.fullmatch(at):
            raise ValueError(f'`{at}` is not a time of day; write it as "07:00", in quotes')
        return at

    def times(self, cadence: str) -> str:
        """The crontab of what is reviewed daily, weekly, monthly or quarterly."""
        if self.crontab is not None:
            return self.crontab
        hour, minute = map(int, self.at.split(":"))
        return f"{minute} {hour} {_DAYS.get(cadence, _DAYS['monthly'])}"
