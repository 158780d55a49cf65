"""Makes the mutants of a file: a flipped comparison, swapped arguments, a dropped condition."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile

FLIPPED = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
}
SWAPPED = (exp.Sub, exp.Div, exp.Nullif)


@dataclass(frozen=True)
class Mutant:
    """`file` with `sql` in the place of its own; `change` says what was done to it."""

    name: str
    kind: str
    change: str
    sql: str


def mutants(name: str, file: SqlFile, seed: int) -> Iterator[Mutant]:
    """At most one of each kind; the same for the same seed."""
    rng = random.Random(f"{seed} {name}")
    for kind, places in (
        ("comparison", _comparisons),
        ("arguments", _arguments),
        ("condition", _conditions),
    ):
        tree = file.parse()
        found = places(tree)
        if not found:
            continue
        node, other = rng.choice(found)
        change = f"{node.sql('duckdb')}  ->  {other.sql('duckdb') if other else '(dropped)'}"
        if other is None:
            tree = _without(tree, node)
        elif node is tree:
            tree = other
        else:
            node.replace(other)
        yield Mutant(name, kind, change[:300], tree.sql("duckdb", pretty=True))


Places = list[tuple[exp.Expression, exp.Expression | None]]


def _comparisons(tree: exp.Expression) -> Places:
    found: Places = []
    for node in tree.find_all(*FLIPPED):
        join = node.find_ancestor(exp.Join, exp.Subquery, exp.Select)
        if not isinstance(join, exp.Join):  # a flipped key of a join is a cross join
            kind = FLIPPED[type(node)]
            found.append((node, kind(this=node.this.copy(), expression=node.expression.copy())))
    return found


def _arguments(tree: exp.Expression) -> Places:
    found: Places = []
    for node in tree.find_all(*SWAPPED):
        if node.this != node.expression:
            kind = type(node)
            found.append((node, kind(this=_held(node.expression), expression=_held(node.this))))
    for node in tree.find_all(exp.Coalesce):
        first, *rest = node.expressions
        found.append((node, exp.Coalesce(this=first.copy(), expressions=[node.this.copy(), *rest])))
    return found


def _held(operand: exp.Expression) -> exp.Expression:
    """The operand as it stays together in another place."""
    return exp.paren(operand) if isinstance(operand, exp.Binary) else operand.copy()


def _conditions(tree: exp.Expression) -> Places:
    found: Places = [(node, None) for node in tree.find_all(exp.Where)]
    for node in tree.find_all(exp.And):
        found += [(node, node.this.copy()), (node, node.expression.copy())]
    return found


def _without(tree: exp.Expression, node: exp.Expression) -> exp.Expression:
    node.pop()
    return tree
