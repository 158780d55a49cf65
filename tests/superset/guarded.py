"""The toy with a row-level rule on it, and a small company whose people own what they sell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.row_rules import USER
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from tests.superset import toy

RULE = "rules/regions.yaml"
UUID = toy.uid("rule")


def with_rule(base: Bundle, clause: str = f"region IN {USER}") -> Bundle:
    """The bundle with a rule on its dataset that binds all but admins and the toy's role."""
    rule = {
        "name": "Toy: regions",
        "description": "Who sees which region.",
        "filter_type": "Base",
        "clause": clause,
        "roles": {"Admin": True, toy.ROLE: True},
        "datasets": {toy.uid("dataset"): True},
        "uuid": UUID,
        "version": "1.0.0",
    }
    return replace(base, assets={**base.assets, RULE: rule})


#: id -> (name, manager); the e-mail address is `<id>@demo.invalid`
SALES = {
    "boss": ("Boss", None),
    "rep": ("Rep", "boss"),
    "peer": ("Peer", None),
}
PROFILE: dict[str, Any] = {
    "name": "Owned",
    "database": {"name": "Owned warehouse"},
    "sources": {
        "crm": {
            "connector": "sql",
            "schema": "crm",
            "entities": {
                "user": "select id, name, id || '@Demo.invalid' as email, manager_id from users",
                "account": "select id, name, owner_id from accounts",
                "opportunity": (
                    "select id, account_id, id as name, state as status, amount, owner_id,"
                    " 'EUR' as currency, created_at, closed_at from deals"
                ),
            },
        }
    },
    "calendar": {"today": "2026-03-18"},
    "access": {"rows": "own"},
}


def fill(path: Path) -> None:
    """Write the warehouse: 1 deal of Boss, 2 of Rep, 4 of Peer, and 8 of nobody, won and open."""
    import duckdb

    many = {"boss": 1, "rep": 2, "peer": 4, None: 8}
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema crm;
            create table crm.users (id varchar, name varchar, manager_id varchar);
            create table crm.accounts (id varchar, name varchar, owner_id varchar);
            create table crm.deals (
              id varchar, account_id varchar, owner_id varchar, state varchar, amount double,
              created_at timestamp, closed_at timestamp
            )
            """
        )
        for key, (name, manager) in SALES.items():
            connection.execute("insert into crm.users values (?, ?, ?)", [key, name, manager])
        for owner, count in many.items():
            connection.execute("insert into crm.accounts values (?, ?, ?)", [owner, owner, owner])
            for n in range(count):
                for state, closed in (("won", "2026-02-10 12:00"), ("open", None)):
                    row = [f"{owner} {state} {n}", owner, owner, state, closed]
                    connection.execute(
                        "insert into crm.deals values (?, ?, ?, ?, 100, timestamp '2026-01-05', ?)",
                        row,
                    )


def project(path: Path, uri: str = "", **values: Any) -> Project:
    """Over that warehouse, with two dashboards."""
    address = uri or f"duckdb:///{path}?access_mode=read_only"
    engine = sa.create_engine(address, future=True, poolclass=sa.pool.NullPool)
    made = Project(Profile.model_validate({**PROFILE, **values}), engine)
    made.dashboards = [b for b in made.dashboards if b.audience in ("executive", "pipeline")]
    return made


def bundle(path: Path, mode: str = "live") -> Bundle:
    """The bundle of that project; with `built` its tables are made first."""
    made = project(path)
    if mode == "built":
        made = project(path, uri=f"duckdb:///{path}", mode="built")
        build(made)
        made.engine.dispose()
        made = project(path, mode="built")
    return made.bundle(uri=str(made.engine.url))
