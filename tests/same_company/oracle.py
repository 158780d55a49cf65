"""KPIs straight from the company, by pandas alone: what every vendor should say.

Each is a function from days in a time zone to value per key; the definitions are those of sql/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from tests.same_company.company import LOST, STAGES, TODAY, Company

Answer = dict[str, float]


def _mean(values: Iterable[float]) -> float:
    return float(pd.Series(list(values), dtype=float).mean())


@dataclass(frozen=True)
class Oracle:
    """The company seen from a time zone."""

    company: Company
    zone: str

    def days(self, moments: pd.Series) -> pd.Series:
        there = pd.to_datetime(moments, utc=True).dt.tz_convert(self.zone)
        return there.map(lambda moment: None if pd.isna(moment) else moment.date())

    @cached_property
    def deals(self) -> pd.DataFrame:
        """Deals that were not deleted, with days, owner's name and first contact."""
        deals = self.company.deals[~self.company.deals["deleted"].astype(bool)].copy()
        users = self.company.users.set_index("id")
        deals["owner"] = [f"{users['first'][o]} {users['last'][o]}" for o in deals["owner"]]
        deals["created"] = self.days(deals["created_at"])
        deals["closed"] = self.days(deals["closed_at"])
        return deals

    @cached_property
    def activities(self) -> pd.DataFrame:
        acts = self.company.activities.copy()
        acts["day"], acts["booked"] = self.days(acts["at"]), self.days(acts["created_at"])
        return acts

    @property
    def won(self) -> pd.DataFrame:
        return self.deals[self.deals["status"] == "won"]

    @property
    def closed(self) -> pd.DataFrame:
        return self.deals[self.deals["status"] != "open"]

    def answers(self, kpi: str) -> dict[str, Answer]:
        """Dimension -> value per key, for a KPI of `KPIS`."""
        frame, key, value = KPIS[kpi](self)
        found: dict[str, Answer] = {}
        keys = {"total": frame.assign(of="total")["of"]}
        if key is not None:
            keys["month"] = frame[key].map(lambda day: f"{day:%Y-%m}")
        keys |= {name: frame[name] for name in ("owner", "stage_name") if name in frame}
        for by, of in keys.items():
            values = {str(name): float(value(rows)) for name, rows in frame.groupby(of)}
            found[by.removesuffix("_name")] = {
                name: one for name, one in values.items() if not pd.isna(one)
            }
        return found

    def cycles(self) -> pd.DataFrame:
        """Won deals with the days from the first contact to the close."""
        done = self.activities[self.activities["done"].astype(bool)]
        rows = []
        for deal in self.won.itertuples():
            touched = [day for day in done[done["deal"] == deal.id]["day"] if day <= deal.closed]
            days = (deal.closed - min(touched, default=deal.created)).days
            rows.append({"closed": deal.closed, "owner": deal.owner, "days": days})
        frame = pd.DataFrame(rows)
        return frame[frame["days"] >= 0]

    def net_new(self) -> pd.DataFrame:
        """Won deals of the day on which their account first bought, and those of no account."""
        first = self.won.groupby("account")["closed"].min()
        is_new = [
            pd.isna(deal.account) or first[deal.account] == deal.closed
            for deal in self.won.itertuples()
        ]
        return self.won[is_new]

    def pipeline(self) -> pd.DataFrame:
        """Open deals at the end of each of the last 36 months, in this one as of today."""
        rows = []
        for back in range(37):
            month = pd.Period(TODAY, "M") - back
            end = min(month.end_time.date(), TODAY)
            for deal in self.deals.itertuples():
                is_open = deal.status == "open" or (back > 0 and end < deal.closed)
                if is_open and deal.created <= end:
                    rows.append({"month": end, "owner": deal.owner, "amount": deal.amount})
        return pd.DataFrame(rows)

    def stages(self) -> pd.DataFrame:
        """Open stages that deals came to or passed, with how long they stood there."""
        changes = self.company.changes
        rows = []
        for deal in self.deals.itertuples():
            steps = list(changes[changes["deal"] == deal.id].itertuples())
            furthest = max(step.stage for step in steps if step.stage != LOST)
            for stage, (name, _) in STAGES.items():
                if stage > furthest:
                    continue
                visited = [place for place, step in enumerate(steps) if step.stage == stage]
                days = sum(self._stay(steps, place, deal.closed_at) for place in visited)
                came = [step for step in steps if stage <= step.stage != LOST]
                rows.append(
                    {
                        "entered": self.days(pd.Series([came[0].at]))[0],
                        "stage_name": name,
                        "owner": deal.owner,
                        "is_advanced": furthest > stage,
                        "is_mature": furthest > stage or deal.status != "open",
                        "days": days if visited else None,
                    }
                )
        return pd.DataFrame(rows)

    def _stay(self, steps: list[Any], place: int, closed_at: datetime | None) -> float:
        """Days from one step to the next; of the present stage whole days to today."""
        if place + 1 < len(steps):
            return float((steps[place + 1].at - steps[place].at) / timedelta(days=1))
        entered: date = self.days(pd.Series([steps[place].at]))[0]
        return float((TODAY - entered).days)

    def held_while_open(self) -> pd.DataFrame:
        """Meetings with a person of a deal that was open on the day, or on such a deal."""
        acts = self.activities[
            (self.activities["kind"] == "meeting") & self.activities["done"].astype(bool)
        ]
        kept = []
        for act in acts.itertuples():
            of = self.deals[
                (self.deals["id"] == act.deal)
                | (self.deals["contact"].notna() & (self.deals["contact"] == act.contact))
            ]
            kept.append(
                any(
                    deal.created <= act.day and (deal.closed is None or act.day <= deal.closed)
                    for deal in of.itertuples()
                )
            )
        return acts[kept]


