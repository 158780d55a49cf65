"""Reads what is in a Superset: the things an install can meet, and single assets as exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from superset_crmkpi.base.documents import LOADER
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Found
from superset_crmkpi.superset import alerts, rules


def found() -> Iterator[Found]:
    """Everything by its identifying columns only: a Superset may hold thousands of charts."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    query = db.session.query
    databases: dict[int, str] = {}
    for number, uuid, name in query(Database.id, Database.uuid, Database.database_name):
        databases[number] = str(uuid)
        yield Found("database", str(uuid), name)
    for uuid, name, schema, database_id in query(
        SqlaTable.uuid, SqlaTable.table_name, SqlaTable.schema, SqlaTable.database_id
    ):
        database_uuid = databases.get(database_id)
        yield Found("dataset", str(uuid), name, schema=schema, database_uuid=database_uuid)
    for uuid, name in query(Slice.uuid, Slice.slice_name):
        yield Found("chart", str(uuid), name or "")
    for uuid, name, slug in query(Dashboard.uuid, Dashboard.dashboard_title, Dashboard.slug):
        yield Found("dashboard", str(uuid), name or "", slug=slug)
    yield from alerts.found()
    yield from rules.found()
    yield from _roles()


def _roles() -> Iterator[Found]:
    """Roles with what they give access to, by one query: Admin has hundreds of permissions."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable

    role, granted = security_manager.role_model, security_manager.permissionview_model
    permission, thing = security_manager.permission_model, security_manager.viewmenu_model
    by_perm = {perm: str(uuid) for perm, uuid in db.session.query(SqlaTable.perm, SqlaTable.uuid)}
    rows = (
        db.session.query(role.name, permission.name, thing.name)
        .select_from(role)
        .outerjoin(role.permissions)
        .outerjoin(permission, granted.permission_id == permission.id)
        .outerjoin(thing, granted.view_menu_id == thing.id)
    )
    grants: dict[str, set[str]] = {}
    others: Counter[str] = Counter()
    for name, kind, on in rows:
        datasets = grants.setdefault(name, set())
        if kind == "datasource_access" and on in by_perm:
            datasets.add(by_perm[on])
        elif kind is not None:
            others[name] += 1
    for name, datasets in grants.items():
        yield Found("role", name, name, grants=frozenset(datasets), other_permissions=others[name])


def model(kind: str, uuid: str) -> Any:
    """The row of a thing, None if it is not there.

    A role is known by its name, a report by its number.
    """
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice
    from superset.reports.models import ReportSchedule

    if kind == "role":
        return security_manager.find_role(uuid)
    if kind == "alert":
        return alerts.row_of(uuid)
    if kind == "rule":
        return rules.row_of(uuid)
    if kind == "report":
        return db.session.get(ReportSchedule, int(uuid))
    classes = {
        "database": Database,
        "dataset": SqlaTable,
        "chart": Slice,
        "dashboard": Dashboard,
    }
    return db.session.query(classes[kind]).filter_by(uuid=uuid).one_or_none()


_WITHOUT_EXPORT = {"alert": alerts.read, "rule": rules.read}


def read(kind: str, uuid: str) -> dict[str, Any]:
    """The asset as Superset exports it now, without what it refers to."""
    if kind in _WITHOUT_EXPORT:
        return _WITHOUT_EXPORT[kind](uuid)
    row = model(kind, uuid)
    if row is None:
        raise CrmKpiError(f"Superset has no {kind} with uuid {uuid}")
    for name, content in _exporter(kind)([row.id], export_related=False).run():
        if name.startswith(f"{kind}s/"):
            parsed: dict[str, Any] = yaml.load(content(), Loader=LOADER)
            if parsed.get("uuid") == uuid:
                return parsed
    raise CrmKpiError(f"Superset did not export {kind} {uuid}")


def _exporter(kind: str) -> Any:
    if kind == "database":
        from superset.commands.database.export import ExportDatabasesCommand

        return ExportDatabasesCommand
    if kind == "dataset":
        from superset.commands.dataset.export import ExportDatasetsCommand

        return ExportDatasetsCommand
    if kind == "chart":
        from superset.commands.chart.export import ExportChartsCommand

        return ExportChartsCommand
    from superset.commands.dashboard.export import ExportDashboardsCommand

    return ExportDashboardsCommand
