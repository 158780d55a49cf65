"""Files as tables: CSV, Excel and Parquet as they are, with column names kept.

Values of CSV stay text (an empty one is null): what a column means is for the connector to say.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from superset_crmkpi.base.errors import CrmKpiError

DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class FileTable:
    """One table of a file. `kinds`: text, integer, number, boolean, date or timestamp a column.

    `chunks` gives DataFrames whose columns are numbered 0, 1, 2 ... in the order of `columns`.
    """

    name: str
    file: Path
    columns: list[str]
    kinds: list[str]
    chunks: Callable[[], Iterator[pd.DataFrame]]
    sha256: str
    notes: list[str] = field(default_factory=list)


def read_file(path: Path) -> list[FileTable]:
    """The tables of a file: one, or one per sheet. CrmKpiError when it cannot be read."""
    if not path.is_file():
        raise CrmKpiError(f"{path}: no such file")
    digest = _sha256(path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return [_read_csv(path, digest)]
    if suffix in (".xlsx", ".xlsm"):
        return _read_excel(path, digest)
    if suffix == ".parquet":
        return [_read_parquet(path, digest)]
    raise CrmKpiError(
        f"{path.name}: `{suffix}` is not a kind of file that can be loaded; "
        f"save it as one of {', '.join(SUFFIXES)}"
    )


def column_names(given: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Names for a header, and a note for each one that had to be changed."""
    names: list[str] = []
    notes: list[str] = []
    taken: set[str] = set()
    for number, value in enumerate(given, start=1):
        name = "" if value is None or pd.isna(value) else str(value)
        wanted = name if name.strip() else f"unnamed_{number}"
        chosen, count = wanted, 1
        # DuckDB and most warehouses hold `Id` and `ID` to be the same column.
        while chosen.lower() in taken:
            count += 1
            chosen = f"{wanted}_{count}"
        if chosen != name:
            what = f"a second `{name}`" if name.strip() else "without a name"
            notes.append(f"column {number} {what} is called `{chosen}`")
        taken.add(chosen.lower())
        names.append(chosen)
    return names, notes


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(partial(file.read, 1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


# -- CSV ------------------------------------------------------------------------------------------


def _read_csv(path: Path, digest: str) -> FileTable:
    encoding = sniff_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(1 << 16)
    if not sample.strip():
        raise CrmKpiError(f"{path.name}: is empty; a header line is needed")
    delimiter = sniff_delimiter(sample)
    header = next(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter))
    columns, notes = column_names(header)

    def chunks() -> Iterator[pd.DataFrame]:
        try:
            with pd.read_csv(
                path,
                sep=delimiter,
                encoding=encoding,
                dtype=str,
                header=0,
                names=list(range(len(columns))),
                index_col=False,
                keep_default_na=False,
                na_values=[""],
                chunksize=CHUNK_ROWS,
                skip_blank_lines=len(columns) > 1,
            ) as reader:
                yield from reader
        except (ValueError, UnicodeError) as error:
            raise CrmKpiError(f"{path.name}: {str(error).strip().splitlines()[0]}") from error

    return FileTable(path.stem, path, columns, ["text"] * len(columns), chunks, digest, notes)


def sniff_encoding(path: Path) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-8 when all of the file is, else Windows-1252."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for block in iter(partial(file.read, 1 << 20), b""):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def sniff_delimiter(sample: str) -> str:
    """The delimiter by which the first records have the most columns, equally many in each."""

    def score(delimiter: str) -> tuple[float, int]:
        records = list(csv.reader(sample.splitlines(keepends=True)[:60], delimiter=delimiter))
        # The sample may end within a record.
        widths = [len(record) for record in records[:-1] or records if record]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    best = max(DELIMITERS, key=score)
    return best if score(best)[1] else ","


# -- Excel and Parquet ----------------------------------------------------------------------------


def _read_excel(path: Path, digest: str) -> list[FileTable]:
    try:
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object)
    except ImportError as error:
        raise CrmKpiError(
            f"{path.name}: reading Excel needs openpyxl; `pip install superset-crmkpi[excel]`"
        ) from error
    except Exception as error:
        raise CrmKpiError(f"{path.name}: is not a readable Excel file: {error}") from error
    tables = []
    for sheet, cells in sheets.items():
        if not len(cells):
            continue
        columns, notes = column_names(list(cells.iloc[0]))
        body = cells.iloc[1:].reset_index(drop=True)
        body.columns = pd.RangeIndex(len(columns))
        name = path.stem if len(sheets) == 1 else str(sheet)
        own = hashlib.sha256(f"{digest} {sheet}".encode()).hexdigest()
        tables.append(_typed(name, path, columns, body, own, notes))
    if not tables:
        raise CrmKpiError(f"{path.name}: no sheet has any rows")
    return tables


def _read_parquet(path: Path, digest: str) -> FileTable:
    try:
        frame = pd.read_parquet(path, dtype_backend="numpy_nullable")
    except ImportError as error:
        raise CrmKpiError(
            f"{path.name}: reading Parquet needs pyarrow; `pip install superset-crmkpi[parquet]`"
        ) from error
    except Exception as error:
        raise CrmKpiError(f"{path.name}: is not a readable Parquet file: {error}") from error
    columns, notes = column_names(list(frame.columns))
    frame.columns = pd.RangeIndex(len(columns))
    return _typed(path.stem, path, columns, frame.astype(object), digest, notes)


def _typed(
    name: str, path: Path, columns: list[str], body: pd.DataFrame, digest: str, notes: list[str]
) -> FileTable:
    """A table of cells that have Python types; the kind of a column is that of all its cells."""
    kinds = [_kind(body[number]) for number in body.columns]
    frame = pd.DataFrame(
        {
            number: body[number].map(_CONVERT[kind], na_action="ignore").astype(object)
            for number, kind in zip(body.columns, kinds, strict=True)
        }
    )
    frame = frame.where(frame.notna(), None)
    return FileTable(name, path, columns, kinds, lambda: iter([frame]), digest, notes)


def _kind(cells: pd.Series) -> str:
    kinds = {_cell_kind(cell) for cell in cells.dropna()}
    if kinds == {"integer", "number"}:
        return "number"
    if kinds == {"date", "timestamp"}:
        return "timestamp"
    return kinds.pop() if len(kinds) == 1 else "text"


def _cell_kind(cell: Any) -> str:
    if isinstance(cell, bool) or type(cell).__name__ in ("bool_", "bool"):
        return "boolean"
    if isinstance(cell, datetime):
        return "timestamp" if cell.tzinfo is None else "text"
    if isinstance(cell, date):
        return "date"
    if hasattr(cell, "__index__"):
        return "integer"
    return "number" if isinstance(cell, float) else "text"


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "date": lambda day: day,
    "timestamp": lambda moment: pd.Timestamp(moment).to_pydatetime(),
}
