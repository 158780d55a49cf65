"""An alert as an asset and as Superset's own commands and API take it: the same by both ways in.

Alerts have no uuid of their own. Ours stands in their context_markdown, a field that is sent
nowhere, that the UI keeps, and that REST reads and writes too; a name would be lost by renaming.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from superset_crmkpi.bundle.alerts import DASHBOARD_LINK
from superset_crmkpi.installer.gateway import Content

MARKER = "CRM KPI alert "
#: what is the same in an asset and in Superset's row
PLAIN = (
    "name",
    "type",
    "description",
    "email_subject",
    "active",
    "crontab",
    "timezone",
    "grace_period",
    "working_timeout",
    "log_retention",
    "report_format",
)
#: only of alerts
ASKED = ("sql", "validator_type")
Numbered = Callable[[str, str], int]


def uuid_in(marker: str | None) -> str:
    """Our uuid of the alert with this context_markdown, '' where it is not ours."""
    text = marker or ""
    return text.removeprefix(MARKER).strip() if text.startswith(MARKER) else ""


def request(content: Content, number: Numbered, address: Callable[[str], str]) -> dict[str, Any]:
    """What Superset's schemas of alerts take.

    `number` gives the id of a kind and uuid, `address` that of a dashboard, for the message.
    """
    given = {key: content[key] for key in PLAIN if key in content}
    if content["type"] == "Alert":
        given |= {key: content[key] for key in ASKED}
        given["validator_config_json"] = content["validator_config_json"]
        given["database"] = number("database", str(content["database_uuid"]))
    text = str(content.get("description") or "")
    if DASHBOARD_LINK in text:
        text = text.replace(DASHBOARD_LINK, address(str(content["dashboard_uuid"])))
    given["description"] = text
    given["recipients"] = content["recipients"]
    given["chart"] = number("chart", str(content["chart_uuid"]))
    given["context_markdown"] = f"{MARKER}{content['uuid']}"
    given["force_screenshot"] = True  # a kept answer could be older than the number in the alert
    return given


def question(sql: str) -> str:
    """The SQL of an alert on no rows."""
    return f"SELECT * FROM (\n{sql}\n) AS asked WHERE 1 = 0"


def faults(names: Sequence[str]) -> list[str]:
    """What is wrong with an alert whose SQL gives columns of these names."""
    if len(names) == 1:
        return []
    return [f"its SQL gives {len(names)} columns; an alert compares one number"]


def addresses(content: Content) -> set[str]:
    """The e-mail addresses of its recipients, in lower case."""
    return {
        address.strip().lower()
        for one in content["recipients"]
        if one["type"] == "Email"
        for address in one["recipient_config_json"]["target"].split(",")
    }
