"""The user's own SELECTs tried before they are believed: on no rows, then on the data.

One query per SELECT counts everything that can be wrong with its rows; only for what it finds are
there others, for an example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Engine
from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.canonical.model import MANAGED, Column
from superset_crmkpi.compile.live import raw_name, with_raw
from superset_crmkpi.connectors.mistakes import Mistake
from superset_crmkpi.connectors.outputs import unread
from superset_crmkpi.connectors.selected import SelectedEntity, user_selects
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.project.project import Project
from superset_crmkpi.query.trees import Pruned
from superset_crmkpi.query.verbatim import restored
from superset_crmkpi.warehouse.connect import fetched
from superset_crmkpi.warehouse.describe import reason

#: values of one column that a line lists
MOST = 5
#: columns that hold a share of one
_SHARES = frozenset({"probability"})
_WHAT = {
    "timestamp": ("time that did not parse", "a time", "'2026-01-31 14:30' or '2026-01-31'"),
    "date": ("date that did not parse", "a date", "'2026-01-31'"),
    "boolean": ("boolean that did not parse", "yes or no", "true and false"),
    "double": ("number that did not parse", "a number", "1234.50, without a decimal comma"),
    "bigint": ("number that did not parse", "a whole number", "1234"),
}


def tried(project: Project, say: Callable[[str], None] = lambda _: None) -> list[Mistake]:
    """All mistakes in the SELECTs of the profile, errors first."""
    found: list[Mistake] = []
    for entity in user_selects(project.sources):
        say(f"Trying {entity.source.name}.{entity.entity.name}")
        found += entity.mistakes
        if entity.usable:
            found += _Trial(project, entity).mistakes()
    return sorted(found, key=lambda mistake: not mistake.is_error)


@dataclass
class _Check:
    """Something that rows may have, and the values that have it; `among` are those that might."""

    column: str
    has: exp.Expression
    value: exp.Expression
    among: exp.Expression
    tell: Callable[[str, int, int, str], Mistake]


@dataclass
class _Trial:
    """One SELECT over the rows that are there."""

    project: Project
    entity: SelectedEntity
    joins: list[tuple[exp.Expression, exp.Expression]] = field(default_factory=list)
    ctes: dict[str, exp.Query] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        return self.project.engine

    def mistakes(self) -> list[Mistake]:
        try:
            return list(self._found())
        except Exception as error:  # drivers raise errors of their own while rows are fetched
            said = f"the warehouse cannot read its rows: {reason(error)}"
            return [self._mistake("SELECT that fails on its rows", "", said, "mend the SELECT")]

    def _found(self) -> Iterator[Mistake]:
        checks = list(self._checks())
        ids = exp.cast(_column("id"), "text")
        counted: dict[str, exp.Expression] = {
            "n": exp.Count(this=exp.Star()),
            "ids": exp.Count(this=_column("id")),
            "different": exp.Count(this=exp.Distinct(expressions=[ids.copy()])),
        }
        # so that the warehouse works out each of them
        counted |= {f"given_{name}": exp.Count(this=_column(name)) for name in self.entity.outputs}
        for place, check in enumerate(checks):
            counted[f"has_{place}"] = _number(check.has)
            counted[f"among_{place}"] = _number(check.among)
            value = exp.case().when(check.has.copy(), exp.cast(check.value.copy(), "text"))
            counted[f"value_{place}"] = exp.Min(this=value)
        query = exp.select(*(exp.alias_(value, name) for name, value in counted.items()))
        (row,) = self._rows(query)
        rows, given, different = int(row["n"]), int(row["ids"]), int(row["different"])
        if given < rows:
            yield self._mistake(
                "id that is null", "id", "without an id", "give each row one", rows - given
            )
        if different < given:
            yield self._doubled()
        for place, check in enumerate(checks):
            has, among = int(row[f"has_{place}"] or 0), int(row[f"among_{place}"] or 0)
            if has:
                yield check.tell(check.column, has, among, str(row[f"value_{place}"]))

    def _doubled(self) -> Mistake:
        number = exp.Count(this=exp.Star())
        query = exp.select(
            exp.alias_(exp.cast(_column("id"), "text"), "id"), exp.alias_(number, "n")
        ).where(exp.not_(_column("id").is_(exp.null())))
        doubled = [
            (str(row["id"]), int(row["n"]))
            for row in self._rows(query.group_by(exp.cast(_column("id"), "text")), having=number)
        ]
        rows = sum(number for _, number in doubled)
        return self._mistake(
            "id given twice",
            "id",
            f"with an id that another row has too ({len(doubled):,} such)",
            "choose one row for each id, or tell them apart in the id",
            rows,
            min(doubled)[0],
        )

    def _checks(self) -> Iterator[_Check]:
        labels = self.entity.source.labels
        for name, output in self.entity.outputs.items():
            wanted = self.entity.entity.schema[name]
            raw = _column(f"raw_{name}")
            fails = unread(raw, output.kind, wanted) if name in self.entity.texts else None
            if fails is not None:
                yield _Check(name, fails, raw, _filled(raw), self._unparsed)
            column = self.entity.entity.columns.get(name)
            if column is None or name in MANAGED or name == "id":
                continue
            if column.references is not None:
                yield from self._reference(column)
            elif column.allowed and f"{self.entity.entity.name}.{name}" not in labels:
                value, known = _column(name), [exp.Literal.string(v) for v in column.allowed]
                strange = exp.not_(exp.In(this=value.copy(), expressions=known))
                yield _Check(name, exp.and_(_filled(value), strange), value, _filled(value),
                             self._strange)  # fmt: skip
            elif (
                column.type == "double" and "0..1" in (column.meaning or "").split()
            ) or name == "probability":
                yield from self._percent(name)

    def _percent(self, name: str) -> Iterator[_Check]:
        value = _column(name)
        outside = exp.not_(
            exp.Between(this=value, low=exp.Literal.number(0), high=exp.Literal.number(1))
        )
        given = exp.not_(value.copy().is_(exp.null()))
        yield _Check(name, exp.and_(given.copy(), outside), value, given, self._outside)

    def _reference(self, column: Column) -> Iterator[_Check]:
        assert column.references is not None
        own = self.entity.source
        owner = own.source.links.get(column.references, own.name)
        source = next((s for s in self.project.sources if s.name == owner), None)
        if source is None or not source.usable(column.references):
            return  # coverage says that nobody maps it
        relation = f"ids_{owner}_{column.references}"
        if relation not in self.ctes:
            self._add_ids(source, column.references, relation)
        alias = f"a{len(self.joins) + 1}"
        value = exp.cast(_column(column.name), "text")
        same = exp.EQ(this=exp.column("id", alias), expression=value.copy())
        self.joins.append((exp.alias_(exp.to_table(relation), alias, table=True), same))
        nowhere = exp.and_(_filled(_column(column.name)), exp.column("id", alias).is_(exp.null()))
        target = f"{owner}.{column.references}"
        yield _Check(
            column.name,
            nowhere,
            _column(column.name),
            _filled(_column(column.name)),
            lambda name, has, among, seen: self._nowhere(name, has, among, seen, target),
        )

    def _add_ids(self, source: MappedSource, entity: str, relation: str) -> None:
        """The ids of an entity, each once, those of deleted records too."""
        mapped = source[entity].labelled({"id"})
        for table, columns in mapped.reads.items():
            self.ctes[raw_name(source.name, table)] = source.raw.query(table, columns)
        self.ctes[f"all_{relation}"] = with_raw(source, mapped)
        text = exp.alias_(exp.cast(_column("id"), "text"), "id")
        every = exp.select(text).distinct()
        self.ctes[relation] = every.from_(
            exp.alias_(exp.to_table(f"all_{relation}"), "m", table=True)
        )

    def _rows(
        self, query: exp.Select, having: exp.Expression | None = None
    ) -> list[dict[str, Any]]:
        query = query.from_(exp.alias_(exp.to_table("tried"), "m", table=True))
        if "is_deleted" in self.entity.outputs:
            query = query.where("not coalesce(m.is_deleted, false)")
        if having is not None:
            query = query.having(exp.GT(this=having.copy(), expression=exp.Literal.number(1)))
        else:
            for relation, on in self.joins:
                query = query.join(relation.copy(), on=on.copy(), join_type="left")
            for name, inner in self.ctes.items():
                query = query.with_(name, as_=inner)
        tried_ = with_raw(self.entity.source, Pruned(self.entity.tried(), {}))
        query = query.with_("tried", as_=tried_)
        dialect = self.entity.source.dialect
        text = dialects.finish(query, dialect).sql(dialect=dialect)
        return fetched(self.engine, restored(text))

    # -- what is told ------------------------------------------------------------------------------

    def _mistake(
        self,
        mistake: str,
        column: str,
        message: str,
        remedy: str,
        rows: int | None = None,
        example: str | None = None,
        is_error: bool = True,
    ) -> Mistake:
        source, name = self.entity.source.name, self.entity.entity.name
        return Mistake(
            mistake, source, name, column, message, remedy, is_error, rows=rows, example=example
        )

    def _unparsed(self, name: str, has: int, among: int, seen: str) -> Mistake:
        what, meant, form = _WHAT[self.entity.entity.schema[name]]
        message, remedy = f"that cannot be read as {meant}", f"give it as {form}"
        return self._mistake(what, name, message, remedy, has, seen, has == among)

    def _outside(self, name: str, has: int, among: int, seen: str) -> Mistake:
        return self._mistake(
            "percent that is not 0 to 1",
            name,
            "outside of 0 to 1",
            "divide a percent by 100",
            has,
            seen,
        )

    def _nowhere(self, name: str, has: int, among: int, seen: str, target: str) -> Mistake:
        links = "" if has < among else ", or say under `links` whose ids they are"
        return self._mistake(
            "reference that leads nowhere",
            name,
            f"with an id that {target} has not",
            f"give null where there is none{links}",
            has,
            seen,
            has == among,
        )

    def _strange(self, name: str, has: int, among: int, seen: str) -> Mistake:
        allowed = self.entity.entity.columns[name].allowed
        number = exp.Count(this=exp.Star())
        value, known = _column(name), [exp.Literal.string(one) for one in allowed]
        query = exp.select(exp.alias_(value, "value"), exp.alias_(number, "n")).where(
            exp.and_(_filled(value), exp.not_(exp.In(this=value.copy(), expressions=known)))
        )
        counted = sorted(
            (
                (int(row["n"]), str(row["value"]))
                for row in self._rows(query.group_by(value.copy()))
            ),
            key=lambda pair: (-pair[0], pair[1]),
        )
        listed = ", ".join(f"`{text}` {rows:,}" for rows, text in counted[:MOST])
        more = f" and {len(counted) - MOST} more" if len(counted) > MOST else ""
        spelled = any(text.strip().lower() in allowed for _, text in counted)
        return self._mistake(
            "value that the model does not know",
            name,
            f"with a value that the model does not know: {listed}{more}",
            f"give one of {', '.join(allowed)}, or say under "
            f"`sources.{self.entity.source.name}.values` what yours mean",
            has,
            counted[0][1],
            spelled or has == among,
        )


def _column(name: str) -> exp.Column:
    return exp.column(name, "m")


def _filled(value: exp.Expression) -> exp.Expression:
    """Whether something is there, be it no text."""
    text = exp.func("trim", exp.cast(value.copy(), "text"))
    return exp.NEQ(this=text, expression=exp.Literal.string(""))


def _number(condition: exp.Expression) -> exp.Expression:
    one, none = exp.Literal.number(1), exp.Literal.number(0)
    return exp.Sum(this=exp.case().when(condition.copy(), one).else_(none))
