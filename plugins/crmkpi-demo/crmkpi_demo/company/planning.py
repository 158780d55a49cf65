"""Exchange rates, price book and line items, contact roles, and the weekly forecast calls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.billing import PLANS, plan_of
from crmkpi_demo.company.campaigns import random_contact
from crmkpi_demo.company.clock import dates
from crmkpi_demo.company.world import (
    PRICE_LIST_RATE,
    World,
    fivetran,
    pick,
    ragged,
    salesforce_ids,
)

FORECAST_CATEGORIES = ("closed", "commit", "best_case", "pipeline")


def conversion_rates(world: World) -> pd.DataFrame:
    """DatedConversionRate by month: units of the currency per 1 EUR. The last row of a currency is
    open-ended (a next start far ahead, as Salesforce writes it)."""
    rng = world.rng("rates")
    months = world.month_starts[: world.this_month + 1]
    frames = []
    for code, rate in PRICE_LIST_RATE.items():
        walk = np.cumsum(rng.normal(0, 0.007, len(months)))
        walk = np.zeros(len(months)) if code == "EUR" else walk - walk.mean()
        frame = pd.DataFrame({"iso_code": code, "start_date": dates(months)})
        # The first row begins early enough for every deal, the last one ends in 2199.
        frame.loc[0, "start_date"] = pd.Timestamp(dates([months[0] - 1500])[0])
        frame["next_start_date"] = frame["start_date"].shift(-1).fillna(pd.Timestamp(2199, 12, 31))
        frame["conversion_rate"] = (rate * np.exp(walk)).round(6)
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "id", salesforce_ids("04w", len(table)))
    return fivetran(world, table, active=False, deleted=True)


def product_tables(
    world: World, deals: pd.DataFrame, opportunity: pd.DataFrame, accounts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Products, and line items (a plan, sometimes an add-on) that add up to the amount."""
    rng = world.rng("line items")
    product = pd.DataFrame({"id": salesforce_ids("01t", len(PLANS))})
    product["product_code"] = [row[0] for row in PLANS]
    product["name"] = [row[1] for row in PLANS]
    product["family"] = [row[2] for row in PLANS]
    product["is_active"], product["is_deleted"] = True, False
    product["created_date"] = dates([world.month_starts[0] - 400] * len(PLANS))
    quoted = (deals["last_stage"] >= 2) & opportunity["amount"].notna()
    rows = np.flatnonzero(quoted & (rng.random(len(deals)) < 0.92))
    two = rng.random(len(rows)) < 0.35
    parent, order = ragged(1 + two)
    deal = rows[parent]
    cents = (opportunity["amount"].to_numpy()[deal] * 100).round().astype("int64")
    addon = np.where(two, (cents[np.cumsum(1 + two) - 1] * 0.15).astype("int64"), 0)[parent]
    total = np.where(order == 0, cents - addon, addon)
    account = deals["account"].to_numpy()[deal]
    value = accounts["list_mrr_eur"].to_numpy()[account]
    item = np.where(order == 0, plan_of(value), rng.choice([4, 5], len(deal)))
    table = pd.DataFrame({"id": salesforce_ids("00k", len(deal))})
    table["opportunity_id"] = deals["id"].to_numpy()[deal]
    table["product_2_id"] = product["id"].to_numpy()[item]
    table["product_code"] = product["product_code"].to_numpy()[item]
    table["name"] = opportunity["name"].to_numpy()[deal]
    table["quantity"] = np.where(order == 0, rng.integers(3, 60, len(deal)), 1).astype("float64")
    off = pick(rng, [0.0, 5.0, 10.0, 15.0, 25.0], len(deal), [5, 2, 2, 1, 0.5]).astype("float64")
    table["discount"] = off
    table["total_price"] = total / 100
    table["list_price"] = (total / 100 / table["quantity"] / (1 - off / 100)).round(4)
    table["unit_price"] = table["list_price"]
    table["currency_iso_code"] = opportunity["currency_iso_code"].to_numpy()[deal]
    table["created_date"] = opportunity["created_date"].to_numpy()[deal]
    table["is_deleted"] = False
    return {
        "salesforce.product_2": fivetran(world, product, active=True, deleted=False),
        "salesforce.opportunity_line_item": fivetran(world, table, active=True, deleted=False),
    }


