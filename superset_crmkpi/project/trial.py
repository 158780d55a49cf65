"""Every dataset of a bundle is run on no rows before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.project.build import stale
from superset_crmkpi.project.project import Project
from superset_crmkpi.query.tokens import MOST, tokens_of
from superset_crmkpi.warehouse.connect import executed, existing_schemas


def not_running(
    project: Project, bundle: Bundle, say: Callable[[str], None] = lambda _: None
) -> list[str]:
    """A line for each dataset whose SQL, and for each metric that, the warehouse refuses.

    Over the tables of `crmkpi build` nothing can run before the first build: no line then.
    """
    profile = project.profile
    if profile.mode == "built":
        if profile.schema_ not in existing_schemas(project.engine):
            return []
        fault = stale(project)
        if fault:
            return [fault]
    found: list[str] = []
    with project.engine.connect() as connection:  # to open one may cost more than a query
        for _, dataset in bundle.of("datasets"):
            say(f"Running {dataset['table_name']} on no rows")
            found += _faults(connection, dataset)
    return found


def too_long(bundle: Bundle) -> str:
    """A note on datasets that older Supersets may refuse to parse; '' where there is none."""
    datasets = {dataset["table_name"]: dataset["sql"] for _, dataset in bundle.of("datasets")}
    long = sorted(name for name, sql in datasets.items() if tokens_of(sql) > MOST)
    if not long:
        return ""
    return (
        f"{len(long)} of {len(datasets)} datasets ({long[0]}, ...) have more than the {MOST:,} "
        "tokens of SQL that Superset 4.1 and 5.0 take with sqlparse 0.5.5 or newer; there, give it "
        "sqlparse==0.5.4, or set `mode: built` and run `crmkpi build`"
    )


def _faults(connection: Connection, dataset: Mapping[str, Any]) -> Iterator[str]:
    name, source = dataset["table_name"], f"({dataset['sql']}) as virtual_table"
    fault = _fault(connection, f"select * from {source} where 1 = 0")
    if fault:
        yield f"dataset {name} does not run: {fault}"
        return
    for column in dataset.get("columns", ()):
        computed = column.get("expression")
        asked = f"select {computed} from {source} where 1 = 0"
        if computed and (fault := _fault(connection, asked)):
            yield f"dataset {name}: column {column['column_name']} does not run: {fault}"
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    if not metrics or not _fault(connection, _aggregates(metrics.values(), source)):
        return
    for metric, expression in metrics.items():  # one of them: which?
        fault = _fault(connection, _aggregates([expression], source))
        if fault:
            yield f"dataset {name}: metric {metric} does not run: {fault}"


def _aggregates(expressions: Any, source: str) -> str:
    numbered = ", ".join(f"{sql} as m{n}" for n, sql in enumerate(expressions))
    return f"select {numbered} from {source} where 1 = 0"


def _fault(connection: Connection, sql: str) -> str:
    try:
        with connection.begin():  # after an error some engines answer nothing more in one
            executed(connection, sql).close()
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return ""
