"""Reads what is in a Superset: the things an install can meet, and single assets as exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from superset_crmkpi.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Found


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
    yield from _roles()


def _roles() -> Iterator[Found]:
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable

    by_perm = {perm: str(uuid) for perm, uuid in db.session.query(SqlaTable.perm, SqlaTable.uuid)}
    for role in db.session.query(security_manager.role_model):
        grants, others = set(), 0
        for permission in role.permissions:
            if permission is None or permission.view_menu is None:
                continue
            uuid = by_perm.get(permission.view_menu.name)
            if permission.permission.name == "datasource_access" and uuid:
                grants.add(uuid)
            else:
                others += 1
        yield Found(
            "role",
            role.name,
            role.name,
            grants=frozenset(grants),
            other_permissions=others,
        )


def model(kind: str, uuid: str) -> Any:
    """The row of a thing, None if it is not there."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    if kind == "role":
        return security_manager.find_role(uuid)
    classes = {
        "database": Database,
        "dataset": SqlaTable,
        "chart": Slice,
        "dashboard": Dashboard,
    }
    return db.session.query(classes[kind]).filter_by(uuid=uuid).one_or_none()


def read(kind: str, uuid: str) -> dict[str, Any]:
    """The asset as Superset exports it now, without what it refers to."""
    row = model(kind, uuid)
    if row is None:
        raise CrmKpiError(f"Superset has no {kind} with uuid {uuid}")
    for name, content in _exporter(kind)([row.id], export_related=False).run():
        if name.startswith(f"{kind}s/"):
            parsed: dict[str, Any] = yaml.safe_load(content())
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
