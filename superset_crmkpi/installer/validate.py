"""Checks a whole bundle before anything is written.

Superset's import accepts metrics that do not exist, chart kinds it cannot draw and databases it
cannot reach, and links charts wrongly when one is missing; every check here stands for such a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.query_context import asks_for
from superset_crmkpi.installer import board_checks as dashboards
from superset_crmkpi.installer import chart_params as charts
from superset_crmkpi.installer.gateway import FOLDERS, Content, Gateway, kind_of, name_of
from superset_crmkpi.installer.plan import is_reference

REQUIRED = {
    "database": ("database_name", "uuid", "version"),
    "dataset": ("table_name", "uuid", "version", "database_uuid", "columns", "metrics"),
    "chart": ("slice_name", "viz_type", "params", "uuid", "version", "dataset_uuid"),
    "dashboard": ("dashboard_title", "uuid", "version", "position", "metadata"),
    "alert": ("name", "type", "crontab", "timezone", "recipients", "chart_uuid", "uuid", "version"),
    "rule": ("name", "filter_type", "clause", "roles", "datasets", "uuid", "version"),
}
# Superset's schema lets them be missing, and then the import fails with a KeyError: extra in every
# version, the other one in 4.1.
DATABASE_DEFAULTS = {"extra": "{}", "allow_csv_upload": "false"}
# Keys that a supported version rejects: the whole import fails there.
TOO_NEW = {
    "database": ("masked_encrypted_extra",),
    "dataset": ("currency_code_column", "source_db_engine", "data_file", "folders"),
    "chart": ("tags",),
    "dashboard": ("tags", "theme_uuid", "theme_id"),
    "alert": (),
    "rule": (),
}


def check(bundle: Bundle) -> list[str]:
    """Every problem of the bundle in itself, one line each; an empty list if there is none.

    The later checks rely on the earlier ones, so the first group with a problem ends the list.
    """
    for group in (_shapes, _identities, _contents):
        problems = list(group(bundle))
        if problems:
            return problems
    return []


def check_live(bundle: Bundle, gateway: Gateway) -> list[str]:
    """Every problem with the warehouse: the connection, and each dataset with its metrics."""
    problems = []
    reachable: dict[str, Content] = {}
    for path, database in bundle.of("databases"):
        if problem := gateway.check_database(database):
            problems.append(f"{path}: {problem}")
        else:
            reachable[str(database["uuid"])] = database
    known: dict[str, list[str]] = {}  # of audiences with the same data one is asked
    for path, dataset in bundle.of("datasets"):
        if (uuid := str(dataset["database_uuid"])) in reachable:
            asked = repr([uuid, *map(dataset.get, ("schema", "sql", "columns", "metrics"))])
            if asked not in known:
                known[asked] = gateway.check_dataset(reachable[uuid], dataset)
            problems += [f"{path}: {problem}" for problem in known[asked]]
    for path, alert in bundle.of("alerts"):
        database = reachable.get(str(alert.get("database_uuid")), {})
        if database or alert["type"] == "Report":
            problems += [f"{path}: {problem}" for problem in gateway.check_alert(database, alert)]
    datasets = {str(dataset["uuid"]): dataset for _, dataset in bundle.of("datasets")}
    for path, rule in bundle.of("rules"):
        guarded = datasets[next(iter(rule["datasets"]))]  # the clause is the same on each
        if (uuid := str(guarded["database_uuid"])) in reachable:
            found = gateway.check_rule(reachable[uuid], rule, guarded)
            problems += [f"{path}: {problem}" for problem in found]
    return problems


def _shapes(bundle: Bundle) -> Iterator[str]:
    metadata = bundle.assets.get("metadata.yaml")
    if metadata is None:
        yield "metadata.yaml: missing; a bundle needs it"
    elif metadata.get("version") != "1.0.0" or metadata.get("type") != "assets":
        yield "metadata.yaml: version has to be 1.0.0 and type assets"
    for path, content in bundle.assets.items():
        kind = kind_of(path)
        if kind is None:
            if path != "metadata.yaml":
                yield f"{path}: not in one of the folders {', '.join(FOLDERS)}"
            continue
        for key in REQUIRED[kind]:
            if content.get(key) is None:
                yield f"{path}: {key} is missing"
        for key in TOO_NEW[kind]:
            if key in content:
                yield f"{path}: {key} is unknown to older Superset versions; leave it out"
        for key in ("uuid", "database_uuid", "dataset_uuid"):
            if content.get(key) is not None and not is_uuid(content[key]):
                yield f"{path}: {key} {content[key]!r} is not a uuid in its usual form"
        if kind == "database" and not is_reference(content):
            for key, value in DATABASE_DEFAULTS.items():
                if key not in content:
                    yield f"{path}: {key} is missing; write {key}: {value}"


def is_uuid(value: Any) -> bool:
    """Whether this is a uuid as Superset prints it: lower case, with dashes."""
    try:
        return str(UUID(str(value))) == value
    except ValueError:
        return False


def _identities(bundle: Bundle) -> Iterator[str]:
    owners: dict[str, str] = {}
    names: dict[tuple[Any, ...], str] = {}
    for path, content in bundle.assets.items():
        kind = kind_of(path)
        if kind is None:
            continue
        uuid = str(content["uuid"])
        if uuid in owners:
            yield f"{path}: uuid {uuid} is also that of {owners[uuid]}"
        owners[uuid] = path
        if kind == "chart":
            continue  # Superset lets two charts have one name
        held = [("name", name_of(kind, content), content.get("schema"))]
        if content.get("slug"):
            held.append(("slug", content["slug"], None))
        for name in held:
            if (key := (kind, *name)) in names:
                yield f"{path}: {name[0]} {name[1]!r} is also that of {names[key]}"
            names[key] = path


def _contents(bundle: Bundle) -> Iterator[str]:
    databases = {str(content["uuid"]) for _, content in bundle.of("databases")}
    datasets = {str(content["uuid"]): content for _, content in bundle.of("datasets")}
    for path, dataset in bundle.of("datasets"):
        if str(dataset["database_uuid"]) not in databases:
            yield f"{path}: database_uuid {dataset['database_uuid']} is not in the bundle"
        yield from _dataset(path, dataset)
    for path, chart in bundle.of("charts"):
        if (target := datasets.get(str(chart["dataset_uuid"]))) is None:
            yield f"{path}: dataset_uuid {chart['dataset_uuid']} is not in the bundle"
        else:
            yield from _chart(path, chart, target)
    yield from dashboards.check(bundle, datasets)
    yield from _alerts(bundle, set(databases))
    yield from _rules(bundle, set(datasets))
    yield from _roles(bundle, set(datasets))


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _dataset(path: str, dataset: Content) -> Iterator[str]:
    columns = column_names(dataset)
    for name in _repeated([column["column_name"] for column in dataset["columns"]]):
        yield f"{path}: column {name} occurs twice"
    for name in _repeated([metric["metric_name"] for metric in dataset["metrics"]]):
        yield f"{path}: metric {name} occurs twice"
    if not columns:
        yield f"{path}: columns are empty; the import does not fetch them"
    main = dataset.get("main_dttm_col")
    if main and main not in columns:
        yield f"{path}: main_dttm_col {main} is not among its columns"
    for metric in dataset["metrics"]:
        name = metric["metric_name"]
        if not str(metric.get("expression") or "").strip():
            yield f"{path}: metric {name} has no expression"
        if not isinstance(metric.get("currency", ""), (str, type(None))):
            yield f"{path}: currency of metric {name} has to be a JSON string, not a mapping"


def column_names(dataset: Content) -> set[str]:
    """The columns of a dataset."""
    return {str(column["column_name"]) for column in dataset["columns"]}


def metric_names(dataset: Content) -> set[str]:
    """The saved metrics of a dataset."""
    return {str(metric["metric_name"]) for metric in dataset["metrics"]}


def _chart(path: str, chart: Content, dataset: Content) -> Iterator[str]:
    params, table = chart["params"], dataset["table_name"]
    if chart["viz_type"] not in charts.VIZ_TYPES:
        yield f"{path}: chart kind {chart['viz_type']!r} is not known to every supported Superset"
    if params.get("viz_type", chart["viz_type"]) != chart["viz_type"]:
        yield f"{path}: viz_type is {chart['viz_type']} but {params['viz_type']} in params"
    for name in sorted(charts.saved_metrics(params) - metric_names(dataset)):
        yield f"{path}: metric {name} does not exist on dataset {table}"
    for name in sorted(charts.columns_of(params) - column_names(dataset)):
        yield f"{path}: column {name} does not exist on dataset {table}"
    for name in sorted(charts.formatted_columns(params) - charts.labels_of(params)):
        yield f"{path}: conditional formatting of {name}, which the chart does not show"
    context = chart.get("query_context")
    if not isinstance(context, (str, type(None))):
        yield f"{path}: query_context has to be a JSON string"
    elif context and not asks_for(context, params):
        yield f"{path}: query_context asks for other params; leave it out, or make it of these"


def _alerts(bundle: Bundle, databases: set[str]) -> Iterator[str]:
    charts = {str(content["uuid"]) for _, content in bundle.of("charts")}
    for path, alert in bundle.of("alerts"):
        if str(alert["chart_uuid"]) not in charts:
            yield f"{path}: chart_uuid {alert['chart_uuid']} is not in the bundle"
        if not alert["recipients"]:
            yield f"{path}: recipients are empty; it would tell nobody"
        if alert["type"] == "Alert" and str(alert.get("database_uuid")) not in databases:
            yield f"{path}: database_uuid {alert.get('database_uuid')} is not in the bundle"


def _rules(bundle: Bundle, datasets: set[str]) -> Iterator[str]:
    for path, rule in bundle.of("rules"):
        if not rule["datasets"]:
            yield f"{path}: datasets are empty; it would guard nothing"
        for uuid in rule["datasets"]:
            if uuid not in datasets:
                yield f"{path}: dataset {uuid} is not in the bundle"


def _roles(bundle: Bundle, datasets: set[str]) -> Iterator[str]:
    boards = {str(content["uuid"]): content for _, content in bundle.of("dashboards")}
    for name in _repeated([role.name for role in bundle.roles]):
        yield f'role "{name}" occurs twice'
    for role in bundle.roles:
        for uuid in role.datasets:
            if uuid not in datasets:
                yield f'role "{role.name}": dataset {uuid} is not in the bundle'
        for uuid in role.dashboards:
            if uuid not in boards:
                yield f'role "{role.name}": dashboard {uuid} is not in the bundle'
            elif not boards[uuid].get("published"):
                title = boards[uuid]["dashboard_title"]
                yield f'role "{role.name}": dashboard "{title}" has to be published to be seen'