#: what is grouped, the column of its day, and the aggregate
Truth = tuple[pd.DataFrame, str | None, Callable[[pd.DataFrame], float]]


def _calls(of: Oracle) -> Truth:
    acts = of.activities
    made = acts[(acts["kind"] == "call") & acts["done"].astype(bool)]
    return made.drop(columns="owner"), "day", len


def _meetings(of: Oracle) -> Truth:
    booked = of.activities[of.activities["kind"] == "meeting"]
    return booked.drop(columns="owner"), "booked", len


def _overdue(of: Oracle) -> Truth:
    late = of.activities[~of.activities["done"].astype(bool) & (of.activities["day"] < TODAY)]
    return late.drop(columns="owner"), "day", len


KPIS: dict[str, Callable[[Oracle], Truth]] = {
    "win_rate": lambda o: (o.closed, "closed", lambda d: (d["status"] == "won").mean()),
    "lost_deals": lambda o: (o.closed[o.closed["status"] == "lost"], "closed", len),
    "average_deal_size": lambda o: (o.won, "closed", lambda d: _mean(d["amount"])),
    "opportunities_created": lambda o: (o.deals, "created", len),
    "sales_cycle_length": lambda o: (o.cycles(), "closed", lambda d: d["days"].mean()),
    "net_new_revenue": lambda o: (o.net_new(), "closed", lambda d: d["amount"].sum()),
    "rep_leaderboard": lambda o: (o.won, "closed", lambda d: d["amount"].sum()),
    "pipeline_value": lambda o: (o.pipeline(), "month", lambda d: d["amount"].sum()),
    "stage_conversion": lambda o: (
        o.stages(),
        "entered",
        lambda d: d["is_advanced"].sum() / d["is_mature"].sum() if d["is_mature"].any() else None,
    ),
    "stage_duration": lambda o: (o.stages(), "entered", lambda d: _mean(d["days"])),
    "calls_made": _calls,
    "meetings_booked": _meetings,
    "overdue_tasks": _overdue,
    "qualified_meetings": lambda o: (o.held_while_open().drop(columns="owner"), "day", len),
}
