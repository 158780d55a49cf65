"""An export against what the specs of a profile become: changed specs, and what is left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from superset_crmkpi.base.documents import first_fault
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.dashboards.spec import (
    Dashboard,
    Filter,
    Spec,
    Tab,
    Tile,
    drawn,
    lint,
    time_of,
)
from superset_crmkpi.pull.export import Content, Export
from superset_crmkpi.pull.fields import Chosen, fields_of
from superset_crmkpi.pull.leftover import left_over
from superset_crmkpi.pull.making import Made, Making, Ref
from superset_crmkpi.pull.normal import kind_of, params_of
from superset_crmkpi.pull.places import Places, places_of
from superset_crmkpi.pull.relaid import Relaid
from superset_crmkpi.pull.told import Change, spec_changes

TIME_FILTER, FILTER = "NATIVE_FILTER-time", "NATIVE_FILTER-"
MOST_MONTHS = 120


@dataclass(frozen=True)
class PulledBoard:
    """A dashboard of ours in an export. `refused` says why nothing of it is taken over, or ""."""

    spec: Spec
    changed: Dashboard
    taken: tuple[Change, ...] = ()
    not_taken: tuple[Change, ...] = ()
    refused: str = ""

    @property
    def is_changed(self) -> bool:
        return bool(self.taken) and not self.refused


@dataclass(frozen=True)
class Pulled:
    """What an export says; `others` are the titles of dashboards in it that are none of ours."""

    boards: tuple[PulledBoard, ...] = ()
    others: tuple[str, ...] = field(default_factory=tuple)


def pull(export: Export, making: Making) -> Pulled:
    """CrmKpiError for an export without a dashboard of the profile."""
    uuids = {making.target.uuid("dashboard", spec.board.slug): spec for spec in making.specs}
    ours = [uuid for uuid in uuids if uuid in export.dashboards]
    if not ours:
        raise CrmKpiError(
            f"the export has no dashboard of the profile `{making.target.name}`; there are: "
            + ", ".join(str(one.get("dashboard_title")) for one in export.dashboards.values())
        )
    others = [
        str(content.get("dashboard_title"))
        for uuid, content in export.dashboards.items()
        if uuid not in uuids
    ]
    boards = [_pulled(uuids[uuid], export.dashboards[uuid], export, making) for uuid in ours]
    return Pulled(tuple(boards), tuple(others))


def _pulled(spec: Spec, content: Content, export: Export, making: Making) -> PulledBoard:
    position = content.get("position")
    if not isinstance(position, dict):
        raise CrmKpiError(f"{content.get('dashboard_title')}: the export has no `position` of it")
    made = making.made(spec.board)
    places = places_of(position)
    relaid = Relaid(made, places)
    changed = Proposal(making, made, content, export.charts, places, relaid).board()
    is_none = _fault_of_schema(changed)
    refused = next(filter(None, [is_none, *_faults(changed, making, relaid)]), "")
    taken = tuple(spec_changes(spec.board, changed))
    again = making.made(changed) if taken and not is_none else made
    left = tuple(left_over(made, again, content, export.charts, places, relaid))
    if refused:
        return PulledBoard(spec, spec.board, (), (*taken, *left), refused)
    return PulledBoard(spec, changed, taken, left)


def _fault_of_schema(board: Dashboard) -> str:
    try:
        Dashboard.model_validate(board.model_dump(by_alias=True))
    except ValidationError as error:
        return str(first_fault(error, Dashboard))
    return ""


def _faults(board: Dashboard, making: Making, relaid: Relaid) -> Iterator[str]:
    for ref in relaid.lost():
        yield (
            f"the tile `{relaid.made.tile(ref).name}` stands where a spec has no place, "
            "and its row is gone"
        )
    yield from lint(board, making.catalog)


class Proposal:
    """The spec that would make what the export has, as far as one can."""

    def __init__(
        self,
        making: Making,
        made: Made,
        content: Content,
        charts: Mapping[str, Content],
        places: Places,
        relaid: Relaid,
    ) -> None:
        self.making = making
        self.made = made
        self.content = content
        self.charts = charts
        self.places = places
        self.relaid = relaid

    def board(self) -> Dashboard:
        by_name = self._fields()
        tabs = []
        for tab in self.relaid.tabs():
            rows = [
                row.model_copy(update={"tiles": [_with(t, by_name) for t in row.tiles]})
                for row in tab.rows
            ]
            tabs.append(Tab.model_construct(title=tab.title, use=tab.use, rows=rows))
        changes: dict[str, Any] = {"tabs": tabs, **self._texts(), **self._filters()}
        return self.made.spec.model_copy(update=changes)

    def _texts(self) -> dict[str, str]:
        """Title and description; what the target puts before a title is none of the spec's."""
        found = {}
        title, target = str(self.content.get("dashboard_title") or ""), self.making.target
        begins = target.title("|").removesuffix("|")
        if title != self.made.content["dashboard_title"] and title.startswith(begins):
            found["title"] = title.removeprefix(begins)
        description = str(self.content.get("description") or "")
        if description != self.made.content["description"]:
            found["description"] = description
        return {key: value for key, value in found.items() if value.strip()}

    def _filters(self) -> dict[str, Any]:
        """Names of filters, those that are left, and the months at first."""
        metadata = self.content.get("metadata")
        given = metadata.get("native_filter_configuration") if isinstance(metadata, dict) else None
        if not isinstance(given, list):
            return {}
        now = {str(one.get("id")): one for one in given if isinstance(one, dict)}
        before = self.made.content["metadata"]["native_filter_configuration"]
        was = {str(one["id"]): one for one in before}
        filters: list[Filter] = []
        for one in self.made.spec.filters:
            key = FILTER + one.column
            if key in was and key not in now:
                continue
            label = str(now[key].get("name")) if key in was else one.label
            same = key not in was or label == was[key]["name"]
            filters.append(one if same else one.model_copy(update={"label": label}))
        found: dict[str, Any] = {"filters": filters}
        chosen = _first_shown(now.get(TIME_FILTER))
        if chosen != _first_shown(was.get(TIME_FILTER)):
            each = range(1, MOST_MONTHS + 1)
            months = [n for n in each if self.making.maker.time_range(n) == chosen]
            found |= {"months": months[0]} if months else {}
        return found

    def _fields(self) -> dict[str, dict[str, Any]]:
        """Tile -> what people changed in its charts."""
        parts: dict[Ref, list[str]] = {}
        for uuid, (ref, _) in self.made.parts.items():
            parts.setdefault(ref, []).append(uuid)
        found = {}
        for ref, uuids in parts.items():
            changes = self._of_tile(ref, uuids)
            if changes:
                found[self.made.tile(ref).name] = changes
        return found

    def _of_tile(self, ref: Ref, uuids: list[str]) -> dict[str, Any]:
        if any(uuid not in self.charts for uuid in uuids):
            return {}
        tile, catalog = self.made.tile(ref), self.making.catalog
        old, new = self.made.charts[uuids[0]], self.charts[uuids[0]]
        chosen = Chosen(
            tile,
            tuple(self.made.charts[uuid]["params"] for uuid in uuids),
            tuple(_params(self.made.charts[uuid], self.charts[uuid]) for uuid in uuids),
            self.made.columns.get(str(old["dataset_uuid"]), frozenset()),
            tuple(drawn(tile, catalog)[1]),
            time_of(tile, catalog),
            lambda column: self.making.stand_in(tile, column),
        )
        changes = fields_of(chosen)
        shown = self.places.charts.get(uuids[0])
        heading = (shown.heading if shown else "") or str(new.get("slice_name") or "")
        if heading and heading != old["slice_name"]:
            label = catalog.kpis[tile.kpi[0]].meta.label if tile.kpi and not tile.fact else None
            changes["title"] = None if heading == label else heading
        return changes


def _params(old: Content, new: Content) -> Mapping[str, Any]:
    return {**params_of(new), "viz_type": kind_of(new, old["viz_type"])}


def _with(tile: Tile, changes: Mapping[str, Mapping[str, Any]]) -> Tile:
    """The changed tile under its old name, which makes its uuid."""
    if tile.text is not None or tile.name not in changes:
        return tile
    made = tile.model_copy(update=dict(changes[tile.name]))
    return made if made.name == tile.name else made.model_copy(update={"id": tile.name})


def _first_shown(native: Any) -> Any:
    mask = native.get("defaultDataMask") if isinstance(native, dict) else None
    form = mask.get("extraFormData") if isinstance(mask, dict) else None
    return form.get("time_range") if isinstance(form, dict) else None
