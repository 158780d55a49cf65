"""Tree rewrites that several engines share. Each takes a finished query and changes it in place."""

from __future__ import annotations

from sqlglot import exp, parse_one

from superset_crmkpi.query.clauses import with_clause


def rewritten(query: exp.Expression, *steps: object) -> exp.Expression:
    """`query` after each step; a step may replace its root."""
    holder = exp.Paren(this=query)
    for step in steps:
        assert callable(step)
        step(holder)
    found: exp.Expression = holder.this
    found.pop()
    return found


def date_differences(query: exp.Expression) -> None:
    """`a - date '2000-01-01'` in days, which few engines print as a number."""
    for node in list(query.find_all(exp.Sub)):
        if is_date(node.expression) and not is_date_shift(node.this):
            days = exp.DateDiff(this=node.this, expression=node.expression, unit=exp.var("DAY"))
            node.replace(days)


def is_date(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DATE)


def is_date_shift(node: exp.Expression) -> bool:
    """A date plus days."""
    return isinstance(node, exp.Add) and is_date(node.this)


def elements_joined(query: exp.Expression, dialect: str, rows: str) -> None:
    """Columns `crm_elements(x)` as a join, for engines without functions that give rows.

    `rows` is what to join in the dialect, with `{x}` for the array: `crm_items` with a column
    `value`.
    """
    for node in list(query.find_all(exp.Anonymous)):
        if str(node.this).lower() != "crm_elements":
            continue
        select = node.find_ancestor(exp.Select)
        assert select is not None
        array = node.expressions[0].sql(dialect=dialect)
        made = parse_one(
            f"select 1 from a cross join {rows.replace('{x}', array)}", dialect=dialect
        )
        select.append("joins", made.args["joins"][0])
        node.replace(exp.column("value", "crm_items"))


def exists_as_in(query: exp.Expression) -> None:
    """`not exists (select 1 from m where m.k = o.k ...)` as `o.k is null or o.k not in (...)`.

    Only where one equality is what ties the inner query to the outer one.
    """
    for node in list(query.find_all(exp.Exists)):
        inner = node.this
        negated = isinstance(node.parent, exp.Not)
        where = inner.args.get("where") if isinstance(inner, exp.Select) else None
        if where is None or not negated or with_clause(inner) is not None:
            continue
        own = {table.alias_or_name for table in inner.find_all(exp.Table)}
        conditions = list(_conjuncts(where.this))
        outer = [part for part in conditions if not _tables(part) <= own]
        if len(outer) != 1 or not isinstance(outer[0], exp.EQ):
            continue
        left, right = outer[0].this, outer[0].expression
        if not _tables(left) <= own:
            left, right = right, left
        if not _tables(left) <= own or _tables(right) & own:
            continue
        kept = [part for part in conditions if part is not outer[0]]
        keys = inner.copy()
        keys.set("where", None)
        keys.set("expressions", [left.copy()])
        for part in [*kept, exp.Not(this=exp.Is(this=left.copy(), expression=exp.null()))]:
            keys = keys.where(part.copy())
        within = exp.In(this=right.copy(), query=exp.Subquery(this=keys))
        absent = exp.Or(  # brackets by hand: versions of sqlglot set them differently
            this=exp.Is(this=right.copy(), expression=exp.null()),
            expression=exp.Not(this=exp.Paren(this=within)),
        )
        assert node.parent is not None
        node.parent.replace(exp.Paren(this=absent))


def _conjuncts(node: exp.Expression) -> list[exp.Expression]:
    if isinstance(node, exp.And):
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    return [node]


def _tables(node: exp.Expression) -> set[str]:
    return {column.table for column in node.find_all(exp.Column)}
