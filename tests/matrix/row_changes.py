"""What the facts of changes of the pipeline hold row by row."""

from __future__ import annotations

from collections.abc import Iterator

from tests.matrix.rows import Rows
from tests.oracles.labels import labels_of
from tests.oracles.pipeline_changes import change_rows, month_rows, move_rows
from tests.oracles.pipeline_frames import MONTHS, TODAY
from tests.oracles.sales import Frames


def pipeline_change_rows(frames: Frames) -> Iterator[Rows]:
    yield from labels_of(frames, "pipeline_changes", "close_date_changes")
    for fact, rows in (
        ("opportunity_months", month_rows(frames, TODAY, MONTHS)),
        ("close_date_changes", move_rows(frames)),
        ("pipeline_changes", change_rows(frames, TODAY, MONTHS)),
    ):
        yield Rows(fact, list(rows[0]), rows)
