"""Leads: those that became an opportunity, the many that did not, and their status history."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company import names
from crmkpi_demo.company.accounts import phone_numbers
from crmkpi_demo.company.campaigns import random_contact, running
from crmkpi_demo.company.clock import Array
from crmkpi_demo.company.world import (
    REGION_SHARE,
    SOURCES,
    World,
    blank,
    fivetran,
    moments_or_nat,
    only,
    pick,
    salesforce_ids,
)

SOURCE_OF_DEAD = [0.19, 0.025, 0.15, 0.14, 0.17, 0.19, 0.095, 0.015, 0.025]
MQL_SHARE = np.array([0.34, 0.5, 0.36, 0.22, 0.3, 0.12, 0.26, 0.45, 0.2])
WITH_CAMPAIGN = np.array([0.3, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
OPEN, WORKING, MQL, SQL = "Open - Not Contacted", "Working - Contacted", "MQL", "SQL"
NURTURING, DEAD, CONVERTED = "Nurturing", "Closed - Not Converted", "Closed - Converted"
REASONS = ("No budget", "Wrong fit", "Student", "No reply", "Competitor", "Bad contact data")


def lead_spine(
    world: World,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    deals: pd.DataFrame,
    people: pd.DataFrame,
    campaigns: pd.DataFrame,
) -> pd.DataFrame:
    """One row a lead. `deal` and `contact` are numbers or -1; `mql`, `sql`, `answered`,
    `finished` are moments in business minutes, NaN where it never happened."""
    rng = world.rng("leads")
    new = (deals["kind"] == "New Business").to_numpy()
    born = np.flatnonzero(new & (rng.random(len(deals)) < 0.78))
    lag = rng.lognormal(np.log(7), 0.9, len(born)).clip(1, 120).astype("int64")
    good = pd.DataFrame({"deal": born, "created_day": deals["created"].to_numpy()[born] - lag})
    good["source"] = deals["source"].to_numpy()[born]
    good = good[good["created_day"] >= world.start - 160].reset_index(drop=True)
    account = deals["account"].to_numpy()[good["deal"]]
    good["region"] = accounts["region"].to_numpy()[account]
    good["contact"] = random_contact(rng, contacts, account)
    n_other = world.count(12_000, 300) - len(good)
    other = pd.DataFrame({"deal": np.full(n_other, -1), "contact": -1})
    other["created_day"] = world.sample_days(
        rng, n_other, world.start - 120, world.today, growth=0.45
    )
    other["source"] = rng.choice(len(SOURCES), n_other, p=SOURCE_OF_DEAD)
    other["region"] = rng.choice(len(REGION_SHARE), n_other, p=REGION_SHARE)
    leads = pd.concat([good, other], ignore_index=True)
    leads = leads.sort_values(["created_day", "deal"], kind="stable", ignore_index=True)
    n = len(leads)
    leads["id"] = salesforce_ids("00Q", n)
    leads["owner"] = _owners(world, people, leads, deals)
    fed = np.flatnonzero(rng.random(n) < WITH_CAMPAIGN[leads["source"]])
    leads["campaign"] = -1
    leads.loc[fed, "campaign"] = running(
        world,
        campaigns,
        leads["source"].to_numpy()[fed],
        leads["created_day"].to_numpy()[fed],
    )
    _course(world, leads, deals, people)
    first_campaign = leads[(leads["deal"] >= 0) & (leads["campaign"] >= 0)].set_index("deal")
    number = pd.Series(np.arange(len(deals))).map(first_campaign["campaign"])
    ids = campaigns["id"].to_numpy()[number.fillna(0).astype("int64")]
    deals["campaign_id"] = only(number.notna(), ids)
    return leads


def _owners(world: World, people: pd.DataFrame, leads: pd.DataFrame, deals: pd.DataFrame) -> Array:
    """Development reps of the region own leads; an eighth goes to account executives."""
    rng = world.rng("lead owners")
    owner = np.zeros(len(leads), dtype="int64")
    reps = people[people["kind"].isin(["sdr", "ae"]) & people["active"]]
    for region in range(len(REGION_SHARE)):
        here = reps[reps["region"] == region]
        weight = np.where(here["kind"] == "sdr", 1.0, 0.12)
        rows = np.flatnonzero(leads["region"] == region)
        owner[rows] = rng.choice(here.index, len(rows), p=weight / weight.sum())
    late = people["hired"].to_numpy()[owner] > leads["created_day"].to_numpy()
    early = people[people["kind"].isin(["sdr", "ae"])].sort_values("hired").index[:5]
    return np.where(late, rng.choice(early, len(leads)), owner)


def _course(world: World, leads: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame) -> None:
    """What happened to each lead, and when. Adds moments, `status` and `score`."""
    rng = world.rng("lead course")
    n, clock = len(leads), world.clock
    now = world.now_minutes
    leads["created_at"] = world.office_moments(rng, leads["created_day"], off_hours=0.3)
    begin = clock.minutes(leads["created_at"])
    converted = (leads["deal"] >= 0).to_numpy()
    source = leads["source"].to_numpy()
    end = np.where(
        converted,
        clock.of_day(deals["created"].to_numpy()[leads["deal"]]) - 20,
        begin + rng.lognormal(np.log(12 * 500), 0.8, n),
    )
    end = np.where(converted, np.minimum(np.maximum(end, begin + 90), now - 4), end)
    hasty = np.flatnonzero(converted & (begin > end - 60))
    begin[hasty] = end[hasty] - 60
    leads.loc[hasty, "created_at"] = clock.moments(begin[hasty])
    # Speed differs by person, and got better after the change of the process.
    slow = 1.7 - 1.2 * people["skill"].to_numpy()[leads["owner"]]
    better = np.where(leads["created_day"] > world.today - 240, 0.62, 1.0)
    reply = begin + rng.lognormal(np.log(125), 1.15, n) * slow * better
    never = ~converted & (rng.random(n) < 0.085 * slow / 0.9)
    reply = np.where(converted, np.minimum(reply, begin + (end - begin) * 0.5), reply)
    leads["answered"] = np.where(never | (reply > now - 1), np.nan, reply)
    quick = 1 + 0.5 * ((reply - begin < 120) - 0.35)  # an early answer qualifies more
    is_mql = converted | (rng.random(n) < MQL_SHARE[source] * quick)
    mql = begin + rng.uniform(0.05, 0.3, n) * np.minimum(end - begin, 6000)
    is_sql = converted | (is_mql & ~never & (rng.random(n) < 0.27))
    sql = np.maximum(mql, np.where(never, begin, reply)) + rng.uniform(0.1, 0.7, n) * (end - mql)
    sql = np.where(converted, np.minimum(sql, end - 10), sql)
    leads["mql"] = np.where(is_mql & (mql < now - 1), mql, np.nan)
    leads["sql"] = np.where(is_sql & (sql < now - 1), sql, np.nan)
    leads["sql"] = leads["sql"].where(leads["mql"].notna())
    # Never-answered leads lie about for weeks until somebody clears up; others fade after a while.
    ending = rng.choice([DEAD, NURTURING, ""], n, p=[0.62, 0.28, 0.1])
    age = world.today - leads["created_day"].to_numpy()
    cleared = (age > 120) | ((age > 60) & (rng.random(n) < 0.9))
    ending = np.where(never, np.where(cleared, DEAD, ""), ending)
    ended = np.where(converted, CONVERTED, ending)
    last = np.maximum(end, np.fmax(np.fmax(leads["sql"], leads["mql"]), leads["answered"]) + 30)
    last = np.where(converted, end, np.where(np.isnan(last), end, last))
    finished = (ended != "") & (last < now - 1)
    leads["finished"] = np.where(finished, last, np.nan)
    leads["status"] = np.select(
        [finished, leads["sql"].notna(), leads["mql"].notna(), leads["answered"].notna()],
        [ended, SQL, MQL, WORKING],
        OPEN,
    )
    level = np.select([converted, is_sql, is_mql], [66, 55, 51], 36)
    leads["score"] = np.clip(rng.normal(level, 14, n), 1, 99).round()


def lead_tables(
    world: World,
    leads: pd.DataFrame,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    deals: pd.DataFrame,
    people: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The lead records with gaps and doubles, and LeadHistory (changes of Status)."""
    rng = world.rng("lead tables")
    n = len(leads)
    converted = (leads["status"] == CONVERTED).to_numpy()
    deal, contact = leads["deal"].to_numpy(), leads["contact"].to_numpy()
    account = np.where(converted, deals["account"].to_numpy()[deal], 0)
    table = leads[["id"]].copy()
    for column, words in (("first_name", names.FIRST_NAMES), ("last_name", names.LAST_NAMES)):
        table[column] = np.where(
            converted, contacts[column].to_numpy()[contact], pick(rng, words, n)
        )
    table["name"] = table["first_name"] + " " + table["last_name"]
    company = (
        pd.Series(pick(rng, names.COMPANY_FIRST, n)) + " " + pick(rng, names.COMPANY_SECOND, n)
    )
    table["company"] = np.where(converted, accounts["name"].to_numpy()[account], company)
    domain = table["company"].str.lower().str.replace(" ", "-", regex=False)
    email = (table["first_name"] + "." + table["last_name"]).str.lower() + "@" + domain + ".example"
    table["email"] = np.where(converted, contacts["email"].to_numpy()[contact], email)
    blank_email = rng.random(n)
    table.loc[~converted & (blank_email < 0.04), "email"] = None
    table.loc[~converted & (blank_email > 0.985), "email"] = "test"
    region_code = pick(rng, ["DE", "GB", "FR", "ES", "US"], n)
    table["country_code"] = blank(rng, region_code, 0.1)
    table["phone"] = phone_numbers(rng, region_code)
    table["title"] = blank(rng, pick(rng, names.JOB_TITLES, n), 0.2)
    table["industry"] = blank(rng, pick(rng, names.INDUSTRIES, n), 0.25)
    table.loc[rng.random(n) < 0.01, "industry"] = "-"
    table["lead_source"] = np.array([*SOURCES[:-1], None], dtype=object)[leads["source"]]
    table["status"] = leads["status"]
    table["lead_score_c"] = leads["score"]
    table["owner_id"] = people["id"].to_numpy()[leads["owner"]]
    table["is_converted"] = converted
    moment = world.clock.moments(leads["finished"].fillna(world.now_minutes))
    table["converted_date"] = moments_or_nat(converted, moment)
    for column, ids, number in (
        ("converted_account_id", accounts["id"], account),
        ("converted_contact_id", contacts["id"], contact),
        ("converted_opportunity_id", deals["id"], deal),
    ):
        table[column] = only(converted, ids.to_numpy()[number])
    reason = blank(rng, pick(rng, REASONS, n, [2, 3, 1, 4, 1, 1]), 0.1)
    table["disqualified_reason_c"] = only(leads["status"] == DEAD, reason)
    table["has_opted_out_of_email"] = rng.random(n) < 0.05
    table["created_date"] = leads["created_at"]
    history = _history(world, leads, people)
    changed = history.groupby("lead_id")["created_date"].max()
    table["last_modified_date"] = table["id"].map(changed).fillna(table["created_date"])
    table["master_record_id"] = None
    table["is_deleted"] = ~converted & (rng.random(n) < 0.012)
    doubles = table[~converted].sample(max(2, n // 45), random_state=int(rng.integers(2**31)))
    doubles = doubles.copy()
    doubles["id"] = salesforce_ids("00Q", len(doubles), first=n + 1)
    merged = np.arange(len(doubles)) % 2 == 0
    doubles["master_record_id"] = only(merged, table.loc[doubles.index, "id"])
    doubles["is_deleted"] = merged
    doubles["status"] = OPEN
    doubles["disqualified_reason_c"] = None
    table = pd.concat([table, doubles], ignore_index=True)
    return {
        "salesforce.lead": fivetran(world, table, active=True, deleted=False),
        "salesforce.lead_history": history,
    }


def _history(world: World, leads: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Status changes in order; a lead that was answered before MQL shows Working first."""
    steps = []
    for order, (column, value) in enumerate(
        (("answered", WORKING), ("mql", MQL), ("sql", SQL), ("finished", ""))
    ):
        rows = np.flatnonzero(leads[column].notna())
        frame = pd.DataFrame({"lead": rows, "at": leads[column].to_numpy()[rows]})
        frame["value"] = value or leads["status"].to_numpy()[rows]
        frame["order"] = order
        steps.append(frame)
    rows = pd.concat(steps, ignore_index=True)
    # An answer after the lead was qualified is no step back to Working.
    mql = leads["mql"].to_numpy()[rows["lead"]]
    rows = rows[~((rows["value"] == WORKING) & (rows["at"] >= mql))]
    rows = rows.sort_values(["lead", "at", "order"], kind="stable", ignore_index=True)
    table = pd.DataFrame({"id": salesforce_ids("017", len(rows))})
    table["lead_id"] = leads["id"].to_numpy()[rows["lead"]]
    table["field"] = "Status"
    table["old_value"] = rows.groupby("lead")["value"].shift().fillna(OPEN)
    table["new_value"] = rows["value"]
    at = np.minimum(rows["at"] + rows.groupby("lead").cumcount(), world.now_minutes)
    moment = world.clock.moments(at)
    # Leads may come in at night: their first change is never before them.
    created = leads["created_at"].to_numpy()[rows["lead"]]
    table["created_date"] = np.maximum(moment, created)
    table["created_by_id"] = people["id"].to_numpy()[leads["owner"].to_numpy()[rows["lead"]]]
    table["is_deleted"] = False
    return fivetran(world, table, active=False, deleted=True)
