"""Assets without what Superset writes into them by itself, as trees to be compared.

An import gives charts their dataset's number and a place for annotations, a dashboard a place for a
theme. Superset's pages write what they have worked out, and write filters and metrics out in full.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from superset_crmkpi.bundle.query_context import OF_THE_PAGE
from superset_crmkpi.installer.edits import GONE, Edit, Path, as_tree, edits, value_at
from superset_crmkpi.installer.numbers import without_numbers

Content = Mapping[str, Any]
#: of a dashboard's metadata: written by its page, and nobody's choice
_WORKED_OUT = (
    "chartsInScope",
    "color_scheme_domain",
    "default_filters",
    "filter_scopes",
    "import_time",
    "map_label_colors",
    "native_filter_migration",
    "positions",
    "remote_id",
    "shared_label_colors",
    "show_native_filters",
)
_OF_ASSETS = ("uuid", "version", "query_context", "position")


def dashboard_tree(content: Content, charts: Sequence[str]) -> dict[str, Any]:
    """A dashboard without its layout; `charts`: the uuids of those whose scopes are compared."""
    made = without_numbers(content)
    metadata = made.get("metadata") if isinstance(made.get("metadata"), dict) else {}
    kept = {key: value for key, value in (metadata or {}).items() if key not in _WORKED_OUT}
    own = kept.get("chart_configuration")
    kept["chart_configuration"] = {
        key: value
        for key, value in (own if isinstance(own, dict) else {}).items()
        if not _is_global(value)
    }
    for holder in [kept.get("global_chart_configuration"), *_filters(kept)]:
        scope = holder.get("scope") if isinstance(holder, dict) else None
        if isinstance(scope, dict):
            scope["excluded"] = sorted({str(c) for c in scope.get("excluded") or []} & set(charts))
    top = {key: value for key, value in made.items() if key not in (*_OF_ASSETS, "metadata")}
    return as_tree({**top, **kept})


def _is_global(configuration: Any) -> bool:
    """Whether a chart filters the others as all charts do."""
    crossed = configuration.get("crossFilters") if isinstance(configuration, dict) else None
    return not isinstance(crossed, dict) or crossed.get("scope") in (None, "global")


def _filters(metadata: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for native in metadata.get("native_filter_configuration") or []:
        if isinstance(native, dict):
            yield native


def chart_tree(content: Content, heading: str, was: str) -> dict[str, Any]:
    """A chart; `heading` is what stands above it on the dashboard, `was` what kind ours is."""
    kept = {
        key: _plain(key, value)
        for key, value in params_of(content).items()
        if key not in (*OF_THE_PAGE, "viz_type")
    }
    top = {key: value for key, value in content.items() if key not in (*_OF_ASSETS, "params")}
    shown = {"viz_type": kind_of(content, was), "heading": heading or content.get("slice_name")}
    return {**top, **shown, "params": kept}


def params_of(content: Content) -> Mapping[str, Any]:
    """The params of a chart; none where they are no mapping."""
    params = content.get("params")
    return params if isinstance(params, dict) else {}


def kind_of(content: Content, was: str) -> Any:
    """What kind a chart is, which stands in two places: the one in which it was changed."""
    kind = params_of(content).get("viz_type")
    return kind if kind not in (None, was) else content.get("viz_type")


def _plain(key: str, value: Any) -> Any:
    if key == "adhoc_filters" and isinstance(value, list):
        return {filter_key(one): _compared(one) for one in value if isinstance(one, dict)}
    if key == "order_by_cols" and isinstance(value, list):
        return [pair(one) for one in value]
    if key == "row_limit" and isinstance(value, str) and value.isdigit():
        return int(value)  # as its field has it when somebody typed it
    if key in ("metrics", "metric", "timeseries_limit_metric"):
        return [*map(metric_name, value)] if isinstance(value, list) else metric_name(value)
    return value


def _compared(adhoc: Mapping[str, Any]) -> Any:
    """What a filter compares with; one that needs nothing for that is there or is not."""
    value = adhoc.get("comparator")
    return "set" if value is None else value


def filter_key(adhoc: Mapping[str, Any]) -> str:
    """`status ==` of a filter that Superset's form makes, the SQL of one written by hand."""
    if adhoc.get("expressionType") == "SIMPLE":
        having = " (having)" if adhoc.get("clause") == "HAVING" else ""
        return f"{adhoc.get('subject')} {adhoc.get('operator')}{having}"
    return str(adhoc.get("sqlExpression"))


def pair(ordered: Any) -> Any:
    """Column and direction of `order_by_cols`, which may be JSON."""
    try:
        return json.loads(ordered) if isinstance(ordered, str) else ordered
    except ValueError:
        return ordered


def metric_name(metric: Any) -> Any:
    """`MIN(step)` of a chart's own metric, as a text; SQL where it is made of that."""
    if not isinstance(metric, dict):
        return metric
    column = metric.get("column")
    if metric.get("expressionType") == "SIMPLE" and isinstance(column, dict):
        return f"{metric.get('aggregate')}({column.get('column_name')})"
    return f"{metric.get('label')}: {metric.get('sqlExpression')}"


def differences(before: Content, after: Content) -> list[Edit]:
    """What people changed; nothing is as good as an empty value."""
    return [
        one for one in edits(before, after) if not (is_empty(one.before) and is_empty(one.after))
    ]


def is_empty(value: Any) -> bool:
    return value is GONE or value in (None, False, "", [], {})


def is_new_param(edit: Edit) -> bool:
    """Whether it sets a param that ours leaves to Superset."""
    return edit.before is GONE and len(edit.path) == 2 and edit.path[0] == "params"


def same(tree: Content, path: Path, value: Any) -> bool:
    """Whether the value stands there."""
    there = value_at(tree, path)
    return (is_empty(there) and is_empty(value)) or (there is not GONE and there == value)
