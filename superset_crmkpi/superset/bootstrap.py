"""Brings up a Superset of our own: for the demo and for tests, on a SQLite metadata database."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def superset_version() -> str | None:
    """The version of Superset in this environment, None without one. Imports nothing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("apache-superset")
    except PackageNotFoundError:
        return None


def make_app() -> Flask:
    """Superset's Flask app by the configuration in the environment."""
    from superset.app import create_app

    app: Flask = create_app()
    return app


def migrate(app: Flask, report: Callable[[str], None]) -> None:
    """Bring the metadata database up to this Superset version, with its standard roles.

    Takes about half a minute on a new database; see ``keep_template``.
    """
    from flask_migrate import upgrade  # type: ignore[import-untyped,unused-ignore]

    with app.app_context():
        from superset.extensions import appbuilder, db, security_manager

        report("Making the metadata database (about half a minute, once)")
        upgrade(directory=app.extensions["migrate"].directory)
        report("Making Superset's standard roles")
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        db.session.commit()
        db.session.remove()


def keep_template(metadata: Path, template: Path) -> None:
    """Keep a freshly migrated database, so that the next new one is a copy."""
    template.parent.mkdir(parents=True, exist_ok=True)
    partial = template.with_suffix(f".{os.getpid()}.partial")  # another run may make one too
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(metadata)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
    partial.replace(template)


def remove_database(metadata: Path) -> None:
    """Delete a SQLite database with the files that go with it; a left journal would be replayed."""
    for ending in ("", "-wal", "-shm", "-journal"):
        metadata.with_name(metadata.name + ending).unlink(missing_ok=True)


def use_template(template: Path, metadata: Path) -> None:
    """Start a metadata database from the template."""
    remove_database(metadata)
    shutil.copyfile(template, metadata)
    with closing(sqlite3.connect(metadata)) as connection:
        # Readers read while one writes; SQLite keeps this setting in the file.
        connection.execute("pragma journal_mode=wal")


def forget_connections(app: Any) -> None:
    """Drop pooled connections to the metadata database without closing them for others."""
    from superset import db

    with app.app_context():
        db.engine.dispose()
