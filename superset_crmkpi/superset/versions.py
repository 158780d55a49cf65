"""Which Superset stands in this environment, and which of them we have run.

Nothing is decided by it: what a Superset has is looked at (probe.py). It is only told.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

#: each has a file of pins in `constraints/`, and every tile was asked on it
TESTED = ("4.1.4", "5.0.0", "6.0.0", "6.1.0")


def untested() -> str:
    """A note where the Superset of this environment is one that we have not run; else empty."""
    try:
        found = version("apache-superset")
    except PackageNotFoundError:
        return ""
    if found in TESTED:
        return ""
    return (
        f"not tested with this version of Superset, {found}; tested with {', '.join(TESTED)}: "
        "try it beside the one that people use, and look at each dashboard"
    )
