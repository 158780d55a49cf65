"""The profile's `access`: who sees which records.

access:
  rows: own                         # what somebody owns, and what those below them own
  all_rows: [executive]             # audiences that see all
  managers:                         # beside the managers that the CRM names
    Sales North: [dana@example.com]
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.profile.alerts import Addresses, many

Names = Annotated[list[str], BeforeValidator(many)]


class Access(Strict):
    """Whether people see all records or those of their own, of their people and their teams."""

    rows: Literal["all", "own"] = "all"
    #: audiences of dashboards whose role sees all
    all_rows: Names = Field(default_factory=lambda: ["executive"])
    #: team -> e-mail addresses of users who see all that the team's members own
    managers: dict[str, Addresses] = Field(default_factory=dict)

    @property
    def is_by_owner(self) -> bool:
        """Whether a row is only seen by some."""
        return self.rows == "own"

    @property
    def team_managers(self) -> list[str]:
        """The setting `team_managers` of sql/facts/record_viewers.sql; never empty."""
        named = [
            f"{team.strip().lower()}|{email.lower()}"
            for team, emails in self.managers.items()
            for email in emails
        ]
        return named or [""]
