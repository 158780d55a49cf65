"""The catalogue in another language: labels, questions, definitions, actions and values.

Names of meetings and rhythms stay, as the calendar of reviews follows from them; who shows them has
the catalogue's language say them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from superset_crmkpi.catalogue.definitions import Catalog, Fact, FactMeta, KpiMeta
from superset_crmkpi.language.language import ENGLISH, Language


def in_language(catalog: Catalog, language: Language) -> Catalog:
    """The catalogue as that language has it; what it has no words for stays English."""
    if language == ENGLISH:
        return catalog
    labels = catalog.labels
    return replace(
        catalog,
        facts={name: _fact(fact, language) for name, fact in catalog.facts.items()},
        kpis={
            name: replace(kpi, meta=_kpi_meta(kpi.meta, language))
            for name, kpi in catalog.kpis.items()
        },
        labels=replace(
            labels,
            values={column: _said(of, language) for column, of in labels.values.items()},
            flags=_said(labels.flags, language),
        ),
        language=language,
    )


def with_fact(catalog: Catalog, fact: Fact) -> Catalog:
    """The catalogue and a generated fact, in the catalogue's language."""
    return replace(catalog, facts={**catalog.facts, fact.name: _fact(fact, catalog.language)})


def _fact(fact: Fact, language: Language) -> Fact:
    return fact if language == ENGLISH else replace(fact, meta=_fact_meta(fact.meta, language))


def _fact_meta(meta: FactMeta, language: Language) -> FactMeta:
    return meta.model_copy(
        update={
            "label": language.say(meta.label),
            "grain": language.say(meta.grain),
            "dimensions": _said(meta.dimensions, language),
            "columns": _said(meta.columns, language),
            "measures": {
                name: measure.model_copy(update={"label": language.say(measure.label)})
                for name, measure in meta.measures.items()
            },
        }
    )


def _kpi_meta(meta: KpiMeta, language: Language) -> KpiMeta:
    texts = ("label", "question", "definition", "action")
    return meta.model_copy(update={name: language.say(getattr(meta, name)) for name in texts})


def _said(texts: Mapping[str, str], language: Language) -> dict[str, str]:
    return {key: language.say(text) for key, text in texts.items()}
