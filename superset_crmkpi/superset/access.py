"""Roles and users, and deleting."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.superset import alerts, rules
from superset_crmkpi.superset.reader import model
from superset_crmkpi.superset.viewer import VIEWER


def grant(role: RoleGrant, revoked: Collection[str] = (), viewer: bool = True) -> None:
    """Make the role if need be; it then has access to these datasets, and not to those `revoked`.

    Dashboards need no permission of their own: who may query all the datasets sees a published
    dashboard. Naming roles on the dashboard would lock out everybody else.
    """
    from superset import db, security_manager

    row = security_manager.find_role(role.name) or security_manager.add_role(role.name)
    if not row:
        raise CrmKpiError(f'Superset could not make the role "{role.name}"; see its log')
    gone = {dataset.perm for uuid in revoked if (dataset := model("dataset", uuid)) is not None}
    permissions = [
        one
        for one in row.permissions
        if one.permission.name != "datasource_access" or one.view_menu.name not in gone
    ]
    for uuid in role.datasets:
        dataset = model("dataset", uuid)
        if dataset is None:
            raise CrmKpiError(f'role "{role.name}": Superset has no dataset {uuid}')
        permission = security_manager.add_permission_view_menu("datasource_access", dataset.perm)
        if permission not in permissions:
            permissions.append(permission)
    for name, on in VIEWER if viewer else ():
        one = security_manager.find_permission_view_menu(name, on)
        if one is not None and one not in permissions:
            permissions.append(one)
    row.permissions = permissions
    db.session.flush()


def delete(kind: str, uuid: str) -> None:
    """Delete one thing by Superset's own command, which also takes its permissions away."""
    from superset import db

    if kind in ("alert", "rule"):
        (alerts if kind == "alert" else rules).delete(uuid)
        return
    row = model(kind, uuid)
    if row is None:
        return
    if kind == "dataset":
        _end_rules(row)
    if kind == "role":
        db.session.delete(row)
        db.session.flush()
        return
    command = _delete_command(kind)
    command(row.id if kind == "database" else [row.id]).run()


def _end_rules(dataset: Any) -> None:
    """Row-level rules no longer name the dataset; one that names no other has no meaning left."""
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    for rule in db.session.query(RowLevelSecurityFilter):
        if dataset not in rule.tables:
            continue
        rule.tables = [table for table in rule.tables if table != dataset]
        if not rule.tables:
            db.session.delete(rule)
    db.session.flush()


def _delete_command(kind: str) -> Any:
    if kind == "database":
        from superset.commands.database.delete import DeleteDatabaseCommand

        return DeleteDatabaseCommand
    if kind == "dataset":
        from superset.commands.dataset.delete import DeleteDatasetCommand

        return DeleteDatasetCommand
    if kind == "report":
        from superset.commands.report.delete import DeleteReportScheduleCommand

        return DeleteReportScheduleCommand
    if kind == "chart":
        from superset.commands.chart.delete import DeleteChartCommand

        return DeleteChartCommand
    from superset.commands.dashboard.delete import DeleteDashboardCommand

    return DeleteDashboardCommand


def ensure_user(username: str, password: str, first_name: str, roles: list[str]) -> None:
    """Make a user, or give an existing one this password and these roles."""
    from superset import db, security_manager

    rows = [security_manager.find_role(role) for role in roles]
    if missing := [role for role, row in zip(roles, rows, strict=True) if row is None]:
        raise CrmKpiError(f"user {username}: Superset has no role {', '.join(missing)}")
    user = security_manager.find_user(username=username)
    if user is None:
        email = f"{username}@demo.invalid"
        if not security_manager.add_user(username, first_name, "Demo", email, rows, password):
            raise CrmKpiError(f"Superset could not make the user {username}; see its log")
        return
    user.roles = rows
    security_manager.reset_password(user.id, password)
    db.session.commit()
