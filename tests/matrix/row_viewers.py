"""Whose records somebody sees, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.matrix.rows import Rows
from tests.oracles.viewers import seen_by


def viewer_rows(given: Any) -> Iterator[Rows]:
    """Each viewer with each owner whose records they see."""
    found = [{"viewer": who, "owner": name} for who, name in sorted(seen_by(given["user"]))]
    yield Rows("record_viewers", ["viewer", "owner"], found)
