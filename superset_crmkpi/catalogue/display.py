"""How values, thresholds and roles are written for people."""

from __future__ import annotations

from babel.numbers import format_decimal

from superset_crmkpi.catalogue.definitions import Kpi, KpiMeta
from superset_crmkpi.language.language import ENGLISH, Language
from superset_crmkpi.language.numbers import percent_sign
from superset_crmkpi.language.text import Text, marked

_UNITS = {
    "days": marked("{number} days"),
    "months": marked("{number} months"),
    "duration": marked("{number} hours"),
    "points": marked("{number} points"),
    "money per day": marked("{number} per day"),
}
_LEVELS = {
    ("value", "up"): marked("Warn below {warn}, act below {act}"),
    ("value", "down"): marked("Warn above {warn}, act above {act}"),
    ("change", "up"): marked("Warn at {warn} below the same period of last year, act at {act}"),
    ("change", "down"): marked("Warn at {warn} above the same period of last year, act at {act}"),
}
OWN = marked("This is the definition of {whose}.")
REPLACED = marked("This is the definition of {whose}. It stands in the place of the built-in one.")
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


def owners_text(kpi: Kpi, language: Language = ENGLISH) -> str:
    """`Sales manager`, or `CMO (the spend on marketing) and CRO (...)`."""
    owner = kpi.meta.owner
    if isinstance(owner, str):
        return language.say(role_name(owner))
    parts = (f"{language.say(role_name(role))} ({language.say(of)})" for role, of in owner.items())
    return language.say(" and ").join(parts)


def shown(value: float, unit: str, language: Language = ENGLISH) -> str:
    """`0.254` in percent is `25.4%`; a duration is in hours; whole numbers stay whole."""
    scaled = round(value * 100 if unit == "percent" else value, 2) or 0.0
    number = format_decimal(scaled, format="#,##0.##", locale=language.locale)
    if unit == "percent":
        return number + percent_sign(language)
    return language.say(Text(_UNITS.get(unit, "{number}"), number=number))


def thresholds_text(meta: KpiMeta, language: Language = ENGLISH) -> str:
    """`Warn below 25%, act below 20%`; empty without thresholds."""
    levels = meta.thresholds
    if levels is None:
        return ""
    of_value = levels.of == "value"
    unit = meta.unit if of_value else "percent"
    warn, act = (
        shown(level if of_value else abs(level), unit, language)
        for level in (levels.warn, levels.act)
    )
    return language.say(Text(_LEVELS[levels.of, meta.good], warn=warn, act=act))


def whose_text(kpi: Kpi, language: Language = ENGLISH) -> str:
    """Whose definition it is, for tiles and pages; empty for ours."""
    if not kpi.whose:
        return ""
    text = REPLACED if kpi.meta.replaces else OWN
    return language.say(Text(text, whose=kpi.whose))
