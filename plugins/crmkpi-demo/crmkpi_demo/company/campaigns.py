"""Campaigns, their members and the daily cost of running them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.clock import Array, dates
from crmkpi_demo.company.world import (
    SEASON,
    SOURCES,
    WEEKDAY,
    World,
    fivetran,
    group_choice,
    salesforce_ids,
)

# kind, number at scale 1, lead source it feeds, length in days, cost in EUR per run
KINDS = (
    ("Email", 36, "Website", 14, 1_500.0),
    ("Webinar", 12, "Webinar", 35, 6_000.0),
    ("Event", 8, "Event", 40, 42_000.0),
    ("Paid Search", 8, "Paid Search", 120, 0.0),
    ("Paid Social", 8, "Paid Social", 110, 0.0),
    ("Content", 6, "Website", 150, 7_000.0),
)
TOPICS = (
    "Data without detours",
    "Closing the books faster",
    "One view of the customer",
    "Forecasts you can trust",
    "From spreadsheet to system",
    "Operations day",
    "Productive teams",
    "Year-end planning",
)
# platform, campaign kind, EUR per day at scale 1, EUR per click, currency
PLATFORMS = (
    ("google_ads", "Paid Search", 520.0, 5.2, "EUR"),
    ("linkedin", "Paid Social", 380.0, 8.5, "USD"),
    ("meta", "Paid Social", 150.0, 2.1, "EUR"),
)


def campaign_scale(world: World) -> float:
    """A ten times larger company runs larger campaigns rather than ten times as many."""
    return min(max(world.scale, 0.4), 3.0)


def campaign_spine(world: World, people: pd.DataFrame) -> pd.DataFrame:
    """One row a campaign: kind, source number, first and last day; some end after today."""
    rng = world.rng("campaigns")
    rows: list[tuple[str, int, str, int, int, float]] = []
    scale = campaign_scale(world)
    for kind, at_one, source, length, cost in KINDS:
        # The newsletter goes out every month, whatever the company's size.
        number = at_one if kind == "Email" else max(4, round(at_one * scale))
        span = (world.today + 45 - world.start) / number
        for index in range(number):
            start = world.start - 40 + int(span * (index + rng.uniform(0, 0.6)))
            topic = TOPICS[(index + len(rows)) % len(TOPICS)]
            last = start + int(length * rng.uniform(0.8, 1.2))
            rows.append((kind, SOURCES.index(source), topic, start, last, cost))
    frame = pd.DataFrame(rows, columns=["kind", "source", "topic", "start", "last", "cost"])
    # Paid campaigns follow one another without a gap up to today.
    for kind in ("Paid Search", "Paid Social"):
        paid = frame.index[frame["kind"] == kind]
        frame.loc[paid[0], "start"] = world.start - 40
        frame.loc[paid[:-1], "last"] = frame.loc[paid[1:], "start"].to_numpy() - 1
        frame.loc[paid[-1], "last"] = world.today + 50
    frame["start"] = np.minimum(frame["start"], world.today + 30)
    frame["cost"] *= max(world.scale, 0.1)
    marketers = people.index[people["kind"] == "marketer"].to_numpy()
    frame["owner"] = rng.choice(marketers, len(frame))
    month = pd.DatetimeIndex(dates(frame["start"])).strftime("%Y-%m")
    frame["name"] = month + " " + frame["kind"] + ": " + frame["topic"]
    frame["id"] = salesforce_ids("701", len(frame))
    return frame


def running(world: World, campaigns: pd.DataFrame, source: Array, day: Array) -> Array:
    """For each source and day a campaign feeding that source then; -1 where there was none."""
    rng = world.rng("running campaigns")
    result = np.full(len(day), -1)
    for number in np.unique(source):
        rows = np.flatnonzero(source == number)
        feeding = campaigns[campaigns["source"] == number]
        if feeding.empty:
            continue
        # People respond up to a month after the campaign, less likely the later.
        fits = (feeding["start"].to_numpy() <= day[rows, None]) & (
            feeding["last"].to_numpy() + 30 >= day[rows, None]
        )
        # A newsletter is read by those who are known already: it seldom brings a new lead.
        fits &= (feeding["kind"] != "Email").to_numpy() | (rng.random(fits.shape) < 0.08)
        weight = fits * rng.random(fits.shape)
        best = weight.argmax(axis=1)
        result[rows] = np.where(fits.any(axis=1), feeding.index.to_numpy()[best], -1)
    return result


def campaign_table(
    world: World, campaigns: pd.DataFrame, spend: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    rng = world.rng("campaign table")
    n = len(campaigns)
    table = campaigns[["id", "name"]].copy()
    table["type"] = campaigns["kind"]
    table["status"] = np.select(
        [campaigns["start"] > world.today, campaigns["last"] >= world.today],
        ["Planned", "In Progress"],
        "Completed",
    )
    aborted = (table["status"] == "Completed") & (rng.random(n) < 0.04)
    table.loc[aborted, "status"] = "Aborted"
    table["is_active"] = table["status"] == "In Progress"
    table["start_date"], table["end_date"] = dates(campaigns["start"]), dates(campaigns["last"])
    ads = spend[spend["channel"].isin(["Paid Search", "Paid Social"])]
    paid = ads.groupby("campaign_id")["spend_eur"].sum()
    done = np.clip((world.today - campaigns["start"]) / 20, 0, 1)
    cost = campaigns["cost"] * rng.normal(1.04, 0.13, n) * done
    actual = np.where(campaigns["cost"] > 0, cost, campaigns["id"].map(paid).fillna(0))
    table["actual_cost"] = actual.round(2)
    base = np.where(campaigns["cost"] > 0, campaigns["cost"], actual)
    table["budgeted_cost"] = (base * rng.uniform(0.9, 1.1, n)).round(-2)
    table["expected_revenue"] = (table["budgeted_cost"] * 5).round(-3)
    table["currency_iso_code"] = "EUR"
    table["owner_id"] = people["id"].to_numpy()[campaigns["owner"]]
    table["created_date"] = world.office_moments(
        rng, np.minimum(campaigns["start"] - 21, world.today - 1), 0
    )
    table["is_deleted"] = False
    return fivetran(world, table, active=False, deleted=True)


def ad_spend(world: World, campaigns: pd.DataFrame) -> pd.DataFrame:
    """One row a day and platform while a campaign of that kind runs; plus the event and content
    costs on the day a campaign starts (platform `direct`)."""
    rng = world.rng("ad spend")
    days = np.arange(world.start, world.today)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12
    frames = []
    for platform, kind, budget, click_price, currency in PLATFORMS:
        paid = campaigns[campaigns["kind"] == kind].reset_index()
        which = np.searchsorted(paid["start"], days, side="right") - 1
        level = SEASON[month] * (0.35 + 0.65 * (WEEKDAY[(days + 3) % 7] > 0.5))
        growth = 1 + 0.45 * (days - world.start) / len(days)
        spend = budget * world.scale * level * growth * rng.lognormal(0, 0.16, len(days))
        frame = pd.DataFrame({"day": days, "platform": platform, "channel": kind})
        frame["campaign_id"] = paid["id"].to_numpy()[which]
        frame["campaign"] = paid["name"].to_numpy()[which]
        frame["spend_eur"] = spend
        frame["clicks"] = (spend / click_price * rng.lognormal(0, 0.12, len(days))).round()
        frame["impressions"] = (frame["clicks"] * rng.uniform(45, 110, len(days))).round()
        frame["currency"] = currency
        frames.append(frame)
    own = campaigns[(campaigns["cost"] > 0) & (campaigns["start"] < world.today)]
    own = own[own["start"] >= world.start]
    frame = pd.DataFrame({"day": own["start"], "platform": "direct", "channel": own["kind"]})
    frame["campaign_id"], frame["campaign"] = own["id"], own["name"]
    frame["spend_eur"], frame["currency"] = own["cost"], "EUR"
    frame["clicks"] = frame["impressions"] = 0.0
    frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    table["spend"] = (table["spend_eur"] * np.where(table["currency"] == "USD", 1.1, 1.0)).round(2)
    table["spend_date"] = dates(table["day"])
    table[["clicks", "impressions"]] = table[["clicks", "impressions"]].astype("int64")
    table.insert(0, "spend_id", np.arange(1, len(table) + 1))
    return table.drop(columns="day")


def team_costs(world: World) -> pd.DataFrame:
    """Monthly fully loaded cost of the sales and marketing teams in EUR, by kind of cost."""
    months = world.month_starts[world.window_month : world.this_month + 1]
    kinds = (
        ("sales", "Salaries", 214_000.0),
        ("sales", "Commissions", 48_000.0),
        ("sales", "Tools", 14_000.0),
        ("marketing", "Salaries", 41_000.0),
        ("marketing", "Tools", 9_000.0),
    )
    frames = []
    for number, (team, kind, amount) in enumerate(kinds):
        frame = pd.DataFrame({"month": dates(months), "team": team, "cost_kind": kind})
        growth = 1 + 0.3 * np.arange(len(months)) / len(months)
        growth[-1] *= 0.66  # the running month is booked in part
        frame["amount"] = (amount * world.scale * growth).round(2)
        frame.insert(0, "cost_id", np.arange(len(months)) * 10 + number)
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    table["currency"] = "EUR"
    return table


def members(
    world: World, campaigns: pd.DataFrame, leads: pd.DataFrame, mailed: pd.DataFrame
) -> pd.DataFrame:
    """Leads that came in by a campaign, and the people an email campaign was sent to.

    `mailed` has campaign, lead_id, contact_id, day (first send) and responded."""
    rng = world.rng("members")
    came = leads[leads["campaign"] >= 0]
    frame = pd.DataFrame({"campaign": came["campaign"], "lead_id": came["id"], "contact_id": None})
    frame["day"] = came["created_day"]
    kind = campaigns["kind"].to_numpy()[frame["campaign"]]
    frame["responded"] = rng.random(len(frame)) < np.where(np.isin(kind, ["Webinar"]), 0.55, 0.8)
    frame["came"] = True
    table = pd.concat([frame, mailed.assign(came=False)], ignore_index=True)
    campaign = table.pop("campaign").to_numpy().astype("int64")
    kind = campaigns["kind"].to_numpy()[campaign]
    table["campaign_id"] = campaigns["id"].to_numpy()[campaign]
    table = table.assign(kind=kind).drop_duplicates(["campaign_id", "lead_id", "contact_id"])
    day = np.minimum(table.pop("day").to_numpy().astype("int64"), world.today)
    yes = {"Webinar": "Attended", "Event": "Visited booth"}
    no = {"Webinar": "Invited", "Event": "Invited"}
    kinds = table.pop("kind")
    # Who came in by a webinar and did not attend had registered for it; who was mailed had not.
    registered = table.pop("came").to_numpy(dtype=bool) & (kinds == "Webinar").to_numpy()
    responded = table.pop("responded").to_numpy(dtype=bool)
    table["status"] = np.where(
        responded, kinds.map(yes).fillna("Responded"), kinds.map(no).fillna("Sent")
    )
    table.loc[registered & ~responded, "status"] = "Registered"
    table["has_responded"] = responded
    created = world.office_moments(rng, day)
    answer = np.minimum(day + rng.integers(0, 4, len(day)), world.today)
    table["created_date"] = created
    table["first_responded_date"] = dates(np.where(responded, answer, np.nan))
    table["is_deleted"] = False
    table.insert(0, "id", salesforce_ids("00v", len(table)))
    table = table.reset_index(drop=True)
    return fivetran(world, table, active=False, deleted=True)


def random_contact(rng: np.random.Generator, contacts: pd.DataFrame, account: Array) -> Array:
    """A random contact number of each account."""
    return group_choice(rng, contacts["account"].to_numpy(), account)
