"""In process and by REST leave the same rows in Superset's metadata database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.uninstall import make_uninstall, uninstall
from tests.superset import guarded, rows, toy
from tests.superset.conftest import ADMIN_PASSWORD, fresh, rest_turn
from tests.superset.test_upgrades import CHART, edit, next_version, own_metric, values

pytestmark = pytest.mark.superset


def resized(asset: dict[str, Any]) -> None:
    asset["position"]["CHART-total"]["meta"]["width"] = 3


#: by REST a request more or less, and somebody who logs in
NOT_COMPARED = ("logs",)
#: numbers that Superset gives out, times, and uuids that it makes up for what has none in an export
DROPPED = {
    "*": ("id", *rows.STAMPS),
    "ab_user": ("last_login", "login_count", "fail_login_count"),
    "annotation": ("start_dttm", "end_dttm"),
    "sql_metrics": ("uuid",),
    "table_columns": ("uuid",),
}
#: column -> the table whose row it names, and what that is known by
NAMES = {
    "permission_id": ("ab_permission", ("name",)),
    "view_menu_id": ("ab_view_menu", ("name",)),
    "permission_view_id": ("ab_permission_view", ("permission_id", "view_menu_id")),
    "role_id": ("ab_role", ("name",)),
}


def comparable(found: rows.Rows) -> rows.Rows:
    """Without what may differ: numbers that only stand for a name are that name."""
    by_number = {table: {row["id"]: row for row in found[table]} for table, _ in NAMES.values()}

    def named(column: str, value: Any) -> Any:
        if column not in NAMES or value is None:
            return value
        table, known_by = NAMES[column]
        row = by_number[table][value]
        return tuple(named(key, row[key]) for key in known_by)

    return {
        table: sorted(
            (
                {
                    column: named(column, value)
                    for column, value in row.items()
                    if column not in (*DROPPED["*"], *DROPPED.get(table, ()))
                }
                for row in content
            ),
            key=repr,
        )
        for table, content in found.items()
        if table not in NOT_COMPARED
    }


@pytest.fixture(scope="module", name="superset")
def superset_of_the_tests(_superset: Any) -> Any:
    return _superset


@contextmanager
def opened(way: str, app: Any, url: str) -> Iterator[Any]:
    from superset_crmkpi.superset.inprocess import open_gateway
    from superset_crmkpi.superset.rest.gateway import open_remote
    from superset_crmkpi.superset.rest.login import Password

    if way == "inprocess":
        with open_gateway(app) as gateway:
            yield gateway
    else:
        with open_remote(url, Password("admin", ADMIN_PASSWORD)) as gateway:
            yield gateway


def stages(way: str, superset: Any, url: str, warehouse_uri: str) -> Iterator[tuple[str, Any]]:
    """The rows after an install, after an upgrade around edits, after an uninstall."""
    metadata = fresh(superset)
    bundle = toy.with_alert(toy.bundle(warehouse_uri), "admin@demo.invalid, ops@example.com")
    bundle = guarded.with_rule(bundle)
    with opened(way, superset[0], url) as gateway:
        apply(bundle, gateway)
        yield "installed", comparable(rows.all_of(metadata))
        edit(gateway, "chart", values(slice_name="Volume", cache_timeout=60))
        edit(gateway, "dataset", own_metric)
        edit(gateway, "dashboard", resized)
        edit(gateway, "alert", values(crontab="5 5 * * *", active=False))
        edit(gateway, "rule", values(description="Ask Dana", roles={"Admin": True, "Alpha": True}))
        newer = toy.changed(next_version(bundle), CHART, slice_name="Sum of amounts")
        newer = toy.changed(newer, toy.ALERT, email_subject="Look at the total", grace_period=60)
        newer = toy.changed(newer, guarded.RULE, clause="region = 'South'")
        apply(newer, gateway)
        yield "upgraded", comparable(rows.all_of(metadata))
        uninstall(make_uninstall("", gateway), gateway, force=True)
        yield "uninstalled", comparable(rows.all_of(metadata))


@rest_turn("both ways")
@pytest.mark.usefixtures("alerts_on")
def test_install_upgrade_and_deletion_leave_the_same_rows(
    superset: Any, superset_url: str, warehouse_uri: str
) -> None:
    here, there = (
        list(stages(way, superset, superset_url, warehouse_uri)) for way in ("inprocess", "rest")
    )
    for (name, one), (_, other) in zip(here, there, strict=True):
        for table in one:
            only_here = [row for row in one[table] if row not in other[table]]
            only_there = [row for row in other[table] if row not in one[table]]
            assert only_here == only_there, f"{name}: {table}"
            assert len(one[table]) == len(other[table]), f"{name}: {table}"
