"""Before and after a marked date: each KPI asked for the days of either window, compared in Python.

`Ask` answers a KPI over the rows of its fact in a where clause, on the engine that is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd

from superset_crmkpi.catalogue.definitions import NONE, Catalog, Kpi
from tests.oracles import customer_frames, marketing_frames, retention_frames, sales_frames
from tests.oracles.workbench import TODAY

Ask = Callable[[str, str], float | None]
Sides = tuple[float | None, float | None]
MONTHS = 6
ENTITIES = (
    *sales_frames.ENTITIES, "subscription", "mrr_movement", "marketing_spend", "campaign_member",
    "touchpoint", "renewal", "invoice", "survey_response", "product_usage_event",
)  # fmt: skip


def random_company(seed: int) -> dict[str, pd.DataFrame]:
    """A company with deals, leads, spend, subscriptions and answers around the date."""
    sales = sales_frames.sales_frames(seed, deals=60)
    market = marketing_frames.marketing_frames(seed)
    paid = retention_frames.random_frames(seed, 20)
    care = customer_frames.random_frames(seed, 20)
    return (
        sales
        | {name: market[name] for name in ("lead", "campaign", "campaign_member", "touchpoint",
                                           "marketing_spend")}
        | {name: paid[name] for name in ("account", "subscription", "mrr_movement")}
        | {name: care[name] for name in ("renewal", "invoice", "survey_response",
                                         "product_usage_event")}
    )  # fmt: skip


def windows(change: date, today: date = TODAY) -> tuple[list[pd.Period], list[pd.Period]]:
    """Months of the six before, and of the six after as far as they are over."""
    marked, now = pd.Period(change, freq="M"), pd.Period(today, freq="M")
    first_after = marked if change.day == 1 else marked + 1
    before = [marked - back for back in range(MONTHS, 0, -1)]
    after = [first_after + ahead for ahead in range(MONTHS)]
    return [m for m in before if m < now], [m for m in after if m < now]


def compared(catalog: Catalog) -> dict[str, tuple[Kpi, Mapping[str, str]]]:
    """Reporting KPIs that have a history by month, and the rows their fact is picked by."""
    found = {}
    for name, kpi in catalog.kpis.items():
        rule = kpi.meta.scorecard
        is_by_month = kpi.meta.time != NONE and (rule is None or rule.period == "month")
        if kpi.meta.use == "reporting" and is_by_month:
            fact = catalog.facts[kpi.fact]
            found[name] = (kpi, dict(fact.meta.pick) if rule is None else dict(rule.where))
    return found


def sides(catalog: Catalog, ask: Ask, change: date, only: str | None = None) -> dict[str, Sides]:
    """KPI -> before and after; a level is that of the last month of a window."""
    found = {}
    for name, (kpi, picked) in compared(catalog).items():
        if only not in (None, name):
            continue
        values: list[float | None] = []
        for months in windows(change):
            own = months[-1:] if kpi.meta.over_time == "last" else months
            if not own:
                values.append(None)
                continue
            first, last = own[0].start_time.date(), own[-1].end_time.date()
            where = f"{kpi.meta.time} between date '{first}' and date '{last}'"
            where += "".join(f" and {column} = '{value}'" for column, value in picked.items())
            values.append(ask(name, where))
        found[name] = (values[0], values[1])
    return found


def improvement(good: str, before: float | None, after: float | None) -> float | None:
    """Relative, and negative where it got worse; None when it cannot be told."""
    if before is None or after is None or before == 0:
        return None
    change = (after - before) / abs(before)
    return -change if good == "down" else change


def crm_impact(catalog: Catalog, ask: Ask, change: date, only: str | None = None) -> float | None:
    """The mean improvement in percent points, of all KPIs or of one."""
    changes = [
        improvement(catalog.kpis[name].meta.good, *found)
        for name, found in sides(catalog, ask, change, only).items()
    ]
    known = [one for one in changes if one is not None]
    return 100 * sum(known) / len(known) if known else None
