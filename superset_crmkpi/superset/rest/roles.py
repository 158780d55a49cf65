"""Roles and what they may, by the security API of Flask-AppBuilder."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import (
    ROLES,
    Catalog,
    Row,
    dataset_of,
    pages,
    permissions_of,
)

PERMISSIONS, RESOURCES = "security/permissions", "security/permissions-resources"


@dataclass
class Roles:
    """Grants, and takes back."""

    client: Client
    catalog: Catalog
    #: number of a dataset -> that of the permission to query it
    access: dict[int, int] = field(default_factory=dict)

    def grant(self, role: RoleGrant, revoked: Collection[str]) -> None:
        """Make the role if need be; it then has access to these datasets, not to those revoked."""
        number = self.catalog.number("role", role.name)
        if number is None:
            number = self.make(role.name)
        gone = {self.catalog.number("dataset", uuid) for uuid in revoked}
        held = permissions_of(self.client, number)
        kept = [one["id"] for one in held if (of := dataset_of(one)) is None or of not in gone]
        wanted = [self._access(role.name, uuid) for uuid in role.datasets]
        self.set_permissions(number, [*kept, *wanted])

    def make(self, name: str) -> int:
        """A role that may nothing."""
        number = int(self.client.post(f"{ROLES}/", json={"name": name})["id"])
        self.catalog.refresh("role")
        return number

    def set_permissions(self, role: int, permissions: Iterable[int]) -> None:
        """All that the role may."""
        numbers = list(dict.fromkeys(permissions))
        self.client.post(f"{ROLES}/{role}/permissions", json={"permission_view_menu_ids": numbers})

    def held(self, name: str) -> list[int] | None:
        """The permissions of a role, None where there is no such role."""
        number = self.catalog.number("role", name)
        if number is None:
            return None
        return [one["id"] for one in permissions_of(self.client, number)]

    def _access(self, role: str, uuid: str) -> int:
        number = self.catalog.number("dataset", uuid)
        if number is None:
            raise CrmKpiError(f'role "{role}": Superset has no dataset {uuid}')
        if number not in self.access:
            self.access = self._all_access()
        if number not in self.access:
            raise CrmKpiError(f'role "{role}": Superset has no permission for dataset {uuid}')
        return self.access[number]

    def _all_access(self) -> dict[int, int]:
        """The permission of each dataset, by few requests however many datasets there are."""
        named = [{"col": "name", "opr": "eq", "value": "datasource_access"}]
        kinds = pages(self.client, PERMISSIONS, ["id", "name"], "name", named)
        found: dict[int, int] = {}
        for kind in kinds:
            of_it = [{"col": "permission", "opr": "rel_o_m", "value": kind["id"]}]
            columns = ["id", "permission.name", "view_menu.name"]
            for row in pages(self.client, RESOURCES, columns, "id", of_it):
                number = dataset_of(_flat(row))
                if number is not None:
                    found[number] = row["id"]
        return found


def _flat(row: Row) -> Row:
    return {
        "permission_name": row["permission"]["name"],
        "view_menu_name": row["view_menu"]["name"],
    }
