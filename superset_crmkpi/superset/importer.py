"""Writes some assets of a bundle by Superset's own importers.

``ImportAssetsCommand`` takes a bundle as a whole and overwrites all of it. We want to leave alone
what has not changed, so we use its validation and then its importers one by one, taking the numbers
of what is there already from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import TYPES, to_yaml
from superset_crmkpi.installer.gateway import FOLDERS, Content
from superset_crmkpi.superset import alerts, rules
from superset_crmkpi.superset.failures import one_line
from superset_crmkpi.superset.reader import model

METADATA = {"version": "1.0.0", "type": "assets"}


def write(assets: Mapping[str, Content]) -> None:
    """Create or overwrite these assets; to be called inside a transaction."""
    configs = _validated(assets)
    _each(configs, "databases", _database)
    databases = _databases()
    _each(configs, "datasets", lambda config: _dataset(config, databases))
    datasets = _datasets()
    _each(configs, "charts", lambda config: _chart(config, datasets))
    charts = _charts()
    _each(configs, "dashboards", lambda config: _dashboard(config, charts, datasets))
    _each(assets, "alerts", alerts.write)
    _each(assets, "rules", rules.write)


def _validated(assets: Mapping[str, Content]) -> dict[str, Any]:
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    # no import knows alerts and rules
    files = {p: to_yaml(c) for p, c in assets.items() if p.partition("/")[0] in TYPES}
    command = ImportAssetsCommand({**files, "metadata.yaml": to_yaml(METADATA)})
    command.validate()
    return command._configs


def _each(configs: Mapping[str, Any], folder: str, write_one: Callable[[Any], None]) -> None:
    """Write the assets of a folder; what goes wrong with one is said with its path."""
    for path, config in configs.items():
        if path.startswith(f"{folder}/"):
            kind, uuid = FOLDERS[folder], str(config["uuid"])
            with one_line(f"{path}: Superset rejected it"), same_owners(kind, uuid):
                write_one(config)


@contextmanager
def same_owners(kind: str, uuid: str) -> Iterator[None]:
    """Who imports an asset that is there becomes an owner of it; the owners stay who they were."""
    before = model(kind, uuid)
    owners = list(getattr(before, "owners", ()))
    yield
    after = model(kind, uuid)
    if before is not None and hasattr(after, "owners"):
        from superset import db

        after.owners = owners
        db.session.flush()


def _databases() -> dict[str, int]:
    from superset import db
    from superset.models.core import Database

    return {str(uuid): number for uuid, number in db.session.query(Database.uuid, Database.id)}


def _datasets() -> dict[str, dict[str, Any]]:
    from superset import db
    from superset.connectors.sqla.models import SqlaTable

    rows = db.session.query(SqlaTable.uuid, SqlaTable.id, SqlaTable.table_name)
    return {
        str(uuid): {
            "datasource_id": number,
            "datasource_type": "table",
            "datasource_name": name,
        }
        for uuid, number, name in rows
    }


def _charts() -> dict[str, int]:
    from superset import db
    from superset.models.slice import Slice

    return {str(uuid): number for uuid, number in db.session.query(Slice.uuid, Slice.id)}


def _wanted(numbers: Mapping[str, Any], uuid: Any, what: str) -> Any:
    if str(uuid) not in numbers:
        raise CrmKpiError(f"{what} {uuid} is neither in Superset nor in the bundle")
    return numbers[str(uuid)]


def _database(config: dict[str, Any]) -> None:
    from superset.commands.database.importers.v1.utils import import_database

    import_database(config, overwrite=True)


def _dataset(config: dict[str, Any], databases: Mapping[str, int]) -> None:
    from superset.commands.dataset.importers.v1.utils import import_dataset

    config["database_id"] = _wanted(databases, config["database_uuid"], "database")
    _move(config["uuid"], config["database_id"])
    with _warehouse_left_alone(config["database_id"]):
        import_dataset(config, overwrite=True)


@contextmanager
def _warehouse_left_alone(database_id: int) -> Iterator[None]:
    """Superset asks the warehouse for a table of the dataset's name, to load files into it.

    Ours have no file, and to connect once for each takes a minute on a warehouse in the cloud.
    """
    from superset import db
    from superset.models.core import Database

    database = db.session.get(Database, database_id)
    database.has_table = lambda *_, **__: True
    try:
        yield
    finally:
        del database.has_table


def _move(uuid: Any, database_id: int) -> None:
    """A dataset that is there goes to its new connection first: the import would make another."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database

    dataset = db.session.query(SqlaTable).filter_by(uuid=uuid).one_or_none()
    if dataset is not None and dataset.database_id != database_id:
        dataset.database = db.session.get(Database, database_id)
        db.session.flush()


def _chart(config: dict[str, Any], datasets: Mapping[str, dict[str, Any]]) -> None:
    from superset.commands.chart.importers.v1.utils import import_chart
    from superset.commands.utils import update_chart_config_dataset

    dataset = _wanted(datasets, config["dataset_uuid"], "dataset")
    # A query context of an older version of the chart would outlive its new params.
    config.setdefault("query_context", None)
    import_chart(update_chart_config_dataset(config, dict(dataset)), overwrite=True)


def _dashboard(
    config: dict[str, Any],
    charts: Mapping[str, int],
    datasets: Mapping[str, dict[str, Any]],
) -> None:
    from sqlalchemy import delete, insert
    from superset import db
    from superset.commands.dashboard.importers.v1.utils import (
        find_chart_uuids,
        import_dashboard,
        update_id_refs,
    )
    from superset.models.dashboard import dashboard_slices

    uuids = sorted(find_chart_uuids(config["position"]))
    numbers = [_wanted(charts, uuid, "chart") for uuid in uuids]
    dashboard = import_dashboard(update_id_refs(config, charts, datasets), overwrite=True)
    links = dashboard_slices.c
    db.session.execute(delete(dashboard_slices).where(links.dashboard_id == dashboard.id))
    if numbers:
        rows = [{"dashboard_id": dashboard.id, "slice_id": number} for number in numbers]
        db.session.execute(insert(dashboard_slices).values(rows))
    db.session.flush()  # expiring would drop what an existing dashboard was just given
    db.session.expire(dashboard)
