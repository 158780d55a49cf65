"""Alerts and reports of a Superset: no import takes them, its own commands make them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content, Found
from superset_crmkpi.superset.alert_fields import (
    ASKED,
    MARKER,
    PLAIN,
    addresses,
    faults,
    question,
    request,
    uuid_in,
)
from superset_crmkpi.superset.failures import raise_bug, reason


def found() -> Iterator[Found]:
    """All of them; one that is not ours has its number in place of a uuid."""
    from superset import db
    from superset.reports.models import ReportSchedule as Row

    for number, name, marker in db.session.query(Row.id, Row.name, Row.context_markdown):
        yield Found("alert", uuid_in(marker) or f"of others {number}", name)


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
    from superset.utils.urls import get_url_path

    from superset_crmkpi.superset.reader import model

    def number(kind: str, uuid: str) -> int:
        row = model(kind, uuid)
        if row is None:
            raise CrmKpiError(f'alert "{content["name"]}": what it refers to is not in Superset')
        return int(row.id)

    def address(board: str) -> str:
        view = "Superset.dashboard"
        return str(get_url_path(view, user_friendly=True, dashboard_id_or_slug=board))

    return request(content, number, address)


def _owners(content: Content) -> list[int]:
    """Who may change it, and is told when it fails: who installs, and recipients with a login."""
    from flask import g
    from superset import db, security_manager

    users, told = security_manager.user_model, addresses(content)
    rows = db.session.query(users.id, users.email)
    known = [number for number, email in rows if (email or "").lower() in told]
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
        names = columns_of(database, None, question(limited))
    except Exception as error:  # whatever a driver may raise
        raise_bug(error)
        yield f"its SQL does not run: {reason(error)}"
        return
    yield from faults(names)


def ours() -> Mapping[str, Any]:
    """Our alerts in this Superset by uuid."""
    from superset import db
    from superset.reports.models import ReportSchedule

    rows = db.session.query(ReportSchedule)
    return {uuid: row for row in rows if (uuid := uuid_in(row.context_markdown))}
