"""`dashboards/export`: the dashboards over built tables, importable by hand in the Superset UI.

They need no profile: their datasets read the canonical tables in a schema `crmkpi`, as `crmkpi
build` or a company's own models provide them.
"""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.base.paths import DASHBOARDS
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.bundle.addresses import addresses
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.catalogue.tree import with_tree
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.lint import check
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.for_profile import answered
from superset_crmkpi.dashboards.personal import impersonal
from superset_crmkpi.dashboards.spec import Dashboard, load_dashboards
from superset_crmkpi.plugins.definitions import built_in

FOLDER = DASHBOARDS / "export"
SCHEMA = "crmkpi"
#: PostgreSQL's spelling of types is one that DuckDB takes too
DIALECT = "postgres"
TARGET = Target(
    name="CRM KPI",
    database="CRM warehouse",
    uri="postgresql+psycopg2://crmkpi@127.0.0.1:5432/crm",
    schema=SCHEMA,
)


def bundles(target: Target = TARGET) -> dict[str, Bundle]:
    """Audience -> bundle of its dashboard. CrmKpiError when `sql/` breaks a rule."""
    folders = built_in()
    catalog, model = load_catalog(folders), load_model(folders)
    settings = CompileSettings(dialect=DIALECT)
    check(catalog, model, Compiler(model, catalog, BuiltRelations(SCHEMA), settings))
    catalog = with_scorecard(catalog, Governance({}, {}), list(catalog.kpis))
    specs = load_dashboards(catalog, folders)
    catalog = with_tree(catalog, addresses(specs, target), lambda kpi: "")
    compiler = Compiler(model, catalog, BuiltRelations(SCHEMA), settings)

    def make(dashboard: Dashboard) -> Bundle:
        return BundleMaker(catalog, compiler, target).make([dashboard]).for_people()

    boards = [impersonal(answered(board, _only_with_a_profile), catalog) for board in specs]
    return {board.audience: make(board) for board in boards}


def _only_with_a_profile(need: str) -> str:
    return f"whether there is `{need}` only a profile can tell"


def write(folder: Path = FOLDER, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Write all exports anew; gives the audiences."""
    made = bundles()
    for audience, bundle in made.items():
        progress(audience)
        shutil.rmtree(folder / audience, ignore_errors=True)
        bundle.write_dir(folder / audience)
    return list(made)


def stale(folder: Path = FOLDER) -> list[str]:
    """Files under `folder` that differ from a fresh build, are missing or too many."""
    if not folder.is_dir():
        return [f"{folder.name} (not there yet)"]
    with tempfile.TemporaryDirectory() as fresh:
        write(Path(fresh))
        return sorted(_differences(filecmp.dircmp(fresh, folder), Path()))


def _differences(compared: filecmp.dircmp[str], path: Path) -> list[str]:
    names = [*compared.left_only, *compared.right_only, *compared.diff_files]
    found = [str(path / name) for name in names]
    for name, below in compared.subdirs.items():
        found += _differences(below, path / name)
    return found
