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
from superset_crmkpi.superset.viewer import VIEWER

PERMISSIONS, RESOURCES = "security/permissions", "security/permissions-resources"


@dataclass
class Roles:
    """Grants, and takes back."""

    client: Client
    catalog: Catalog
    #: number of a dataset -> that of the permission to query it
    access: dict[int, int] = field(default_factory=dict)
    #: the permissions of a viewer, once they are known
    viewer: list[int] | None = None

    def grant(self, role: RoleGrant, revoked: Collection[str], viewer: bool = True) -> None:
        """Make the role if need be; it then has access to these datasets, not to those revoked."""
        number = self.catalog.number("role", role.name)
        if number is None:
            number = self.make(role.name)
        gone = {self.catalog.number("dataset", uuid) for uuid in revoked}
        held = permissions_of(self.client, number)
        kept = [one["id"] for one in held if (of := dataset_of(one)) is None or of not in gone]
        wanted = [self._access(role.name, uuid) for uuid in role.datasets]
        looking = self._looking() if viewer else []
        self.set_permissions(number, [*kept, *wanted, *looking])

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
        rows = self._permissions("datasource_access")
        numbers = ((dataset_of(_flat(row)), row["id"]) for row in rows)
        return {number: permission for number, permission in numbers if number is not None}

    def _looking(self) -> list[int]:
        """What looking at any dashboard takes, as far as this Superset has it."""
        if self.viewer is None:
            rows = [
                row for name in sorted({n for n, _ in VIEWER}) for row in self._permissions(name)
            ]
            self.viewer = [row["id"] for row in rows if tuple(_flat(row).values()) in VIEWER]
        return self.viewer

    def _permissions(self, name: str) -> list[Row]:
        """All that a permission of this name is on."""
        named = [{"col": "name", "opr": "eq", "value": name}]
        columns = ["id", "permission.name", "view_menu.name"]
        return [
            row
            for kind in pages(self.client, PERMISSIONS, ["id", "name"], "name", named)
            for row in pages(
                self.client,
                RESOURCES,
                columns,
                "id",
                [{"col": "permission", "opr": "rel_o_m", "value": kind["id"]}],
            )
        ]


def _flat(row: Row) -> Row:
    return {
        "permission_name": row["permission"]["name"],
        "view_menu_name": row["view_menu"]["name"],
    }
