"""The fields of a tile as people set them in the editor of its chart.

Each reader gives the fields of a tile that would make the params; what it cannot say it leaves, and
the comparison of what becomes of the changed spec tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.bundle.charts import GRAINS
from superset_crmkpi.bundle.record_links import RECORD
from superset_crmkpi.catalogue.definitions import Metric
from superset_crmkpi.compile.labels import SUFFIX
from superset_crmkpi.dashboards.spec import Tile
from superset_crmkpi.pull.normal import filter_key, metric_name, pair

LIMITED = ("ranking", "table", "list")
OVER_TIME = {"line": "echarts_timeseries_line", "bar": "echarts_timeseries_bar"}
#: of which a trend can be
LONG_GRAINS = ("month", "quarter", "year")
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Chosen:
    """A tile, the params of its charts as they were and are, and what may stand in its fields."""

    tile: Tile
    before: tuple[Mapping[str, Any], ...]
    now: tuple[Mapping[str, Any], ...]
    columns: frozenset[str]
    metrics: tuple[Metric, ...]
    time: str | None
    #: what is shown in the place of a column of the spec
    stand_in: Callable[[str], str | None]

    def changed(self, *keys: str) -> bool:
        return any(self.before[0].get(key) != self.now[0].get(key) for key in keys)

    def stored(self, column: Any) -> str | None:
        """The column of a spec that stands for one of the dataset; None where there is none."""
        if not isinstance(column, str) or column not in self.columns:
            return None
        plain = column.removesuffix(SUFFIX)
        return plain if plain in self.columns else None

    def of_spec(self, column: str, named: list[str]) -> str:
        """As the spec names it, where that names what another column stands in for."""
        return next((one for one in named if self.stand_in(one) == column), column)


def fields_of(chosen: Chosen) -> dict[str, Any]:
    """The fields of the tile that people changed, with their new values."""
    found: dict[str, Any] = {}
    if chosen.changed("adhoc_filters"):
        found["where"] = _where(chosen)
    for read in (_limit, _grain, _columns, _by, _order, _kind):
        found |= read(chosen)
    return {key: value for key, value in found.items() if value != getattr(chosen.tile, key)}


def _limit(chosen: Chosen) -> dict[str, Any]:
    limit: Any = chosen.now[0].get("row_limit")
    if chosen.tile.chart not in LIMITED or not chosen.changed("row_limit"):
        return {}
    limit = int(limit) if isinstance(limit, str) and limit.isdigit() else limit
    is_number = isinstance(limit, int) and not isinstance(limit, bool)
    return {"limit": limit} if is_number and 0 < limit <= MOST_ROWS else {}


def _grain(chosen: Chosen) -> dict[str, Any]:
    """That of a card, else that of the line below it."""
    if chosen.tile.chart not in (*OVER_TIME, "trend", "heatmap"):
        return {}
    names = {value: name for name, value in GRAINS.items()}
    for before, now in zip(chosen.before, chosen.now, strict=True):
        grain = names.get(str(now.get("time_grain_sqla")))
        if now.get("time_grain_sqla") == before.get("time_grain_sqla") or grain is None:
            continue
        if chosen.tile.chart != "trend" or grain in LONG_GRAINS:
            return {"grain": grain}
    return {}


def _columns(chosen: Chosen) -> dict[str, Any]:
    if chosen.tile.chart != "list" or not chosen.changed("all_columns"):
        return {}
    shown = [c for c in chosen.now[0].get("all_columns") or [] if c != RECORD]
    stored = [one for one in map(chosen.stored, shown) if one is not None]
    if not stored or len(stored) < len(shown):
        return {}
    named = chosen.tile.columns
    made = [chosen.of_spec(column, named) for column in stored]
    for place, column in enumerate(named):
        # nothing of it was to be seen, or it was as another column: it stays
        standing = chosen.stand_in(column)
        if column not in made and (standing is None or (standing != column and standing in stored)):
            before = next((one for one in reversed(named[:place]) if one in made), None)
            made.insert(made.index(before) + 1 if before is not None else 0, column)
    return {"columns": made}


def _by(chosen: Chosen) -> dict[str, Any]:
    """Dimensions: the axis first, where that is no time."""
    tile, now = chosen.tile, chosen.now[0]
    if tile.chart == "table":
        keys = ["groupby"]
    elif tile.chart in ("ranking", "heatmap") or (tile.chart in OVER_TIME and chosen.time is None):
        keys = ["x_axis", "groupby"]
    elif tile.chart in OVER_TIME:
        keys = ["groupby"]
    else:
        return {}
    if not chosen.changed(*keys):
        return {}
    given = [value for key in keys for value in _many(now.get(key))]
    stored = [one for one in map(chosen.stored, given) if one is not None]
    needed = {"heatmap": 2, "ranking": 1}.get(tile.chart or "", len(keys) - 1)
    if len(stored) < max(len(given), needed) or (tile.chart == "heatmap" and len(stored) > needed):
        return {}
    return {"by": [chosen.of_spec(column, tile.by) for column in stored]}


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value in (None, "") else [value]


def _order(chosen: Chosen) -> dict[str, Any]:
    now, chart = chosen.now[0], chosen.tile.chart
    if chart == "list" and chosen.changed("order_by_cols"):
        pairs = [pair(one) for one in now.get("order_by_cols") or []]
        if not pairs:
            return {"order": None}
        is_one = len(pairs) == 1 and isinstance(pairs[0], list) and len(pairs[0]) == 2
        return _sorted(chosen, pairs[0][0], not pairs[0][1]) if is_one else {}
    if chart == "table" and chosen.changed("timeseries_limit_metric", "order_desc"):
        by, falling = metric_name(now.get("timeseries_limit_metric")), now.get("order_desc", True)
        first = chosen.metrics[0]
        if by == first.name and falling == (first.good == "up"):
            return {"order": None}
        if by in [metric.name for metric in chosen.metrics]:
            return {"order": f"-{by}" if falling else by}
        if isinstance(by, str) and by.startswith("MIN("):
            return _sorted(chosen, by[len("MIN(") : -1], falling)
    if chart == "ranking" and chosen.changed("x_axis_sort", "x_axis_sort_asc"):
        by, rising = now.get("x_axis_sort"), now.get("x_axis_sort_asc")
        if by == chosen.metrics[0].name and rising:
            return {"order": None}
        if not rising and by == now.get("x_axis"):
            return _sorted(chosen, by, False)
    return {}


def _sorted(chosen: Chosen, column: Any, falling: bool) -> dict[str, Any]:
    stored = chosen.stored(column)
    if stored is None:
        return {}
    named = (chosen.tile.order or "").removeprefix("-")
    name = chosen.of_spec(stored, [named, *chosen.tile.columns])
    return {"order": f"-{name}" if falling else name}


def _kind(chosen: Chosen) -> dict[str, Any]:
    """A line as bars, or bars as a line."""
    kinds = {value: name for name, value in OVER_TIME.items()}
    kind = kinds.get(str(chosen.now[0].get("viz_type")))
    is_sideways = chosen.now[0].get("orientation") == "horizontal"
    if chosen.tile.chart not in OVER_TIME or kind is None or is_sideways:
        return {}
    return {"chart": kind}


def _where(chosen: Chosen) -> dict[str, Any]:
    """What people added, changed and took out, of what `where` can say."""
    made: dict[str, Any] = dict(chosen.tile.where)
    before = {filter_key(one): one for one in _filters(chosen.before[0])}
    now = {filter_key(one): one for one in _filters(chosen.now[0])}
    for key in before.keys() - now.keys():
        made.pop(str(before[key].get("subject")), None)
    for key, adhoc in now.items():
        column, value = str(adhoc.get("subject")), adhoc.get("comparator")
        is_same = key in before and before[key].get("comparator") == value
        taken_once = sum(one.get("subject") == column for one in now.values()) == 1
        if not is_same and taken_once and _is_simple(adhoc) and chosen.stored(column) == column:
            made[column] = value
    return made


def _is_simple(adhoc: Mapping[str, Any]) -> bool:
    """Whether it says that a column is a value, or one of some."""
    if adhoc.get("expressionType") != "SIMPLE" or adhoc.get("clause") not in (None, "WHERE"):
        return False
    value = adhoc.get("comparator")
    if adhoc.get("operator") == "==":
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    is_texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return adhoc.get("operator") == "IN" and is_texts and bool(value)


def _filters(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = params.get("adhoc_filters") or []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
