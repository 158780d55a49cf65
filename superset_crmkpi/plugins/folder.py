"""A distribution that is not installed: the folder with its pyproject.toml."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from superset_crmkpi.base.errors import CrmKpiError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Announced:
    """What a pyproject.toml announces; `modules`: name of the plugin -> its module."""

    distribution: str
    version: str
    modules: dict[str, str]


def announced(folder: Path, group: str) -> Announced:
    """The plugins that the distribution in `folder` announces. Raises CrmKpiError."""
    path = folder / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        modules = {str(k): str(module) for k, module in project["entry-points"][group].items()}
        return Announced(str(project["name"]), str(project.get("version", "")), modules)
    except OSError as error:
        raise CrmKpiError(f"{path}: cannot be read ({error.strerror})") from error
    except (KeyError, ValueError) as error:
        raise CrmKpiError(
            f"{path}: announces no plugin; add [project.entry-points.{group}]"
        ) from error


def load_module(name: str, path: Path) -> ModuleType:
    """The package whose `__init__.py` is `path`, imported anew. Raises CrmKpiError."""
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
