"""Whether a SELECT of the user's can be cut down to some of its columns, and the tree to cut.

sqlglot's notion of a name is not always the engine's: where an alias is called like a column, in
the order of what a star gives, in what stands in a FROM. So only SELECTs are taken that are made of
nothing else than what is listed here; any other one stays as it was written.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from superset_crmkpi.base.types import TYPES
from superset_crmkpi.connectors.raw_tables import Physical
from superset_crmkpi.connectors.user_select import UserSelect, folded, placed
from superset_crmkpi.dialects import FIXES
from superset_crmkpi.dialects.engine import unchanged
from superset_crmkpi.query.prune import named_alike
from superset_crmkpi.query.shorten import KEYWORDS
from superset_crmkpi.query.trees import lightened

_KNOWN: frozenset[type[exp.Expression]] = frozenset(
    {
        *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered),
        *(exp.Union, exp.Subquery, exp.With, exp.CTE, exp.Table, exp.TableAlias, exp.Identifier),
        *(exp.Column, exp.Star, exp.Alias, exp.Literal, exp.Null, exp.Boolean, exp.Paren),
        *(exp.Cast, exp.DataType, exp.DataTypeParam, exp.Case, exp.If, exp.Coalesce, exp.Nullif),
        *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is),
        *(exp.In, exp.Between, exp.Like, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.DPipe),
        *(exp.Lower, exp.Upper, exp.Trim, exp.Abs, exp.Floor, exp.Ceil, exp.Round, exp.Length),
        *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Window, exp.RowNumber, exp.Exists),
    }
)
#: clauses of a SELECT that may have something in them
_CLAUSES = frozenset(
    {
        *("expressions", "from", "from_", "joins", "where", "group", "having", "order"),
        *("with", "with_"),
    }
)
_JOINS = frozenset({"this", "on", "side", "kind"})
#: names that are no column where they stand alone
_SPECIAL = frozenset({"user", "current_user", "session_user", "current_role"})
_PLAIN = re.compile("[a-z_][a-z0-9_]*")


def analysed(select: UserSelect, dialect: str) -> exp.Query | None:
    """The SELECT qualified, over tables by their full names; None where that is not sure."""
    tree, fixes = select.tree, FIXES[dialect]
    # a rewrite takes the tree for one of ours
    if fixes.rewrite is not unchanged or fixes.typed is not None or not isinstance(tree, exp.Query):
        return None
    if not all(_is_known(node, dialect) for node in tree.walk()):
        return None
    made = tree.copy()
    nodes = {id(one.node): one.physical for one in select.reads}
    schema: dict[str, dict[str, str]] = {}
    places: dict[str, Physical] = {}
    for node, twin in zip(*(list(t.find_all(exp.Table)) for t in (tree, made)), strict=True):
        if id(node) not in nodes:
            if node.db or node.name in select.missing:
                return None
            continue
        key, physical = f"crm_table_{len(places)}", nodes[id(node)]
        places[key] = physical
        schema[key] = {
            folded(exp.to_identifier(name, quoted=True), dialect): TYPES[kind]
            for name, kind in physical.columns.items()
        }
        if not twin.alias:
            twin.set("alias", exp.TableAlias(this=twin.this.copy()))
        twin.set("this", exp.to_identifier(key))
    found = _qualified(made, schema, dialect)
    if found is None or len(set(found.named_selects)) != len(found.named_selects):
        return None
    for table in list(found.find_all(exp.Table)):
        if table.name in places:
            table.replace(placed(table, places[table.name]))
    for name in found.find_all(exp.Identifier):
        if not _PLAIN.fullmatch(name.name) or name.name in KEYWORDS:
            name.set("quoted", True)
    return lightened(found)


def _qualified(
    query: exp.Query, schema: dict[str, dict[str, str]], dialect: str
) -> exp.Query | None:
    try:
        found = qualify(
            query,
            schema=MappingSchema(schema, dialect=dialect, normalize=False),
            dialect=dialect,
            quote_identifiers=False,
            identify=False,
            infer_schema=False,
        )
    except Exception:  # whatever sqlglot stumbles over, the warehouse takes the SELECT as it is
        return None
    if not isinstance(found, exp.Query) or found.find(exp.Star):
        return None
    named_alike(found)
    return found


def _is_known(node: exp.Expression, dialect: str) -> bool:
    if type(node) not in _KNOWN:
        return False
    given = {key for key, value in node.args.items() if value}
    if isinstance(node, exp.Select):
        return given <= _CLAUSES and not _mixes_names(node, dialect)
    if isinstance(node, exp.Join):
        return given <= _JOINS and node.side in ("", "LEFT") and node.kind in ("", "INNER", "OUTER")
    if isinstance(node, exp.Union):
        return not given & {"by_name", "side", "kind", "on", "order", "limit", "offset"}
    if isinstance(node, exp.TableAlias):
        return not node.columns
    if isinstance(node, exp.With):
        return not node.recursive
    if isinstance(node, exp.Group):
        numbers = any(isinstance(by, exp.Literal) for by in node.expressions)
        return given <= {"expressions"} and not numbers
    if isinstance(node, exp.Star):
        return not given and isinstance(node.parent, exp.Select | exp.Column | exp.Count)
    if isinstance(node, exp.Table):
        return given <= {"this", "alias"} and isinstance(node.this, exp.Identifier)
    if isinstance(node, exp.Subquery):
        return given <= {"this", "alias"}
    if isinstance(node, exp.CTE):
        return given <= {"this", "alias"}
    if isinstance(node, exp.Column):
        return bool(node.table or node.this.args.get("quoted") or node.name.lower() not in _SPECIAL)
    return True


def _mixes_names(select: exp.Select, dialect: str) -> bool:
    """Whether a column without its table is called like an alias that stands for something else."""
    made = {
        folded(value.args["alias"], dialect): value
        for value in select.expressions
        if isinstance(value, exp.Alias) and not _is_itself(value, dialect)
    }
    for column in select.find_all(exp.Column):
        if column.table or not isinstance(column.this, exp.Identifier):
            continue
        alias = made.get(folded(column.this, dialect))
        if alias is not None and column.find_ancestor(exp.Alias) is not alias:
            return True
    return False


def _is_itself(value: exp.Alias, dialect: str) -> bool:
    column = value.this
    return (
        isinstance(column, exp.Column)
        and isinstance(column.this, exp.Identifier)
        and (folded(column.this, dialect) == folded(value.args["alias"], dialect))
    )
