"""The staff: roles, users, quotas, logins and trainings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company import names
from crmkpi_demo.company.clock import dates, utc, weekday
from crmkpi_demo.company.world import (
    REGION_SHARE,
    REGIONS,
    World,
    fivetran,
    moments_or_nat,
    pick,
    salesforce_ids,
)

DOMAIN = "brightwater.example"
COURSES = (("CRM basics", 820), ("Pipeline hygiene", 270), ("Forecasting in the CRM", 75))
CRM_CHANGE_DAYS_AGO = 240  # the day pipeline hygiene training took hold

# kind, department, title, number at scale 1, least number, leader's kind
JOBS = (
    ("ceo", "Management", "Chief Executive Officer", 0, 1, ""),
    ("vp_sales", "Sales", "VP Sales", 0, 1, "ceo"),
    ("cmo", "Marketing", "Chief Marketing Officer", 0, 1, "ceo"),
    ("head_cs", "Customer Success", "Head of Customer Success", 0, 1, "ceo"),
    ("head_support", "Support", "Head of Support", 0, 1, "ceo"),
    ("revops", "Operations", "Revenue Operations Manager", 0, 1, "vp_sales"),
    ("manager", "Sales", "Regional Sales Manager", 0, 5, "vp_sales"),
    ("ae", "Sales", "Account Executive", 24, 10, "manager"),
    ("sdr", "Sales", "Sales Development Representative", 6, 5, "manager"),
    ("csm", "Customer Success", "Customer Success Manager", 6, 3, "head_cs"),
    ("agent", "Support", "Support Engineer", 9, 4, "head_support"),
    ("marketer", "Marketing", "Marketing Manager", 4, 2, "cmo"),
    ("bot", "Operations", "Integration User", 0, 1, "revops"),
)

# Named in the demo profile as owners of KPIs, so the same at any seed.
LEADERS = {
    "ceo": "Helena Voss",
    "vp_sales": "Marcus Lindqvist",
    "cmo": "Ines Caldeira",
    "head_cs": "Tobias Reinhardt",
    "head_support": "Moira Sinclair",
    "revops": "Jonas Achterberg",
    "bot": "Warehouse Integration",
}


def staff(world: World) -> pd.DataFrame:
    """One row a person: id, name, kind, region number, skill (0..1), hired and left day."""
    rng = world.rng("staff")
    rows = []
    for kind, department, title, at_one, least, leader in JOBS:
        for number in range(world.count(at_one, least)):
            rows.append((kind, department, title, leader, number))
    people = pd.DataFrame(rows, columns=["kind", "department", "title", "leader", "number"])
    n = len(people)
    regional = people["kind"].isin(["manager", "ae", "sdr"]).to_numpy()
    drawn = rng.choice(len(REGIONS), n, p=REGION_SHARE)
    # The first two rows per region are fixed, so no region is without sellers at any scale.
    fixed = people["number"].to_numpy() % len(REGIONS)
    people["region"] = np.where(people["number"] < 10, fixed, drawn)
    people.loc[~regional, "region"] = 0
    firsts = pick(rng, names.FIRST_NAMES, n)
    lasts = np.array(names.LAST_NAMES, dtype=object)[
        (np.arange(n) * 37 + rng.integers(100)) % len(names.LAST_NAMES)
    ]
    people["first_name"], people["last_name"] = firsts, lasts
    for kind, full_name in LEADERS.items():
        people.loc[people["kind"] == kind, ["first_name", "last_name"]] = full_name.split()
    people["name"] = people["first_name"] + " " + people["last_name"]
    suffix = pd.Series(np.where(people["name"].duplicated(), np.arange(n).astype(str), ""))
    people["username"] = (
        (people["first_name"] + "." + people["last_name"]).str.lower() + suffix + f"@{DOMAIN}"
    )
    people["skill"] = np.clip(rng.beta(3.2, 3.2, n), 0.12, 0.92)
    people["hired"] = world.start - rng.integers(60, 900, n)
    late = people["kind"].isin(["ae", "sdr", "agent"]).to_numpy() & (people["number"] >= 10)
    hired_later = rng.integers(world.start, max(world.today - 90, world.start + 1), n)
    people["hired"] = np.where(late & (rng.random(n) < 0.35), hired_later, people["hired"])
    people["left"] = world.today + 10_000
    sellers = people.index[people["kind"].isin(["ae"])].to_numpy()
    leaving = sellers[len(REGIONS) :][:: max(3, (len(sellers) - 5) // max(1, len(sellers) // 8))]
    people.loc[leaving, "left"] = world.today - rng.integers(40, 500, len(leaving))
    people["hired"] = np.minimum(people["hired"], people["left"] - 200)
    people["active"] = people["left"] > world.today
    people["id"] = salesforce_ids("005", n)
    people["manager_id"] = _managers(people)
    return people


def _managers(people: pd.DataFrame) -> pd.Series:
    by_kind = people.drop_duplicates("kind").set_index("kind")["id"]
    by_region = people[people["kind"] == "manager"].set_index("region")["id"]
    found = people["leader"].map(by_kind)
    regional = people["leader"] == "manager"
    found[regional] = people.loc[regional, "region"].map(by_region)
    return found.where(found.notna(), None)


def trainings(world: World, people: pd.DataFrame) -> pd.DataFrame:
    """Course assignments; completed_at is missing where not finished. One row a user and course."""
    rng = world.rng("trainings")
    learners = people[people["kind"] != "bot"]
    frames = []
    for course, days_ago in COURSES:
        n = len(learners)
        assigned = np.maximum(world.today - days_ago - rng.integers(0, 10, n), learners["hired"])
        share = {"CRM basics": 0.94, "Pipeline hygiene": 0.72}.get(course, 0.55)
        lag = rng.lognormal(np.log(16), 0.7, n).round()
        done = np.where(rng.random(n) < share, assigned + 1 + lag, np.nan)
        done = np.where((done < world.today) & (done < learners["left"]), done, np.nan)
        frame = pd.DataFrame({"user_id": learners["id"], "course": course})
        frame["assigned_at"] = utc(assigned, np.full(n, 8 * 60))
        frame["completed_day"] = done
        frame["score"] = np.where(
            np.isnan(done), np.nan, rng.normal(82, 9, n).clip(50, 100)
        ).round()
        frames.append(frame[(assigned < learners["left"]).to_numpy()])
    every = pd.concat(frames, ignore_index=True)
    finished = every["completed_day"].notna().to_numpy()
    moment = world.office_moments(rng, every["completed_day"].fillna(0).astype("int64"))
    every["completed_at"] = moments_or_nat(finished, moment)
    every.insert(0, "completion_id", np.arange(1, len(every) + 1))
    return every


def trained_day(people: pd.DataFrame, courses: pd.DataFrame) -> np.ndarray:
    """Per person the day pipeline hygiene was finished; infinite where it was not."""
    hygiene = courses[courses["course"] == "Pipeline hygiene"].set_index("user_id")["completed_day"]
    return people["id"].map(hygiene).fillna(np.inf).to_numpy(dtype="float64")


def logins(world: World, people: pd.DataFrame, trained: np.ndarray) -> pd.DataFrame:
    """LoginHistory: a user logs in on a share of the workdays, a larger one once trained."""
    rng = world.rng("logins")
    days = np.arange(world.start, world.today + 1)
    share = rng.beta(3.5, 3.8, len(people))
    share[people["kind"].isin(["ae", "sdr", "manager", "agent"]).to_numpy()] += 0.12
    share[people["kind"].isin(["ceo", "cmo"]).to_numpy()] *= 0.3
    present = (days >= people["hired"].to_numpy()[:, None]) & (
        days <= people["left"].to_numpy()[:, None]
    )
    week = np.where(weekday(days) < 5, 1.0, 0.05)
    chance = share[:, None] + 0.16 * (days >= trained[:, None])
    chance = chance.clip(0, 0.93) * week * present
    who, when = np.nonzero(rng.random(chance.shape) < chance)
    n = len(who)
    bot = (people["kind"] == "bot").to_numpy()[who]
    failed = rng.random(n) < 0.025
    mobile = rng.random(n) < 0.18
    table = pd.DataFrame({"id": salesforce_ids("0Ya", n)})
    table["user_id"] = people["id"].to_numpy()[who]
    table["login_time"] = world.office_moments(rng, days[when])
    table["login_type"] = np.where(bot, "Other Apex API", "SAML Sfdc Initiated SSO")
    table["application"] = np.where(mobile, "Salesforce for iOS", "Browser")
    table.loc[bot, "application"] = "Warehouse loader"
    table["status"] = np.where(failed, "Invalid Password", "Success")
    return fivetran(world, table, active=False, deleted=True)


def user_tables(world: World, people: pd.DataFrame, login: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Users and their roles (the teams)."""
    leaders = ["Management", "Sales", "Marketing", "Customer Success", "Support", "Operations"]
    role_names = leaders + [f"Sales {region}" for region in REGIONS]
    roles = pd.DataFrame({"id": salesforce_ids("00E", len(role_names)), "name": role_names})
    ids = roles.set_index("name")["id"]
    parent = [None] + [ids["Management"]] * 5 + [ids["Sales"]] * len(REGIONS)
    roles["developer_name"] = roles["name"].str.replace(r"[^A-Za-z]+", "_", regex=True)
    roles["parent_role_id"] = np.array(parent, dtype=object)
    regional = people["kind"].isin(["manager", "ae", "sdr"])
    role = people["department"].where(
        ~regional, "Sales " + people["region"].map(dict(enumerate(REGIONS)))
    )
    user = people[["id", "first_name", "last_name", "name", "username", "department", "title"]]
    user = user.assign(email=people["username"], is_active=people["active"])
    user["alias"] = user["last_name"].str[:7].str.lower()
    user["manager_id"] = people["manager_id"].to_numpy(dtype=object)
    user["user_role_id"] = role.map(ids)
    user["profile_id"] = people["department"].map(
        dict(zip(leaders, salesforce_ids("00e", len(leaders)), strict=True))
    )
    user["user_type"] = "Standard"
    user["time_zone_sid_key"] = np.where(
        regional & (people["region"] == 4), "America/New_York", "Europe/Berlin"
    )
    user["created_date"] = utc(people["hired"], np.full(len(people), 9 * 60))
    last = login[login["status"] == "Success"].groupby("user_id")["login_time"].max()
    user["last_login_date"] = user["id"].map(last)
    # A leaver's record last changed on the day access was taken away.
    changed = np.where(people["active"], world.today - 20, people["left"])
    user["last_modified_date"] = utc(changed, np.full(len(people), 17 * 60))
    return {
        "salesforce.user_role": fivetran(world, roles, active=True, deleted=True),
        "salesforce.user": fivetran(world, user, active=True, deleted=True),
    }


