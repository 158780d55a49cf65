"""`crm_say('{1} of {2} deals', a, b)`: a text that a fact writes, in the language of the profile.

Only for texts with something filled in, or put together: a whole text that a column holds is a
value, which tiles compare with as it is stored and show by its label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError

SAY = "crm_say"
_PLACE = re.compile(r"\{(\d+)\}")


def spoken(query: exp.Expression, say: Callable[[str], str]) -> exp.Expression:
    """The query, changed: each call of `crm_say` is the text that `say` gives for it.

    CrmKpiError for a call whose first argument is no text, or whose places are not its arguments.
    """

    def replace(node: exp.Expression) -> exp.Expression:
        return _said(node, say) if is_said(node) else node

    return query.transform(replace, copy=False)


def says(sql: str) -> bool:
    """Whether there is a call in the text; SQL that was printed again has it in capitals."""
    return SAY in sql.lower()


def is_said(node: exp.Expression) -> bool:
    """Whether the node is a call of `crm_say`."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == SAY


def template_of(call: exp.Expression) -> str:
    """The English text of a call. CrmKpiError when it is none, or its places do not fit."""
    first, *given = call.expressions or [None]
    if not isinstance(first, exp.Literal) or not first.is_string:
        raise CrmKpiError(f"`{call.sql()}`: crm_say begins with a text in quotes")
    places = {int(place) for place in _PLACE.findall(first.name)}
    if places != set(range(1, len(given) + 1)):
        raise CrmKpiError(
            f"`{first.name}`: crm_say has {len(given)} values for the places "
            f"{sorted(places)}; number them from {{1}} on"
        )
    return str(first.name)


def templates(query: exp.Expression) -> Iterator[str]:
    """The English texts of all calls."""
    return (template_of(call) for call in query.find_all(exp.Anonymous) if is_said(call))


def _said(call: exp.Expression, say: Callable[[str], str]) -> exp.Expression:
    template, given = template_of(call), call.expressions[1:]
    parts: list[exp.Expression] = []
    for at, piece in enumerate(_PLACE.split(say(template))):
        if at % 2:
            parts.append(spoken(given[int(piece) - 1].copy(), say))
        elif piece:
            parts.append(exp.Literal.string(piece))
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.DPipe(this=whole, expression=part, safe=True)
    return whole
