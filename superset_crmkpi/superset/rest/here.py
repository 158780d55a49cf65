"""Runs datasets on no rows from this machine, as Superset only runs what it has already.

So a plan refuses what an installation would. What cannot be told from here is left to Superset.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.pool import NullPool

from superset_crmkpi.base.secrets import MASK
from superset_crmkpi.bundle.row_rules import USER
from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.superset import alert_fields, rule_fields
from superset_crmkpi.superset.failures import raise_bug
from superset_crmkpi.superset.rest.answers import one_line
from superset_crmkpi.superset.trial import faults

logger = logging.getLogger(__name__)

#: Superset takes SQL with one of these for a template, and makes the SQL of it
TEMPLATES = ("{{", "{%", "{#")


def check_dataset(database: Content, dataset: Content) -> list[str]:
    """What is wrong with a dataset; nothing where this machine cannot tell."""
    sql = str(dataset.get("sql") or "")
    url = _url(database)
    if url is None or not sql or any(mark in str(dataset) for mark in TEMPLATES):
        return []
    connection = _connection(url, dataset.get("schema"), dataset["table_name"])
    if connection is None:
        return []
    with connection:
        return _checked(connection, dataset, f"(\n{sql}\n) AS virtual_table")


def check_alert(database: Content, alert: Content) -> list[str]:
    """What is wrong with the question of an alert; nothing where this machine cannot tell."""
    url, sql = _url(database), str(alert["sql"])
    if any(mark in sql for mark in TEMPLATES):
        return ["its SQL is a template to Superset"]
    if url is None:
        return []
    connection = _connection(url, None, alert["name"])
    if connection is None:
        return []
    with connection:
        names, fault = _outcome(connection, alert_fields.question(sql))
    return [f"its SQL does not run: {fault}"] if fault else alert_fields.faults(names)


def check_rule(database: Content, rule: Content, dataset: Content) -> list[str]:
    """What is wrong with a rule on a dataset; nothing where this machine cannot tell."""
    clause = str(rule["clause"]).replace(USER, "('nobody')")
    url, sql = _url(database), str(dataset.get("sql") or "")
    if url is None or not sql or any(mark in clause + sql for mark in TEMPLATES):
        return []
    connection = _connection(url, dataset.get("schema"), rule["name"])
    if connection is None:
        return []
    with connection:
        source = f"(\n{sql}\n) AS virtual_table"
        fault = _outcome(connection, rule_fields.question(source, clause))[1]
    return [f"it does not run on {dataset['table_name']}: {fault}"] if fault else []


def _checked(connection: Connection, dataset: Content, source: str) -> list[str]:
    def run(metrics: Mapping[str, str]) -> str:
        wanted = ",\n".join(metrics.values())
        return _outcome(connection, f"SELECT\n{wanted}\nFROM {source} WHERE 1 = 0")[1]

    found, fault = _outcome(connection, f"SELECT * FROM {source} WHERE 1 = 0")
    return [f"its SQL does not run: {fault}"] if fault else faults(dataset, found, run)


def _outcome(connection: Connection, sql: str) -> tuple[list[str], str]:
    """The columns, and why it does not run."""
    as_it_is = connection.execution_options(no_parameters=True)
    try:
        with as_it_is.begin() as transaction:
            names = list(as_it_is.exec_driver_sql(sql).keys())
            transaction.rollback()
    except Exception as error:  # whatever a driver may raise
        raise_bug(error)
        return [], one_line(str(getattr(error, "orig", None) or error))
    return names, ""


def _url(database: Content) -> URL | None:
    given = database.get("sqlalchemy_uri")
    if not given:
        return None
    url = make_url(str(given))
    if database.get("password"):
        url = url.set(password=str(database["password"]))
    return None if url.password == MASK else url


def _connection(url: URL, schema: str | None, name: str) -> Connection | None:
    """To run something of that name from here; None where this machine cannot."""
    try:
        return _connect(url, schema)
    except Exception as error:  # whatever a driver may raise; Superset says that it can connect
        logger.info("%s is not run from here: %s", name, one_line(str(error)))
        return None


def _connect(url: URL, schema: str | None) -> Connection:
    """As Superset does: a dataset's tables are looked for in its schema."""
    more: dict[str, Any] = {}
    if schema and url.get_backend_name() == "postgresql":
        more = {"options": f"-csearch_path={schema}"}
    engine = sa.create_engine(url, future=True, poolclass=NullPool, connect_args=more)
    return engine.connect()