def quotas(world: World, people: pd.DataFrame) -> pd.DataFrame:
    """ForecastingQuota: a monthly amount in EUR for each account executive in service."""
    rng = world.rng("quotas")
    sellers = people[people["kind"] == "ae"]
    months = world.month_starts[world.window_month : world.this_month + 7]
    base = rng.normal(48_000, 5_500, len(sellers)).clip(34_000, 64_000)
    month = np.tile(months, len(sellers))
    who = np.repeat(np.arange(len(sellers)), len(months))
    growth = 1 + 0.3 * (month - world.start) / (world.today - world.start)
    season = np.where(pd.DatetimeIndex(dates(month)).month.isin([7, 8]), 0.8, 1.0)
    table = pd.DataFrame({"quota_owner_id": sellers["id"].to_numpy()[who]})
    table["start_date"] = dates(month)
    table["quota_amount"] = (base[who] * growth * season / 500).round() * 500.0
    table["currency_iso_code"] = "EUR"
    served = (month >= sellers["hired"].to_numpy()[who] - 31) & (
        month <= sellers["left"].to_numpy()[who]
    )
    table = table[served].reset_index(drop=True)
    table.insert(0, "id", salesforce_ids("0J9", len(table)))
    return fivetran(world, table, active=False, deleted=True)
