"""A row-level rule as an asset, by both ways in.

Rules have no uuid of their own. Ours stands in their group_key: rules of one key are joined by or,
and one that no other has joins nothing. REST lists it, and the UI keeps it.
"""

from __future__ import annotations

from superset_crmkpi.installer.gateway import Content

MARKER = "CRM KPI rule "
#: what is the same in an asset and in Superset's row
PLAIN = ("name", "description", "filter_type", "clause")
#: what every Superset makes the same of, if it makes anything of templates
TRIED, MADE = "'{{ 1 + 1 }}' = '2'", "'2' = '2'"
OFF = (
    "this Superset fills nobody's e-mail address into a row-level rule; set "
    "FEATURE_FLAGS['ENABLE_TEMPLATE_PROCESSING'] = True there, or leave `access.rows` out of the "
    "profile"
)


def key_of(uuid: str) -> str:
    """The group_key of one of ours."""
    return f"{MARKER}{uuid}"


def uuid_in(group_key: str | None) -> str:
    """Our uuid of the rule with this group_key, '' where it is not ours."""
    text = group_key or ""
    return text.removeprefix(MARKER) if text.startswith(MARKER) else ""


def is_template(rule: Content) -> bool:
    """Whether Superset has to fill something in."""
    return "{{" in str(rule["clause"])


def question(dataset: str, clause: str) -> str:
    """The rule on no rows of a dataset, given what stands for it after `from`."""
    return f"SELECT * FROM {dataset} WHERE ({clause}) AND 1 = 0"
