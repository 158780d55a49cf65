"""What in a remote Superset needs an asset, who changed one last, and what a chart answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from superset_crmkpi.installer.gateway import Answer, Change, Key, Use
from superset_crmkpi.superset.filters import filtered_datasets
from superset_crmkpi.superset.rest.alerts import REPORTS, USERS, Alerts
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Catalog, Row, database_of, pages
from superset_crmkpi.superset.rest.rules import Rules
from superset_crmkpi.superset.rule_fields import uuid_in

_Wanted = Mapping[int, Key]
_Uses = Iterator[tuple[int, Use]]


def uses(
    client: Client, catalog: Catalog, alerts: Alerts, rules: Rules, keys: Collection[Key]
) -> dict[Key, list[Use]]:
    """See Gateway. Saved queries of others are not told by REST."""
    wanted: dict[str, dict[int, Key]] = defaultdict(dict)
    for kind, uuid in keys:
        if kind in _ASKED and (number := catalog.number(kind, uuid)) is not None:
            wanted[kind][number] = kind, uuid
    found: dict[Key, list[Use]] = defaultdict(list)
    for kind, ask in _ASKED.items():
        if numbers := wanted[kind]:
            for number, use in ask(client, catalog, numbers):
                found[numbers[number]].append(_as_ours(use, alerts))
    for rule in rules.all() if wanted["dataset"] else ():
        use = Use("rule", rule["name"], uuid_in(rule.get("group_key")))
        for table in rule["tables"]:
            if table["id"] in wanted["dataset"]:
                found[wanted["dataset"][table["id"]]].append(use)
    return found


def _as_ours(use: Use, alerts: Alerts) -> Use:
    """A report as an alert of ours, where it is one."""
    if use.kind != "report":
        return use
    ours = alerts.ours().get(int(use.uuid))
    return Use("alert", use.name, ours) if ours else use


def _of_databases(client: Client, catalog: Catalog, wanted: _Wanted) -> _Uses:
    for uuid, row in catalog.of("dataset").items():
        if database_of(row) in wanted:
            yield database_of(row), Use("dataset", row["table_name"], uuid)


def _of_datasets(client: Client, catalog: Catalog, wanted: _Wanted) -> _Uses:
    columns = ["id", "uuid", "slice_name", "datasource_id", "datasource_type"]
    for row in pages(client, "chart", columns, "slice_name"):
        if row["datasource_type"] == "table" and row["datasource_id"] in wanted:
            yield row["datasource_id"], Use("chart", row["slice_name"] or "", str(row["uuid"]))
    for uuid, row in catalog.of("dashboard").items():
        board = client.get(f"dashboard/{row['id']}")["result"]
        for number in filtered_datasets(board.get("json_metadata")) & set(wanted):
            yield number, Use("dashboard", row["dashboard_title"] or "", uuid)


def _listed(client: Client, resource: str, columns: list[str]) -> list[Row]:
    try:
        return pages(client, resource, columns, "name")
    except Refused as refused:
        if refused.status == 404:  # switched off
            return []
        raise


def _of_charts(client: Client, catalog: Catalog, wanted: _Wanted) -> _Uses:
    boards = catalog.uuids("dashboard")
    columns = ["id", "dashboards.id", "dashboards.dashboard_title"]
    for row in pages(client, "chart", columns, "slice_name"):
        for board in row["dashboards"] if row["id"] in wanted else ():
            name = board["dashboard_title"] or ""
            yield row["id"], Use("dashboard", name, boards.get(board["id"], ""))
    yield from _reports(client, "chart_id", wanted)


def _of_dashboards(client: Client, catalog: Catalog, wanted: _Wanted) -> _Uses:
    yield from _reports(client, "dashboard_id", wanted)


def _reports(client: Client, column: str, wanted: _Wanted) -> _Uses:
    for row in _listed(client, REPORTS, ["id", "name", column]):
        if row.get(column) in wanted:
            yield row[column], Use("report", row["name"], str(row["id"]))


def _of_roles(client: Client, catalog: Catalog, wanted: _Wanted) -> _Uses:
    for user in pages(client, USERS, ["id", "username", "roles.id"], "username"):
        for role in user["roles"]:
            if role["id"] in wanted:
                yield role["id"], Use("user", user["username"])


_ASKED = {
    "database": _of_databases,
    "dataset": _of_datasets,
    "chart": _of_charts,
    "dashboard": _of_dashboards,
    "role": _of_roles,
}


def last_change(client: Client, catalog: Catalog, kind: str, uuid: str) -> Change:
    """See Gateway."""
    found = client.get(f"{kind}/{catalog.known(kind, uuid)}")["result"]
    who: Any = found.get("changed_by") or {}
    names = [who.get("first_name"), who.get("last_name")] if isinstance(who, dict) else [who]
    when = str(found.get("changed_on") or "")[:16].replace("T", " ")
    return Change(" ".join(filter(None, names)), when)


def ask(client: Client, catalog: Catalog, chart: str) -> Answer:
    """See Gateway; as the user that is logged in, whose roles REST cannot put aside."""
    number = catalog.number("chart", chart)
    if number is None:
        return Answer(0, "Superset does not have it any more")
    if not client.get(f"chart/{number}")["result"].get("query_context"):
        return Answer(0, is_known=False)
    try:
        results = client.get(f"chart/{number}/data/")["result"]
    except Refused as refused:
        return Answer(0, refused.message)
    faults = [str(one["error"]) for one in results if one.get("error")]
    return Answer(sum(one.get("rowcount") or 0 for one in results), "; ".join(faults))
