"""The plugin manager: built-in plugins and those of installed distributions, by the same hooks.

A distribution announces its plugin by the entry point group `superset_crmkpi`:

    [project.entry-points.superset_crmkpi]
    salesforce = "crmkpi_salesforce"
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pluggy

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins import hookspecs

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GROUP = "superset_crmkpi"
DEFAULT_PLUGINS = ("superset_crmkpi.connectors.profile_source",)


@lru_cache(maxsize=1)
def plugin_manager() -> pluggy.PluginManager:
    """The manager with built-ins and entry points loaded."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    for module in DEFAULT_PLUGINS:
        manager.register(importlib.import_module(module), module)
    for entry in entry_points(group=GROUP):
        if manager.has_plugin(entry.name):
            continue
        try:
            manager.register(entry.load(), entry.name)
        except Exception as error:
            owner = entry.dist.name if entry.dist is not None else entry.value
            raise CrmKpiError(
                f"plugin `{entry.name}` of {owner} cannot be loaded: {error}; "
                "upgrade or uninstall it"
            ) from error
    manager.check_pending()
    return manager


def load_folder(folder: Path) -> list[str]:
    """Names of the plugins of the distribution whose pyproject.toml lies in `folder`, loaded.

    It need not be installed; if it is, this one stands in for it. Raises CrmKpiError.
    """
    manager = plugin_manager()
    announced = _announced(folder)
    for name, module in announced.items():
        loaded = _load_module(module, folder / module / "__init__.py")
        if manager.has_plugin(name):
            manager.unregister(name=name)
        manager.register(loaded, name)
    manager.check_pending()
    return list(announced)


def _announced(folder: Path) -> dict[str, str]:
    """Name of the plugin -> its module, by the entry points in pyproject.toml."""
    path = folder / "pyproject.toml"
    try:
        groups = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["entry-points"]
        return {str(name): str(module) for name, module in groups[GROUP].items()}
    except OSError as error:
        raise CrmKpiError(f"{path}: cannot be read ({error.strerror})") from error
    except (KeyError, ValueError) as error:
        raise CrmKpiError(
            f"{path}: announces no plugin; add [project.entry-points.{GROUP}]"
        ) from error


def _load_module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CrmKpiError(f"{path}: is not there, but pyproject.toml names the module `{name}`")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CrmKpiError(f"{path}: cannot be imported: {error}") from error
    return module
