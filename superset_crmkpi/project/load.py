"""Reads a profile: every fault is one line that names the file, the line, the key, the remedy."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from superset_crmkpi.base.documents import first_fault, line_of
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins.definitions import Folders, beside
from superset_crmkpi.profile.schema import OwnDefinitions, Profile
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
    fault = first_fault(error, Profile)
    return CrmKpiError(f"{path.name} line {line_of(tree, fault.keys)}: {fault}")
