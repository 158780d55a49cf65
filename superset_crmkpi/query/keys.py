"""Which columns name a row of a query: where a join on them finds one row at most.

Only what the query itself proves counts (a group by, a distinct, the place in a row_number), and
the keys that are handed in for tables. Whatever is not known here may find several rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlglot import exp

from superset_crmkpi.query.clauses import (
    Relation,
    Source,
    ctes_of,
    from_clause,
    joins_of,
    sources_of,
)

#: table -> its keys: sets of columns of which no two rows have the same values
Keys = Mapping[str, Collection[Collection[str]]]
_KINDS = ("", "INNER", "CROSS", "OUTER")
#: what may stand between a window and its function
_AROUND = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)


def is_plain(join: exp.Join) -> bool:
    """Whether a join is inner, cross or left, on a condition."""
    odd = join.method or join.args.get("using") or join.args.get("match_condition")
    return not odd and join.kind in _KINDS and join.side in ("", "LEFT")


def finds_one(join: exp.Join, source: Source, keys: Keys) -> bool:
    """Whether a joined source gives each row at most one row of its own."""
    alias = join.alias_or_name
    fixed = set()
    for column, value in _equalities(join.args.get("on")):
        tables = {read.table for read in value.find_all(exp.Column)}
        if column.table == alias and alias not in tables and (tables or _constant(value)):
            fixed.add(column.name)
    return names_a_row(source, fixed, keys)


def names_a_row(source: Source, fixed: Collection[str], keys: Keys) -> bool:
    """Whether at most one row has the same (non-null) values in the columns `fixed`."""
    if isinstance(source, str):
        return any(set(key) <= set(fixed) for key in keys.get(source, ()))
    return not source.whole and _one_of(source.query, source.ctes, set(fixed), keys)


def _one_of(
    query: exp.Expression, around: Mapping[str, Relation], fixed: set[str], keys: Keys
) -> bool:
    ctes = ctes_of(query, around)
    if isinstance(query, exp.Subquery):
        return _one_of(query.this, ctes, fixed, keys)
    if isinstance(query, exp.SetOperation):
        if query.args.get("distinct"):
            return set(query.named_selects) <= fixed
        return isinstance(query, exp.Union) and _one_of_branches(query, ctes, fixed, keys)
    if not isinstance(query, exp.Select) or query.is_star:
        return False
    outputs = [(str(output.alias_or_name), output.unalias()) for output in query.expressions]
    known = [value for name, value in outputs if name in fixed or _constant(value)]
    distinct = query.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is None and len(known) == len(outputs):
        return True
    group = query.args.get("group")
    if group is not None:
        plain = not any(value for key, value in group.args.items() if key != "expressions")
        if plain and all(_constant(by) or by in known for by in group.expressions):
            return all(not isinstance(by, exp.Literal) for by in group.expressions)
    elif any(is_aggregate(value) for _, value in outputs):
        return True
    if any(_place(value, known) for value in known):
        return True
    return group is None and _one_joined(query, ctes, known, keys)


def _one_of_branches(
    union: exp.Union, ctes: Mapping[str, Relation], fixed: set[str], keys: Keys
) -> bool:
    """Whether a fixed column tells the branches of a UNION ALL apart, each by another text."""
    branches: list[exp.Expression] = []
    waiting: list[exp.Expression] = [union]
    while waiting:
        branch = waiting.pop()
        if isinstance(branch, exp.Union) and not branch.args.get("distinct"):
            waiting += [branch.left, branch.right]
        else:
            branches.append(branch)
    names = [str(name) for name in union.named_selects]
    for branch in branches:  # the first one names the columns of all
        if not isinstance(branch, exp.Select) or branch.named_selects != names:
            return False
    told = any(
        name in fixed
        and len({b.expressions[i].unalias() for b in branches}) == len(branches)
        and all(isinstance(b.expressions[i].unalias(), exp.Literal) for b in branches)
        for i, name in enumerate(names)
    )
    return told and all(_one_of(branch, ctes, fixed, keys) for branch in branches)


def _place(value: exp.Expression, known: Collection[exp.Expression]) -> bool:
    """Whether the value is the place of a row within a part that is known."""
    if not isinstance(value, exp.Window) or not isinstance(value.this, exp.RowNumber):
        return False
    return all(by in known or _constant(by) for by in value.args.get("partition_by") or [])


def _one_joined(
    select: exp.Select, ctes: Mapping[str, Relation], known: Collection[exp.Expression], keys: Keys
) -> bool:
    """Whether each source of a plain SELECT gives one row at most, step by step from `known`."""
    sources = sources_of(select, ctes)
    from_, joins = from_clause(select), joins_of(select)
    if from_ is None or len(sources) != 1 + len(joins):
        return from_ is None and not joins
    fixed: dict[str, set[str]] = {name: set() for name in sources}
    for value in known:
        if isinstance(value, exp.Column) and value.table in fixed:
            fixed[value.table].add(value.name)
    equal: list[tuple[exp.Column, exp.Expression]] = []
    where = select.args.get("where")
    if where is not None:
        equal += _equalities(where.this)
    for join in joins:
        if not is_plain(join):
            return False
        pairs = list(_equalities(join.args.get("on")))
        if join.side == "LEFT":  # says nothing of the rows on its left
            pairs = [(c, value) for c, value in pairs if c.table == join.alias_or_name]
        equal += pairs
    single: set[str] = set()
    while True:
        for column, value in equal:
            reads = list(value.find_all(exp.Column))
            if column.table in fixed and (_constant(value) or _settled(reads, single, fixed)):
                fixed[column.table].add(column.name)
        found = {
            name
            for name, source in sources.items()
            if name not in single and names_a_row(source, fixed[name], keys)
        }
        if not found:
            return len(single) == len(sources)
        single |= found


def _settled(
    columns: Collection[exp.Column], single: Collection[str], fixed: Mapping[str, set[str]]
) -> bool:
    """Whether the columns have one value each."""
    return bool(columns) and all(
        column.table in single or column.name in fixed.get(column.table, ()) for column in columns
    )


def _equalities(
    condition: exp.Expression | None,
) -> Iterator[tuple[exp.Column, exp.Expression]]:
    """Column and what it equals, of conditions that all must hold; both ways."""
    if isinstance(condition, exp.Paren):
        yield from _equalities(condition.this)
    elif isinstance(condition, exp.And):
        yield from _equalities(condition.left)
        yield from _equalities(condition.right)
    elif isinstance(condition, exp.EQ):
        for column, value in (
            (condition.left, condition.right),
            (condition.right, condition.left),
        ):
            if isinstance(column, exp.Column) and value.find(exp.Query) is None:
                yield column, value


def _constant(value: exp.Expression) -> bool:
    if isinstance(value, exp.Cast | exp.Neg | exp.Paren):
        return _constant(value.this)
    return isinstance(value, exp.Literal | exp.Boolean)


def is_aggregate(value: exp.Expression) -> bool:
    """Whether a value is taken over the rows of its SELECT: an aggregate that is no window."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.AggFunc):
            return True
        if isinstance(node, exp.Query):
            continue
        if isinstance(node, exp.Window):  # sum(sum(x)) over (...): only what is inside
            called = node.this
            while isinstance(called, _AROUND):
                called = called.this
            waiting += [*called.iter_expressions(), *node.args.get("partition_by", [])]
            if node.args.get("order") is not None:
                waiting.append(node.args["order"])
            continue
        waiting += list(node.iter_expressions())
    return False
