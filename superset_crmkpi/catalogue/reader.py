"""Reads `sql/facts` and `sql/kpis` of all folders; the first fault is one line with file and key.

A name is taken once. Only a KPI may take the place of another, of a folder of a lower rank (a
plugin's of one of ours, a profile's of either), and says so: `replaces: win_rate`.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from sqlglot import exp

from superset_crmkpi.base.documents import first_fault
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.canonical.calendar import load_calendars
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue import impact
from superset_crmkpi.catalogue.definitions import AREAS, Catalog, Fact, FactMeta, Kpi, KpiMeta
from superset_crmkpi.catalogue.labels import read_labels
from superset_crmkpi.plugins.definitions import Folder, Folders, installed, stamps

logger = logging.getLogger(__name__)

#: names of facts that are generated
GENERATED = (impact.NAME, "kpi_scorecard")


def load_catalog(folders: Folders | None = None) -> Catalog:
    """Every fact and KPI of `folders`, by default of all that is installed.

    Raises CrmKpiError naming file and key of the first fault.
    """
    chosen = installed() if folders is None else folders
    return _read(chosen, stamps(chosen))


@lru_cache(maxsize=8)
def _read(folders: Folders, stamps: object) -> Catalog:
    with timed(logger, f"read the catalogue of {len(folders)} folders") as outcome:
        facts = _facts(folders)
        kpis = _kpis(folders, facts)
        outcome.append(f"{len(facts)} facts, {len(kpis)} KPIs")
    if any(kpi.fact == impact.NAME for kpi in kpis.values()):
        facts[impact.NAME] = impact.impact_fact(facts, list(kpis.values()))
    return Catalog(facts, kpis, read_labels(folders))


def _facts(folders: Folders) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    places: dict[str, str] = {}
    for folder in folders:
        taken = {*load_model(folders), *load_calendars(), *GENERATED} if folder.owner else ()
        for file in folder.sql_files("sql", "facts"):
            place = folder.shown(file.path)
            if file.name in taken:
                raise CrmKpiError(
                    f"{place}: an entity, calendar or generated fact is called `{file.name}`; "
                    "choose another name"
                )
            if file.name in found:
                raise CrmKpiError(
                    f"{place}: there is a fact `{file.name}` already, {places[file.name]}; "
                    "choose another name (only a KPI can replace another)"
                )
            with folder.named():
                found[file.name] = Fact(file.name, _meta(file, FactMeta), file, folder.owner)
            places[file.name] = place
    return found


def _kpis(folders: Folders, facts: dict[str, Fact]) -> dict[str, Kpi]:
    found: dict[str, tuple[Kpi, Folder]] = {}
    for folder in folders:
        for path in sorted(folder.path.glob("sql/kpis/*/*.sql")):
            if path.parent.name not in AREAS:
                raise CrmKpiError(
                    f"{folder.shown(path)}: there is no branch `{path.parent.name}`; "
                    f"the branches are {', '.join(AREAS)}"
                )
        for area in AREAS:
            for file in folder.sql_files("sql", "kpis", area):
                with folder.named():
                    kpi = _read_kpi(file, area, folder.owner)
                    if kpi.fact not in facts and kpi.fact != impact.NAME:
                        raise file.fail(f"`from {kpi.fact}`: there is no sql/facts/{kpi.fact}.sql")
                    if kpi.meta.replaces is not None and kpi.name not in found:
                        raise file.fail(
                            f"front matter, key `replaces`: there is no KPI `{kpi.name}` to replace"
                        )
                if kpi.name in found:
                    _check_replaces(kpi, folder, *found[kpi.name])
                found[kpi.name] = (kpi, folder)
    # by branch, whoever brings it; dictionaries keep the place of what is replaced
    order = sorted(found.values(), key=lambda one: AREAS.index(one[0].area))
    return {kpi.name: kpi for kpi, _ in order}


def _check_replaces(kpi: Kpi, folder: Folder, other: Kpi, of: Folder) -> None:
    """Whether a KPI may have the name of `other`. The error names both files."""
    here, there = folder.shown(kpi.file.path), of.shown(other.file.path)
    if folder == of and kpi.meta.replaces is None:
        raise kpi.file.fail(f"a KPI named {kpi.name} stands in {other.area} too")
    if kpi.meta.replaces is None:
        raise CrmKpiError(
            f"{here}: there is a KPI `{kpi.name}` already, {there}; write `replaces: {kpi.name}` "
            "in the front matter to put yours in its place, or choose another name"
        )
    if folder.rank <= of.rank:
        whose = f" of {of.owner}" if of.owner else ""
        raise CrmKpiError(
            f"{here}: `replaces: {kpi.name}`: {there}{whose} is in that place already; keep one"
        )


def _meta(file: SqlFile, kind: Any) -> Any:
    try:
        return kind.model_validate(file.meta)
    except ValidationError as error:
        raise file.fail(f"front matter, key {first_fault(error, kind)}") from error


def _read_kpi(file: SqlFile, area: str, whose: str) -> Kpi:
    meta: KpiMeta = _meta(file, KpiMeta)
    query = file.parse()
    tables = [table.name for table in query.find_all(exp.Table)]
    extra = [key for key in ("where", "group", "having", "order", "limit") if query.args.get(key)]
    if not isinstance(query, exp.Select) or len(tables) != 1 or len(query.expressions) != 1:
        raise file.fail("a KPI is `select <one aggregate> from <one fact>`")
    if extra:
        raise file.fail(f"no `{extra[0]}`: a KPI is one aggregate; put the condition in a `case`")
    return Kpi(meta.replaces or file.name, area, meta, tables[0], file, whose)
