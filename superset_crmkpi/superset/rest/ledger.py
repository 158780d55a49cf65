"""The ledger by the API of annotation layers (see installer/ledger.py for why it lies there)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from superset_crmkpi.installer.gateway import Key, LedgerEntry
from superset_crmkpi.installer.ledger import LAYER_DESCRIPTION, LAYER_NAME, pack, unpack
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Row, pages

LAYERS = "annotation_layer"
#: requests at one time: the list of annotations leaves out what they hold
READERS = 4


@dataclass
class Ledger:
    """The annotations of our layer."""

    client: Client

    def load(self) -> dict[Key, LedgerEntry]:
        """All entries; empty when nothing was ever installed."""
        entries = (unpack(row["short_descr"], row["json_metadata"]) for row in self._whole())
        return {entry.key: entry for entry in entries if entry}

    def record(self, entries: Iterable[LedgerEntry]) -> None:
        """Write entries, in place of those of the same key."""
        layer = self._layer() or self._make()
        rows = self._rows(layer)
        now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat()
        for entry in entries:
            label = " ".join(entry.key)
            content = {
                "short_descr": label,
                "long_descr": f'{entry.kind} "{entry.name}"',
                "start_dttm": now,
                "end_dttm": now,
                "json_metadata": pack(entry),
            }
            self._put(layer, rows.get(label), content)

    def forget(self, keys: Iterable[Key]) -> None:
        """Delete entries, and the layer with the last of them."""
        self._delete({" ".join(key) for key in keys})

    def copy(self) -> dict[str, Row]:
        """What is there, for `restore`."""
        return {row["short_descr"]: row for row in self._whole()}

    def restore(self, before: Mapping[str, Row]) -> None:
        """Make it again what it was."""
        now = self.copy()
        self._delete(set(now) - set(before))
        changed = [row for label, row in before.items() if not _same(now.get(label), row)]
        if not changed:
            return
        layer = self._layer() or self._make()
        rows = self._rows(layer)
        for row in changed:
            content = {key: row[key] for key in _KEPT}
            self._put(layer, rows.get(row["short_descr"]), content)

    def _layer(self) -> int | None:
        named = [{"col": "name", "opr": "eq", "value": LAYER_NAME}]
        found = pages(self.client, LAYERS, ["id", "name"], "name", named)
        return min((int(row["id"]) for row in found), default=None)

    def _make(self) -> int:
        made = self.client.post(f"{LAYERS}/", json={"name": LAYER_NAME, "descr": LAYER_DESCRIPTION})
        return int(made["id"])

    def _rows(self, layer: int) -> dict[str, int]:
        """The number of each annotation, by its label."""
        rows = pages(
            self.client, f"{LAYERS}/{layer}/annotation", ["id", "short_descr"], "short_descr"
        )
        return {row["short_descr"]: int(row["id"]) for row in rows}

    def _whole(self) -> list[Row]:
        layer = self._layer()
        if layer is None:
            return []

        def read(number: int) -> Any:
            return self.client.get(f"{LAYERS}/{layer}/annotation/{number}")["result"]

        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(read, self._rows(layer).values()))

    def _put(self, layer: int, number: int | None, content: Mapping[str, Any]) -> None:
        place = f"{LAYERS}/{layer}/annotation/"
        if number is None:
            self.client.post(place, json=content)
        else:
            self.client.put(f"{place}{number}", content)

    def _delete(self, labels: set[str]) -> None:
        layer = self._layer()
        if layer is None:
            return
        rows = self._rows(layer)
        numbers = sorted(number for label, number in rows.items() if label in labels)
        for first in range(0, len(numbers), 100):
            self.client.delete(f"{LAYERS}/{layer}/annotation/", numbers[first : first + 100])
        if labels >= set(rows):
            self.client.delete(f"{LAYERS}/{layer}")


_KEPT = ("short_descr", "long_descr", "start_dttm", "end_dttm", "json_metadata")


def _same(one: Row | None, other: Row) -> bool:
    return one is not None and all(one[key] == other[key] for key in _KEPT)
