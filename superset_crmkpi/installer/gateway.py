"""What the installer needs from a Superset, whichever way it is reached.

``superset_crmkpi.superset.inprocess`` is one such gateway; one over REST can be another. Both pass
the same tests (tests/superset).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from superset_crmkpi.bundle.assets import RoleGrant

Content = Mapping[str, Any]
Key = tuple[str, str]  # (kind, uuid); for a role (kind, name)

KINDS = ("database", "dataset", "chart", "dashboard", "alert", "role")
FOLDERS = {f"{kind}s": kind for kind in KINDS[:-1]}


def kind_of(path: str) -> str | None:
    """The kind of an asset by its path, None for metadata.yaml and other files."""
    return FOLDERS.get(path.split("/", 1)[0])


def name_of(kind: str, content: Content) -> str:
    """What people call this asset."""
    keys = {
        "database": "database_name",
        "dataset": "table_name",
        "chart": "slice_name",
        "dashboard": "dashboard_title",
        "alert": "name",
    }
    return str(content.get(keys[kind], ""))


@dataclass(frozen=True)
class Found:
    """Something that exists in Superset. A role has its name as its uuid."""

    kind: str
    uuid: str
    name: str
    slug: str | None = None  # of a dashboard
    schema: str | None = None  # of a dataset
    database_uuid: str | None = None  # of a dataset
    dataset_uuid: str | None = None  # of a chart
    is_shown: bool = False  # of a chart: whether a dashboard has it
    grants: frozenset[str] = frozenset()  # of a role: uuids of the datasets it gives access to
    other_permissions: int = 0  # of a role: how many permissions it has beside those

    @property
    def key(self) -> Key:
        """How the ledger calls it."""
        return self.kind, self.uuid


@dataclass(frozen=True)
class LedgerEntry:
    """What we installed, as we installed it: the base of a later merge, and of an uninstall."""

    kind: str
    uuid: str
    name: str
    fingerprint: str
    content: Content
    #: as that Superset exports it where nobody touched it, as a tree; None in older ledgers
    untouched: Content | None = None

    @property
    def key(self) -> Key:
        """(kind, uuid)."""
        return self.kind, self.uuid


@dataclass(frozen=True)
class State:
    """What is in a Superset now, and what we know to have put there."""

    found: tuple[Found, ...]
    ledger: Mapping[Key, LedgerEntry] = field(default_factory=dict)

    def by_key(self) -> dict[Key, Found]:
        """Each thing by (kind, uuid)."""
        return {thing.key: thing for thing in self.found}


class Gateway(Protocol):
    """A way to a running or installed Superset. Every error is a CrmKpiError of one line."""

    def state(self) -> State:
        """All databases, datasets, charts, dashboards, alerts and roles, and our ledger.

        An alert of ours has the uuid it was written with.
        """
        ...

    def read(self, kind: str, uuid: str) -> dict[str, Any]:
        """The content of an asset as it is now, in the form of an export."""
        ...

    def knows_password(self, database: Content) -> bool:
        """Whether the connection of that uuid has the password of its URI, or the URI has none."""
        ...

    def check_database(self, database: Content) -> str | None:
        """Really connect; None or what is wrong. The database may not exist in Superset yet."""
        ...

    def check_dataset(self, database: Content, dataset: Content) -> list[str]:
        """Parse and run the dataset and its metrics on no rows; what is wrong, if anything."""
        ...

    def check_alert(self, database: Content, alert: Content) -> list[str]:
        """Whether this Superset takes the alert, and its SQL runs on no rows; what is wrong."""
        ...

    def why_not_fired(self, alerts: Iterable[Content]) -> list[str]:
        """What in this Superset's settings and services keeps such alerts from being sent."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside is there afterwards; after an error nothing of it is."""
        ...

    def write(self, assets: Mapping[str, Content]) -> None:
        """Create or overwrite assets (path -> content). What they refer to is there or among them.

        Every asset keeps the uuid of its content.
        """
        ...

    def grant(self, role: RoleGrant, revoked: Collection[str] = ()) -> None:
        """Make the role if need be and give it the datasets of the grant; take back `revoked`.

        Whatever else it may, it still may.
        """
        ...

    def delete(self, kind: str, uuid: str) -> None:
        """Delete one thing. What depends on it has to be gone before."""
        ...

    def record(self, entries: Iterable[LedgerEntry]) -> None:
        """Put entries into the ledger, in place of those of the same key."""
        ...

    def forget(self, keys: Iterable[Key]) -> None:
        """Take entries out of the ledger."""
        ...
