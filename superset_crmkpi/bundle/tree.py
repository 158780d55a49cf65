"""The KPI tree: a table with a column per branch, in whose cells the leaves stand as links.

The status is told by a sign and a colour, as on cards; grey with its reason is what cannot be
computed. The CSS of the dashboard hides the numbers of the rows.
"""

from __future__ import annotations

from superset_crmkpi.bundle.cards import STATUS
from superset_crmkpi.bundle.look import STATUS_COLORS
from superset_crmkpi.catalogue.tree import BRANCHES
from superset_crmkpi.language.language import Language
from superset_crmkpi.language.numbers import literal

#: the row of a leaf within its branch
PLACE = "place"


def branches(language: Language) -> dict[str, str]:
    """Heading of a branch -> its leaf in a row, as an aggregate in canonical SQL."""
    leaf = "coalesce(max(case when area = '{}' then {} end), '')"
    return {language.say(branch.capitalize()): leaf.format(branch, _leaf()) for branch in BRANCHES}


def _leaf() -> str:
    signs = " ".join(f"when {literal(status)} then {literal(_sign(status))}" for status in STATUS)
    link = (
        "case when address = '' then kpi else "
        f"{literal('<a href=')} || '\"' || address || '\">' || kpi || '</a>' end"
    )
    grey = (
        f"{literal('<span class=crm-leaf style=opacity:.55>○ ')} || {link} || ': ' || reason "
        "|| '</span>'"
    )
    known = (
        f"{literal('<span class=crm-leaf>')} || case status {signs} else '' end || {link} "
        "|| coalesce(' ' || now_text, '') || '</span>'"
    )
    return f"case when status = 'no data' and reason <> '' then {grey} else {known} end"


def _sign(status: str) -> str:
    color = STATUS_COLORS[status.replace(" ", "-")]
    return f'<span style="color:{color}">{STATUS[status][0]}</span> '
