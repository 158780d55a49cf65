"""Row-level rules: of datasets with an owner people see their own rows, and of those below them.

A rule binds everybody but the roles that it names, so nobody gets round it by a second role. It
asks the warehouse whose records the user who is logged in sees: the fact `record_viewers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from superset_crmkpi.bundle.datasets import Datasets, Shown
from superset_crmkpi.bundle.target import VERSION, slug
from superset_crmkpi.catalogue.definitions import Catalog

#: the fact that tells whose records somebody sees
VIEWERS = "record_viewers"
OWNER = "owner"
#: what Superset fills in. Its cache keeps the answers of two people apart where it reads this
USER = "{{ [(current_user_email() or '') | lower] | where_in }}"
ADMIN = "Admin"

Asset = dict[str, Any]


def row_rules(datasets: Datasets, all_rows: Collection[str]) -> dict[str, Asset]:
    """The rules by path; `all_rows`: the roles that see all rows.

    One is of datasets that have an owner. The other shuts those that have none, though each row
    may be about a single record.
    """
    shown = datasets.shown
    owned = [one for one in shown if _has_owner(one, datasets.catalog)]
    shut = [one for one in shown if one not in owned and _is_of_records(one, datasets.catalog)]
    return dict(
        [
            *_rule(datasets, "own records", owned, _by_owner(datasets), all_rows, OWN),
            *_rule(datasets, "records without owner", shut, "1 = 0", all_rows, SHUT),
        ]
    )


OWN = "Whose records somebody sees: their own, and those of the people and teams below them."
SHUT = "Records that have no owner are seen by those who see all."


def _has_owner(shown: Shown, catalog: Catalog) -> bool:
    """Whether a column of the dataset names the user of the CRM who owns the record."""
    return OWNER in shown.columns and not catalog.facts[shown.fact].meta.company_wide


def _is_of_records(shown: Shown, catalog: Catalog) -> bool:
    return not shown.is_filter and not catalog.facts[shown.fact].meta.company_wide


def _by_owner(datasets: Datasets) -> str:
    sql = datasets.sql(VIEWERS, [OWNER, "viewer"])
    # a comment on top would stand in every query of every tile
    seen = sql.partition("\n")[2]
    return f"{OWNER} IN (SELECT {OWNER} FROM (\n{seen}\n) AS viewers WHERE viewer IN {USER})"


def _rule(
    datasets: Datasets,
    name: str,
    shown: Collection[Shown],
    clause: str,
    all_rows: Collection[str],
    about: str,
) -> Iterator[tuple[str, Asset]]:
    if not shown:
        return
    target = datasets.target
    yield (
        f"rules/{slug(name)}.yaml",
        {
            "name": f"{target.name}: {name}",
            "description": about,
            "filter_type": "Base",
            "clause": clause,
            # by name and by uuid, so that what an admin adds is told from what we changed
            "roles": dict.fromkeys(sorted({ADMIN, *all_rows}), True),
            "datasets": dict.fromkeys(sorted(one.uuid for one in shown), True),
            "uuid": target.uuid("rule", name),
            "version": VERSION,
        },
    )
