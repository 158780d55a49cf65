"""Tries a connection and the SQL of datasets by having Superset itself ask the warehouse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import make_url

from superset_crmkpi.base.secrets import MASK
from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Catalog
from superset_crmkpi.superset.trial import faults, too_long

NO_ROWS = {"where": "1 = 0"}
#: what the sqlparse of Superset 4.1 and 5.0 says of SQL that it refuses for its length
TOO_LONG = "number of tokens exceeded"


def check_database(client: Client, catalog: Catalog, database: Content) -> str | None:
    """None or what is wrong with a connection, which Superset may not have yet."""
    name = database["database_name"]
    settings = _settings(client, catalog, database)
    if settings is None:
        return f'Superset has no database connection named "{name}"'
    try:
        client.post("database/test_connection/", json=settings)
    except Refused as refused:
        return f'cannot connect to "{name}": {refused.message}'
    return None


def _settings(client: Client, catalog: Catalog, database: Content) -> dict[str, Any] | None:
    if not database.get("sqlalchemy_uri"):
        rows = catalog.of("database").values()
        number = next(
            (r["id"] for r in rows if r["database_name"] == database["database_name"]), None
        )
        return _installed(client, number) if number is not None else None
    uri = str(database["sqlalchemy_uri"])
    if database.get("password"):
        url = make_url(uri).set(password=str(database["password"]))
        uri = url.render_as_string(hide_password=False)
    number = catalog.number("database", str(database["uuid"]))
    if make_url(uri).password == MASK and number is not None:
        return _installed(client, number)
    extra = database.get("extra") or {}
    return {
        "database_name": database["database_name"],
        "sqlalchemy_uri": uri,
        "extra": json.dumps(extra),
    }


def _installed(client: Client, number: int) -> dict[str, Any]:
    """A connection as it is: Superset puts the password in where the rest is equal."""
    found = client.get(f"database/{number}/connection")["result"]
    keys = ("database_name", "sqlalchemy_uri", "extra", "impersonate_user", "server_cert")
    more = ("masked_encrypted_extra", "ssh_tunnel")
    return {key: found[key] for key in (*keys, *more) if found.get(key) is not None}


def knows_password(client: Client, catalog: Catalog, database: Content) -> bool:
    """Whether the password that Superset has still opens the connection.

    It tells nobody which one it is, so that is what can be asked.
    """
    number = catalog.number("database", str(database["uuid"]))
    if number is None or make_url(str(database["sqlalchemy_uri"])).password in (None, MASK):
        return True
    try:
        client.post("database/test_connection/", json=_installed(client, number))
    except Refused:
        return False
    return True


def check_dataset(client: Client, number: int, dataset: Content) -> list[str]:
    """Run a dataset that is in Superset, its columns and its metrics on no rows; what is wrong."""
    columns = [column["column_name"] for column in dataset["columns"]]
    metrics = [metric["metric_name"] for metric in dataset["metrics"]]
    if not _fault(client, number, columns=columns, **({"metrics": metrics} if metrics else {})):
        return []
    if fault := _fault(client, number, metrics=[COUNT]):
        sql = str(dataset.get("sql") or "")
        return [too_long(sql, fault) if TOO_LONG in fault else f"its SQL does not run: {fault}"]
    return faults(
        dataset,
        [name for name in columns if not _fault(client, number, columns=[name])],
        lambda some: _fault(client, number, metrics=list(some)),
    )


#: the number of rows, as a metric
COUNT = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "rows"}


def _fault(client: Client, number: int, **query: Sequence[Any]) -> str:
    """Why Superset cannot answer a query; '' where it can."""
    body = {
        "datasource": {"id": number, "type": "table"},
        "force": True,
        "queries": [{"extras": NO_ROWS, "row_limit": 1, **query}],
        "result_format": "json",
        "result_type": "full",
    }
    try:
        answer = client.post("chart/data", json=body)
    except Refused as refused:
        return refused.message
    return "; ".join(str(one["error"]) for one in answer["result"] if one.get("error"))
