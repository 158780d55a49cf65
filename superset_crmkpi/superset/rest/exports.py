"""Assets as Superset exports them, and bundles of them as it imports them."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from superset_crmkpi.base.documents import LOADER
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import TYPES, to_yaml
from superset_crmkpi.installer.gateway import Content, kind_of
from superset_crmkpi.superset.rest.client import Client

#: numbers in one request: they stand in the address, which servers cut at some length
AT_ONCE = 100
#: bytes of an export, unpacked
LARGEST = 500_000_000
Contents = dict[str, dict[str, Any]]


def files(client: Client, kind: str, numbers: Iterable[int]) -> Contents:
    """Path -> content of some assets of a kind, and of all that they refer to."""
    wanted = sorted(set(numbers))
    found: Contents = {}
    for first in range(0, len(wanted), AT_ONCE):
        packed = client.download(f"{kind}/export/", wanted[first : first + AT_ONCE])
        found |= unpacked(packed, client.base)
    return found


def by_uuid(client: Client, kind: str, numbers: Iterable[int]) -> Contents:
    """uuid -> content of some assets of a kind alone."""
    return {
        str(content["uuid"]): content
        for path, content in files(client, kind, numbers).items()
        if kind_of(path) == kind
    }


def unpacked(packed: bytes, base: str) -> Contents:
    """Path -> content of the assets in a zip of Superset at `base`; nothing is written anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if sum(file.file_size for file in archive.infolist()) > LARGEST:
                raise CrmKpiError(f"{base}: an export of more than {LARGEST:,} bytes is not read")
            texts = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise CrmKpiError(f"{base}: an export is no zip; is something in between?") from error
    return {path: _parsed(text, path, base) for path, text in texts.items() if kind_of(path)}


def _parsed(text: bytes, path: str, base: str) -> dict[str, Any]:
    try:
        content = yaml.load(text.decode("utf-8"), Loader=LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CrmKpiError(f"{base}: {path} of an export is not YAML") from error
    if not isinstance(content, dict):
        raise CrmKpiError(f"{base}: {path} of an export holds no asset")
    return content


def packed(kind: str, assets: Mapping[str, Content]) -> bytes:
    """A zip for the import of one kind; what it refers to is in it too."""
    metadata = {"version": "1.0.0", "type": TYPES[f"{kind}s"]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crmkpi/metadata.yaml", to_yaml(metadata))
        for path, content in assets.items():
            kept = {key: value for key, value in content.items() if key not in LEFT_ALONE}
            archive.writestr(f"crmkpi/{path}", to_yaml(kept))
    return buffer.getvalue()


#: what people gave an asset stays where it is not in the bundle, and would be lost where it is
LEFT_ALONE = ("tags", "theme_uuid", "theme_id")


def send(
    client: Client, kind: str, assets: Mapping[str, Content], passwords: Mapping[str, str]
) -> None:
    """Import assets of one kind over those that are there; what else is in it stays as it is."""
    client.post(
        f"{kind}/import/",
        files={"formData": ("crmkpi.zip", packed(kind, assets), "application/zip")},
        data={"overwrite": "true", "passwords": json.dumps(dict(passwords))},
    )


def folder(kind: str, contents: Sequence[Content]) -> dict[str, Content]:
    """Contents under paths of their own."""
    return {f"{kind}s/{content['uuid']}.yaml": content for content in contents}
