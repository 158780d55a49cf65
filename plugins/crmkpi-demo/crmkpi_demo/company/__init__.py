"""Brightwater Software: a believable B2B SaaS company, generated as raw vendor tables.

`generate` gives the tables as loaders land them (Salesforce by Fivetran, a home-grown support
desk, billing, marketing, product, academy, planning); `write` puts them into a database.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from crmkpi_demo.company import (
    accounts,
    activities,
    billing,
    campaigns,
    deal_history,
    deals,
    leads,
    lifecycle,
    marketing,
    people,
    planning,
    product,
    service,
)
from crmkpi_demo.company.warehouse import write
from crmkpi_demo.company.world import World

__all__ = ["generate", "write"]


def generate(
    scale: float = 1.0, seed: int = 7, today: date | None = None
) -> dict[str, pd.DataFrame]:
    """The company's raw tables by `schema.table`, for the 30 months up to `today`.

    `scale` 1 is about 1,700 accounts and 600 customers; the least useful scale is 0.05. The same
    scale, seed and day give the very same frames. Times are naive UTC, and none that has happened
    is later than 06:00 UTC of `today`."""
    if scale <= 0:
        raise ValueError(f"scale must be greater than 0, not {scale}")
    world = World(scale, seed, today or date.today())
    staff = people.staff(world)
    courses = people.trainings(world, staff)
    trained = people.trained_day(staff, courses)
    customers = accounts.account_spine(world, staff)
    life = lifecycle.simulate(world, customers)
    contacts = accounts.contact_spine(world, customers)
    pipeline = deals.deal_spine(world, customers, staff, life)
    _created_before_first_deal(customers, contacts, pipeline)
    programs = campaigns.campaign_spine(world, staff)
    prospects = leads.lead_spine(world, customers, contacts, pipeline, staff, programs)
    events = deal_history.deal_events(world, pipeline)
    spend = campaigns.ad_spend(world, programs)
    email_events, mailed = marketing.mailings(world, programs, prospects, contacts)
    done = activities.activity_spine(world, customers, contacts, pipeline, prospects)
    tickets = service.ticket_spine(world, customers, contacts, staff, life)
    login = people.logins(world, staff, trained)

    tables = people.user_tables(world, staff, login)
    active = life.mrr[world.this_month] > 0
    tables["salesforce.account"] = accounts.account_table(world, customers, staff, active)
    tables["salesforce.contact"] = accounts.contact_table(world, contacts, customers, staff)
    tables |= leads.lead_tables(world, prospects, customers, contacts, pipeline, staff)
    tables |= deal_history.opportunity_tables(world, pipeline, events, customers, staff, trained)
    opportunity = tables["salesforce.opportunity"]
    tables["salesforce.opportunity_contact_role"] = planning.contact_roles(
        world, pipeline, opportunity, contacts
    )
    tables |= planning.product_tables(world, pipeline, opportunity, customers)
    tables |= activities.activity_tables(
        world, done, pipeline, prospects, contacts, customers, staff, trained
    )
    _mark_open_activities(world, tables)
    tables["salesforce.campaign"] = campaigns.campaign_table(world, programs, spend, staff)
    tables["salesforce.campaign_member"] = campaigns.members(world, programs, prospects, mailed)
    tables["salesforce.dated_conversion_rate"] = planning.conversion_rates(world)
    tables["salesforce.login_history"] = login
    tables["salesforce.forecasting_quota"] = people.quotas(world, staff)
    tables |= service.service_tables(world, tickets, customers, contacts, staff)
    tables |= billing.billing_tables(world, customers, staff, life)
    tables["marketing.email_events"] = email_events
    tables["marketing.ad_spend"] = spend.drop(columns="spend_eur")
    tables["marketing.team_costs"] = campaigns.team_costs(world)
    tables |= marketing.web_tables(world, prospects, programs)
    tables["product.usage_daily"] = product.usage_daily(world, customers, contacts, life)
    tables["product.nps_responses"] = product.nps_responses(world, customers, contacts, life)
    tables["academy.course_completions"] = courses.drop(columns="completed_day")
    tables["planning.forecast_snapshots"] = planning.forecast_snapshots(
        world, pipeline, customers, staff
    )
    return {name: tables[name].reset_index(drop=True) for name in sorted(tables)}


def _created_before_first_deal(
    customers: pd.DataFrame, contacts: pd.DataFrame, pipeline: pd.DataFrame
) -> None:
    """No account is younger than its first deal, and each has a contact from its first day."""
    first = pipeline.groupby("account")["created"].min().reindex(customers.index)
    limit = np.fmin(first, customers["start_day"].where(customers["start_day"] >= 0)) - 1
    customers["created_day"] = np.fmin(customers["created_day"], limit).astype("int64")
    opening = ~contacts["account"].duplicated()
    contacts.loc[opening, "created_day"] = customers["created_day"].to_numpy()


def _mark_open_activities(world: World, tables: dict[str, pd.DataFrame]) -> None:
    """The three fields Salesforce keeps on the opportunity itself."""
    task, event = tables["salesforce.task"], tables["salesforce.event"]
    opportunity = tables["salesforce.opportunity"]
    still = task[~task["is_closed"] & ~task["is_deleted"]]
    overdue = still[still["activity_date"] < world.now.astype("datetime64[D]")]
    opportunity["has_open_activity"] = opportunity["id"].isin(still["what_id"])
    opportunity["has_overdue_task"] = opportunity["id"].isin(overdue["what_id"])
    held = event[event["start_date_time"] <= world.now]
    done = pd.concat(
        [
            task.loc[task["is_closed"], ["what_id", "completed_date_time"]].set_axis(
                ["what_id", "at"], axis=1
            ),
            held[["what_id", "start_date_time"]].set_axis(["what_id", "at"], axis=1),
        ]
    )
    last = opportunity["id"].map(done.groupby("what_id")["at"].max())
    opportunity["last_activity_date"] = last.dt.normalize()
