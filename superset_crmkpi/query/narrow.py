"""A query without the columns and joins that nobody reads, from the top down.

What a column may be dropped from depends on whether the rows change by it:

- from a plain or grouped SELECT and from UNION ALL: yes;
- from SELECT DISTINCT, UNION, INTERSECT, EXCEPT: no, as equal rows are one there. As a branch of a
  narrower UNION ALL such a query is wrapped in a SELECT of the columns that are asked for;
- the last aggregate of a SELECT without GROUP BY stays, as it makes the rows one.

A left join goes where nothing reads its columns and it finds one row at most (`keys`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp

from superset_crmkpi.query.clauses import (
    Relation,
    Source,
    ctes_of,
    from_clause,
    joins_of,
    nodes_in,
    nodes_of,
    sources_of,
    with_clause,
)
from superset_crmkpi.query.keys import Keys, finds_one, is_aggregate, is_plain

#: clauses that may name an output column of their SELECT
_OF_OUTPUT = ("having", "qualify", "order")
#: makes several rows of one
_MULTIPLIES = (exp.Unnest, exp.Explode, exp.Posexplode, exp.Inline)
_BRANCH = "branch"

Ctes = Mapping[str, Relation]
#: the sources of the SELECTs around a query in a condition, the nearest last
Around = tuple[Mapping[str, Source], ...]


def narrow(query: exp.Query, columns: Collection[str], keys: Keys) -> None:
    """Cut a qualified query, in place, down to its output `columns` and what these need."""
    asked = [i for i, name in enumerate(query.named_selects) if name in columns]
    _Narrowing(keys).query(query, asked, {}, ())


class _Narrowing:
    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def query(
        self, query: exp.Expression, asked: Sequence[int] | None, ctes: Ctes, around: Around
    ) -> None:
        """Keep the output columns at places `asked` (None for all), and what they need."""
        inner = ctes_of(query, ctes)
        if isinstance(query, exp.Subquery):
            self.query(query.this, given(query, asked), inner, around)
        elif isinstance(query, exp.SetOperation):
            self._branches(query, given(query, asked), inner, around)
        elif isinstance(query, exp.Select):
            self._select(query, given(query, asked), inner, around)
        else:
            _ask_all(query, inner)
        with_ = with_clause(query)
        for cte in reversed(with_.expressions) if with_ is not None else []:
            self._relation(inner[cte.alias], around)

    def _relation(self, relation: Relation, around: Around) -> None:
        if not relation.read:
            return
        names = _names(relation.query)
        asked = [i for i, name in enumerate(names or []) if name in relation.asked]
        all_ = relation.whole or names is None
        self.query(relation.query, None if all_ else asked, relation.ctes, around)

    def _branches(
        self,
        union: exp.SetOperation,
        asked: Sequence[int] | None,
        ctes: Ctes,
        around: Around,
    ) -> None:
        for side in (union.left, union.right):
            branch = side
            if asked is not None and given(branch, asked) != list(asked):
                wrapped = _wrapped(branch, asked)
                branch.replace(wrapped)
                branch = wrapped
            self.query(branch, asked, ctes, around)

    def _select(
        self, select: exp.Select, asked: Sequence[int] | None, ctes: Ctes, around: Around
    ) -> None:
        if asked is not None and len(asked) < len(select.expressions):
            kept = [select.expressions[i] for i in asked]
            if not kept:
                one = exp.Literal.number(1)
                summed = not select.args.get("group") and _aggregates(select.expressions)
                kept = [exp.alias_(exp.Max(this=one) if summed else one, "_")]
            select.set("expressions", kept)
        sources = sources_of(select, ctes)
        self._drop_joins(select, sources)
        visible = (*around, sources)
        nested = []
        for node in nodes_of(select):
            if isinstance(node, exp.Column):
                _ask(node, visible)
            elif isinstance(node, exp.Query):
                nested.append(node)
        for query in nested:
            self.query(query, None, ctes, visible)
        for clause in [c for c in [from_clause(select), *joins_of(select)] if c is not None]:
            source = sources.get(clause.alias_or_name)
            if source is None:  # nothing that this module knows
                _ask_all(clause.this, ctes)
            elif isinstance(source, Relation):
                source.read = True
                source.whole |= select.is_star
                if isinstance(clause.this, exp.Subquery):
                    self._subquery(clause.this, source, visible)

    def _subquery(self, subquery: exp.Subquery, source: Relation, around: Around) -> None:
        if source.whole:
            self.query(subquery, None, source.ctes, around)
        else:
            self._relation(source, around)

    def _drop_joins(self, select: exp.Select, sources: dict[str, Source]) -> None:
        joins = joins_of(select)
        odd = any(join.method or join.args.get("using") for join in joins)
        if odd or select.is_star or not any(join.side == "LEFT" for join in joins):
            return
        read = Counter(column.table for column in _columns(select))
        if "" in read:
            return
        for join in reversed(joins):
            alias = join.alias_or_name
            source = sources.get(alias)
            if join.side != "LEFT" or not is_plain(join) or source is None:
                continue
            own = Counter(column.table for column in _columns(join))
            if read[alias] == own[alias] and finds_one(join, source, self.keys):
                read -= own
                joins.remove(join)
                del sources[alias]
        select.set("joins", joins)


def given(query: exp.Expression, asked: Sequence[int] | None) -> list[int] | None:
    """The places of the output columns that a query must give so that its rows stay what they are
    where those `asked` are read; None for all."""
    if asked is None:
        return None
    if isinstance(query, exp.Subquery):
        return given(query.this, asked) if _is_paren(query) else None
    names = _names(query)
    if names is None:
        return None
    wanted = {*asked, *(i for i, name in enumerate(names) if name in _named(query))}
    places = sorted(wanted)
    if isinstance(query, exp.SetOperation):
        plain = isinstance(query, exp.Union) and not _is_odd(query)
        return places if plain and not query.args.get("distinct") else None
    if not isinstance(query, exp.Select) or query.args.get("distinct") is not None:
        return None
    dropped = [value for i, value in enumerate(query.expressions) if i not in wanted]
    if any(value.find(*_MULTIPLIES) for value in dropped):
        return None
    if places and not query.args.get("group") and _aggregates(dropped):
        return places if _aggregates([query.expressions[i] for i in places]) else None
    return places


def _names(query: exp.Expression) -> list[str] | None:
    """Names of the output columns; None where they are not known, or two are the same."""
    if not isinstance(query, exp.Query):
        return None
    branches = [query]
    while branches:
        branch = branches.pop().unnest()
        if isinstance(branch, exp.SetOperation):
            branches += [branch.left, branch.right]
        elif not isinstance(branch, exp.Select) or branch.is_star:
            return None
    names = [str(name) for name in query.named_selects]
    return names if len(set(names)) == len(names) else None


def _named(query: exp.Expression) -> set[str]:
    """Output columns that a query names itself, in its ORDER BY for one; all, where by place."""
    clauses = [query.args[key] for key in _OF_OUTPUT if query.args.get(key)]
    clauses += [query.args["group"]] if query.args.get("group") else []
    found = {c.name for clause in clauses for c in clause.find_all(exp.Column) if not c.table}
    for clause in clauses:
        for by in clause.expressions:
            place = by.this if isinstance(by, exp.Ordered) else by
            if isinstance(place, exp.Literal):
                found.update(_names(query) or [])
    return found


def _wrapped(branch: exp.Expression, asked: Sequence[int]) -> exp.Select:
    """SELECT of the columns at places `asked` from a query that has to stay whole."""
    assert isinstance(branch, exp.Query)
    query = branch
    while _is_paren(query):
        query = query.this
    names = [str(query.named_selects[i]) for i in asked]
    columns = [exp.alias_(exp.column(name, _BRANCH), name) for name in names]
    with_ = with_clause(query)
    if with_ is not None:  # MariaDB takes no WITH inside of a subquery
        with_.pop()
    inner = exp.Subquery(this=query.copy(), alias=exp.TableAlias(this=exp.to_identifier(_BRANCH)))
    outer = exp.select(*columns or [exp.alias_(exp.Literal.number(1), "_")]).from_(inner)
    for cte in with_.expressions if with_ is not None else []:
        outer = outer.with_(cte.alias, as_=cte.this, copy=False)
    return outer


def _is_paren(query: exp.Expression) -> bool:
    """Whether a query is another one in parentheses and nothing more."""
    clauses = {key for key, value in query.args.items() if value}
    return isinstance(query, exp.Subquery) and clauses <= {"this", "alias"}


def _is_odd(union: exp.SetOperation) -> bool:
    return any(union.args.get(key) for key in ("by_name", "side", "kind", "on"))


def _aggregates(values: Sequence[exp.Expression]) -> bool:
    return any(is_aggregate(value) for value in values)


def _columns(node: exp.Expression) -> list[exp.Column]:
    """Columns of a SELECT or a join, those of queries in their conditions too."""
    found: list[exp.Column] = []
    if isinstance(node, exp.Join):
        on = node.args.get("on")
        return list(on.find_all(exp.Column)) if on is not None else []
    for inner in nodes_of(node):
        if isinstance(inner, exp.Column):
            found.append(inner)
        elif isinstance(inner, exp.Query):
            found += inner.find_all(exp.Column)
    return found


def _ask(column: exp.Column, visible: Around) -> None:
    """Ask a column of the source it names; without a table of all that may have it."""
    for sources in reversed(visible):
        if not column.table:
            for source in sources.values():
                if isinstance(source, Relation):
                    source.asked.add(column.name)
        elif column.table in sources:
            source = sources[column.table]
            if isinstance(source, Relation):
                source.asked.add(column.name)
            return


def _ask_all(node: exp.Expression, ctes: Ctes) -> None:
    for table in nodes_in(node, exp.Table):
        if not table.db and table.name in ctes:
            ctes[table.name].whole = ctes[table.name].read = True
