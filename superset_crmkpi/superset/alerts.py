"""Alerts and reports of a Superset: no import takes them, its own commands make them.

They have no uuid of their own. Ours stands in their context_markdown, a field that is sent nowhere,
that the UI keeps, and that REST reads and writes too; a name would be lost by renaming.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.alerts import DASHBOARD_LINK
from superset_crmkpi.installer.gateway import Content, Found
from superset_crmkpi.superset.failures import raise_bug, reason

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


def found() -> Iterator[Found]:
    """All of them; one that is not ours has its number in place of a uuid."""
    from superset import db
    from superset.reports.models import ReportSchedule as Row

    for number, name, marker in db.session.query(Row.id, Row.name, Row.context_markdown):
        yield Found("alert", uuid_in(marker) or f"of others {number}", name)


def uuid_in(marker: str | None) -> str:
    """Our uuid of the alert with this context_markdown, '' where it is not ours."""
    text = marker or ""
    return text.removeprefix(MARKER).strip() if text.startswith(MARKER) else ""


def row_of(uuid: str) -> Any:
    """The row of an alert of ours, None if it is not there."""
    from superset import db
    from superset.reports.models import ReportSchedule

    marked = ReportSchedule.context_markdown == f"{MARKER}{uuid}"
    return db.session.query(ReportSchedule).filter(marked).first()


def read(uuid: str) -> dict[str, Any]:
    """The alert as an asset: other assets by uuid, recipients as its schema takes them."""
    row = row_of(uuid)
    if row is None:
        raise CrmKpiError(f"Superset has no alert with uuid {uuid}")
    content = {key: getattr(row, key) for key in PLAIN}
    if row.type == "Alert":
        content |= {key: getattr(row, key) for key in ASKED}
        content["validator_config_json"] = json.loads(row.validator_config_json or "{}")
        content["database_uuid"] = str(row.database.uuid) if row.database else None
    content["recipients"] = [
        {"type": str(one.type), "recipient_config_json": json.loads(one.recipient_config_json)}
        for one in sorted(row.recipients, key=lambda one: one.id)
    ]
    content["chart_uuid"] = str(row.chart.uuid) if row.chart else None
    return {**content, "uuid": uuid, "version": "1.0.0"}


def write(content: Content) -> None:
    """Create or overwrite one; to be called inside a transaction, after what it refers to."""
    from superset.commands.report.create import CreateReportScheduleCommand
    from superset.commands.report.update import UpdateReportScheduleCommand
    from superset.reports.schemas import ReportSchedulePostSchema, ReportSchedulePutSchema

    given = _request(content)
    row = row_of(str(content["uuid"]))
    if row is None:
        given["creation_method"] = "alerts_reports"
        given["owners"] = _owners(content)
        CreateReportScheduleCommand(ReportSchedulePostSchema().load(given)).run()
    else:
        UpdateReportScheduleCommand(row.id, ReportSchedulePutSchema().load(given)).run()


def _request(content: Content) -> dict[str, Any]:
    """What Superset's schemas take."""
    from superset_crmkpi.superset.reader import model

    given = {key: content[key] for key in PLAIN if key in content}
    if content["type"] == "Alert":
        given |= {key: content[key] for key in ASKED}
        given["validator_config_json"] = content["validator_config_json"]
        given["database"] = _number(model("database", str(content["database_uuid"])), content)
    given["description"] = _linked(content)
    given["recipients"] = content["recipients"]
    given["chart"] = _number(model("chart", str(content["chart_uuid"])), content)
    given["context_markdown"] = f"{MARKER}{content['uuid']}"
    given["force_screenshot"] = True  # a kept answer could be older than the number in the alert
    return given


def _number(row: Any, content: Content) -> int:
    if row is None:
        raise CrmKpiError(f'alert "{content["name"]}": what it refers to is not in Superset')
    return int(row.id)


def _linked(content: Content) -> str:
    """The message with the address of its dashboard, as people reach it."""
    from superset.utils.urls import get_url_path

    text = str(content.get("description") or "")
    if DASHBOARD_LINK not in text:
        return text
    board = content.get("dashboard_uuid")
    address = get_url_path("Superset.dashboard", user_friendly=True, dashboard_id_or_slug=board)
    return text.replace(DASHBOARD_LINK, address)


def _owners(content: Content) -> list[int]:
    """Who may change it, and is told when it fails: who installs, and recipients with a login."""
    from flask import g
    from superset import db, security_manager

    users = security_manager.user_model
    addresses = [
        address.strip().lower()
        for one in content["recipients"]
        if one["type"] == "Email"
        for address in one["recipient_config_json"]["target"].split(",")
    ]
    rows = db.session.query(users.id, users.email)
    known = [number for number, email in rows if (email or "").lower() in addresses]
    return list(dict.fromkeys([g.user.id, *known]))


def delete(uuid: str) -> None:
    """Delete one of ours."""
    from superset.commands.report.delete import DeleteReportScheduleCommand

    row = row_of(uuid)
    if row is not None:
        DeleteReportScheduleCommand([row.id]).run()


def check(database: Any, content: Content) -> list[str]:
    """What this Superset would refuse, and whether the SQL runs, on no rows."""
    problems = list(_refused(content))
    if not problems and content["type"] == "Alert":
        problems += _not_running(database, str(content["sql"]))
    return problems


def _refused(content: Content) -> Iterator[str]:
    from marshmallow import ValidationError
    from superset.reports.models import ReportRecipientType
    from superset.reports.schemas import ReportSchedulePostSchema

    known = {kind.value for kind in ReportRecipientType}
    for one in content["recipients"]:
        if one["type"] not in known:
            ways = ", ".join(sorted(known))
            yield f"this Superset tells nobody by {one['type']}; it knows {ways}"
            return
    given: dict[str, Any] = {key: content[key] for key in PLAIN if key in content}
    given |= {"recipients": content["recipients"], "creation_method": "alerts_reports", "chart": 1}
    try:
        ReportSchedulePostSchema().load(given)
    except ValidationError as error:
        yield f"this Superset does not take it: {reason(error)}"


def _not_running(database: Any, sql: str) -> Iterator[str]:
    from superset_crmkpi.superset.probe import columns_of, rendered

    try:
        if rendered(database, sql) != sql:
            yield "its SQL is a template to this Superset"
            return
        limited = database.apply_limit_to_sql(sql, 2)
        names = columns_of(database, None, f"SELECT * FROM (\n{limited}\n) AS asked WHERE 1 = 0")
    except Exception as error:  # whatever a driver may raise
        raise_bug(error)
        yield f"its SQL does not run: {reason(error)}"
        return
    if len(names) != 1:
        yield f"its SQL gives {len(names)} columns; an alert compares one number"


def ours() -> Mapping[str, Any]:
    """Our alerts in this Superset by uuid."""
    from superset import db
    from superset.reports.models import ReportSchedule

    rows = db.session.query(ReportSchedule)
    return {uuid: row for row in rows if (uuid := uuid_in(row.context_markdown))}
