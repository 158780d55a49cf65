"""What in a Superset needs an asset, and who changed one last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from superset_crmkpi.installer.gateway import Change, Key, Use
from superset_crmkpi.superset import alerts, rule_fields
from superset_crmkpi.superset.filters import filtered_datasets
from superset_crmkpi.superset.reader import model


def uses(keys: Collection[Key]) -> Mapping[Key, Sequence[Use]]:
    """See Gateway: each kind is asked once, however many keys there are."""
    numbers: dict[str, dict[int, Key]] = defaultdict(dict)
    for kind, uuid in keys:
        if (row := model(kind, uuid)) is not None:
            numbers[kind][row.id] = kind, uuid
    found: dict[Key, list[Use]] = defaultdict(list)
    for kind, ask in _ASKED:
        if wanted := numbers[kind]:
            for number, use in ask(wanted):
                found[wanted[number]].append(use)
    return found


def last_change(kind: str, uuid: str) -> Change:
    """See Gateway."""
    row = model(kind, uuid)
    who = getattr(row, "changed_by", None)
    when = getattr(row, "changed_on", None)
    return Change(str(who) if who else "", f"{when:%Y-%m-%d %H:%M}" if when else "")


_Uses = Iterator[tuple[int, Use]]
_Wanted = Mapping[int, Key]


def _of_databases(wanted: _Wanted) -> _Uses:
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.sql_lab import SavedQuery
    from superset.reports.models import ReportSchedule

    query = db.session.query(SqlaTable.database_id, SqlaTable.table_name, SqlaTable.uuid)
    for number, name, uuid in query.filter(SqlaTable.database_id.in_(wanted)):
        yield number, Use("dataset", name, str(uuid))
    saved = db.session.query(SavedQuery.db_id, SavedQuery.label)
    for number, name in saved.filter(SavedQuery.db_id.in_(wanted)):
        yield number, Use("saved query", name or "")
    yield from _reports(ReportSchedule.database_id, wanted)


def _of_datasets(wanted: _Wanted) -> _Uses:
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    charts = db.session.query(Slice.datasource_id, Slice.slice_name, Slice.uuid)
    for number, name, uuid in charts.filter(
        Slice.datasource_type == "table", Slice.datasource_id.in_(wanted)
    ):
        yield number, Use("chart", name or "", str(uuid))
    for rule in db.session.query(RowLevelSecurityFilter):
        for table in rule.tables:
            if table.id in wanted:
                yield table.id, Use("rule", rule.name, rule_fields.uuid_in(rule.group_key))
    boards = db.session.query(Dashboard.dashboard_title, Dashboard.uuid, Dashboard.json_metadata)
    for name, uuid, metadata in boards.filter(Dashboard.json_metadata.contains("datasetId")):
        for number in filtered_datasets(metadata) & set(wanted):
            yield number, Use("dashboard", name or "", str(uuid))


def _of_charts(wanted: _Wanted) -> _Uses:
    from superset import db
    from superset.models.dashboard import Dashboard, dashboard_slices
    from superset.reports.models import ReportSchedule

    shown = (
        db.session.query(dashboard_slices.c.slice_id, Dashboard.dashboard_title, Dashboard.uuid)
        .join(Dashboard, Dashboard.id == dashboard_slices.c.dashboard_id)
        .filter(dashboard_slices.c.slice_id.in_(wanted))
    )
    for number, name, uuid in shown:
        yield number, Use("dashboard", name or "", str(uuid))
    yield from _reports(ReportSchedule.chart_id, wanted)


def _of_dashboards(wanted: _Wanted) -> _Uses:
    from superset.reports.models import ReportSchedule

    yield from _reports(ReportSchedule.dashboard_id, wanted)


def _reports(column: Any, wanted: _Wanted) -> _Uses:
    from superset import db
    from superset.reports.models import ReportSchedule

    row = ReportSchedule
    reports = db.session.query(column, row.name, row.id, row.context_markdown)
    for number, name, report, marker in reports.filter(column.in_(wanted)):
        ours = alerts.uuid_in(marker)
        yield number, Use("alert", name, ours) if ours else Use("report", name, str(report))


def _of_roles(wanted: _Wanted) -> _Uses:
    from superset import db, security_manager

    role, user = security_manager.role_model, security_manager.user_model
    people = db.session.query(role.id, user.username).join(user.roles).filter(role.id.in_(wanted))
    for number, name in people:
        yield number, Use("user", name)


_ASKED = (
    ("database", _of_databases),
    ("dataset", _of_datasets),
    ("chart", _of_charts),
    ("dashboard", _of_dashboards),
    ("role", _of_roles),
)
