"""Marks by which a loader says that a row was deleted or replaced at the source.

A landing need not know them: a copy of any table may carry them. A mark is a column of that very
name (whatever its case): `__deleted` is none of the vendor's own `deleted`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal

from sqlglot import exp

#: how a mark tells: a flag that is set, a moment that is known, the letter of the last change; a
#: version has the moment from which it holds no more
Form = Literal["flag", "moment", "letter", "version"]

MARKS: Mapping[str, Form] = {
    "_fivetran_deleted": "flag",
    "_ab_cdc_deleted_at": "moment",  # Airbyte's change data capture
    "__deleted": "flag",  # Debezium, `delete.handling.mode: rewrite`
    "__op": "letter",  # Debezium, `add.fields: op`
    "op": "letter",
    "_sdc_deleted_at": "moment",  # Stitch, and Singer's targets
    "_dlt_valid_to": "version",  # dlt, strategy scd2: replaced or deleted
    "deleted_ts": "moment",  # dlt, pg_replication
    "_peerdb_is_deleted": "flag",
    "__hevo__marked_deleted": "flag",
}
_DELETED = "d"
#: moments from here on stand for never, as dlt's `active_record_timestamp` may
_NEVER = "9000-01-01"

#: a column of a raw table as one of the logical types
Typed = Callable[[str, str], exp.Expression]


def unmarked(
    columns: Mapping[str, str], read: Collection[str], typed: Typed, versions: bool
) -> Iterator[exp.Expression]:
    """Conditions of the rows that no mark calls deleted, or of present `versions`.

    One per mark among `columns` (name -> kind); a mark that the mapping reads itself (`read`) is
    its own affair.
    """
    for column, kind in columns.items():
        form = MARKS.get(column.lower())
        if form is None or column.lower() in read:
            continue
        if (form == "version") == versions:
            yield _unmarked(column, kind, form, typed)


def _unmarked(column: str, kind: str, form: Form, typed: Typed) -> exp.Expression:
    if form == "flag":
        return exp.not_(exp.func("coalesce", typed(column, "boolean"), exp.false()))
    if form in ("moment", "version") and kind in ("timestamp", "instant", "date"):
        day, last = typed(column, "date"), exp.cast(exp.Literal.string(_NEVER), "date")
        return exp.or_(day.is_(exp.null()), exp.GTE(this=day.copy(), expression=last))
    text = exp.Trim(this=exp.func("coalesce", typed(column, "text"), exp.Literal.string("")))
    if form == "letter":
        return exp.NEQ(this=exp.Lower(this=text), expression=exp.Literal.string(_DELETED))
    never = exp.Like(this=text.copy(), expression=exp.Literal.string(f"{_NEVER[0]}%"))
    return exp.or_(text.eq(exp.Literal.string("")), never)
