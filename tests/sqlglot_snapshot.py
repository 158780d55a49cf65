"""Compile everything into a folder: `python tests/sqlglot_snapshot.py FOLDER`.

CI runs this on the lowest and on the highest sqlglot that the project allows and compares the two
folders byte for byte. Facts are compiled over built tables and over a live profile, for DuckDB and
for PostgreSQL (an engine a day, both with `CRMKPI_EXAMPLES=2`), some also with accounts matched and
fields of the company's own. Nothing is executed, so no warehouse is needed.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlglot

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.dimensions import with_columns, with_dimensions
from superset_crmkpi.compile.live import LiveRelations
from superset_crmkpi.compile.matching import AccountMatching
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.connectors.profile_source import profile_rows
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.profile.fields import in_source
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.warehouse.connect import Snapshot
from tests.seeds import in_turn

PROFILE = Profile.model_validate(
    {
        "database": {"name": "warehouse"},
        "sources": {
            "sales": {"connector": "salesforce", "landing": "fivetran", "schema": "sf"},
            "desk": {
                "connector": "zoho",
                "landing": "files",
                "schema": "zoho",
                "time_zone": "Asia/Kolkata",
                "currency": "INR",
            },
        },
        "calendar": {"time_zone": "Europe/Berlin", "fiscal_year_start": 4},
        "currency": {
            "rates": [{"currency": "INR", "valid_from": date(2020, 1, 1), "rate": 0.011}],
        },
    }
)
#: the same with fields of the company's own, and its accounts matched
OWN = Profile.model_validate(
    {
        **PROFILE.model_dump(by_alias=True),
        "accounts": {"sources": ["sales", "desk"], "map": {"desk": {"held_in": "desk_id"}}},
        "fields": {
            "account.desk_id": {"facts": [], "from": {"sales": "region_c"}},
            "account.is_key": {
                "type": "boolean",
                "facts": ["accounts", "opportunities"],
                "from": {"sales": "segment_c", "desk": "industry"},
            },
            "opportunity.loss_reason": {
                "from": {
                    "sales": {
                        "table": "lead_history",
                        "key": "lead_id",
                        "where": {"field": "why"},
                        "field": "new_value",
                        "only_if_empty": True,
                    }
                }
            },
        },
    }
)
OWN_FACTS = ("accounts", "account_matches", "opportunities", "leads")


def relations(settings: CompileSettings, profile: Profile = PROFILE) -> LiveRelations:
    """Two vendors whose tables all exist, and the profile itself."""
    model = with_columns(load_model(), profile.fields)
    sources = []
    for name, source in profile.sources.items():
        chosen = connector(source.connector)
        assert chosen.schema is not None
        tables = {
            (source.schema_ or "", table): dict.fromkeys(columns, "text")
            for table, columns in chosen.schema.items()
        }
        places = in_source(profile.fields, name)
        there = Snapshot(tables)
        sources.append(
            MappedSource.bind(name, source, chosen, there, settings.dialect, model, places)
        )
    own = profile.sources["sales"].model_validate({"connector": "profile", **profile_rows(profile)})
    sources.append(
        MappedSource.bind("profile", own, connector("profile"), Snapshot(), settings.dialect)
    )
    matching = AccountMatching(profile.accounts, sources, ["gmx.de"]) if profile.accounts else None
    return LiveRelations(model, sources, settings, matching)


def compiled(catalog: Catalog, dialect: str) -> dict[str, str]:
    """Name of a file -> SQL."""
    settings = CompileSettings(
        dialect=dialect,
        calendar=CalendarSettings(time_zone="Europe/Berlin", fiscal_year_start=4),
    )
    found = {}
    for mode, source in (("built", BuiltRelations("crmkpi")), ("live", relations(settings))):
        compiler = Compiler(load_model(), catalog, source, settings)
        for fact in catalog.facts:
            found[f"{dialect}/{mode}/{fact}.sql"] = compiler.fact(fact)
            types = [f"{column} {kind}" for column, kind in compiler.types_of(fact).items()]
            found[f"{dialect}/{mode}/{fact}.types"] = "\n".join(types)
    model = with_columns(load_model(), OWN.fields)
    own = Compiler(
        model, with_dimensions(catalog, model, OWN.fields), relations(settings, OWN), settings
    )
    for fact in OWN_FACTS:
        found[f"{dialect}/own/{fact}.sql"] = own.fact(fact)
    for kpi in catalog.kpis.values():
        found[f"{dialect}/kpis/{kpi.name}.sql"] = compiler.expression(kpi)
    return found


def main(folder: Path) -> None:
    catalog = load_catalog()
    catalog = with_scorecard(catalog, Governance({}, {}), list(catalog.kpis))
    shutil.rmtree(folder, ignore_errors=True)
    digest = hashlib.sha256()
    files = {}
    for engine in in_turn(["duckdb", "postgres"]):
        files |= compiled(catalog, engine)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        digest.update(f"{name}\n{text}\n".encode())
    print(f"sqlglot {sqlglot.__version__}: {len(files)} files, sha256 {digest.hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
