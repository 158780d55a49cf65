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

from superset_crmkpi import hookspecs
from superset_crmkpi.connector import Connector
from superset_crmkpi.errors import CrmKpiError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GROUP = "superset_crmkpi"
DEFAULT_PLUGINS = ("superset_crmkpi.profile_source",)


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


def connectors() -> dict[str, Connector]:
    """All connectors by name. Raises CrmKpiError when two plugins bring the same name."""
    manager = plugin_manager()
    found: dict[str, tuple[Connector, str]] = {}
    for implementation in manager.hook.register_connectors.get_hookimpls():
        plugin = implementation.plugin_name

        def register(connector: Connector, plugin: str = plugin) -> None:
            if connector.name in found:
                raise CrmKpiError(
                    f"plugins `{found[connector.name][1]}` and `{plugin}` both register the "
                    f"connector `{connector.name}`; uninstall one of them"
                )
            found[connector.name] = (connector, plugin)

        implementation.function(register=register)
    return {name: connector for name, (connector, _) in sorted(found.items())}


def connector(name: str) -> Connector:
    """One connector. Raises CrmKpiError that lists the installed ones."""
    known = connectors()
    if name not in known:
        raise CrmKpiError(
            f"connector `{name}` is not installed (installed: {', '.join(known)}); "
            f"try `pip install crmkpi-{name}`"
        )
    return known[name]


def load_plugin(folder: Path) -> list[Connector]:
    """The connectors of the distribution whose pyproject.toml lies in `folder`.

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
    found: list[Connector] = []
    for implementation in manager.hook.register_connectors.get_hookimpls():
        if implementation.plugin_name in announced:
            implementation.function(register=found.append)
    return found


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
