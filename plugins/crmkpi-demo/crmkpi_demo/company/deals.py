"""Opportunities as they truly went: who, when, how much, won or lost or still open.

`deal_history` turns them into records; here is one row a deal, money in the account's currency.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.accounts import in_service
from crmkpi_demo.company.clock import Array
from crmkpi_demo.company.lifecycle import Lifecycle
from crmkpi_demo.company.world import SOURCES, World, only, salesforce_ids

# stage, probability 0-100, forecast category, its name
STAGES = (
    ("Qualification", 10.0, "Pipeline", "Pipeline"),
    ("Discovery", 20.0, "Pipeline", "Pipeline"),
    ("Solution Review", 40.0, "Pipeline", "Pipeline"),
    ("Proposal", 60.0, "BestCase", "Best Case"),
    ("Negotiation", 80.0, "Forecast", "Commit"),
    ("Closed Won", 100.0, "Closed", "Closed"),
    ("Closed Lost", 0.0, "Omitted", "Omitted"),
)
OPEN_STAGES = 5
WON, LOST = 5, 6
# The last stage that a lost deal had reached, by type of deal.
LOST_FROM = {
    "New Business": [0.36, 0.26, 0.18, 0.13, 0.07],
    "Expansion": [0.3, 0.28, 0.2, 0.14, 0.08],
}
SOURCE_OF_WON = [0.2, 0.22, 0.1, 0.09, 0.12, 0.03, 0.12, 0.1, 0.02]
SOURCE_OF_LOST = [0.2, 0.07, 0.11, 0.11, 0.17, 0.1, 0.17, 0.05, 0.02]
CYCLE_FACTOR = np.array([0.72, 1.15, 1.9])
LOSS_REASONS = ("Price", "No decision", "Competitor", "Missing feature", "Timing", "No budget")
COMPETITORS = ("Northlight", "Kestrel CRM", "Datamill", "Opsware One", "In-house build")


def deal_spine(
    world: World, accounts: pd.DataFrame, people: pd.DataFrame, life: Lifecycle
) -> pd.DataFrame:
    """Columns: account, kind, created, close (day), status, cents, source, last_stage, stale,
    owner. An open deal's close is the day it is expected to close."""
    deals = pd.concat(
        [
            _won_new(world, accounts),
            _other_new(world, accounts),
            _expansions(world, accounts, life),
            _renewal_deals(world, accounts, life),
        ],
        ignore_index=True,
    )
    rng = world.rng("deals")
    n = len(deals)
    # What ended on a weekend was agreed on the Friday before.
    friday = deals["close"] - np.maximum(((deals["close"] + 3) % 7) - 4, 0)
    deals["close"] = deals["close"].where(deals["status"] == "open", friday)
    deals["created"] = np.minimum(deals["created"], deals["close"] - 2)
    deals["created"] = np.minimum(deals["created"], world.today - 1)
    # Deals nobody closed: open with a close date long past, without anything happening.
    forgotten = (deals["status"] == "lost") & (deals["close"] > world.today - 240)
    deals["stale"] = forgotten.to_numpy() & (rng.random(n) < 0.07)
    deals.loc[deals["stale"], "status"] = "open"
    won = (deals["status"] == "won").to_numpy()
    deals["source"] = np.where(
        won,
        rng.choice(len(SOURCES), n, p=SOURCE_OF_WON),
        rng.choice(len(SOURCES), n, p=SOURCE_OF_LOST),
    )
    deals["source"] = np.where(deals["kind"] == "New Business", deals["source"], len(SOURCES) - 1)
    owner = accounts["owner"].to_numpy()[deals["account"]]
    deals["owner"] = in_service(world, rng, people, owner, deals["created"].to_numpy())
    # A deal that was open when its owner left was handed over, except some.
    still = (deals["status"] == "open").to_numpy()
    final_day = np.where(still, world.today, deals["close"])
    handed = in_service(world, rng, people, deals["owner"].to_numpy(), final_day, stay=0.3)
    deals["owner"] = handed
    deals["last_stage"] = _last_stage(world, deals)
    deals["reason"] = _reasons(world, deals)
    beaten = np.where(deals["reason"] == "Competitor", 0.95, 0.38)
    competitor = rng.choice(len(COMPETITORS), n, p=[0.36, 0.24, 0.18, 0.1, 0.12])
    named = (rng.random(n) < beaten) & (deals["last_stage"] >= 1).to_numpy()
    deals["competitor"] = only(named, np.array(COMPETITORS, dtype=object)[competitor])
    deals = deals.sort_values(["created", "account"], kind="stable", ignore_index=True)
    deals["id"] = salesforce_ids("006", n)
    return deals


