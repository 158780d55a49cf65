"""What the bundle maker hands to the installer: assets as plain data, and the roles that go along.

An asset path has no root folder: ``metadata.yaml``, ``databases/x.yaml``,
``datasets/<database>/<table>.yaml``, ``charts/x.yaml``, ``dashboards/x.yaml``, ``alerts/x.yaml``.
A file under ``databases/`` without ``sqlalchemy_uri`` names a connection that exists in Superset
already.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

# The oldest time a zip can hold; a fixed one makes two zips of one bundle equal to the byte.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
#: folder -> what Superset calls its assets in metadata.yaml; each refers to those before it
TYPES = {
    "databases": "Database",
    "datasets": "SqlaTable",
    "charts": "Slice",
    "dashboards": "Dashboard",
}


_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Dumper(_BASE):
    """Writes SQL and other long text as blocks a person can read."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out each time it occurs: Superset's files carry no anchors."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, _text)


def to_yaml(content: Mapping[str, Any]) -> str:
    """YAML text of one asset: keys in the order given, text as it is."""
    return yaml.dump(
        dict(content), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )


@dataclass(frozen=True)
class RoleGrant:
    """A role for one audience: who has it sees these dashboards and may query these datasets."""

    name: str
    dashboards: tuple[str, ...]  # dashboard uuids
    datasets: tuple[str, ...]  # dataset uuids


@dataclass(frozen=True)
class Bundle:
    """A set of Superset assets (path -> content) with the roles that give access to them.

    `name` is that of the profile, so that several can be in one Superset.
    """

    assets: Mapping[str, Mapping[str, Any]]
    roles: tuple[RoleGrant, ...] = ()
    name: str = ""

    def of(self, folder: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The (path, content) pairs of one folder: databases, datasets, ..., alerts."""
        for path, content in self.assets.items():
            if path.startswith(f"{folder}/"):
                yield path, content

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        roles = [[r.name, list(r.dashboards), list(r.datasets)] for r in self.roles]
        return {"assets": dict(self.assets), "roles": roles, "name": self.name}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Bundle:
        """From what `to_dict` gives."""
        roles = (RoleGrant(name, tuple(d), tuple(s)) for name, d, s in given["roles"])
        return cls(given["assets"], tuple(roles), given["name"])

    def for_people(self, folder: str = "dashboards") -> Bundle:
        """The same for Superset's own import of one kind, which wants to be told so.

        With all that this kind refers to, and without alerts: no import takes them. What is there
        already is overwritten where it is of this kind, and else left as it is.
        """
        kinds = list(TYPES)[: list(TYPES).index(folder) + 1]
        kept = {
            path: content
            for path, content in self.without_alerts().assets.items()
            if path.partition("/")[0] in kinds
        }
        metadata = {**self.assets["metadata.yaml"], "type": TYPES[folder]}
        return replace(self, assets={"metadata.yaml": metadata, **kept})

    def shown(self) -> set[str]:
        """The uuids of the charts on its dashboards."""
        return {
            str(box["meta"].get("uuid"))
            for _, board in self.of("dashboards")
            for box in board["position"].values()
            if isinstance(box, dict) and box.get("type") == "CHART"
        }

    def of_alerts(self) -> set[str]:
        """The uuids of the charts that are there for the messages of alerts."""
        return {str(alert.get("chart_uuid")) for _, alert in self.of("alerts")} - self.shown()

    def without_alerts(self) -> Bundle:
        """Without alerts, and the charts and datasets that only alerts need."""
        charts = self.of_alerts()
        read = [(str(c["uuid"]) in charts, str(c["dataset_uuid"])) for _, c in self.of("charts")]
        gone = charts | {dataset for for_alerts, dataset in read if for_alerts}
        gone -= {dataset for for_alerts, dataset in read if not for_alerts}
        left = {
            path: content
            for path, content in self.assets.items()
            if not path.startswith("alerts/") and str(content.get("uuid")) not in gone
        }
        return replace(self, assets=left)

    def files(self) -> dict[str, str]:
        """The YAML text per path."""
        return {path: to_yaml(content) for path, content in self.assets.items()}

    def write_zip(self, path: Path, root: str = "crmkpi") -> None:
        """Write the zip that Superset's import takes; equal bundles give equal bytes."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(self.files().items()):
                info = zipfile.ZipInfo(f"{root}/{name}", ZIP_EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, text)

    def write_dir(self, path: Path) -> None:
        """Write the files below a folder, which is made if need be."""
        for name, text in self.files().items():
            target = path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
