"""Who sees which rows: whether what `access` of the profile asks for can be had."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.row_rules import VIEWERS
from superset_crmkpi.compile.coverage import Coverage
from superset_crmkpi.profile.access import Access
from superset_crmkpi.warehouse.connect import fetched

if TYPE_CHECKING:
    from superset_crmkpi.project.project import Project


def seers_of_all(
    access: Access, audiences: Collection[str], coverage: Coverage
) -> Collection[str] | None:
    """The audiences that see all rows; None where everybody does.

    CrmKpiError for an audience that no dashboard has, and where nobody's e-mail address is known.
    """
    if not access.is_by_owner:
        return None
    for audience in access.all_rows:
        if audience not in audiences:
            known = ", ".join(sorted(set(audiences)))
            raise CrmKpiError(
                f"`access.all_rows`: no dashboard has the audience `{audience}`; there are: {known}"
            )
    reason = coverage.lacks("user.email")
    if reason:
        raise CrmKpiError(
            f"`access.rows: own`: nobody's own records can be told. {reason} "
            "Else leave `access.rows` out: everybody sees all"
        )
    return access.all_rows


def told(project: Project) -> list[str]:
    """What is to be known of the company's people where rows are seen by their owners."""
    access = project.profile.access
    if not access.is_by_owner:
        return []
    people = fetched(project.engine, project.live.entity("user", ["name", "email"]))
    viewers = fetched(project.engine, project.live.fact(VIEWERS, ["viewer", "owner"]))
    addresses = {str(one["email"] or "").strip().lower() for one in people}
    lines = [
        f"`access.managers.{team}`: no user of the CRM has the address {email}"
        for team, emails in access.managers.items()
        for email in emails
        if email.lower() not in addresses
    ]
    without = sum(1 for one in people if not str(one["email"] or "").strip())
    if without:
        lines.append(
            f"`access.rows: own`: {without:,} of {len(people):,} users of the CRM have no e-mail "
            "address, and see no records"
        )
    own = {(str(one["viewer"]), one["owner"]) for one in viewers}
    hidden = sorted(
        {
            str(one["name"])
            for one in people
            if (email := str(one["email"] or "").strip().lower())
            and (email, one["name"]) not in own
        }
    )
    if hidden:
        lines.append(
            f"`access.rows: own`: several people are called {', '.join(hidden[:5])}"
            f"{' and others' if len(hidden) > 5 else ''}; only who sees the records of all of that "
            "name sees them. Tell the names apart in the CRM"
        )
    return lines
