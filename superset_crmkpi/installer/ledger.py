"""The ledger: what we installed into a Superset, entry by entry.

It lives in Superset's own metadata database as an annotation layer named ``CRM KPI ledger``, one
annotation per asset (``short_descr`` is "<kind> <uuid>", ``json_metadata`` the packed entry).
Why there:

- Every supported version has the tables, so no migration of ours is needed; they are backed up and
  moved together with the assets they speak of.
- They can be reached both in process and by REST (``/api/v1/annotation_layer/``), so an install by
  one way is known to the other. Superset's ``key_value`` table can only be reached in process.
- They hold out where a key of our own inside the assets does not: saving a chart in Explore drops
  unknown ``params``, and saving a dashboard with an unknown metadata key is refused.
- The column is a MEDIUMTEXT, room enough for a whole asset. So we keep the content itself and not
  only its fingerprint, and can later merge field by field: what we installed, what is there now,
  what we want now.

People see the layer in the list of annotation layers, with a description that says what it is.
Deleting it loses nothing but the memory: assets are still known as ours by their uuid, and the
next install writes all of them again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import zlib
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from superset_crmkpi.bundle.assets import RoleGrant
from superset_crmkpi.installer.gateway import Content, LedgerEntry, name_of

logger = logging.getLogger(__name__)

LAYER_NAME = "CRM KPI ledger"
LAYER_DESCRIPTION = (
    "What CRM KPI installed, kept to tell your changes from ours. Not for use on charts; "
    "please do not edit or delete."
)
FORMAT = 1


def canonical(content: Content) -> str:
    """One text per content, whatever the order of its keys."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)


def without_secrets(content: Content) -> dict[str, Any]:
    """The content with the password of its URI masked; the ledger holds no secrets.

    So a change of nothing but the password is no change to us: set it in Superset.
    """
    clean = {key: value for key, value in content.items() if key != "password"}
    if clean.get("sqlalchemy_uri"):
        try:
            url = make_url(str(clean["sqlalchemy_uri"]))
        except ArgumentError:
            return clean  # not a URI: the validation says so
        clean["sqlalchemy_uri"] = url.render_as_string(hide_password=True)
    return clean


def fingerprint(content: Content) -> str:
    """SHA-256 of a content, without its secrets."""
    return hashlib.sha256(canonical(without_secrets(content)).encode()).hexdigest()


def asset_entry(
    kind: str, content: Content, untouched: Content | None = None, owner: str = ""
) -> LedgerEntry:
    """The ledger entry for an asset; `untouched` is what the Superset exports of it."""
    return LedgerEntry(
        kind,
        str(content["uuid"]),
        name_of(kind, content),
        fingerprint(content),
        without_secrets(content),
        without_secrets(untouched) if untouched is not None else None,
        owner,
    )


def role_entry(role: RoleGrant, owner: str = "") -> LedgerEntry:
    """The ledger entry for a role; its name stands for the uuid."""
    content = {
        "name": role.name,
        "dashboards": sorted(role.dashboards),
        "datasets": sorted(role.datasets),
        "viewer": True,
    }
    return LedgerEntry("role", role.name, role.name, fingerprint(content), content, owner=owner)


def pack(entry: LedgerEntry) -> str:
    """An entry as JSON text, its content compressed."""
    made = {
        "format": FORMAT,
        "name": entry.name,
        "sha256": entry.fingerprint,
        "content": _packed(entry.content),
        "owner": entry.owner,
    }
    if entry.untouched is not None:
        made["untouched"] = _packed(entry.untouched)
    return json.dumps(made)


def _packed(content: Content) -> str:
    # in the order of its keys: that of a named list is the list's
    text = json.dumps(content, ensure_ascii=False, default=str)
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b85decode(text)))


def unpack(label: str, text: str) -> LedgerEntry | None:
    """The entry from its label ("<kind> <uuid>") and text; None, with a warning, for one that
    cannot be read: what it stands for counts as never installed.
    """
    kind, _, uuid = label.partition(" ")
    try:
        data = json.loads(text)
        untouched = _unpacked(data["untouched"]) if "untouched" in data else None
        return LedgerEntry(
            kind,
            uuid,
            data["name"],
            data["sha256"],
            _unpacked(data["content"]),
            untouched,
            data.get("owner", ""),
        )
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        logger.warning(
            "the ledger's entry `%s` cannot be read (%s: %s), and is passed over: what people "
            "changed there cannot be told from what we installed",
            label,
            type(error).__name__,
            error,
        )
        return None
