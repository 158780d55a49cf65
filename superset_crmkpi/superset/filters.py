"""What a dashboard's metadata says of its filters."""

from __future__ import annotations

import json


def filtered_datasets(metadata: str | None) -> set[int]:
    """The numbers of the datasets that a dashboard's filters read, from its `json_metadata`."""
    try:
        native = json.loads(metadata or "{}").get("native_filter_configuration") or []
        targets = [target for one in native for target in one.get("targets") or []]
        return {target["datasetId"] for target in targets if target.get("datasetId")}
    except (ValueError, AttributeError, TypeError):  # not ours, and not as Superset writes it
        return set()
