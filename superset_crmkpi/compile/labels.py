"""What people read of a fact's columns: a label per stored value, as SQL over the fact's rows.

Metrics, `where:` of tiles and rules of rows compute on what is stored; a *label column* beside it,
`status__label` of `status`, is what is grouped by, listed and chosen in filters. Every fact whose
text column has a name that labels are given for has one, so that a filter by it acts on all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlglot import exp

from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.labels import FLAGS
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import identifier
from superset_crmkpi.language.language import ENGLISH
from superset_crmkpi.query.prune import tables_read
from superset_crmkpi.query.values import ANY, Values, values

#: a mapping may have a column `status_label` of the vendor, none has two underscores
SUFFIX = "__label"


def label_column(column: str) -> str:
    """The name of the label column of a column."""
    return f"{column}{SUFFIX}"


class LabelColumns:
    """The label columns of the facts of a compiler."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.labels = compiler.catalog.labels
        self._values: dict[str, dict[str, Values]] = {}
        self._of: dict[str, dict[str, str]] = {}

    def of(self, fact: str) -> dict[str, str]:
        """Column that is shown and has a label column -> the SQL of that, for the engine."""
        if fact not in self._of:
            taken, found = set(self.compiler.columns_of(fact)), {}
            for column, kind in self.compiler.shown(fact).items():
                made = self._label(fact, column, kind)
                if made is not None and label_column(column) not in taken:
                    found[column] = self.compiler.measure(fact, made.sql(dialect="duckdb"))
            self._of[fact] = found
        return self._of[fact]

    def values_of(self, fact: str) -> dict[str, Values]:
        """Which texts the columns of a fact may hold."""
        if fact not in self._values:
            query, facts = self.compiler.definition(fact), self.compiler.catalog.facts
            held = {
                name: {column: Values(known) for column, known in entity.allowed.items()}
                for name, entity in self.compiler.model.items()
            }
            for other in tables_read(query):
                if other in facts and other != fact:
                    held[other] = self.values_of(other)
            self._values[fact] = values(query, held)
        return self._values[fact]

    def _label(self, fact: str, column: str, kind: str) -> exp.Expression | None:
        stored, labels = exp.column(identifier(column)), self.labels.of(column)
        if kind == "text":
            held = self.values_of(fact).get(column, ANY)
            can = {value: label for value, label in labels.items() if _can_be(value, held)}
            can |= self._said(held.known - labels.keys())
            if can:
                return _case(stored, can, exp.Literal.string).else_(stored)
            return stored if column in self.labels.values else None
        if kind == "bigint" and column.startswith(FLAGS) and labels:
            return _case(stored, labels, exp.Literal.number)
        return None

    def _said(self, values: Iterable[str]) -> dict[str, str]:
        """Values without a label that the catalogue's language has words for."""
        language = self.compiler.catalog.language
        if language == ENGLISH:
            return {}
        said = {value: language.say(value) for value in sorted(values)}
        return {value: text for value, text in said.items() if text != value}


def _can_be(value: str, held: Values) -> bool:
    return held.others or value in held.known


def _case(
    stored: exp.Expression, labels: Mapping[str, str], literal: Callable[[str], exp.Expression]
) -> exp.Case:
    case = exp.case()
    for value, text in labels.items():
        case = case.when(exp.EQ(this=stored.copy(), expression=literal(value)), exp.convert(text))
    return case


def label_faults(catalog: Catalog, compiler: Compiler, whose: str | None = None) -> Iterator[str]:
    """Labels that nobody will ever read, each with file, line and key; `whose`: of one owner."""
    columns = LabelColumns(compiler)
    held: dict[str, Values] = {}
    labelled = {
        column
        for (column, _), place in catalog.labels.places.items()
        if whose is None or place.whose == whose
    }
    for name, fact in catalog.facts.items():
        if not labelled.intersection((*fact.meta.dimensions, *fact.meta.columns)):
            continue  # its types cost a while
        for column, kind in compiler.types_of(name).items():
            if kind == "text" and column in labelled:
                found = columns.values_of(name).get(column, ANY)
                held[column] = held[column] | found if column in held else found
    seen: dict[tuple[str, str], str] = {}
    for (column, value), place in catalog.labels.places.items():
        if not column or (whose is not None and place.whose != whose):
            continue
        where = f"{place.file} line {place.line}: `values.{column}.{value}`"
        text = catalog.labels.values[column][value]
        other = seen.setdefault((column, text), value)
        if column not in held:
            yield f"{where}: no fact has a text column `{column}`; drop its labels"
        elif not _can_be(value, held[column]):
            known = ", ".join(sorted(held[column].known))
            yield f"{where}: `{column}` never has this value; it has {known}"
        elif other != value:
            yield f"{where}: `{text}` is the label of `{other}` too; a filter would mix them"
