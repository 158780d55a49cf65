"""Asks a chart for its data through Superset, as somebody who has one role and no other.

Where people see their own records only, with a role that sees all as well: nobody owns this user's.
"""

from __future__ import annotations

from typing import Any

from superset_crmkpi.installer.gateway import Answer
from superset_crmkpi.superset import rules
from superset_crmkpi.superset.failures import raise_bug, reason
from superset_crmkpi.superset.reader import model


class _Somebody:
    """A user of one role. Not a row of Superset's: one in its session would be saved."""

    is_authenticated = is_active = True
    is_anonymous = is_guest_user = False
    id = None
    username = first_name = last_name = email = "crmkpi"

    def __init__(self, *roles: Any) -> None:
        self.roles = list(roles)
        self.groups: list[Any] = []

    def get_id(self) -> None:
        return None


def ask(uuid: str, role: str) -> Answer:
    """See Gateway."""
    from superset.commands.chart.data.get_data_command import ChartDataCommand
    from superset.utils.core import override_user

    chart, row = model("chart", uuid), model("role", role)
    if chart is None or row is None:
        return Answer(0, f"Superset has no {'chart' if chart is None else 'role'} of it any more")
    try:
        with override_user(_Somebody(row, *rules.seers(chart.datasource_id))):
            context = chart.get_query_context()
            if context is None:
                return Answer(0, "", is_known=False)
            command = ChartDataCommand(context)
            command.validate()
            queries = command.run()["queries"]
    except Exception as error:  # whatever Superset or a driver may raise
        raise_bug(error)
        return Answer(0, reason(error))
    faults = [str(query["error"]) for query in queries if query.get("error")]
    return Answer(sum(query.get("rowcount") or 0 for query in queries), "; ".join(faults))
