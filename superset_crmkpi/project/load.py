"""Reads a profile: every fault is one line that names the file, the line, the key, the remedy."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from superset_crmkpi.base.documents import first_fault, line_of, read_document, short
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
    document = read_document(path, remedy="; name the profile by --profile")
    content = document.content
    if not isinstance(content, dict):
        raise CrmKpiError(f"{path.name}: is empty; a profile has `database:` and `sources:`")
    return document.tree, content


def profile_error(path: Path, tree: yaml.Node | None, error: ValidationError) -> CrmKpiError:
    """The first fault of a validation as one line."""
    fault = first_fault(error, Profile)
    return CrmKpiError(short(f"{path.name} line {line_of(tree, fault.keys)}: {fault}"))