def _won_new(world: World, accounts: pd.DataFrame) -> pd.DataFrame:
    rng = world.rng("won deals")
    rows = accounts[accounts["role"] == "new"]
    cycle = rng.lognormal(np.log(66 * CYCLE_FACTOR[rows["segment"]]), 0.5).clip(8, 420).round()
    deals = pd.DataFrame({"account": rows.index, "kind": "New Business", "status": "won"})
    deals["close"] = rows["won_day"].to_numpy()
    deals["created"] = deals["close"] - cycle.astype("int64")
    cents = (rows["list_mrr_eur"] * rows["rate"] / 10).round() * 1000
    deals["cents"] = cents.to_numpy().astype("int64") * 12
    return deals


def _arrivals(world: World, area: str, n: int, median_cycle: float, segment: Array) -> pd.DataFrame:
    """Deals that were not won by today: created over the window, each with its cycle; those whose
    end lies ahead are open. `segment` gives one segment per deal."""
    rng = world.rng(area)
    created = world.sample_days(
        rng, n, world.start - 150, world.today - 1, growth=0.5, weekends=False
    )
    cycle = rng.lognormal(np.log(median_cycle * CYCLE_FACTOR[segment]), 0.7).clip(3, 500)
    close = created + cycle.astype("int64")
    months = close.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    quarter_end = ((months // 3 + 1) * 3).astype("datetime64[M]").astype("datetime64[D]")
    # Pipeline reviews at quarter end close what has died, on its last working days.
    cleaned = (rng.random(n) < 0.16) & (quarter_end.astype("int64") - close < 45)
    close = np.where(cleaned, quarter_end.astype("int64") - rng.integers(1, 8, n), close)
    close = np.maximum(close - np.maximum(((close + 3) % 7) - 4, 0), created + 2)
    deals = pd.DataFrame({"created": created, "close": close})
    deals["status"] = np.where(close < world.today, "lost", "open")
    return deals


def _other_new(world: World, accounts: pd.DataFrame) -> pd.DataFrame:
    rng = world.rng("lost deals")
    prospects = np.flatnonzero(accounts["role"].isin(["prospect", "partner"]))
    later = np.flatnonzero(accounts["role"] == "new")
    n = world.count(2900, 100)
    account = np.where(rng.random(n) < 0.8, rng.choice(prospects, n), rng.choice(later, n))
    deals = _arrivals(world, "lost deal times", n, 52.0, accounts["segment"].to_numpy()[account])
    deals["account"], deals["kind"] = account, "New Business"
    # An account that became a customer cannot lose or hold a first deal afterwards.
    won_day = accounts["won_day"].to_numpy()[account]
    clash = (won_day >= 0) & (deals["close"].to_numpy() > won_day - 60)
    deals.loc[clash, "account"] = rng.choice(prospects, int(clash.sum()))
    account = deals["account"].to_numpy()
    price = accounts["list_mrr_eur"].to_numpy()[account] * accounts["rate"].to_numpy()[account]
    price = price * rng.lognormal(0.08, 0.4, n) * 12
    deals["cents"] = (price / 100).round().astype("int64") * 10_000
    # Of the deals due until today the winners are told elsewhere; these are the losers.
    keep = (deals["close"] >= world.start) & ((deals["status"] == "open") | (rng.random(n) < 0.93))
    return deals[keep]


def _expansions(world: World, accounts: pd.DataFrame, life: Lifecycle) -> pd.DataFrame:
    rng = world.rng("expansion deals")
    sold = life.movements[
        (life.movements["note"] == "sold") & (life.movements["day"] > world.start)
    ]
    won = pd.DataFrame({"account": sold["account"], "close": sold["day"], "status": "won"})
    won["cents"] = sold["change"].to_numpy() * 12
    cycle = rng.lognormal(np.log(30), 0.55, len(won)).clip(4, 200)
    won["created"] = won["close"] - cycle.astype("int64")
    n = world.count(1800, 50)
    start = accounts["start_day"].to_numpy()
    customers = np.flatnonzero(start >= 0)
    lost = _arrivals(world, "expansion times", n, 30.0, np.zeros(n, dtype="int64"))
    account = rng.choice(customers, n)
    month = np.searchsorted(world.month_starts, lost["created"], "right") - 1
    mrr = life.mrr[np.clip(month, 0, world.this_month), account]
    lost["account"] = account
    value = mrr * rng.uniform(0.1, 0.6, n) * 12
    lost["cents"] = (value / 10_000).round().astype("int64") * 10_000
    last = life.mrr[world.this_month, account] > 0
    keep = (mrr > 0) & (lost["close"] >= world.start) & ((lost["status"] == "lost") | last)
    both = pd.concat([won, lost[keep & (lost["cents"] > 0)]], ignore_index=True)
    both["kind"] = "Expansion"
    return both


def _renewal_deals(world: World, accounts: pd.DataFrame, life: Lifecycle) -> pd.DataFrame:
    """Larger contracts are renewed by an opportunity; the others renew by themselves."""
    rng = world.rng("renewal deals")
    rows = life.renewals
    value_eur = rows["before"] / 100 / accounts["rate"].to_numpy()[rows["account"]]
    rows = rows[(rows["due"] > world.start) & (rows["due"] < world.today + 90) & (value_eur > 4200)]
    n = len(rows)
    deals = pd.DataFrame({"account": rows["account"], "kind": "Renewal"})
    deals["status"] = rows["status"].map({"churned": "lost", "open": "open"}).fillna("won")
    past = (deals["status"] != "open").to_numpy()
    due = rows["due"].to_numpy()
    deals["close"] = np.where(past, np.minimum(due - rng.integers(0, 20, n), world.today - 1), due)
    deals["created"] = np.minimum(due - 100, deals["close"] - 15)
    deals["cents"] = np.where(past & (rows["after"] > 0), rows["after"], rows["before"]) * 12
    return deals


def _last_stage(world: World, deals: pd.DataFrame) -> Array:
    """The furthest open stage reached (0 to 4)."""
    rng = world.rng("last stages")
    n = len(deals)
    lost = np.select(
        [deals["kind"] == "New Business"],
        [rng.choice(OPEN_STAGES, n, p=LOST_FROM["New Business"])],
        rng.choice(OPEN_STAGES, n, p=LOST_FROM["Expansion"]),
    )
    elapsed = (world.today - deals["created"]) / (deals["close"] - deals["created"])
    live = np.clip(elapsed * 5.2 - rng.uniform(0, 1.5, n), 0, 4.99).astype("int64")
    live = np.where(deals["stale"], np.minimum(lost, 3), live)
    return np.select([deals["status"] == "won", deals["status"] == "open"], [4, live], lost)


def _reasons(world: World, deals: pd.DataFrame) -> Array:
    """Loss reasons, shifting towards price over time; 8 % of the lost deals give none."""
    rng = world.rng("loss reasons")
    n = len(deals)
    early = rng.choice(len(LOSS_REASONS), n, p=[0.19, 0.28, 0.18, 0.15, 0.12, 0.08])
    late = rng.choice(len(LOSS_REASONS), n, p=[0.27, 0.23, 0.21, 0.09, 0.11, 0.09])
    reason = np.where(deals["close"] > world.today - 270, late, early)
    names = np.array(LOSS_REASONS, dtype=object)[reason]
    given = (deals["status"] == "lost").to_numpy() & (rng.random(n) > 0.08)
    return only(given, names)
