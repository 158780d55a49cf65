"""Trees that are worked out once, and copied often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlglot import exp

from superset_crmkpi.query.keys import Keys
from superset_crmkpi.query.prune import columns_used, prune

Tree = TypeVar("Tree", bound=exp.Expression)
Value = TypeVar("Value")
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


class Shared(Generic[Value]):
    """What was worked out in this process, by all that it follows from; the least used go first.

    A value that could not be made is not kept: the next who asks gets the error anew.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._kept[key] = made = make()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made
