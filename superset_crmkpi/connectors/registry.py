"""The connectors that plugins register."""

from __future__ import annotations

from pathlib import Path

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.plugins.manager import load_folder, plugin_manager


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
    names = load_folder(folder)
    found: list[Connector] = []
    for implementation in plugin_manager().hook.register_connectors.get_hookimpls():
        if implementation.plugin_name in names:
            implementation.function(register=found.append)
    return found
