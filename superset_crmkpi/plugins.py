"""The plugin manager: built-in plugins and those of installed distributions, by the same hooks.

A distribution announces its plugin by the entry point group `superset_crmkpi`:

    [project.entry-points.superset_crmkpi]
    salesforce = "crmkpi_salesforce"
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from importlib.metadata import entry_points

import pluggy

from superset_crmkpi import hookspecs
from superset_crmkpi.connector import Connector
from superset_crmkpi.errors import CrmKpiError

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
