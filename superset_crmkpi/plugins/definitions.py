"""Folders of definitions: our own, those of plugins, and those beside a profile.

Each is laid out like ours; see `register_definitions` and docs/definitions.md. What is read from
them is remembered by the folders it was read from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import HOME
from superset_crmkpi.base.sqlfile import SqlFile, read_sql_file
from superset_crmkpi.plugins.built_in import Home
from superset_crmkpi.plugins.manager import BUILT_IN, plugin_manager

HOOK = "register_definitions"
#: what lies where: folder -> ending
_PLACES = {
    "sql/model": ".sql",
    "sql/facts": ".sql",
    "dashboards": ".yaml",
    "dashboards/packs": ".yaml",
    "sql/labels": ".yaml",
}
_KPIS = "sql/kpis"


@dataclass(frozen=True)
class Folder:
    """A folder of definitions; `owner` says whose, and is empty for our own.

    `rank`: 0 ours, 1 a plugin's, 2 a profile's. What replaces something is of a higher one.
    """

    path: Path
    owner: str = ""
    rank: int = 0

    def files(self, *below: str, ending: str = ".sql") -> list[Path]:
        """Files of a folder in it, by name; none where it is not there."""
        return sorted(self.path.joinpath(*below).glob(f"*{ending}"))

    def sql_files(self, *below: str) -> Iterator[SqlFile]:
        """SQL files of a folder in it, by name. A fault of one says whose it is."""
        for path in self.files(*below):
            with self.named():
                yield read_sql_file(path)

    def shown(self, path: Path) -> str:
        """A file of this folder for a message: `crm/sql/facts/visits.sql`, ours from `sql/` on."""
        inside = path.relative_to(self.path).as_posix()
        return f"{self.path.name}/{inside}" if self.owner else inside

    def contents(self) -> list[str]:
        """What it holds, as `3 facts`, `103 KPIs`."""
        counts = {
            "entities": len(self.files("sql", "model")),
            "facts": len(self.files("sql", "facts")),
            "KPIs": len(list(self.path.glob("sql/kpis/*/*.sql"))),
            "dashboards": len(self.files("dashboards", ending=".yaml")),
            "packs": len(self.files("dashboards", "packs", ending=".yaml")),
            "files of labels": len(self.files("sql", "labels", ending=".yaml")),
        }
        return [f"{number} {what}" for what, number in counts.items() if number]

    @contextmanager
    def named(self) -> Iterator[None]:
        """What goes wrong with a file of somebody else's says whose it is."""
        try:
            yield
        except CrmKpiError as error:
            if not self.owner or error.message.startswith(f"{self.owner}: "):
                raise
            raise CrmKpiError(f"{self.owner}: {error.message}") from error


Folders = tuple[Folder, ...]


def built_in() -> Folders:
    """Our own definitions alone, as the exports and the documentation show them."""
    return tuple(folder for folder in installed() if not folder.rank)


def installed() -> Folders:
    """Our own definitions and those of plugins."""
    folders = [folder for several in by_plugin().values() for folder in several]
    return tuple(sorted(folders, key=lambda folder: folder.rank))


def by_plugin() -> dict[str, list[Folder]]:
    """Plugin -> the folders it brings."""
    manager = plugin_manager()
    found: dict[str, list[Folder]] = {}
    for plugin, path in manager.registered(HOOK, _accepted):
        owner = "" if plugin == BUILT_IN else manager.plugin(plugin).distribution
        found.setdefault(plugin, []).append(Folder(path, owner, 1 if owner else 0))
    return found


def beside(paths: Sequence[Path]) -> Folders:
    """What is installed, and a profile's own folders. CrmKpiError for one that is none."""
    own = tuple(Folder(check_folder(path), f"folder {path.name}", 2) for path in paths)
    return installed() + own


def alone(path: Path) -> Folders:
    """Our own definitions and those of a folder, be it one of an installed plugin or not."""
    return (*built_in(), Folder(check_folder(path), f"folder {path.name}", 2))


def check_folder(path: Path) -> Path:
    """The folder, if it holds definitions and nothing that would be passed over in silence.

    Raises CrmKpiError.
    """
    if not path.is_dir():
        raise CrmKpiError(f"{path}: is no folder")
    if not any((path / place).is_dir() for place in (*_PLACES, _KPIS)):
        raise CrmKpiError(
            f"{path}: holds no definitions; they lie in {', '.join((*_PLACES, _KPIS + '/BRANCH'))}"
        )
    for top in ("sql", "dashboards"):
        for file in sorted((path / top).rglob("*.*")):
            place = file.parent.relative_to(path).as_posix()
            if file.suffix not in (".sql", ".yaml", ".yml") or _is_export(place):
                continue
            if file.suffix != _PLACES.get(place, ".sql" if _is_branch(place) else ""):
                raise CrmKpiError(
                    f"{path.name}/{place}/{file.name}: nobody reads a {file.suffix} there; "
                    f"definitions are {_layout()}"
                )
    return path


def stamps(folders: Folders) -> tuple[object, ...]:
    """What tells a changed file of `folders` from before, to remember what was read by.

    Our own do not change while a process runs.
    """
    return tuple(
        (path.as_posix(), found.st_mtime_ns, found.st_size)
        for folder in folders
        if folder.path != HOME
        for top in ("sql", "dashboards")
        for path in sorted(folder.path.joinpath(top).rglob("*.*"))
        for found in [path.stat()]
    )


def _layout() -> str:
    places = [f"{place}/*{ending}" for place, ending in _PLACES.items()]
    return ", ".join([*places, f"{_KPIS}/BRANCH/*.sql"])


def _is_branch(place: str) -> bool:
    return place.startswith(f"{_KPIS}/") and place.count("/") == 2


def _is_export(place: str) -> bool:
    return place.startswith("dashboards/export")


def _accepted(given: Any) -> Path:
    try:
        path = Path(given)
    except TypeError as error:
        raise CrmKpiError(f"{HOOK}: `register` takes a folder, not {given!r}") from error
    # ours has SQL of more kinds, which the package knows by itself
    return path if path == Home.folder else check_folder(path)
