"""The built-in connector `profile`: entities that the profile itself supplies.

Business hours and holidays, and dated exchange rates. It comes in by the same hook as plugins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.connectors.connector import Connector, EntityMapping, Landing
from superset_crmkpi.plugins.hookspecs import hookimpl
from superset_crmkpi.query.compose import union

if TYPE_CHECKING:
    from superset_crmkpi.profile.schema import Profile

NAME = "profile"


class ProfileConnector(Connector):
    """Turns rows of the profile into SELECTs."""

    schema = None
    landings = {"profile": Landing(label="profile")}  # noqa: RUF012

    def mappings(self, options: Mapping[str, Any]) -> dict[str, EntityMapping]:
        """`options`: entity -> list of rows (column -> value)."""
        found = {}
        for entity, rows in options.items():
            sql = _select(entity, rows).sql(dialect="duckdb")
            found[entity] = EntityMapping(entity, SqlFile(Path("crmkpi.yaml"), {}, sql, 1))
        return found


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(ProfileConnector(NAME, "the profile"))


def profile_rows(profile: Profile) -> dict[str, list[dict[str, Any]]]:
    """Rows of the entities the profile supplies, for `ProfileConnector.mappings`."""
    rows: dict[str, list[dict[str, Any]]] = {"business_hours": _business_hours(profile)}
    rates = [
        {
            "id": f"{rate.currency} {rate.valid_from}",
            "from_currency": rate.currency,
            "to_currency": profile.currency.reporting,
            "valid_from": rate.valid_from,
            "rate": rate.rate,
        }
        for rate in profile.currency.rates
    ]
    if rates:
        rows["fx_rate"] = rates
    return rows


def _business_hours(profile: Profile) -> list[dict[str, Any]]:
    from superset_crmkpi.profile.schema import WEEKDAYS, BusinessHours, minutes

    schedules = dict(profile.business_hours)
    usual = dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")
    schedules.setdefault("default", BusinessHours.model_validate({"days": usual}))
    rows: list[dict[str, Any]] = []
    for name, schedule in schedules.items():
        closed = {
            "name": name,
            "time_zone": profile.calendar.time_zone,
            "weekday": 1,
            "start_minute": 0,
            "end_minute": 0,
            "holiday_date": None,
            "for_team": None,
            "for_user": None,
        }
        for day, hours in schedule.days.items():
            start, end = minutes(hours)
            number = WEEKDAYS.index(day) + 1
            open_hours = {"weekday": number, "start_minute": start, "end_minute": end}
            rows.append({"id": f"{name} {day}", **closed, **open_hours})
        for off in schedule.holidays:
            holiday = {"weekday": off.isoweekday(), "holiday_date": off}
            rows.append({"id": f"{name} {off}", **closed, **holiday})
        for team in schedule.teams:
            rows.append({"id": f"{name} team {team}", **closed, "for_team": team})
        for user in schedule.users:
            rows.append({"id": f"{name} user {user}", **closed, "for_user": user})
    return rows


def _select(entity: str, rows: Sequence[Mapping[str, Any]]) -> exp.Expression:
    """`select ... union all select ...`, typed by the model."""
    columns = load_model()[entity].columns
    return union(
        [
            exp.select(
                *(
                    exp.alias_(_value(value, columns[name].type), name)
                    for name, value in row.items()
                )
            )
            for row in rows
        ]
    )


def _value(value: Any, kind: str) -> exp.Expression:
    plain = exp.convert(value.isoformat() if isinstance(value, date) else value)
    if kind == "text":
        return exp.cast(plain, "varchar") if value is None else plain
    return exp.cast(plain, kind)
