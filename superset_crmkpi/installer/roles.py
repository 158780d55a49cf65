"""What a role is to have access to: what its dashboards need, and what admins made of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.installer.gateway import Found, LedgerEntry


@dataclass(frozen=True)
class Access:
    """The role with the datasets it is to have; `revoked`: those that we gave, and take back."""

    role: RoleGrant
    revoked: frozenset[str]
    #: datasets that an admin took away from the role since the last install
    taken: frozenset[str]
    #: whether to give what a viewer of any dashboard needs; once, as an admin may take it away
    viewer: bool = True

    def is_held(self, existing: Found) -> bool:
        """Whether nothing is to be done."""
        return set(self.role.datasets) <= existing.grants and not self.revoked and not self.viewer


def access_of(
    role: RoleGrant,
    existing: Found | None,
    installed: LedgerEntry | None,
    created: Collection[str] = (),
) -> Access:
    """What admins took away stays away, but for a dataset that is made again."""
    if existing is None or installed is None:
        return Access(role, frozenset(), frozenset())
    before = frozenset(map(str, installed.content["datasets"]))
    taken = before - existing.grants - set(created)
    wanted = tuple(uuid for uuid in role.datasets if uuid not in taken)
    revoked = (before - set(role.datasets)) & existing.grants
    viewer = not installed.content.get("viewer")
    return Access(replace(role, datasets=wanted), revoked, taken & set(role.datasets), viewer)
