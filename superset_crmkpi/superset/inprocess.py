"""The gateway to a Superset in this process: its configuration, its code, its metadata database."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import remember_secrets
from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.installer.gateway import (
    Answer,
    Change,
    Content,
    Key,
    LedgerEntry,
    State,
    Use,
)
from superset_crmkpi.superset import (
    access,
    alerts,
    importer,
    ledger_store,
    probe,
    reader,
    rules,
    tiles,
    uses,
)
from superset_crmkpi.superset.alert_services import why_not_fired
from superset_crmkpi.superset.bootstrap import make_app
from superset_crmkpi.superset.failures import one_line
from superset_crmkpi.superset.transaction import one_transaction
from superset_crmkpi.warehouse.connect import watched

if TYPE_CHECKING:
    from flask import Flask


class InProcessGateway:
    """Implements installer.gateway.Gateway; get one from ``open_gateway``."""

    def state(self) -> State:
        """See Gateway."""
        with one_line("Reading Superset's assets"):
            return State(tuple(reader.found()), ledger_store.load())

    def read(self, kind: str, uuid: str) -> dict[str, Any]:
        """See Gateway."""
        with one_line(f"Reading {kind} {uuid}"):
            return reader.read(kind, uuid)

    def uses(self, keys: Collection[Key]) -> Mapping[Key, Sequence[Use]]:
        """See Gateway."""
        with one_line("Looking up what needs our assets"):
            return uses.uses(keys)

    def last_change(self, kind: str, uuid: str) -> Change:
        """See Gateway."""
        with one_line(f"Reading {kind} {uuid}"):
            return uses.last_change(kind, uuid)

    def knows_password(self, database: Content) -> bool:
        """See Gateway."""
        return probe.knows_password(database)

    def check_database(self, database: Content) -> str | None:
        """See Gateway."""
        return probe.check_database(database)

    def check_dataset(self, database: Content, dataset: Content) -> list[str]:
        """See Gateway."""
        return probe.check_dataset(database, dataset)

    def ask(self, chart: str, role: str) -> Answer:
        """See Gateway."""
        return tiles.ask(chart, role)

    def check_alert(self, database: Content, alert: Content) -> list[str]:
        """See Gateway."""
        return alerts.check(probe.database_for(database) if database else None, alert)

    def check_rule(self, database: Content, rule: Content, dataset: Content) -> list[str]:
        """See Gateway."""
        return rules.check(probe.database_for(database), rule, dataset)

    def why_not_fired(self, alerts: Iterable[Content]) -> list[str]:
        """See Gateway."""
        return why_not_fired(list(alerts))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See Gateway."""
        try:
            with one_line("Writing to Superset"), one_transaction():
                yield
        except CrmKpiError as error:
            raise CrmKpiError(f"{error.message} (nothing was changed)") from error

    def write(self, assets: Mapping[str, Content]) -> None:
        """See Gateway."""
        with one_line("Superset rejected the bundle"):
            importer.write(assets)

    def grant(self, role: RoleGrant, revoked: Collection[str] = (), viewer: bool = True) -> None:
        """See Gateway."""
        with one_line(f'Granting role "{role.name}"'):
            access.grant(role, revoked, viewer)

    def delete(self, kind: str, uuid: str) -> None:
        """See Gateway."""
        with one_line(f"Deleting {kind} {uuid}"):
            access.delete(kind, uuid)

    def record(self, entries: Iterable[LedgerEntry]) -> None:
        """See Gateway."""
        with one_line("Writing the ledger"):
            ledger_store.record(entries)

    def forget(self, keys: Iterable[Key]) -> None:
        """See Gateway."""
        with one_line("Writing the ledger"):
            ledger_store.forget(keys)

    def warehouse(self, name: str) -> Engine:
        """The engine of the connection that Superset has under this name."""
        from superset import db
        from superset.models.core import Database

        with one_line(f"Opening the connection {name}"):
            database = db.session.query(Database).filter_by(database_name=name).one_or_none()
            if database is None:
                raise CrmKpiError(
                    f"`database.name: {name}`: Superset has no such connection; add `database.uri` "
                    "or the name of one under Settings > Database connections"
                )
            # Not kept open: Superset opens a DuckDB file with settings of its own.
            uri = database.sqlalchemy_uri_decrypted
            remember_secrets(uri)
            engine: Engine = watched(sa.create_engine(uri, future=True, poolclass=NullPool))
        return engine

    def ensure_user(self, username: str, password: str, first_name: str, roles: list[str]) -> None:
        """Make a user or reset one; only the demo does this."""
        with one_line(f"Making user {username}"):
            access.ensure_user(username, password, first_name, roles)


@contextmanager
def open_gateway(
    app: Flask | None = None, username: str | None = None
) -> Iterator[InProcessGateway]:
    """A gateway that acts as this user, by default as the first active Admin.

    Without an app it is that of the running ``superset`` command, or a new one from the
    configuration that SUPERSET_CONFIG_PATH or superset_config.py gives.
    """
    try:
        from superset.utils.core import override_user
    except ImportError as error:
        raise CrmKpiError(
            "Superset is not installed in this environment; run this where the superset command "
            f"runs ({error})"
        ) from error
    app = app or _current_app()
    with app.app_context():
        with one_line("Looking up the Superset user"):
            user = _user(username)
        with override_user(user):
            yield InProcessGateway()


def within_superset() -> bool:
    """Whether this process is a `superset` command, whose app is there."""
    flask = sys.modules.get("flask")
    return flask is not None and bool(flask.has_app_context())


def _current_app() -> Any:
    from flask import current_app, has_app_context

    if has_app_context():
        return current_app._get_current_object()
    # Superset prints where its configuration is from; standard output belongs to the command.
    with one_line("Starting Superset"), contextlib.redirect_stdout(sys.stderr):
        app = make_app()
    logging.getLogger().setLevel(logging.WARNING)
    return app


def _user(username: str | None) -> Any:
    from superset import db, security_manager

    if username:
        if user := security_manager.find_user(username=username):
            return user
        raise CrmKpiError(f"Superset has no user {username}; name one with --user")
    users = db.session.query(security_manager.user_model).order_by("id")
    for user in users:
        if user.is_active and any(role.name == "Admin" for role in user.roles):
            return user
    raise CrmKpiError("Superset has no active Admin; make one: superset fab create-admin")
