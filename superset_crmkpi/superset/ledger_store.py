"""The ledger in Superset's tables of annotation layers (see installer/ledger.py for why)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from superset_crmkpi.installer.gateway import Key, LedgerEntry
from superset_crmkpi.installer.ledger import LAYER_DESCRIPTION, LAYER_NAME, pack, unpack


def _layer() -> Any:
    from superset import db
    from superset.models.annotations import AnnotationLayer

    return db.session.query(AnnotationLayer).filter_by(name=LAYER_NAME).first()


def _rows(layer: Any) -> list[Any]:
    from superset import db
    from superset.models.annotations import Annotation

    return list(db.session.query(Annotation).filter_by(layer_id=layer.id))


def load() -> dict[Key, LedgerEntry]:
    """All entries; empty when nothing was ever installed."""
    layer = _layer()
    if layer is None:
        return {}
    entries = (unpack(row.short_descr, row.json_metadata) for row in _rows(layer))
    return {entry.key: entry for entry in entries if entry}


def record(entries: Iterable[LedgerEntry]) -> None:
    """Write entries, in place of those of the same key."""
    from superset import db
    from superset.models.annotations import Annotation, AnnotationLayer

    layer = _layer()
    if layer is None:
        layer = AnnotationLayer(name=LAYER_NAME, descr=LAYER_DESCRIPTION)
        db.session.add(layer)
        db.session.flush()
    rows = {row.short_descr: row for row in _rows(layer)}
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    for entry in entries:
        label = " ".join(entry.key)
        row = rows.get(label)
        if row is None:
            row = Annotation(layer_id=layer.id, short_descr=label)
            db.session.add(row)
        row.start_dttm = row.end_dttm = now
        row.long_descr = f'{entry.kind} "{entry.name}"'
        row.json_metadata = pack(entry)
    db.session.flush()


def forget(keys: Iterable[Key]) -> None:
    """Delete entries, and the layer with the last of them."""
    from superset import db

    layer = _layer()
    if layer is None:
        return
    labels = {" ".join(key) for key in keys}
    rows = _rows(layer)
    for row in rows:
        if row.short_descr in labels:
            db.session.delete(row)
    db.session.flush()
    if labels >= {row.short_descr for row in rows}:
        db.session.delete(layer)
        db.session.flush()
