"""Product usage by day and the NPS answers of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.campaigns import random_contact
from crmkpi_demo.company.clock import Array, dates
from crmkpi_demo.company.lifecycle import Lifecycle
from crmkpi_demo.company.world import World, moments_or_nat, only, pick
from superset_crmkpi.warehouse.sentiment import rater

FEATURES = ("dashboards", "reports", "alerts", "automations", "exports", "api")
FEATURE_SHARE = [0.34, 0.26, 0.12, 0.12, 0.1, 0.06]
# core event, share of customers that reach it, median days after the start
CORE_EVENTS = (("connect_data", 0.94, 6), ("invite_team", 0.88, 11), ("first_report", 0.84, 17))
COMMENTS = {
    "good": ("We use it every day.", "Great product and team.", "Saved us hours each week."),
    "bad": ("Too slow for our data.", "Expensive for what we use.", "Support takes too long."),
}


def usage_daily(
    world: World, accounts: pd.DataFrame, contacts: pd.DataFrame, life: Lifecycle
) -> pd.DataFrame:
    """One row an account, feature and day with use: number of events, minutes."""
    rng = world.rng("usage")
    days = np.arange(world.start, world.today)
    subs = life.subscriptions
    n = len(subs)
    account = subs["account"].to_numpy()
    start = subs["start"].to_numpy()
    end = subs["end"].fillna(world.today + 1).to_numpy()
    health = accounts["health"].to_numpy()[account]
    size = np.array([0.75, 1.0, 1.35])[accounts["segment"].to_numpy()[account]]
    chance = np.clip((0.06 + 0.36 * health**1.5) * size, 0.02, 0.75).astype("float32")[:, None]
    present = (days >= start[:, None]) & (days < end[:, None])
    slump = life.usage_slump[account]
    # Use fades over two months before a customer leaves, and builds up over the first month.
    fade = np.clip(1 - (days - slump[:, None]) / 60, 0.06, 1).astype("float32")
    rise = np.clip(0.45 + (days - start[:, None]) / 55, 0, 1).astype("float32")
    week = np.where((days + 3) % 7 < 5, 1.0, 0.08).astype("float32")
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12
    week = week * np.where(np.isin(month, [7, 11]), 0.82, 1.0).astype("float32")
    draws = rng.random((n, len(days)), dtype="float32")
    sub, day = np.nonzero(draws < chance * fade * rise * week * present)
    extra = np.flatnonzero(rng.random(len(sub)) < 0.42)
    who = np.concatenate([account[sub], account[sub[extra]]])
    when = np.concatenate([days[day], days[day[extra]]])
    feature = pick(rng, FEATURES, len(who), FEATURE_SHARE)
    table = pd.DataFrame({"account": who, "day": when, "feature": feature})
    table = pd.concat([table, _core_events(world, accounts, life)], ignore_index=True)
    table = table.drop_duplicates(["account", "day", "feature"])
    table = table.sort_values(["day", "account", "feature"], kind="stable", ignore_index=True)
    n = len(table)
    who = table.pop("account").to_numpy()
    day_number = table.pop("day").to_numpy()
    core = table["feature"].isin([event[0] for event in CORE_EVENTS])
    contact = random_contact(rng, contacts, who)
    table.insert(0, "account_id", accounts["id"].to_numpy()[who])
    known = rng.random(n) < 0.8
    table.insert(1, "contact_id", only(known, contacts["id"].to_numpy()[contact]))
    table.insert(2, "usage_date", dates(day_number))
    events = 1 + rng.poisson(6 * accounts["health"].to_numpy()[who] + 2)
    table["events"] = np.where(core, 1, events)
    table["minutes"] = (table["events"] * rng.lognormal(np.log(2.4), 0.5, n)).round(1)
    table.insert(0, "usage_id", np.arange(1, n + 1))
    return table


def _core_events(world: World, accounts: pd.DataFrame, life: Lifecycle) -> pd.DataFrame:
    """The steps of onboarding, in order; a poor start leaves some undone."""
    rng = world.rng("core events")
    subs = life.subscriptions
    first = subs[~subs["returned"].astype(bool)]
    account, start = first["account"].to_numpy(), first["start"].to_numpy()
    health = accounts["health"].to_numpy()[account]
    reached = np.ones(len(first), dtype=bool)
    at = start.astype("float64")
    # Guided onboarding, begun ten months ago, made customers quicker.
    pace = np.where(start > world.today - 300, 0.75, 1.0)
    frames = []
    gap_before = 0
    for event, share, median in CORE_EVENTS:
        reached &= rng.random(len(first)) < np.clip(share + 0.35 * (health - 0.69), 0.3, 0.995)
        at = at + rng.lognormal(np.log((median - gap_before) * pace), 0.75).clip(0, 90)
        gap_before = median
        day = at.astype("int64")
        keep = reached & (day < world.today)
        frames.append(pd.DataFrame({"account": account[keep], "day": day[keep], "feature": event}))
    return pd.concat(frames, ignore_index=True)


def nps_responses(
    world: World, accounts: pd.DataFrame, contacts: pd.DataFrame, life: Lifecycle
) -> pd.DataFrame:
    """Every quarter some contacts of each customer are asked; a third answers, 0 to 10."""
    rng = world.rng("nps")
    frames = []
    for month in range(world.window_month, world.this_month + 1, 3):
        active = np.flatnonzero(life.mrr[max(month - 1, 0)] > 0)
        asked = np.repeat(active, 2)
        day = world.month_starts[month] + 9 + rng.integers(0, 5, len(asked))
        frame = pd.DataFrame({"account": asked, "day": day})
        frame["contact"] = random_contact(rng, contacts, asked)
        frames.append(frame.drop_duplicates("contact"))
    rows = pd.concat(frames, ignore_index=True)
    rows = rows[rows["day"] < world.today].reset_index(drop=True)
    n = len(rows)
    account = rows["account"].to_numpy()
    turning = life.usage_slump[account] < rows["day"].to_numpy() + 40
    trend = 0.5 * (rows["day"] - world.start) / (world.today - world.start)
    mean = 4.5 + 5.3 * accounts["health"].to_numpy()[account] + trend - 2.4 * turning
    score = (mean + rng.normal(0, 1.6, n)).round().clip(0, 10)
    sent = world.office_moments(rng, rows["day"], off_hours=0)
    answered = sent + (rng.exponential(40, n) * 3600).astype("timedelta64[s]")
    yes: Array = (rng.random(n) < 0.3) & (answered < world.now)
    table = pd.DataFrame({"response_id": np.arange(1, n + 1)})
    table["account_id"] = accounts["id"].to_numpy()[account]
    table["contact_id"] = contacts["id"].to_numpy()[rows["contact"]]
    table["sent_at"] = sent
    table["answered_at"] = moments_or_nat(yes, answered)
    table["score"] = np.where(yes, score, np.nan)
    text = np.where(score >= 9, pick(rng, COMMENTS["good"], n), pick(rng, COMMENTS["bad"], n))
    said = yes & (rng.random(n) < 0.4) & ((score >= 9) | (score <= 6))
    table["comment"] = only(said, text)
    table["comment_sentiment"] = table["comment"].map(rater()).astype(float)
    return table
