"""Reads a profile: every fault is one line that names the file, the line, the key, the remedy."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from superset_crmkpi.base.documents import line_of
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins.definitions import Folders, beside
from superset_crmkpi.profile.schema import Calendar, Currency, Database, OwnDefinitions, Profile
from superset_crmkpi.project.check import check_names

logger = logging.getLogger(__name__)


def load_profile(path: Path | str) -> Profile:
    """Read and check a profile. Raises CrmKpiError with file, line, key and remedy."""
    path = Path(path)
    tree, content = _read(path)
    logger.info("read %s", path)
    try:
        profile = Profile.model_validate(content, context={"folder": path.parent.resolve()})
    except ValidationError as error:
        raise profile_error(path, tree, error) from error
    check_names(path, tree, profile)
    return profile


def load_folders(path: Path) -> Folders:
    """Whose definitions hold for a profile, whatever else may be wrong in it."""
    tree, content = _read(path)
    given = {"definitions": content.get("definitions", [])}
    try:
        own = OwnDefinitions.model_validate(given, context={"folder": path.parent.resolve()})
    except ValidationError as error:
        raise profile_error(path, tree, error) from error
    try:
        return beside(own.definitions)
    except CrmKpiError as error:
        line = line_of(tree, ["definitions"])
        raise CrmKpiError(f"{path.name} line {line}: `definitions`: {error.message}") from error


def _read(path: Path) -> tuple[yaml.Node | None, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CrmKpiError(
            f"{path}: cannot be read ({error.strerror}); name the profile by --profile"
        ) from error
    try:
        tree = yaml.compose(text)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise CrmKpiError(
            f"{path.name}{line}: not YAML: {getattr(error, 'problem', error)}"
        ) from error
    if not isinstance(content, dict):
        raise CrmKpiError(f"{path.name}: is empty; a profile has `database:` and `sources:`")
    return tree, content


def profile_error(path: Path, tree: yaml.Node | None, error: ValidationError) -> CrmKpiError:
    """The first fault of a validation as one line."""
    errors = error.errors()
    # a misspelt key is missing under its right name too; the spelling is what to mend
    misspelt = (fault for fault in errors if fault["type"] == "extra_forbidden")
    first = next(misspelt, errors[0])
    keys = [str(part) for part in first["loc"] if part != "[key]"]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "unknown key; remove it or mend its spelling" + _known_keys(keys)
    elif first["type"] == "missing":
        message = "is missing; add it"
    return CrmKpiError(f"{path.name} line {line_of(tree, keys)}: `{'.'.join(keys)}`: {message}")


def _known_keys(keys: Sequence[str]) -> str:
    models: dict[str, type[BaseModel]] = {
        "database": Database,
        "calendar": Calendar,
        "currency": Currency,
    }
    model = Profile if len(keys) == 1 else models.get(keys[0])
    if model is None:
        return ""
    names = [field.alias or name for name, field in model.model_fields.items()]
    return f" (known: {', '.join(names)})"
