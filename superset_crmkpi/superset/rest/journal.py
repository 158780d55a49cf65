"""Undoes what was written: REST knows no transaction, so what was there before is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.engine import make_url

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import MASK
from superset_crmkpi.installer.gateway import Content, Key, name_of
from superset_crmkpi.superset.rest import exports
from superset_crmkpi.superset.rest.alerts import Alerts
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.ledger import Ledger
from superset_crmkpi.superset.rest.listing import ROLES, Catalog, Row
from superset_crmkpi.superset.rest.roles import Roles
from superset_crmkpi.superset.rest.rules import Rules
from superset_crmkpi.superset.rest.writing import ORDER, Writer


@dataclass
class Journal:
    """What a transaction met before it wrote."""

    client: Client
    catalog: Catalog
    our_alerts: Alerts
    rules: Rules
    #: what was overwritten or deleted, as it was; None for what was not there
    assets: dict[Key, Content | None] = field(default_factory=dict)
    names: dict[Key, str] = field(default_factory=dict)
    owners: dict[Key, list[int]] = field(default_factory=dict)
    #: alerts of ours as they were; None for one that was not there
    alerts: dict[str, Content | None] = field(default_factory=dict)
    #: all row-level rules as they were, those of others too
    rules_before: list[Row] | None = None
    #: the permissions of roles; None for a role that was not there
    roles: dict[str, list[int] | None] = field(default_factory=dict)
    ledger: dict[str, Row] | None = None
    #: connections that were there and got a password, which nobody can take back
    passwords: set[str] = field(default_factory=set)

    def keep_assets(self, kind: str, contents: Mapping[str, str]) -> None:
        """Before some of a kind are written or deleted; uuid -> name."""
        new = [uuid for uuid in contents if (kind, uuid) not in self.assets]
        numbers = {n: uuid for uuid in new if (n := self.catalog.number(kind, uuid)) is not None}
        exported = exports.by_uuid(self.client, kind, numbers)
        for uuid in new:
            key = kind, uuid
            if uuid in numbers.values() and uuid not in exported:
                raise CrmKpiError(f"Superset did not export {kind} {uuid}")
            self.assets[key] = exported.get(uuid)
            self.names[key] = contents[uuid]
            row = self.catalog.of(kind).get(uuid)
            if row is not None and "owners" in row:
                self.owners[key] = [int(owner["id"]) for owner in row["owners"]]

    def keep_password(self, database: Content) -> None:
        """Before a connection is written."""
        given = make_url(str(database["sqlalchemy_uri"])).password
        if given not in (None, MASK) and self.catalog.has(("database", str(database["uuid"]))):
            self.passwords.add(name_of("database", database))

    def keep_alert(self, uuid: str) -> None:
        """Before it is written or deleted."""
        if uuid not in self.alerts:
            there = self.our_alerts.number(uuid) is not None
            self.alerts[uuid] = self.our_alerts.read(uuid) if there else None

    def keep_rules(self) -> None:
        """Before one is written or deleted, or loses a dataset."""
        if self.rules_before is None:
            self.rules_before = self.rules.copy()

    def keep_role(self, name: str, roles: Roles) -> None:
        """Before a role is changed or deleted."""
        if name not in self.roles:
            self.roles[name] = roles.held(name)

    def keep_ledger(self, ledger: Ledger) -> None:
        """Before it is written."""
        if self.ledger is None:
            self.ledger = ledger.copy()

    def undo(self, writer: Writer, roles: Roles, ledger: Ledger) -> list[str]:
        """Make all as it was; what could not be, one line each."""
        self.catalog.refresh()
        left: list[str] = []
        if self.ledger is not None:
            _try(partial(ledger.restore, self.ledger), "the ledger speaks of what was undone", left)
        for name, held in self.roles.items():
            _try(partial(self._role, roles, name, held), f'role "{name}" is another', left)
        self.our_alerts.refresh()
        for uuid in (uuid for uuid, before in self.alerts.items() if before is None):
            _try(partial(self.our_alerts.delete, uuid), f"an alert is new ({uuid})", left)
        for kind in ("dashboard", "chart", "dataset"):
            self._delete_new(kind, left)
        for kind in ORDER:
            self._restore(kind, writer, left)
        for before in filter(None, self.alerts.values()):
            said = f'alert "{before["name"]}" is another'
            _try(partial(self.our_alerts.write, before), said, left)
        if self.rules_before is not None:
            said = "row-level rules are others"
            _try(partial(self.rules.restore, self.rules_before), said, left)
        self._delete_new("database", left)
        said = "has the password of the profile, as Superset does not tell the one before"
        return [*left, *(f'connection "{name}" {said}' for name in sorted(self.passwords))]

    def _role(self, roles: Roles, name: str, held: list[int] | None) -> None:
        number = self.catalog.number("role", name)
        if held is None:
            if number is not None:
                self.client.delete(f"{ROLES}/{number}")
                self.catalog.refresh("role")
            return
        roles.set_permissions(roles.make(name) if number is None else number, held)

    def _delete_new(self, kind: str, left: list[str]) -> None:
        for key, before in self.assets.items():
            if key[0] != kind or before is not None:
                continue
            _try(partial(self._delete, key), f'{kind} "{self.names[key]}" is new', left)
        self.catalog.refresh(kind)

    def _delete(self, key: Key) -> None:
        number = self.catalog.number(*key)
        if number is not None:
            self.client.delete(f"{key[0]}/{number}")

    def _restore(self, kind: str, writer: Writer, left: list[str]) -> None:
        before = {
            f"{kind}s/{key[1]}.yaml": content
            for key, content in self.assets.items()
            if key[0] == kind and content is not None
        }
        if not before:
            return
        names = ", ".join(f'"{name_of(kind, content)}"' for content in before.values())
        _try(partial(self._tell_of_new, kind, before, left), f"unknown: {kind} {names}", left)
        _try(partial(writer.write, kind, before, {}), f"changed: {kind} {names}", left)
        _try(partial(self._give_back, kind), f"owners of {kind} {names} are others", left)

    def _tell_of_new(self, kind: str, before: Mapping[str, Content], left: list[str]) -> None:
        """What was deleted is made again, and nobody knows it any more."""
        for content in before.values():
            if not self.catalog.has((kind, str(content["uuid"]))):
                said = "was made again; give it its owners, roles and row-level rules"
                left.append(f'{kind} "{name_of(kind, content)}" {said}')

    def _give_back(self, kind: str) -> None:
        """An import makes whoever does it an owner."""
        for key, owners in self.owners.items():
            row = self.catalog.of(kind).get(key[1]) if key[0] == kind else None
            if row is not None and {owner["id"] for owner in row["owners"]} != set(owners):
                self.client.put(f"{kind}/{row['id']}", {"owners": owners})


def _try(undo: Callable[[], None], otherwise: str, left: list[str]) -> None:
    try:
        undo()
    except CrmKpiError as error:
        left.append(f"{otherwise} ({error.message})")
