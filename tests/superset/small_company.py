"""A warehouse of one table of deals, and a profile whose alerts watch it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project

OWNER = "dana@example.com"
PROFILE: dict[str, Any] = {
    "name": "Mini",
    "database": {"name": "Mini warehouse"},
    "sources": {
        "crm": {
            "connector": "sql",
            "schema": "crm",
            "entities": {
                "account": "select id, name, timestamp '2025-01-01' as created_at from accounts",
                "opportunity": (
                    "select id, account_id, id as name, state as status, amount,"
                    " 'EUR' as currency, created_at, closed_at as closed_date from deals"
                ),
            },
        }
    },
    "calendar": {"today": "2026-03-18"},
    "alerts": {
        "at": "07:30",
        "time_zone": "Europe/Berlin",
        "kpis": ["win_rate", "average_deal_size"],
        "recipients": {"default": {"email": "crm@example.com"}},
    },
}
#: won and lost of February, the last complete month, and of the February before
USUAL = [("won", 8, "2026-02-10"), ("lost", 2, "2026-02-11"), ("won", 8, "2025-02-10")]
#: a tenth is won
BAD = [("won", 1, "2026-02-10"), ("lost", 9, "2026-02-11"), ("won", 8, "2025-02-10")]
#: nothing ended in February
QUIET = [("won", 8, "2025-12-10"), ("open", 3, None)]


def fill(path: Path, deals: Sequence[tuple[str, int, str | None]]) -> None:
    """Write the warehouse anew: so many deals of a state, closed on a day."""
    import duckdb

    rows = [
        (f"{state}{day}{n}", state, f"{day} 12:00" if day else None)
        for state, number, day in deals
        for n in range(number)
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema if not exists crm;
            create or replace table crm.accounts as select 'a' as id, 'Ash' as name;
            create or replace table crm.deals (
              id varchar, account_id varchar, state varchar, amount double,
              created_at timestamp, closed_at timestamp
            )
            """
        )
        for name, state, closed in rows:
            connection.execute(
                "insert into crm.deals values (?, 'a', ?, 100, timestamp '2025-01-05', ?)",
                [name, state, closed],
            )


def project(path: Path, audience: str = "", owner: str = "Dana Reyes", **alerts: Any) -> Project:
    """Over that warehouse, with all dashboards or that of one audience.

    `alerts` change those of the profile.
    """
    changed = {
        "alerts": {**PROFILE["alerts"], **alerts},
        "owners": {"sales_manager": {"name": owner, "email": OWNER}},
    }
    profile = Profile.model_validate({**PROFILE, **changed})
    uri = f"duckdb:///{path}?access_mode=read_only"
    engine = sa.create_engine(uri, future=True, poolclass=sa.pool.NullPool)
    made = Project(profile, engine)
    if audience:
        made.dashboards = [board for board in made.dashboards if board.audience == audience]
    return made
