"""Trees that are worked out once, and copied often."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp

from superset_crmkpi.query.keys import Keys
from superset_crmkpi.query.prune import columns_used, prune

Tree = TypeVar("Tree", bound=exp.Expression)
#: where a node stood in the text
_POSITION = frozenset({"line", "col", "start", "end"})


def lightened(tree: Tree) -> Tree:
    """The tree itself, without the places in the text that its nodes came from.

    sqlglot keeps them for messages, in a dict per node that a copy copies too: without them a copy
    takes a third of the time. For trees that were qualified: nothing is left to complain about.
    """
    for node in tree.walk():
        if node._meta is not None and node._meta.keys() <= _POSITION:
            node._meta = None
    return tree


@dataclass(frozen=True)
class Pruned:
    """A query cut down to some columns; `reads`: table -> the columns of it that this reads."""

    query: exp.Query
    reads: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, whole: exp.Query, columns: Collection[str], keys: Keys | None = None) -> Pruned:
        """`whole` is qualified, and stays as it is; `keys` of the tables it reads."""
        query = prune(whole, columns, keys)
        return cls(query, columns_used(query))
