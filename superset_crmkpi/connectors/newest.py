"""The same record twice in a raw table: which of its rows counts.

A resync, a loader that appends, a history mode or a view that fans out give several rows of one
id, and each join would multiply them. The newest row counts: by the vendor's time of the last
change, then by the loader's time and its own id of the row. Where the loader left neither, equal
times are told apart by the values that are read, the greatest first: no engine has a choice.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field
from sqlglot import exp

from superset_crmkpi.base.documents import Strict

#: what loaders write into each row, the surest first: when it came, and an id of its own
LOADER_MARKS = (
    (
        "_fivetran_start",
        "_fivetran_synced",
        "_airbyte_extracted_at",
        "_airbyte_emitted_at",
        "_sdc_batched_at",
        "_sdc_received_at",
        "_dlt_load_id",
    ),
    ("_airbyte_raw_id", "_airbyte_ab_id", "_dlt_id", "_sdc_sequence", "_fivetran_id"),
)
#: the place of a row among those of its key, the newest first
PLACE = "crm_place"


class RowKeys(Strict):
    """`keys.yaml` of a connector: what names a row of a raw table, and what says it is newer."""

    #: the vendor's times of the last change; of a table, the first one that it has
    changed: list[str] = Field(default_factory=list)
    #: table -> the columns that name a row, where it is not `id`; none where nothing does
    keys: dict[str, list[str]] = Field(default_factory=dict)

    def of(self, table: str) -> list[str]:
        return self.keys.get(table, ["id"])


def place_of(key: Sequence[exp.Expression], order: Sequence[exp.Expression]) -> exp.Expression:
    """The place of a row among those of its key, as `PLACE`.

    Of `order` the greatest value comes first, and null last.
    """
    newest = [exp.Ordered(this=value, desc=True, nulls_first=False) for value in order]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[value.copy() for value in key],
        order=exp.Order(expressions=newest or [value.copy() for value in key]),
    )
    return exp.alias_(place, PLACE)


def is_newest(alias: str, key: exp.Expression) -> exp.Expression:
    """Whether a numbered row is the newest one; a row without a key stands for itself.

    Not `= 1`: of that PostgreSQL expects one row in 200, of `< 2` one in three, and where it
    expects few rows it compares each with each (the demo's scorecard: 89 s, and 1.8 s).
    """
    first = exp.column(PLACE, alias) < exp.Literal.number(2)
    return exp.or_(first, key.copy().is_(exp.null()))
