"""The zip that Superset's UI gives for "Export" of dashboards."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from superset_crmkpi.base.documents import LARGEST, parse_document
from superset_crmkpi.base.errors import CrmKpiError

Content = Mapping[str, Any]
#: what an archive may say when it is broken, or made by something else
BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)
REMEDY = "take the file that Superset gives under Dashboards > Export"


@dataclass(frozen=True)
class Export:
    """Its dashboards and charts, by uuid; other assets are nothing that a spec says."""

    dashboards: Mapping[str, Content] = field(default_factory=dict)
    charts: Mapping[str, Content] = field(default_factory=dict)


def read_export(path: Path) -> Export:
    """The dashboards and charts of a zip. CrmKpiError for one that is none, or holds none."""
    found: dict[str, dict[str, Content]] = {"dashboards": {}, "charts": {}}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                inside = PurePosixPath(info.filename)
                if inside.suffix == ".yaml" and inside.parent.name in found:
                    content = _content(archive, info, f"{path.name}: {inside.name}")
                    found[inside.parent.name][str(content["uuid"])] = content
    except OSError as error:
        raise CrmKpiError(f"{path}: cannot be read ({error.strerror})") from error
    except BROKEN as error:
        raise CrmKpiError(f"{path}: is no zip that can be read ({error}); {REMEDY}") from error
    if not found["dashboards"]:
        raise CrmKpiError(f"{path}: holds no dashboard; {REMEDY}")
    return Export(**found)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str) -> Content:
    if info.file_size > LARGEST:
        raise CrmKpiError(
            f"{shown}: has {info.file_size:,} bytes; more than {LARGEST:,} are not read"
        )
    try:
        text = archive.read(info).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CrmKpiError(f"{shown}: is not text in UTF-8; {REMEDY}") from error
    content = parse_document(text, shown).content
    if not isinstance(content, dict) or "uuid" not in content:
        raise CrmKpiError(f"{shown}: has no `uuid`; {REMEDY}")
    return content
