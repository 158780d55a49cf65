"""Run by tests.superset.runs in a process of its own.

Arguments: `walk` (the toy comes, is edited, upgraded, and goes), `install` or `kills`, the URI of
the warehouse, and for kills how many and the seed. Says that it is ready, waits for a line, and
prints what was seen as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.uninstall import make_uninstall, uninstall
from superset_crmkpi.superset import access, bootstrap
from superset_crmkpi.superset.inprocess import open_gateway
from tests.superset import rows, toy
from tests.superset.kept_metadata import PostgresMetadata
from tests.superset.killing import COMMANDS, Place, killed_often
from tests.superset.test_upgrades import CHART, edit, next_version, own_metric, seen, values


def all_rows() -> rows.Rows:
    """Every row of every table of the metadata database, but of Superset's log."""
    from superset import db

    db.session.rollback()
    found: rows.Rows = {}
    with db.engine.connect() as connection:
        for name in sa.inspect(db.engine).get_table_names():
            if name not in ("logs", "ab_user"):
                table = sa.Table(name, sa.MetaData(), autoload_with=db.engine)
                asked = connection.execute(sa.select(table)).mappings()
                found[name] = sorted((dict(row) for row in asked), key=repr)
    return found


def walked(gateway: Any, warehouse_uri: str) -> dict[str, Any]:
    """Install, the same again, upgrade around edits, the same again, uninstall."""
    bundle = toy.with_alert(toy.bundle(warehouse_uri))
    before = rows.undone(all_rows())
    first = apply(bundle, gateway)
    again = apply(bundle, gateway)
    edit(gateway, "chart", values(slice_name="Volume", cache_timeout=60))
    edit(gateway, "dataset", own_metric)
    newer = toy.changed(next_version(bundle), CHART, description="New")
    newer = toy.changed(newer, toy.ALERT, email_subject="Look")
    apply(newer, gateway)
    chart, dataset = seen(gateway, "chart"), seen(gateway, "dataset")
    unchanged = apply(newer, gateway)
    uninstall(make_uninstall("", gateway), gateway, force=True)
    after = rows.undone(all_rows())
    return {
        "created": sum(step.writes for step in first.steps),
        "again": again.changes,
        "chart": [chart["slice_name"], chart["cache_timeout"], chart["description"]],
        "metrics": sorted(dataset["metrics"]),
        "unchanged": unchanged.changes,
        "left": {
            table: [str(row) for row in after[table] if row not in before.get(table, [])]
            for table in after
            if after[table] != before.get(table, [])
        },
    }


def install(gateway: Any, warehouse_uri: str) -> dict[str, Any]:
    """Install it; the error in place of what was done."""
    try:
        done = apply(toy.with_alert(toy.bundle(warehouse_uri)), gateway)
    except CrmKpiError as error:
        return {"error": error.message}
    return {"written": sum(step.writes for step in done.steps)}


def kills(app: Any, count: int, seed: int) -> dict[str, Any]:
    """Commands on it are killed so often each; a line on each."""
    from superset import db

    with app.app_context():
        url = db.engine.url
    metadata = PostgresMetadata(url)
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CRMKPI_CACHE_DIR"] = f"{folder}/cache"
            place = Place(app, metadata, Path(folder))
            return {"lines": list(killed_often(place, list(COMMANDS), count, seed))}
    finally:
        metadata.close()


def main(what: str, warehouse_uri: str, *more: str) -> None:
    app = bootstrap.make_app()
    if what in ("walk", "kills"):
        bootstrap.migrate(app, lambda text: print(text, file=sys.stderr))
        with app.app_context():
            access.ensure_user("admin", "admin-of-the-tests", "Administrator", ["Admin"])
    if what == "kills":
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(kills(app, *map(int, more))))
        return
    run = walked if what == "walk" else install
    with open_gateway(app) as gateway:
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(run(gateway, warehouse_uri)))


if __name__ == "__main__":
    main(*sys.argv[1:])
