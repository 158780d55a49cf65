"""A complete connector to start from: one entity mapped, passing its contract."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from superset_crmkpi import __version__
from superset_crmkpi.base.errors import CrmKpiError

_TEMPLATE = Path(__file__).parent / "template"


def create(name: str, label: str, into: Path) -> list[Path]:
    """Write `into/crmkpi-NAME`; the files written. CrmKpiError when it exists already."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise CrmKpiError(f"`{name}`: a connector's name is lower case, such as `acorn`")
    folder = into / f"crmkpi-{name}"
    if folder.exists():
        raise CrmKpiError(f"{folder} is there already; remove it, or choose another name")
    lowest, below = bounds(__version__)
    words = {"name": name, "module": name.replace("-", "_"), "label": label}
    words |= {"lowest": lowest, "below": below}
    written = []
    for source in sorted(_TEMPLATE.rglob("*.tmpl")):
        place = str(source.relative_to(_TEMPLATE).with_suffix(""))
        target = folder / place.replace("package/", f"crmkpi_{words['module']}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        target.write_text(Template(text).substitute(words), encoding="utf-8")
        written.append(target)
    return written


def bounds(version: str) -> tuple[str, str]:
    """The versions whose doors for plugins are those of this one: 0.3.1 -> from 0.3, below 0.4.

    From 1.0 on only a new major version may change them (docs/releasing.md).
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    return f"{major}.{minor}", f"{major}.{minor + 1}" if major == 0 else f"{major + 1}"
