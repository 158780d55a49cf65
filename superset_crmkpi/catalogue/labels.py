"""Labels: what people read in place of a stored value. Files `sql/labels/*.yaml` of all folders.

values:
  sla_status: {met: Met, breached: Breached}
numbered: [movement]

A label belongs to a column's name, whatever fact it is in: a filter of a dashboard acts on every
tile that has the column, so the same value has to read the same in each. A value without one, such
as a text of the company's own CRM, is shown as it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import Field, ValidationError

from superset_crmkpi.base.documents import Strict, first_fault, line_of, read_document
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.plugins.definitions import Folder, Folders

#: how the name of a column begins that holds 1 or 0
FLAGS = ("is_", "has_")
#: the two values of a flag, and of a yes-or-no field of a profile
FLAG, WORDS = ("1", "0"), ("yes", "no")


class LabelFile(Strict):
    """One file."""

    #: column -> stored value -> label
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    #: columns whose labels get their place in front (`1 New`), as charts sort by the text
    numbered: list[str] = Field(default_factory=list)
    #: stored value of a flag -> label
    flags: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a label stands; `whose` is empty for ours."""

    file: str
    line: int
    whose: str = ""


@dataclass(frozen=True)
class Labels:
    """All labels. `places` tells where each stands, by column and value."""

    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    numbered: frozenset[str] = frozenset()
    flags: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict, repr=False)

    def label(self, column: str, value: str) -> str | None:
        """What people read for a value of a column: the one place that says it."""
        known = self._known(column)
        text = known.get(value)
        if text is None or column not in self.numbered:
            return text
        return f"{1 + list(known).index(value):0{len(str(len(known)))}} {text}"

    def of(self, column: str) -> dict[str, str]:
        """Stored value -> label, in the order of the files; empty for a column without any."""
        return {value: str(self.label(column, value)) for value in self._known(column)}

    def _known(self, column: str) -> Mapping[str, str]:
        if column in self.values:
            return self.values[column]
        return self.flags if column.startswith(FLAGS) else {}

    def with_words(self, columns: Iterable[str]) -> Labels:
        """These, and those of columns that hold `yes` and `no`."""
        words = {
            word: self.flags[flag]
            for word, flag in zip(WORDS, FLAG, strict=True)
            if flag in self.flags
        }
        more = {name: {**words, **self.values.get(name, {})} for name in columns}
        return replace(self, values={**self.values, **more})


def read_labels(folders: Folders) -> Labels:
    """The labels of all folders. CrmKpiError with file and line for two that do not agree."""
    values: dict[str, dict[str, str]] = {}
    flags: dict[str, str] = {}
    numbered: set[str] = set()
    places: dict[tuple[str, str], Place] = {}
    for folder in folders:
        for place, key, text in _all(folder, numbered):
            column, value = key
            known = flags if not column else values.setdefault(column, {})
            if known.setdefault(value, text) != text:
                of = places[key]
                raise CrmKpiError(
                    f"{place.file} line {place.line}: `{value}` of `{column}` is `{known[value]}` "
                    f"by {of.file} line {of.line}; a value reads the same everywhere, drop yours"
                )
            places.setdefault(key, place)
    return Labels(values, frozenset(numbered), flags, places)


def _all(folder: Folder, numbered: set[str]) -> Iterator[tuple[Place, tuple[str, str], str]]:
    """Each label with its place and its key; what is numbered is added to `numbered`."""
    for path in folder.files("sql", "labels", ending=".yaml"):
        with folder.named():
            document = read_document(path)
            try:
                file = LabelFile.model_validate(document.content or {})
            except ValidationError as error:
                first = first_fault(error, LabelFile)
                line = line_of(document.tree, first.keys)
                raise CrmKpiError(f"{path.name} line {line}: {first}") from error
            for column in file.numbered:
                if column not in file.values:
                    line = line_of(document.tree, ["numbered"])
                    raise CrmKpiError(f"{path.name} line {line}: `numbered`: no values `{column}`")
            numbered.update(file.numbered)
        for key, known in (("values", file.values), ("flags", {"": file.flags})):
            for column, labels in known.items():
                for value, text in labels.items():
                    keys = [key, column, value] if column else [key, value]
                    place = Place(folder.shown(path), line_of(document.tree, keys), folder.owner)
                    yield place, (column, value), text