def contact_roles(
    world: World, deals: pd.DataFrame, opportunity: pd.DataFrame, contacts: pd.DataFrame
) -> pd.DataFrame:
    """One to three contacts a deal, one of them primary; a tenth of the deals has none."""
    rng = world.rng("contact roles")
    counts = rng.choice(4, len(deals), p=[0.1, 0.45, 0.3, 0.15])
    deal, order = ragged(counts)
    contact = random_contact(rng, contacts, deals["account"].to_numpy()[deal])
    rows = pd.DataFrame({"deal": deal, "contact": contact, "order": order})
    rows = rows.drop_duplicates(["deal", "contact"]).reset_index(drop=True)
    table = pd.DataFrame({"id": salesforce_ids("00K", len(rows))})
    table["opportunity_id"] = deals["id"].to_numpy()[rows["deal"]]
    table["contact_id"] = contacts["id"].to_numpy()[rows["contact"]]
    roles = ["Decision Maker", "Business User", "Technical Buyer", "Economic Buyer", None]
    table["role"] = pick(rng, roles, len(rows), [3, 3, 2, 2, 1])
    table["is_primary"] = (rows["order"] == 0).to_numpy()
    table["created_date"] = opportunity["created_date"].to_numpy()[rows["deal"]]
    table["is_deleted"] = False
    return fivetran(world, table, active=False, deleted=True)


def forecast_snapshots(
    world: World, deals: pd.DataFrame, accounts: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """Every Monday each account executive's call for this month and the next two, in EUR.

    Categories do not overlap: the call is closed + commit; best case and pipeline come on top.
    The call is what then came, off by an error that shrinks as the month goes on, and by the
    seller's own optimism; for months still running the latest pace stands in for the outcome."""
    rng = world.rng("forecasts")
    sellers = people[people["kind"] == "ae"]
    number = pd.Series(np.arange(len(sellers)), index=sellers.index)
    months = world.month_starts[world.window_month : world.this_month + 3]
    won = deals[(deals["status"] == "won") & deals["owner"].isin(sellers.index)]
    rate = accounts["rate"].to_numpy()[won["account"]]
    value = won["cents"].to_numpy() / 100 / rate
    who = number[won["owner"]].to_numpy()
    month = np.searchsorted(months, won["close"], "right") - 1
    actual = np.zeros((len(sellers), len(months)))
    keep = month >= 0
    np.add.at(actual, (who[keep], month[keep]), value[keep])
    pace = actual[:, -9:-3].mean(axis=1, keepdims=True)
    running = np.maximum(actual[:, -3:], pace * rng.lognormal(0, 0.25, (len(sellers), 3)))
    outcome = np.concatenate([actual[:, :-3], running], axis=1)
    optimism = rng.normal(1.04, 0.09, len(sellers))
    mondays = np.arange(world.start + (-(world.start + 3)) % 7, world.today, 7)
    hired, left = sellers["hired"].to_numpy(), sellers["left"].to_numpy()
    frames = []
    for monday in mondays:
        current = int(np.searchsorted(months, monday, "right") - 1)
        for ahead in range(3):
            index = current + ahead
            if index >= len(months):
                continue
            done = (won["close"] < monday).to_numpy() & (month == index)
            closed = np.bincount(who[done], value[done], minlength=len(sellers))
            left_part = np.clip((months[index] + 30 - monday) / 90, 0.04, 1)
            error = rng.lognormal(0, 0.42 * left_part, len(sellers))
            call = np.maximum(outcome[:, index] * error * optimism, closed)
            commit = call - closed
            frame = pd.DataFrame(
                {
                    "owner": np.tile(np.arange(len(sellers)), 4),
                    "forecast_category": np.repeat(FORECAST_CATEGORIES, len(sellers)),
                    "amount": np.concatenate([closed, commit, call * 0.3, call * 0.8]).round(2),
                }
            )
            frame["snapshot_date"], frame["period_start"] = monday, months[index]
            frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    owner = table.pop("owner").to_numpy()
    served = (hired[owner] <= table["snapshot_date"]) & (left[owner] > table["snapshot_date"])
    table.insert(0, "owner_id", sellers["id"].to_numpy()[owner])
    table = table[served & (table["amount"] > 0)].reset_index(drop=True)
    table["snapshot_date"] = dates(table["snapshot_date"])
    table["period_start"] = dates(table["period_start"])
    table.insert(0, "snapshot_id", np.arange(1, len(table) + 1))
    return table
