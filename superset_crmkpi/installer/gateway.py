"""What the installer needs from a Superset, whichever way it is reached.

``superset_crmkpi.superset.inprocess`` is one such gateway, ``superset_crmkpi.superset.rest`` is
another. Both pass the same tests (tests/superset).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from superset_crmkpi.bundle.assets import RoleGrant

Content = Mapping[str, Any]
Key = tuple[str, str]  # (kind, uuid); for a role (kind, name)

KINDS = ("database", "dataset", "chart", "dashboard", "alert", "rule", "role")
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
        "rule": "name",
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
    #: the name of the profile that installed it; '' in older ledgers
    owner: str = ""

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


@dataclass(frozen=True)
class Use:
    """Something that needs an asset and would be broken without it."""

    kind: str  # one of KINDS, or report (of others) | saved query | user
    name: str
    uuid: str = ""  # of an asset, '' for a rule of others; of a report its number

    def __str__(self) -> str:
        return f'{self.kind} "{self.name}"'


@dataclass(frozen=True)
class Answer:
    """What a chart answered: so many rows, or an error of one line.

    Not `is_known` where its query is not stored, so that only a browser can ask it.
    """

    rows: int
    error: str = ""
    is_known: bool = True


@dataclass(frozen=True)
class Change:
    """Who changed an asset last, and when, as that Superset knows it."""

    who: str
    when: str


class Gateway(Protocol):
    """A way to a running or installed Superset. Every error is a CrmKpiError of one line."""

    def state(self) -> State:
        """All databases, datasets, charts, dashboards, alerts, rules and roles, and our ledger.

        An alert or rule of ours has the uuid it was written with.
        """
        ...

    def read(self, kind: str, uuid: str) -> dict[str, Any]:
        """The content of an asset as it is now, in the form of an export."""
        ...

    def uses(self, keys: Collection[Key]) -> Mapping[Key, Sequence[Use]]:
        """What needs each of these: charts a dataset, dashboards a chart, people a role, ..."""
        ...

    def last_change(self, kind: str, uuid: str) -> Change:
        """Who changed it last."""
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

    def ask(self, chart: str, role: str) -> Answer:
        """The chart's data, as somebody with that role sees it, or whoever this gateway acts as."""
        ...

    def check_alert(self, database: Content, alert: Content) -> list[str]:
        """Whether this Superset takes the alert, and its SQL runs on no rows; what is wrong."""
        ...

    def check_rule(self, database: Content, rule: Content, dataset: Content) -> list[str]:
        """Whether this Superset fills in who asks, and the rule runs on that dataset, on no rows;
        what is wrong.
        """
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

    def grant(self, role: RoleGrant, revoked: Collection[str] = (), viewer: bool = True) -> None:
        """Make the role if need be and give it the datasets of the grant; take back `revoked`.

        As a `viewer` it may also do what looking at any dashboard takes, so that people need no
        other role. Whatever else it may, it still may.
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
