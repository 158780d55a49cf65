"""Reads a profile: every fault is one line that names the file, the line, the key, the remedy."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from superset_crmkpi.base.documents import first_fault, line_of, read_document, short
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins.definitions import Folders, beside
from superset_crmkpi.profile.environments import KEY, OwnEnvironments, merged, merged_tree
from superset_crmkpi.profile.schema import OwnDefinitions, Profile
from superset_crmkpi.project.check import check_names

logger = logging.getLogger(__name__)


def load_profile(path: Path | str, environment: str | None = None) -> Profile:
    """Read and check a profile, as it is in one of its environments or without any.

    Raises CrmKpiError with file, line, key and remedy.
    """
    path = Path(path)
    tree, content = _read(path)
    if environment is not None:
        tree, content = _in_environment(path, tree, content, environment)
    logger.info("read %s", path)
    try:
        profile = Profile.model_validate(content, context={"folder": path.parent.resolve()})
    except ValidationError as error:
        raise _to_choose(path, tree, content, error) or profile_error(path, tree, error) from error
    if environment is not None:
        profile = profile.model_copy(update={"environments": {}})
    check_names(path, tree, profile)
    return profile


def _in_environment(
    path: Path, tree: yaml.Node | None, content: dict[str, Any], name: str
) -> tuple[yaml.Node | None, dict[str, Any]]:
    """The profile as it is there: what it says, and the nodes that know the lines of it."""
    try:
        OwnEnvironments.model_validate({KEY: content.get(KEY, {})})
    except ValidationError as error:
        raise profile_error(path, tree, error) from error
    given = content.get(KEY) or {}
    if name not in given:
        there = f"there are: {', '.join(given)}" if given else f"it has no `{KEY}`"
        line = line_of(tree, [KEY])
        raise CrmKpiError(f"{path.name} line {line}: `{KEY}`: there is no `{name}`; {there}")
    return merged_tree(tree, [KEY, name]), merged(content, given[name] or {})


def _to_choose(
    path: Path, tree: yaml.Node | None, content: dict[str, Any], error: ValidationError
) -> CrmKpiError | None:
    """What to say where the profile lacks what its environments have, and none was chosen."""
    environments = content.get(KEY)
    missing = [fault for fault in error.errors() if fault["type"] == "missing"]
    if not isinstance(environments, dict) or not missing or missing != error.errors():
        return None
    keys = [str(key) for key in missing[0]["loc"]]
    if not any(_has(one, keys) for one in environments.values()):
        return None
    return CrmKpiError(
        f"{path.name} line {line_of(tree, keys)}: `{'.'.join(keys)}`: only its environments have "
        f"it; choose one by --environment: {', '.join(map(str, environments))}"
    )


def _has(content: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True


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
