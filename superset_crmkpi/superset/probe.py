"""Tries a database and the SQL of datasets, the way Superset will run it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from superset_crmkpi.base.secrets import MASK
from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.superset.failures import raise_bug, reason
from superset_crmkpi.superset.trial import faults, too_long

logger = logging.getLogger(__name__)


def database_for(content: Content) -> Any:
    """The connection: as it is in Superset when only named, else one made up and never saved."""
    from superset import db
    from superset.models.core import Database

    existing = db.session.query(Database)
    if not content.get("sqlalchemy_uri"):
        return existing.filter_by(database_name=content["database_name"]).one_or_none()
    database = Database(
        database_name=content["database_name"],
        extra=json.dumps(content.get("extra") or {}),
    )
    database.set_sqlalchemy_uri(str(content["sqlalchemy_uri"]))
    if content.get("password"):
        database.password = content["password"]
    elif f":{MASK}@" in str(content["sqlalchemy_uri"]):
        installed = existing.filter_by(uuid=content["uuid"]).one_or_none()
        database.password = installed.password if installed else None
    return database


def knows_password(content: Content) -> bool:
    """Whether Superset's connection has the password that the content's URI gives, if any."""
    from sqlalchemy.engine import make_url
    from superset import db
    from superset.models.core import Database

    given = make_url(str(content["sqlalchemy_uri"])).password
    database = db.session.query(Database).filter_by(uuid=content["uuid"]).one_or_none()
    if database is None or given in (None, MASK):
        return True
    return bool(make_url(database.sqlalchemy_uri_decrypted).password == given)


def check_database(content: Content) -> str | None:
    """Connect and run ``SELECT 1``; None or what is wrong."""
    try:
        database = database_for(content)
        if database is None:
            return f'Superset has no database connection named "{content["database_name"]}"'
        columns_of(database, None, "SELECT 1")
    except Exception as error:  # whatever a driver may raise
        raise_bug(error)
        return f'cannot connect to "{content["database_name"]}": {reason(error)}'
    return None


def check_dataset(database_content: Content, dataset: Content) -> list[str]:
    """Parse, run on no rows, compare the columns, and run every metric; what is wrong."""
    database = database_for(database_content)
    schema = dataset.get("schema")
    try:
        source = source_of(database, dataset)
        found, fault = _asked_at_once(database, dataset, source)
    except Exception as error:
        raise_bug(error)
        return [f"its SQL does not run: {reason(error)}"]
    if refused := _too_long(str(dataset.get("sql") or "")):
        return [refused]

    def run(metrics: Mapping[str, str]) -> str:
        if len(metrics) == len(dataset["metrics"]):
            return fault
        try:
            columns_of(database, schema, _aggregate(database, metrics, source))
        except Exception as error:
            raise_bug(error)
            return reason(error)
        return ""

    return faults(dataset, found, run)


def _asked_at_once(database: Any, dataset: Content, source: str) -> tuple[list[str], str]:
    """The columns of its result, and why its metrics do not run, by one connection if they do.

    To connect is what takes a second or two on a warehouse in the cloud.
    """
    schema, whole = dataset.get("schema"), f"SELECT * FROM {source} WHERE 1 = 0"
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    if not metrics:
        return columns_of(database, schema, whole), ""
    try:
        return columns_of(database, schema, _aggregate(database, metrics, source), whole), ""
    except Exception as error:
        raise_bug(error)
        return columns_of(database, schema, whole), reason(error)


def _too_long(sql: str) -> str:
    """Why charts of this Superset would refuse SQL that its warehouse takes; '' where they do not.

    Superset 4.1 and 5.0 parse it by sqlparse, whose limit depends on its version and on settings.
    """
    try:
        from superset.sql_parse import ParsedQuery
    except ImportError:  # 6.0 and newer
        return ""
    try:
        ParsedQuery(sql)
    except Exception as error:
        raise_bug(error)
        return too_long(sql, reason(error))
    return ""


def _aggregate(database: Any, metrics: Mapping[str, str], source: str) -> str:
    parts = ",\n".join(rendered(database, expression) for expression in metrics.values())
    return f"SELECT\n{parts}\nFROM {source} WHERE 1 = 0"


def source_of(database: Any, dataset: Content) -> str:
    """What stands for the dataset after `from`; ValueError where it is not one SELECT."""
    from superset.sql.parse import SQLScript

    if not dataset.get("sql"):
        with database.get_sqla_engine() as engine:
            quote = engine.dialect.identifier_preparer.quote
        names = [dataset.get("schema"), dataset["table_name"]]
        return ".".join(quote(name) for name in names if name)
    sql = rendered(database, dataset["sql"])
    statements = SQLScript(sql, engine=database.db_engine_spec.engine).statements
    if len(statements) != 1:
        raise ValueError(f"it has {len(statements)} statements; a dataset is one SELECT")
    return f"(\n{sql}\n) AS virtual_table"


def rendered(database: Any, sql: str) -> str:
    """The SQL as this Superset makes it of a template."""
    from superset.jinja_context import get_template_processor

    return str(get_template_processor(database=database).process_template(sql))


def columns_of(database: Any, schema: str | None, *statements: str) -> list[str]:
    """Run as Superset does, by a plain cursor; the names of the columns of the last result."""
    names: list[str] = []
    with database.get_raw_connection(schema=schema) as connection:
        for sql in statements:
            logger.debug("asking the warehouse through Superset:\n%s", sql)
            cursor = connection.cursor()
            cursor.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            cursor.fetchall()
    return names
