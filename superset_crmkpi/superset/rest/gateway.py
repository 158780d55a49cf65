"""The gateway to a remote Superset, see installer/gateway.py."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Engine

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.installer.gateway import (
    Answer,
    Change,
    Content,
    Key,
    LedgerEntry,
    State,
    Use,
    kind_of,
    name_of,
)
from superset_crmkpi.superset.rest import checks, exports, here, listing, uses
from superset_crmkpi.superset.rest.alerts import Alerts
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.journal import Journal
from superset_crmkpi.superset.rest.ledger import Ledger
from superset_crmkpi.superset.rest.listing import ROLES, Catalog
from superset_crmkpi.superset.rest.login import Login
from superset_crmkpi.superset.rest.roles import Roles
from superset_crmkpi.superset.rest.rules import Rules
from superset_crmkpi.superset.rest.writing import ORDER, Writer

logger = logging.getLogger(__name__)


class RestGateway:
    """Implements installer.gateway.Gateway; get one from ``open_remote``."""

    def __init__(self, client: Client, with_roles: bool = True) -> None:
        """`with_roles`: whether roles are looked at; some Supersets have no API for them."""
        self.client = client
        self.with_roles = with_roles
        self.catalog = Catalog(client)
        self.writer = Writer(client, self.catalog)
        self.roles = Roles(client, self.catalog)
        self.ledger = Ledger(client)
        self.alerts = Alerts(client, self.catalog)
        self.rules = Rules(client, self.catalog)
        self._journal: Journal | None = None
        self._later: list[Callable[[], None]] = []
        #: datasets by uuid that are to be run as soon as Superset has them
        self._unchecked: dict[str, Content] = {}
        #: exports of what was just written, by key
        self._exports: dict[Key, dict[str, Any]] = {}

    @property
    def base(self) -> str:
        """Where it is."""
        return self.client.base

    def state(self) -> State:
        """See Gateway."""
        self.catalog.refresh()
        self.alerts.refresh()
        self.rules.refresh()
        found = listing.found(self.catalog, self.with_roles)
        there = (*found, *self.alerts.found(), *self.rules.found())
        return State(there, self.ledger.load())

    def read(self, kind: str, uuid: str) -> dict[str, Any]:
        """See Gateway."""
        if (kind, uuid) in self._exports:
            return self._exports[kind, uuid]
        if kind in ("alert", "rule"):
            return (self.alerts if kind == "alert" else self.rules).read(uuid)
        if self._journal is None:
            self.catalog.refresh(kind)
        number = self.catalog.known(kind, uuid)
        found = exports.by_uuid(self.client, kind, [number])
        if uuid not in found:
            raise CrmKpiError(f"Superset did not export {kind} {uuid}")
        return found[uuid]

    def uses(self, keys: Collection[Key]) -> Mapping[Key, Sequence[Use]]:
        """See Gateway."""
        return uses.uses(self.client, self.catalog, self.alerts, self.rules, keys)

    def last_change(self, kind: str, uuid: str) -> Change:
        """See Gateway."""
        return uses.last_change(self.client, self.catalog, kind, uuid)

    def ask(self, chart: str, role: str) -> Answer:
        """See Gateway; as the user that is logged in."""
        return uses.ask(self.client, self.catalog, chart)

    def knows_password(self, database: Content) -> bool:
        """See Gateway; by REST whether the one that Superset has still opens the connection."""
        return checks.knows_password(self.client, self.catalog, database)

    def check_database(self, database: Content) -> str | None:
        """See Gateway."""
        return checks.check_database(self.client, self.catalog, database)

    def check_dataset(self, database: Content, dataset: Content) -> list[str]:
        """See Gateway; run from here. `write` has Superset run it as soon as it has it."""
        self._unchecked[str(dataset["uuid"])] = dataset
        return here.check_dataset(database, dataset)

    def check_alert(self, database: Content, alert: Content) -> list[str]:
        """See Gateway; run from here."""
        return self.alerts.check(database, alert)

    def check_rule(self, database: Content, rule: Content, dataset: Content) -> list[str]:
        """See Gateway; run from here. Whether Superset fills in who asks is seen by `write`."""
        return here.check_rule(database, rule, dataset)

    def why_not_fired(self, alerts: Iterable[Content]) -> list[str]:
        """See Gateway; of mail and workers REST does not tell."""
        return self.alerts.why_not_fired(alerts)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See Gateway."""
        journal = self._journal = Journal(self.client, self.catalog, self.alerts, self.rules)
        self._later = []
        self.roles.access = {}
        try:
            yield
            while self._later:
                self._later.pop(0)()
        except BaseException as error:
            left = journal.undo(self.writer, self.roles, self.ledger)
            if isinstance(error, CrmKpiError):
                raise CrmKpiError(f"{error.message} ({_outcome(left)})") from error
            logger.warning("%s: stopped; %s", self.base, _outcome(left))
            raise
        finally:
            self._journal = None
            self._exports, self._unchecked = {}, {}
            self.catalog.refresh()
            self.alerts.refresh()
            self.rules.refresh()

    def write(self, assets: Mapping[str, Content]) -> None:
        """See Gateway. Datasets are run on no rows when they, or their connection, are written."""
        for kind in ORDER:
            mine = {path: content for path, content in assets.items() if kind_of(path) == kind}
            if mine:
                self._write(kind, mine, assets)
            if kind == "dataset":
                self._check(assets)
        for content in (c for path, c in assets.items() if kind_of(path) == "alert"):
            if self._journal is not None:
                self._journal.keep_alert(str(content["uuid"]))
            self.alerts.write(content)
        for content in (c for path, c in assets.items() if kind_of(path) == "rule"):
            if self._journal is not None:
                self._journal.keep_rules()
            self.rules.write(content)

    def _write(self, kind: str, mine: Mapping[str, Content], all_: Mapping[str, Content]) -> None:
        if self._journal is not None:
            names = {str(c["uuid"]): name_of(kind, c) for c in mine.values()}
            self._journal.keep_assets(kind, names)
            for content in mine.values() if kind == "database" else ():
                self._journal.keep_password(content)
        self.writer.write(kind, mine, all_)
        self._remember(kind, mine)

    def _remember(self, kind: str, assets: Mapping[str, Content]) -> None:
        """What Superset exports of them, all by one request: the ledger wants to know each."""
        if self._journal is None:
            return
        numbers = [self.catalog.known(kind, str(c["uuid"])) for c in assets.values()]
        for uuid, content in exports.by_uuid(self.client, kind, numbers).items():
            self._exports[kind, uuid] = content

    def _check(self, assets: Mapping[str, Content]) -> None:
        """Run the datasets that were written; with a connection also those that are to be on it."""
        kinds = {kind_of(path) for path in assets}
        found = {
            str(content["uuid"]): (path, content)
            for path, content in assets.items()
            if kind_of(path) == "dataset"
        }
        if "database" in kinds:
            for uuid, content in self._unchecked.items():
                found.setdefault(uuid, (f"dataset {content['table_name']}", content))
        problems = [
            f"{place}: {problem}"
            for uuid, (place, content) in found.items()
            if (number := self.catalog.number("dataset", uuid)) is not None
            for problem in checks.check_dataset(self.client, number, content)
        ]
        if problems:
            raise CrmKpiError("\n".join(problems[:20]))

    def grant(self, role: RoleGrant, revoked: Collection[str] = (), viewer: bool = True) -> None:
        """See Gateway."""
        if self._journal is not None:
            self._journal.keep_role(role.name, self.roles)
        self.roles.grant(role, revoked, viewer)

    def delete(self, kind: str, uuid: str) -> None:
        """See Gateway. In a transaction it is done at its end: what is deleted is gone by REST."""
        if self._journal is not None:
            self._later.append(lambda: self._delete(kind, uuid))
        else:
            self.catalog.refresh(kind)
            self._delete(kind, uuid)

    def _delete(self, kind: str, uuid: str) -> None:
        if kind == "alert":
            if self._journal is not None:
                self._journal.keep_alert(uuid)
            self.alerts.delete(uuid)
            return
        if kind == "rule":
            if self._journal is not None:
                self._journal.keep_rules()
            self.rules.delete(uuid)
            return
        number = int(uuid) if kind == "report" else self.catalog.number(kind, uuid)
        if number is None:
            return
        if kind == "report":
            self.client.delete(f"{uses.REPORTS}/{number}")
            return
        if kind == "dataset":
            if self._journal is not None:
                self._journal.keep_rules()
            self.rules.end(number)
        if self._journal is not None and kind == "role":
            self._journal.keep_role(uuid, self.roles)
        elif self._journal is not None:
            self._journal.keep_assets(kind, {uuid: uuid})
        self.client.delete(f"{ROLES if kind == 'role' else kind}/{number}")
        self._exports.pop((kind, uuid), None)
        self.catalog.refresh(kind)

    def record(self, entries: Iterable[LedgerEntry]) -> None:
        """See Gateway."""
        if self._journal is not None:
            self._journal.keep_ledger(self.ledger)
        self.ledger.record(entries)

    def forget(self, keys: Iterable[Key]) -> None:
        """See Gateway. In a transaction at its end, after what is deleted there."""
        wanted = list(keys)
        if self._journal is None:
            self.ledger.forget(wanted)
            return
        self._journal.keep_ledger(self.ledger)
        self._later.append(lambda: self.ledger.forget(wanted))

    def warehouse(self, name: str) -> Engine:
        """Never: a password does not leave a Superset by its API."""
        raise CrmKpiError(
            f"`database.name: {name}`: by REST Superset does not tell how to reach its connections;"
            " add `database.uri`, or install in process: superset crmkpi install"
        )


def _outcome(left: list[str]) -> str:
    if not left:
        return "nothing was changed"
    return f"not all of it could be undone, look after it in Superset: {'; '.join(left)}"


@contextmanager
def open_remote(url: str, login: Login, with_roles: bool = True) -> Iterator[RestGateway]:
    """A gateway to the Superset at this address."""
    client = Client(url, login)
    try:
        client.sign_in()
        yield RestGateway(client, with_roles)
    finally:
        client.close()
