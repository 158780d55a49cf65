"""Whether the names in a profile exist: connectors, landings, settings, fields, KPIs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import yaml

from superset_crmkpi.base.documents import line_of, short
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.dimensions import facts_of, with_columns
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.records import OpenedRecords
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.plugins.definitions import beside
from superset_crmkpi.profile.alerts import DEFAULT, is_address
from superset_crmkpi.profile.packs import chosen_packs
from superset_crmkpi.profile.schema import Profile, Source
from superset_crmkpi.project.definitions import definition_faults

Fail = Callable[[list[str], str], CrmKpiError]


def check_names(path: Path, tree: yaml.Node | None, profile: Profile) -> None:
    """Names that must exist elsewhere: connectors, their options, landings, settings, KPIs."""

    def fail(keys: list[str], message: str) -> CrmKpiError:
        place = f"{path.name} line {line_of(tree, keys)}: `{'.'.join(keys)}`"
        return CrmKpiError(short(f"{place}: {message}"))

    catalog, model = _definitions(profile, fail)
    for name, source in profile.sources.items():
        try:
            chosen = connector(source.connector)
        except CrmKpiError as error:
            raise fail(["sources", name, "connector"], error.message) from error
        for option in source.options:
            if option not in chosen.options:
                known = [f.alias or n for n, f in Source.model_fields.items()]
                raise fail(
                    ["sources", name, option],
                    f"unknown key; known: {', '.join([*known, *chosen.options])}",
                )
        try:
            chosen.landing(source.landing)
        except CrmKpiError as error:
            raise fail(["sources", name, "landing"], error.message) from error
        try:
            chosen.mappings(source.options)
        except CrmKpiError as error:
            raise fail(["sources", name], error.message) from error
        for key, entities in (("links", source.links), ("record_pages", source.record_pages)):
            for entity in entities:
                if entity not in model:
                    raise fail(["sources", name, key, entity], "no such canonical entity")
        _check_bases(name, source, chosen, fail)
    for listed in profile.accounts.sources if profile.accounts else ():
        if listed not in profile.sources:
            there = ", ".join(profile.sources)
            raise fail(["accounts", "sources"], f"no source `{listed}`; there are: {there}")
    _check_fields(profile, catalog, model, fail)
    extended = with_columns(model, profile.fields)
    faults = definition_faults(catalog, extended, beside(profile.definitions))
    if faults:
        raise CrmKpiError("\n".join(faults))
    known_settings = {name for fact in catalog.facts.values() for name in fact.meta.settings}
    for setting in profile.settings:
        if setting not in known_settings:
            raise fail(
                ["settings", setting],
                f"no fact uses it; known: {', '.join(sorted(known_settings)) or 'none'}",
            )
    try:
        chosen_packs(profile.packs, beside(profile.definitions))
    except CrmKpiError as error:
        raise fail(["packs"], error.message) from error
    for section in ("targets", "benchmarks", "thresholds", "scorecard"):
        for kpi in getattr(profile, section) or ():
            if kpi not in catalog.kpis:
                raise fail([section, kpi], "no such KPI; `crmkpi kpis` lists them")
    _check_alerts(profile, catalog, fail)


def _check_bases(name: str, source: Source, chosen: Connector, fail: Fail) -> None:
    """Addresses are given that a page begins with."""
    opened = OpenedRecords.of(name, source, chosen.records)
    used = {page.base: None for page in opened.pages if page.base is not None}
    for base in source.record_base:
        if base not in used:
            names = ", ".join(used)
            remedy = f"name it: {names}" if used else "take it out, or write `record_pages`"
            raise fail(
                ["sources", name, "record_base"], f"no page begins with {{{base}}}; {remedy}"
            )


def _check_alerts(profile: Profile, catalog: Catalog, fail: Fail) -> None:
    if profile.alerts is None:
        return
    for kpi in profile.alerts.kpis or ():
        if kpi not in catalog.kpis:
            raise fail(["alerts", "kpis", kpi], "no such KPI; `crmkpi kpis` lists them")
        if catalog.kpis[kpi].meta.thresholds is None and kpi not in profile.thresholds:
            raise fail(
                ["alerts", "kpis", kpi],
                f"has no thresholds to watch; add `thresholds.{kpi}: {{warn: ..., act: ...}}`",
            )
    for role, owner in profile.owners.items():
        if owner.email is not None and not is_address(owner.email):
            raise fail(["owners", role, "email"], f"`{owner.email}` is not an e-mail address")
    roles = {role for kpi in catalog.kpis.values() for role in kpi.owners}
    for role in profile.alerts.recipients:
        if role not in roles | {DEFAULT}:
            known = ", ".join([DEFAULT, *sorted(roles)])
            raise fail(["alerts", "recipients", role], f"no KPI has this owner; known: {known}")


def _definitions(profile: Profile, fail: Fail) -> tuple[Catalog, dict[str, Entity]]:
    """Catalogue and model of the profile's folders."""
    try:
        folders = beside(profile.definitions)
    except CrmKpiError as error:
        raise fail(["definitions"], error.message) from error
    return load_catalog(folders), load_model(folders)


def _check_fields(profile: Profile, catalog: Catalog, model: dict[str, Entity], fail: Fail) -> None:
    for name, field in profile.fields.items():
        if not re.fullmatch(r"[a-z_]+\.[a-z][a-z0-9_]*", name):
            raise fail(["fields", name], "write entity.column, in lower-case letters, digits and _")
        for source in field.from_:
            if source not in profile.sources:
                known = ", ".join(profile.sources)
                raise fail(["fields", name, "from", source], f"no such source; there are: {known}")
        try:
            facts_of(catalog, with_columns(model, {name: field}), name, field)
        except CrmKpiError as error:
            raise fail(["fields", name], error.message) from error
