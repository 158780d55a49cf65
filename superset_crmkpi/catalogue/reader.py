"""Reads `sql/facts` and `sql/kpis`; the first fault is one line with its file and key."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlglot import exp

from superset_crmkpi.base.documents import first_fault
from superset_crmkpi.base.paths import SQL
from superset_crmkpi.base.sqlfile import SqlFile, read_sql_files
from superset_crmkpi.catalogue import impact
from superset_crmkpi.catalogue.definitions import AREAS, Catalog, Fact, FactMeta, Kpi, KpiMeta


@lru_cache(maxsize=4)
def load_catalog(root: Path = SQL) -> Catalog:
    """Read every fact and KPI. Raises CrmKpiError naming file and key of the first fault."""

    facts = {}
    for file in read_sql_files(root / "facts"):
        facts[file.name] = Fact(file.name, _meta(file, FactMeta), file)
    kpis: dict[str, Kpi] = {}
    for area in AREAS:
        for file in read_sql_files(root / "kpis" / area):
            kpi = _read_kpi(file, area)
            if kpi.fact not in facts and kpi.fact != impact.NAME:
                raise file.fail(f"`from {kpi.fact}`: there is no sql/facts/{kpi.fact}.sql")
            if kpi.name in kpis:
                raise file.fail(f"a KPI named {kpi.name} stands in {kpis[kpi.name].area} too")
            kpis[kpi.name] = kpi
    if any(kpi.fact == impact.NAME for kpi in kpis.values()):
        facts[impact.NAME] = impact.impact_fact(facts, list(kpis.values()))
    return Catalog(facts, kpis)


def _meta(file: SqlFile, kind: Any) -> Any:
    try:
        return kind.model_validate(file.meta)
    except ValidationError as error:
        raise file.fail(f"front matter, key {first_fault(error, kind)}") from error


def _read_kpi(file: SqlFile, area: str) -> Kpi:
    meta = _meta(file, KpiMeta)
    query = file.parse()
    tables = [table.name for table in query.find_all(exp.Table)]
    extra = [key for key in ("where", "group", "having", "order", "limit") if query.args.get(key)]
    if not isinstance(query, exp.Select) or len(tables) != 1 or len(query.expressions) != 1:
        raise file.fail("a KPI is `select <one aggregate> from <one fact>`")
    if extra:
        raise file.fail(f"no `{extra[0]}`: a KPI is one aggregate; put the condition in a `case`")
    return Kpi(file.name, area, meta, tables[0], file)
