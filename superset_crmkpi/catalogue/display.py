"""How values, thresholds and roles are written for people."""

from __future__ import annotations

from superset_crmkpi.catalogue.definitions import Kpi, KpiMeta

_SUFFIX = {
    "percent": " %",
    "days": " days",
    "months": " months",
    "duration": " hours",
    "points": " points",
    "money per day": " per day",
}
#: words of roles that are written in a way of their own
_WORDS = {
    "revops": "RevOps",
    "cs": "CS",
    "cmo": "CMO",
    "cro": "CRO",
    "cfo": "CFO",
    "ceo": "CEO",
    "crm": "CRM",
}


def role_name(role: str) -> str:
    """`cs_manager` is `CS manager`."""
    words = [_WORDS.get(word, word) for word in role.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def owners_text(kpi: Kpi) -> str:
    """`Sales manager`, or `CMO (the spend on marketing) and CRO (...)`."""
    owner = kpi.meta.owner
    if isinstance(owner, str):
        return role_name(owner)
    return " and ".join(f"{role_name(role)} ({part})" for role, part in owner.items())


def shown(value: float, unit: str) -> str:
    """`0.254` in percent is `25.4 %`; a duration is in hours; whole numbers stay whole."""
    scaled = value * 100 if unit == "percent" else value
    text = f"{scaled:,.2f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text) + _SUFFIX.get(unit, "")


def thresholds_text(meta: KpiMeta) -> str:
    """`Warn below 25 %, act below 20 %`; empty without thresholds."""
    levels = meta.thresholds
    if levels is None:
        return ""
    side = "below" if meta.good == "up" else "above"
    if levels.of == "value":
        return f"Warn {side} {shown(levels.warn, meta.unit)}, act {side} " + shown(
            levels.act, meta.unit
        )
    warn, act = shown(abs(levels.warn), "percent"), shown(abs(levels.act), "percent")
    return f"Warn at {warn} {side} the same period of last year, act at {act}"


def whose_text(kpi: Kpi) -> str:
    """Whose definition it is, for tiles and pages; empty for ours."""
    if not kpi.whose:
        return ""
    instead = " It stands in the place of the built-in one." if kpi.meta.replaces else ""
    return f"This is the definition of {kpi.whose}.{instead}"
