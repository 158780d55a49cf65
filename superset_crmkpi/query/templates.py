"""SQL that is no template: Superset takes `{{` and `{%` for Jinja where templates are on."""

from __future__ import annotations

import re

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.query.clauses import nodes_in

#: between the two characters that begin an expression, a block or a comment of Jinja
_WITHIN = re.compile(r"(?<=\{)(?=[{%#])")


def untemplated(query: exp.Expression) -> exp.Expression:
    """`query`, changed in place: texts that hold `{{`, `{%` or `{#` are put together from two.

    CrmKpiError for a name that holds one: it cannot be written in another way.
    """
    for node in nodes_in(query, (exp.Identifier, exp.Literal)):
        if "{" not in node.this:
            continue
        if isinstance(node, exp.Identifier):
            if _WITHIN.search(node.name):
                raise CrmKpiError(
                    f"the name `{node.name}` holds what Superset takes for a template; "
                    "rename the column or table, or give it another name in a view"
                )
            continue
        literal = node
        first, *others = _WITHIN.split(literal.name)
        if not others:
            continue
        text: exp.Expression = exp.Literal.string(first)
        for other in others:
            text = exp.DPipe(this=text, expression=exp.Literal.string(other), safe=False)
        if literal is query:
            return exp.paren(text)
        literal.replace(exp.paren(text))
    return query
