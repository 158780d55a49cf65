"""The connectors that plugins register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.plugins.manager import Plugin, load_folder, plugin_manager

HOOK = "register_connectors"


def connectors() -> dict[str, Connector]:
    """All connectors by name. Raises CrmKpiError when two plugins bring the same name."""
    manager = plugin_manager()
    found: dict[str, tuple[Connector, str]] = {}
    for plugin, connector in manager.registered(HOOK, _accepted):
        if connector.name in found:
            first, second = manager.plugin(found[connector.name][1]), manager.plugin(plugin)
            raise CrmKpiError(
                f"plugins {first} and {second} both register the connector "
                f"`{connector.name}`; uninstall one of them"
            )
        found[connector.name] = (connector, plugin)
    return {name: connector for name, (connector, _) in sorted(found.items())}


def by_plugin() -> dict[str, list[str]]:
    """Plugin -> names of the connectors it brings."""
    found: dict[str, list[str]] = {}
    for plugin, connector in plugin_manager().registered(HOOK, _accepted):
        found.setdefault(plugin, []).append(connector.name)
    return found


def connector(name: str) -> Connector:
    """One connector. Raises CrmKpiError that lists the installed ones, or says what is broken."""
    known = connectors()
    if name in known:
        return known[name]
    left_out = [plugin for plugin in plugin_manager().known() if plugin.state != "active"]
    # a plugin that was not loaded cannot say which connectors it brings; most are called alike
    called = [plugin for plugin in left_out if _called(plugin, name)]
    if called:
        raise CrmKpiError(
            f"connector `{name}` is not there, as its plugin {_why(called[0])}; mend that first"
        )
    also = "".join(f"; plugin {_why(plugin)}" for plugin in left_out)
    raise CrmKpiError(
        f"connector `{name}` is not installed (installed: {', '.join(known)}); "
        f"try `pip install crmkpi-{name}`{also}"
    )


def load_plugin(folder: Path) -> list[Connector]:
    """The connectors of the distribution whose pyproject.toml lies in `folder`.

    It need not be installed; if it is, this one stands in for it. Raises CrmKpiError.
    """
    names = load_folder(folder)
    manager = plugin_manager()
    given = manager.registered(HOOK, _accepted)
    for name in names:
        plugin = manager.plugin(name)
        if plugin.state == "broken":
            raise CrmKpiError(f"{folder}: plugin {_why(plugin)}")
    return [connector for plugin, connector in given if plugin in names]


def _accepted(given: Any) -> Connector:
    if not isinstance(given, Connector):
        raise CrmKpiError(f"register_connectors: `register` takes a Connector, not {given!r}")
    return given


def _called(plugin: Plugin, connector: str) -> bool:
    return connector in (plugin.name, plugin.distribution.removeprefix("crmkpi-"))


def _why(plugin: Plugin) -> str:
    return f"{plugin} is {plugin.state}: {plugin.reason}"
