"""Whether definitions that are not ours keep the rules that ours keep."""

from __future__ import annotations

from collections.abc import Mapping

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.catalogue.definitions import Catalog, Fact, Kpi
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.labels import label_faults
from superset_crmkpi.compile.lint import lint
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.plugins.definitions import Folders
from superset_crmkpi.profile.packs import unknown_kpis


def definition_faults(catalog: Catalog, model: Mapping[str, Entity], folders: Folders) -> list[str]:
    """Faults of facts, KPIs, dashboards and packs that are not ours, one a line."""
    owners = list(dict.fromkeys(folder.owner for folder in folders if folder.owner))
    if not owners:
        return []
    compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
    faults: list[str] = []
    for owner in owners:

        def theirs(one: Fact | Kpi, owner: str = owner) -> bool:
            return one.whose == owner

        try:
            found = lint(catalog, model, compiler, theirs)
        except CrmKpiError as error:
            found = [error.message]
        faults += [f"{owner}: {fault}" for fault in found]
    if faults:
        return faults
    scored = with_scorecard(catalog, Governance({}, {}), list(catalog.kpis))
    compiler = Compiler(model, scored, BuiltRelations(), CompileSettings())
    labelling = {place.whose for place in catalog.labels.places.values()}
    for owner in filter(labelling.__contains__, owners):
        faults += [f"{owner}: {fault}" for fault in label_faults(scored, compiler, owner)]
    if faults:
        return faults
    try:
        load_dashboards(scored, folders)
    except CrmKpiError as error:
        return [error.message]
    return unknown_kpis(catalog, folders)
