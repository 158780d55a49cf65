"""What a project compiled before, by the hash of all that it follows from."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot

from superset_crmkpi import __version__
from superset_crmkpi.base import paths
from superset_crmkpi.base.cache import Cache, cache_folder, content_digest, digest
from superset_crmkpi.connectors.selected import user_selects
from superset_crmkpi.plugins.manager import plugin_manager

if TYPE_CHECKING:
    from superset_crmkpi.project.project import Project


def remembered(project: Project, what: str, make: Callable[[], Any]) -> Any:
    """What `make` gives (plain data without secrets), from the cache if it was made before."""
    key = fingerprint(project)
    return make() if key is None else Cache(cache_folder()).remember(f"{what}-{key}", make)


def fingerprint(project: Project) -> str | None:
    """The hash of what the project's SQL follows from; None where nobody can tell.

    The code and the SQL of the package and of all plugins, the profile but for the URI of its
    database, what the profile points to, the engine, and the tables that lie there.
    """
    places = _places(project)
    if places is None or project.stand_ins or cache_folder() is None:
        return None
    profile = project.profile
    own_selects = {
        name: [
            (entity, mapping.file.sql, mapping.dialect)
            for entity, mapping in chosen.mappings(source.options).items()
        ]
        for name, source in profile.sources.items()
        if (chosen := project.connector_of(source)).folder is None
    }
    tables = [
        (*table, *columns.items()) for table, columns in sorted(project.snapshot.tables.items())
    ]
    return digest(
        {
            "versions": (__version__, sqlglot.__version__),
            "content": [_loaded(place) for place in places],
            "definitions": [
                # others' are read anew when they change
                (_loaded if folder.rank == 0 else content_digest)(folder.path / below)
                for folder in project.folders
                for below in ("sql", "dashboards")
            ],
            "profile": profile.model_dump(by_alias=True, exclude={"database": {"uri"}}),
            "selects": own_selects,
            "columns": [
                (entity.source.name, entity.entity.name, entity.told)
                for entity in user_selects(project.connected if own_selects else ())
            ],
            "engine": (project.engine.name, project.settings.dialect),
            "tables": tables,
        }
    )


@lru_cache(maxsize=64)
def _loaded(place: Path) -> str:
    """The hash of what a process loads when it begins, and works with until it ends."""
    return content_digest(place, without=("export",))


def _places(project: Project) -> list[Path] | None:
    """Where code, definitions and connectors lie; None for a plugin that is no file."""
    package = Path(__file__).parents[1]
    found: set[Path] = set()
    for _, plugin in plugin_manager().list_name_plugin():
        if plugin is None:  # its name is blocked
            continue
        file = getattr(plugin, "__file__", None)
        if file is None:
            return None
        path = Path(file)
        found.add(path.parent if path.name == "__init__.py" else path)
    for source in project.profile.sources.values():
        folder = project.connector_of(source).folder
        found |= {folder} if folder is not None else set()
    outside = sorted(place for place in found if package not in (place, *place.parents))
    return [package, paths.SQL, paths.DASHBOARDS, *outside]
