"""The plugin manager: built-in plugins and those of installed distributions, by the same hooks.

A distribution announces its plugin by the entry point group `superset_crmkpi`:

    [project.entry-points.superset_crmkpi]
    salesforce = "crmkpi_salesforce"

A plugin that fails is named in a warning and left out; the others work. `CRMKPI_BLOCK_PLUGINS`, an
environment variable, names plugins that are not to be loaded at all, with commas between.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import walk_tb
from typing import Any, Literal

import pluggy

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins import hookspecs
from superset_crmkpi.plugins.folder import announced, load_module

GROUP = "superset_crmkpi"
BLOCK = "CRMKPI_BLOCK_PLUGINS"
BUILT_IN = "superset_crmkpi.plugins.built_in"
DEFAULT_PLUGINS = (BUILT_IN, "superset_crmkpi.connectors.profile_source")
OURS = "superset-crmkpi"
State = Literal["active", "blocked", "broken"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugin:
    """A plugin and whose it is; `reason` says why it is not active."""

    name: str
    distribution: str = OURS
    version: str = ""
    state: State = "active"
    reason: str = ""
    hooks: tuple[str, ...] = ()

    def __str__(self) -> str:
        of = f"{self.distribution} {self.version}".strip()
        return f"`{self.name}` of {of}" if self.distribution != OURS else f"`{self.name}`"


class Manager(pluggy.PluginManager):
    """pluggy's manager; it knows whose each plugin is, and which were left out and why."""

    def __init__(self) -> None:
        super().__init__(GROUP)
        self.add_hookspecs(hookspecs)
        self._known: dict[str, Plugin] = {}

    def take(self, entry: EntryPoint) -> None:
        """Load and register the plugin of an entry point, or leave it out."""
        name = entry.name
        plugin = Plugin(name, entry.value)
        if entry.dist is not None:
            plugin = Plugin(name, entry.dist.name, entry.dist.version)
        if name in self._known:
            if self._known[name].distribution != plugin.distribution:
                logger.warning("plugin %s is left out: so is that %s", plugin, self._known[name])
            return
        self._known[name] = plugin
        if self.is_blocked(name):
            self._known[name] = self._but(name, "blocked", f"named in {BLOCK}")
            return
        try:
            self.register(entry.load(), name)
            self.check_pending()
            logger.debug("plugin %s is loaded", plugin)
        except (Exception, SystemExit) as error:  # whatever a module may do when it is imported
            self.leave_out(name, error)

    def take_module(self, name: str, module: object, distribution: str, version: str) -> None:
        """Register a module, in the place of a plugin of that name. Raises what pluggy raises."""
        if self.has_plugin(name):
            self.unregister(name=name)
        self._known[name] = Plugin(name, distribution, version)
        self.register(module, name)
        self.check_pending()

    def leave_out(self, name: str, error: BaseException) -> None:
        """Go on without a plugin, and say so once."""
        if self.has_plugin(name):
            self.unregister(name=name)
        reason = " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, CrmKpiError | ImportError | pluggy.PluginValidationError):
            reason = f"{type(error).__name__}: {reason}"
        self._known[name] = self._but(name, "broken", reason)
        logger.warning(
            "plugin %s is left out: %s; upgrade or uninstall it, or name it in %s",
            self._known[name],
            reason,
            BLOCK,
        )
        logger.debug("plugin %s failed", name, exc_info=error)

    def known(self) -> list[Plugin]:
        """All plugins, also those that were left out."""
        # pluggy lists names that are blocked too, be there such a plugin or not
        there = {name for name, plugin in self.list_name_plugin() if plugin is not None}
        names = {*self._known, *there}
        return [self.plugin(name) for name in sorted(names)]

    def plugin(self, name: str) -> Plugin:
        """What is known of a plugin."""
        found = self._known.get(name, Plugin(name))
        if found.state != "active":
            return found
        callers = self.get_hookcallers(self.get_plugin(name)) or []
        hooks = sorted(caller.name for caller in callers)
        return Plugin(name, found.distribution, found.version, hooks=tuple(hooks))

    def registered(
        self, hook: str, accept: Callable[[Any], Any] = lambda given: given
    ) -> list[tuple[str, Any]]:
        """(plugin, what it gave to `register`, by way of `accept`), in the order of pluggy.

        Each plugin is asked alone, inside of the wrappers of all, so that one which fails (also by
        what `accept` refuses) is left out while the others stand.
        """
        found: list[tuple[str, Any]] = []
        asked: set[str] = set()
        while True:
            every = getattr(self.hook, hook).get_hookimpls()
            plain = [one for one in every if not (one.wrapper or one.hookwrapper)]
            # pluggy calls the last one first
            left = [one for one in reversed(plain) if one.plugin_name not in asked]
            if not left:
                return found
            one = left[0]
            others = [other.plugin for other in plain if other.plugin is not one.plugin]
            given: list[Any] = []

            def register(item: Any, given: list[Any] = given) -> None:
                given.append(accept(item))

            try:
                self.subset_hook_caller(hook, others)(register=register)
            except (Exception, SystemExit) as error:
                self.leave_out(_culprit(every, error) or one.plugin_name, error)
                continue
            asked.add(one.plugin_name)
            found += [(one.plugin_name, item) for item in given]

    def _but(self, name: str, state: State, reason: str) -> Plugin:
        found = self._known.get(name, Plugin(name))
        return Plugin(name, found.distribution, found.version, state, reason)


def _culprit(implementations: list[Any], error: BaseException) -> str | None:
    """The plugin in whose hook the error arose: a wrapper lets those of others pass."""
    codes = {getattr(one.function, "__code__", None): one.plugin_name for one in implementations}
    passed = [codes[f.f_code] for f, _ in walk_tb(error.__traceback__) if f.f_code in codes]
    return passed[-1] if passed else None


@lru_cache(maxsize=1)
def plugin_manager() -> Manager:
    """The manager with built-ins and entry points loaded."""
    manager = Manager()
    blocked = [name.strip() for name in os.environ.get(BLOCK, "").split(",") if name.strip()]
    for name in blocked:
        manager.set_blocked(name)
    for module in DEFAULT_PLUGINS:
        manager.register(importlib.import_module(module), module)
    # pluggy calls the last one first: by name, then
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name, reverse=True):
        manager.take(entry)
    known = {plugin.name for plugin in manager.known()}
    for name in blocked:
        if name not in known:
            logger.warning("%s names `%s`; there is no such plugin", BLOCK, name)
    return manager


def load_folder(folder: Path) -> list[str]:
    """Names of the plugins of the distribution whose pyproject.toml lies in `folder`, loaded.

    It need not be installed; if it is, this one stands in for it. Raises CrmKpiError.
    """
    manager = plugin_manager()
    found = announced(folder, GROUP)
    for name, module in found.modules.items():
        loaded = load_module(module, folder / module / "__init__.py")
        manager.take_module(name, loaded, found.distribution, found.version)
    return list(found.modules)
