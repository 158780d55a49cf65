"""Writes assets kind by kind, each by Superset's own import of that kind.

Such an import overwrites what is of its kind and takes what that refers to as it is; so a bundle
for charts holds their datasets and connections as well, none of which is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content, kind_of
from superset_crmkpi.installer.plan import references
from superset_crmkpi.superset.rest import exports
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Catalog, Row, database_of

ORDER = ("database", "dataset", "chart", "dashboard")
#: kind -> the kinds that it refers to, the nearest first
BELOW = {
    "database": (),
    "dataset": ("database",),
    "chart": ("dataset", "database"),
    "dashboard": ("chart", "dataset", "database"),
}


@dataclass
class Writer:
    """Writes into one Superset."""

    client: Client
    catalog: Catalog

    def write(self, kind: str, assets: Mapping[str, Content], given: Mapping[str, Content]) -> None:
        """Create or overwrite assets of one kind; `given`: others that were just written."""
        if not assets:
            return
        if kind == "dataset":
            self._move(assets)
        owners = {uuid: _owners(row) for uuid, row in self.catalog.of(kind).items()}
        whole = {path: _to_write(kind, content) for path, content in assets.items()}
        others = self._referred(kind, assets.values(), given)
        try:
            self._send(kind, whole, others)
        except Refused as refused:
            raise CrmKpiError(self._blamed(kind, whole, others, refused)) from refused
        self.catalog.refresh(kind)
        for path, content in assets.items():
            if kind == "dashboard":
                self.link(path, content)
            self._same_owners(kind, str(content["uuid"]), owners)

    def _same_owners(self, kind: str, uuid: str, owners: Mapping[str, list[int]]) -> None:
        """Who imports an asset that is there becomes an owner of it; they stay who they were."""
        row = self.catalog.of(kind).get(uuid)
        if row is not None and uuid in owners and _owners(row) != owners[uuid]:
            self.client.put(f"{kind}/{row['id']}", {"owners": owners[uuid]})

    def _send(
        self, kind: str, assets: Mapping[str, Content], others: Mapping[str, Content]
    ) -> None:
        exports.send(self.client, kind, {**others, **assets}, _passwords({**others, **assets}))

    def _blamed(
        self,
        kind: str,
        assets: Mapping[str, Content],
        others: Mapping[str, Content],
        refused: Refused,
    ) -> str:
        """What was rejected: Superset does not name it, so each is tried alone. All is undone."""
        if not 400 <= refused.status < 501:
            return refused.message
        if len(assets) == 1:
            return f"{next(iter(assets))}: Superset rejected it: {refused.message}"
        for path, content in assets.items():
            try:
                self._send(kind, {path: content}, others)
            except Refused as alone:
                return f"{path}: Superset rejected it: {alone.message}"
        return f"{kind}s: Superset rejected them: {refused.message}"

    def _move(self, assets: Mapping[str, Content]) -> None:
        """A dataset that is there goes to its new connection first: the import would not."""
        for content in assets.values():
            row = self.catalog.of("dataset").get(str(content["uuid"]))
            if row is None:
                continue
            database = self.catalog.known("database", str(content["database_uuid"]))
            if database_of(row) != database:
                self.client.put(f"dataset/{row['id']}", {"database_id": database})

    def _referred(
        self, kind: str, assets: Iterable[Content], given: Mapping[str, Content]
    ) -> dict[str, Content]:
        """All that these refer to: as it was just written, or as Superset has it."""
        at_hand = {str(content["uuid"]): content for content in given.values()}
        found: dict[str, dict[str, Content]] = {below: {} for below in BELOW[kind]}
        wanted: dict[str, set[str]] = {below: set() for below in BELOW[kind]}
        for content in assets:
            self._want(kind, content, wanted)
        for below in BELOW[kind]:
            missing = wanted[below] - set(found[below])
            for uuid in sorted(missing & set(at_hand)):
                found[below][uuid] = at_hand[uuid]
                self._want(below, at_hand[uuid], wanted)
            numbers = [self.catalog.known(below, uuid) for uuid in missing - set(at_hand)]
            for path, content in self._exported(below, numbers).items():
                other = str(kind_of(path))
                if other in found:
                    found[other].setdefault(str(content["uuid"]), content)
        return {
            path: content
            for below, contents in found.items()
            for path, content in exports.folder(below, list(contents.values())).items()
        }

    def _want(self, kind: str, content: Content, wanted: dict[str, set[str]]) -> None:
        charts = self.catalog.of("chart") if kind == "dashboard" else {}
        for uuid in references(kind, content):
            below = BELOW[kind][0]
            if kind == "dashboard" and uuid not in charts and self._is_dataset(uuid):
                below = "dataset"
            wanted[below].add(uuid)

    def _is_dataset(self, uuid: str) -> bool:
        return uuid in self.catalog.of("dataset")

    def _exported(self, kind: str, numbers: list[int]) -> exports.Contents:
        """A connection by one of its datasets: its own export brings all of them along."""
        if kind != "database" or not numbers:
            return exports.files(self.client, kind, numbers)
        found: exports.Contents = {}
        for number in numbers:
            rows = self.catalog.of("dataset").values()
            one = next((row["id"] for row in rows if database_of(row) == number), 0)
            found |= exports.files(self.client, *(("dataset", [one]) if one else (kind, [number])))
        return {path: content for path, content in found.items() if kind_of(path) == kind}

    def link(self, path: str, content: Content) -> None:
        """The charts of a dashboard are those of its layout; older imports leave others there."""
        board = self.catalog.known("dashboard", str(content["uuid"]))
        charts = self.catalog.of("chart")
        shown = {charts[uuid]["id"] for uuid in references("dashboard", content) if uuid in charts}
        linked = {row["id"] for row in self.client.get(f"dashboard/{board}/charts")["result"]}
        if missing := shown - linked:
            raise CrmKpiError(f"{path}: Superset did not link {len(missing)} charts to it")
        for number in sorted(linked - shown):
            on = self.client.get(f"chart/{number}")["result"]["dashboards"]
            others = [one["id"] for one in on if one["id"] != board]
            self.client.put(f"chart/{number}", {"dashboards": others})


def _owners(row: Row) -> list[int]:
    return sorted(int(owner["id"]) for owner in row.get("owners") or [])


def _to_write(kind: str, content: Content) -> dict[str, Any]:
    made = dict(content)
    if kind == "chart":
        # a query context of an older version of the chart would outlive its new params
        made.setdefault("query_context", None)
    return made


def _passwords(assets: Mapping[str, Content]) -> dict[str, str]:
    return {
        path: str(content["password"])
        for path, content in assets.items()
        if kind_of(path) == "database" and content.get("password")
    }
