"""The door for plugins: `hookimpl` marks what implements a hook."""

from superset_crmkpi.plugins.hookspecs import (
    hookimpl,
    hookspec,
    register_connectors,
    register_definitions,
)

__all__ = ["hookimpl", "hookspec", "register_connectors", "register_definitions"]
