"""Lists what is in a Superset: all of a kind, whatever the number of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Found, Key
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.client import Client

PAGE = 100
Row = dict[str, Any]
#: kind -> (the column of its name, the others that we need)
COLUMNS = {
    "database": ("database_name", ("id", "uuid")),
    "dataset": ("table_name", ("id", "uuid", "schema", "database.id", "owners.id")),
    "chart": ("slice_name", ("id", "uuid", "owners.id")),
    "dashboard": ("dashboard_title", ("id", "uuid", "slug", "owners.id")),
}
ROLES = "security/roles"
NO_ROLES = (
    "this Superset does not let roles be read by its API ({}); set FAB_ADD_SECURITY_API = True "
    "there, or leave the roles out: --no-roles"
)


def pages(
    client: Client, resource: str, columns: Sequence[str], order: str, filters: Sequence[Row] = ()
) -> list[Row]:
    """All rows of a resource.

    Superset sorts by few columns, and rows that are equal in one may change places from page to
    page. So the rows are counted, and read from the other end where some did not come.
    """
    found: dict[int, Row] = {}
    for direction in ("asc", "desc", "asc", "desc"):
        query = {
            "columns": list(columns),
            "filters": list(filters),
            "order_column": order,
            "order_direction": direction,
            "page_size": PAGE,
        }
        seen, page, total = 0, 0, 0
        while True:
            answer = client.get(f"{resource}/", {**query, "page": page})
            if "result" not in answer or "count" not in answer:
                raise CrmKpiError(f"{client.base}: {resource} is listed in no way of Superset's")
            rows, total = answer["result"], int(answer["count"])
            found.update({row["id"]: row for row in rows})
            seen, page = seen + len(rows), page + 1
            if not rows or seen >= total:
                break
        if len(found) >= total:
            return list(found.values())
    raise CrmKpiError(f"{client.base}: {resource} changes while it is read; run this again")


@dataclass
class Catalog:
    """The rows of a Superset by kind and uuid; `refresh` after something was made or deleted."""

    client: Client
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, Row]:
        """All of a kind, by uuid; a role by its name."""
        if kind not in self.rows:
            self.rows[kind] = self._read(kind)
        return self.rows[kind]

    def refresh(self, *kinds: str) -> None:
        """Forget what is known of some kinds, or of all."""
        for kind in kinds or tuple(self.rows):
            self.rows.pop(kind, None)

    def number(self, kind: str, uuid: str) -> int | None:
        """The id of one thing, None if it is not there."""
        row = self.of(kind).get(uuid)
        return int(row["id"]) if row is not None else None

    def known(self, kind: str, uuid: str) -> int:
        """The same for what has to be there."""
        number = self.number(kind, uuid)
        if number is None:
            raise CrmKpiError(f"Superset has no {kind} with uuid {uuid}")
        return number

    def uuids(self, kind: str) -> dict[int, str]:
        """The uuid by id."""
        return {int(row["id"]): uuid for uuid, row in self.of(kind).items()}

    def has(self, key: Key) -> bool:
        """Whether it is there."""
        return key[1] in self.of(key[0])

    def _read(self, kind: str) -> dict[str, Row]:
        if kind == "role":
            return {row["name"]: row for row in self._roles()}
        name, others = COLUMNS[kind]
        rows = pages(self.client, kind, [name, *others], name)
        if rows and "uuid" not in rows[0]:
            raise CrmKpiError(
                f"{self.client.base}: this Superset does not tell the uuid of a {kind} by its API; "
                "install in process: superset crmkpi install"
            )
        return {str(row["uuid"]): row for row in rows}

    def _roles(self) -> list[Row]:
        try:
            return pages(self.client, ROLES, ["id", "name"], "name")
        except Refused as refused:
            if refused.status == 404:
                raise CrmKpiError(NO_ROLES.format(refused.message)) from refused
            raise


def found(catalog: Catalog, with_roles: bool = True) -> Iterator[Found]:
    """Everything an install can meet."""
    databases = catalog.uuids("database")
    for uuid, row in catalog.of("database").items():
        yield Found("database", uuid, row["database_name"])
    for uuid, row in catalog.of("dataset").items():
        database = databases.get(database_of(row))
        yield Found(
            "dataset", uuid, row["table_name"], schema=row.get("schema"), database_uuid=database
        )
    for uuid, row in catalog.of("chart").items():
        yield Found("chart", uuid, row["slice_name"] or "")
    for uuid, row in catalog.of("dashboard").items():
        yield Found("dashboard", uuid, row["dashboard_title"] or "", slug=row.get("slug"))
    if with_roles:
        yield from _found_roles(catalog)


def _found_roles(catalog: Catalog) -> Iterator[Found]:
    datasets = catalog.uuids("dataset")
    for name, row in catalog.of("role").items():
        permissions = permissions_of(catalog.client, int(row["id"]))
        numbers = {number for one in permissions if (number := dataset_of(one)) is not None}
        grants = frozenset(datasets[number] for number in numbers if number in datasets)
        others = sum(1 for one in permissions if dataset_of(one) not in datasets)
        yield Found("role", name, name, grants=grants, other_permissions=others)


def database_of(dataset: Row) -> int:
    """The number of the connection of a dataset, 0 where it has none."""
    return int((dataset.get("database") or {}).get("id") or 0)


def permissions_of(client: Client, role: int) -> list[Row]:
    """id, permission_name and view_menu_name of all that a role may."""
    return list(client.get(f"{ROLES}/{role}/permissions/")["result"])


def dataset_of(permission: Row) -> int | None:
    """The number of the dataset that a permission gives access to, None for any other."""
    if permission["permission_name"] != "datasource_access":
        return None
    # Superset names it "[connection].[table](id:7)"
    match = re.search(r"\(id:(\d+)\)$", permission["view_menu_name"])
    return int(match.group(1)) if match else None
