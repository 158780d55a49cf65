"""Which texts the output columns of a query may hold: those it writes itself, and enumerations.

More than can occur rather than less: no condition is looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi.query.clauses import from_clause, joins_of, with_clause


@dataclass(frozen=True)
class Values:
    """The texts that are known; `others`: whether there may be any text beside them."""

    known: frozenset[str] = frozenset()
    others: bool = False

    def __or__(self, more: Values) -> Values:
        return Values(self.known | more.known, self.others or more.others)


#: table -> column -> its values
Held = Mapping[str, Mapping[str, Values]]
ANY = Values(others=True)
NONE = Values()
#: functions that give one of their arguments back, by the names of those
_PASSES: Mapping[type[exp.Expression], tuple[str, ...]] = {
    exp.Cast: ("this",),
    exp.Coalesce: ("this", "expressions"),
    exp.Max: ("this",),
    exp.Min: ("this",),
    exp.Nullif: ("this",),
    exp.Paren: ("this",),
    exp.Window: ("this",),
}


def values(query: exp.Expression, held: Held) -> dict[str, Values]:
    """Output column -> its values; `query` is qualified, its stars written out."""
    return _outputs(query, held, {})


def _outputs(query: exp.Expression, held: Held, around: Held) -> dict[str, Values]:
    known = dict(held)
    with_ = with_clause(query)
    for cte in with_.expressions if with_ is not None else []:
        known[cte.alias] = _outputs(cte.this, known, {})
    body = query.unnest()
    if isinstance(body, exp.SetOperation):
        left, right = (_outputs(side, known, around) for side in (body.left, body.right))
        pairs = zip(left.items(), right.values(), strict=False)
        return {name: one | other for (name, one), other in pairs}
    if not isinstance(body, exp.Select):
        return {}
    sources = {**around, **_sources(body, known)}
    return {one.alias_or_name: _values(one, sources, known) for one in body.expressions}


def _sources(select: exp.Select, known: Held) -> dict[str, Mapping[str, Values]]:
    """Alias -> columns of what stands in FROM and JOIN."""
    from_ = from_clause(select)
    found: dict[str, Mapping[str, Values]] = {}
    for clause in [*([from_] if from_ is not None else []), *joins_of(select)]:
        relation = clause.this
        if isinstance(relation, exp.Subquery):
            found[relation.alias_or_name] = _outputs(relation.this, known, {})
        elif isinstance(relation, exp.Table):
            found[relation.alias_or_name] = {} if relation.db else known.get(relation.name, {})
    return found


def _values(node: exp.Expression, sources: Held, known: Held) -> Values:
    if isinstance(node, exp.Alias):
        return _values(node.this, sources, known)
    if isinstance(node, exp.Literal):
        return Values(frozenset([node.this])) if node.is_string else ANY
    if isinstance(node, exp.Null):
        return NONE
    if isinstance(node, exp.Column):
        return sources.get(node.table, {}).get(node.name, ANY)
    if isinstance(node, exp.Subquery):
        return _any_of(_outputs(node.this, known, sources).values())
    if isinstance(node, exp.Case):
        branches = [branch.args["true"] for branch in node.args["ifs"]]
        default = node.args.get("default")
        branches += [default] if default is not None else []
    elif type(node) in _PASSES:
        given = [node.args.get(name) for name in _PASSES[type(node)]]
        branches = [one for some in given for one in (some if isinstance(some, list) else [some])]
    else:
        return ANY
    return _any_of(_values(branch, sources, known) for branch in branches)


def _any_of(several: Iterable[Values]) -> Values:
    found = NONE
    for one in several:
        found = found | one
    return found
