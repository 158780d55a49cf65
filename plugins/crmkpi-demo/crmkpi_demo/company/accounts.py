"""Accounts and contacts: who could buy, who did, and in what state the records are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from crmkpi_demo.company import names
from crmkpi_demo.company.clock import Array, dates
from crmkpi_demo.company.world import (
    PRICE_LIST_RATE,
    REGION_SHARE,
    REGIONS,
    SEGMENTS,
    World,
    blank,
    fivetran,
    only,
    pick,
    ragged,
    salesforce_ids,
)

LIST_MRR_EUR = np.array([820.0, 2100.0, 5600.0])  # median per segment


def account_spine(world: World, people: pd.DataFrame) -> pd.DataFrame:
    """One row a real account: place, size, price, latent health (0..1) and when it starts.

    `role` is old (customer before the window), new (won in it), prospect or partner."""
    rng = world.rng("accounts")
    n = world.count(1750, 60)
    spine = pd.DataFrame({"role": pick(rng, ["old", "new", "prospect", "partner"], n, ROLE_SHARE)})
    spine["id"] = salesforce_ids("001", n)
    number = np.arange(n)
    first = np.array(names.COMPANY_FIRST, dtype=object)[(number * 7) % len(names.COMPANY_FIRST)]
    second = np.array(names.COMPANY_SECOND, dtype=object)[
        (number * 11 + number // len(names.COMPANY_FIRST)) % len(names.COMPANY_SECOND)
    ]
    spine["name"] = first + " " + second
    repeat = spine.groupby("name").cumcount()
    spine.loc[repeat > 0, "name"] += " " + (repeat + 1).astype(str)
    spine["region"] = rng.choice(len(REGIONS), n, p=REGION_SHARE)
    _place(rng, spine)
    spine["segment"] = rng.choice(len(SEGMENTS), n, p=[0.5, 0.36, 0.14])
    employees = rng.lognormal(np.log(np.array([38, 310, 2600])[spine["segment"]]), 0.55)
    spine["employees"] = employees.round().astype("int64").clip(3)
    spine["industry"] = pick(rng, names.INDUSTRIES, n, [5, 4, 3, 3, 3, 2, 3, 1, 1])
    spine["rate"] = spine["currency"].map(PRICE_LIST_RATE)
    spine["health"] = rng.beta(5, 2.3, n)
    spine["list_mrr_eur"] = rng.lognormal(np.log(LIST_MRR_EUR[spine["segment"]]), 0.45)
    old_days = world.sample_days(
        rng, n, int(world.month_starts[0]), world.start - 1, growth=0.8, quarter_end=1.0
    )
    # The day the deal was won; the subscription starts some days after.
    won = world.sample_days(
        rng, n, world.start + 3, world.today - 2, growth=0.5, quarter_end=1.4, weekends=False
    )
    role = spine["role"].to_numpy()
    spine["won_day"] = np.select([role == "new", role == "old"], [won, old_days], -1)
    start = spine["won_day"] + rng.integers(0, 12, n)
    spine["start_day"] = np.where(role == "prospect", -1, start)
    spine.loc[role == "partner", "start_day"] = -1
    later = (role == "new") & (start > world.today)
    spine.loc[later, "start_day"] = spine.loc[later, "won_day"]
    spine["owner"] = _owners(rng, spine, people)
    csms = people.index[people["kind"] == "csm"].to_numpy()
    spine["csm"] = rng.choice(csms, n)
    spine["created_day"] = np.where(
        role == "old", spine["won_day"] - 120, world.start - rng.integers(-700, 500, n)
    )
    return spine


ROLE_SHARE = [0.225, 0.25, 0.51, 0.015]


def _place(rng: Generator, spine: pd.DataFrame) -> None:
    n = len(spine)
    country = np.empty((n, 4), dtype=object)
    for region, options in enumerate(names.COUNTRIES.values()):
        rows = np.flatnonzero(spine["region"] == region)
        chosen = rng.choice(len(options), len(rows), p=[option[4] for option in options])
        for index, (name, code, currency, cities, _) in enumerate(options):
            here = rows[chosen == index]
            country[here, 0], country[here, 1], country[here, 2] = name, code, currency
            country[here, 3] = pick(rng, cities, len(here))
    for column, values in zip(
        ("country", "country_code", "currency", "city"), country.T, strict=True
    ):
        spine[column] = values


def _owners(rng: Generator, spine: pd.DataFrame, people: pd.DataFrame) -> Array:
    """Good sellers own more of the accounts that buy, weak ones more of those that do not."""
    owners = np.zeros(len(spine), dtype="int64")
    sellers = people[people["kind"] == "ae"]
    role = spine["role"].to_numpy()
    for region in range(len(REGIONS)):
        here = sellers[sellers["region"] == region]
        skill = here["skill"].to_numpy()
        for wins in (True, False):
            rows = np.flatnonzero((spine["region"] == region) & ((role == "new") == wins))
            weight = skill + 0.15 if wins else 1.15 - skill
            owners[rows] = rng.choice(here.index, len(rows), p=weight / weight.sum())
    return owners


def in_service(
    world: World,
    rng: Generator,
    people: pd.DataFrame,
    owner: Array,
    day: Array,
    stay: float = 0.0,
) -> Array:
    """Owners with those who had left or not yet begun by that day replaced by a regional colleague.

    `stay` is the share of the cases that nobody ever handed over."""
    left, hired = people["left"].to_numpy(), people["hired"].to_numpy()
    result = owner.copy()
    sellers = people[(people["kind"] == "ae") & people["active"]]
    wrong = ((left[owner] < day) | (hired[owner] > day)) & (rng.random(len(owner)) >= stay)
    for region in range(len(REGIONS)):
        here = sellers[sellers["region"] == region].sort_values("hired")
        rows = np.flatnonzero(wrong & (people["region"].to_numpy()[owner] == region))
        # The longest-serving half takes over: they were there at any day of the window.
        heirs = here.index[: max(1, (len(here) + 1) // 2)].to_numpy()
        if len(heirs) and len(rows):
            result[rows] = rng.choice(heirs, len(rows))
    return result


def account_table(
    world: World, spine: pd.DataFrame, people: pd.DataFrame, active: Array
) -> pd.DataFrame:
    """The account records: gaps, placeholders, and merged-away doubles (`master_record_id`)."""
    rng = world.rng("account table")
    n = len(spine)
    role = spine["role"].to_numpy()
    was_customer = (spine["start_day"] >= 0).to_numpy()
    table = spine[["id", "name"]].copy()
    table["type"] = np.select(
        [active, was_customer, role == "partner"],
        ["Customer", "Former Customer", "Partner"],
        "Prospect",
    )
    table["industry"] = blank(rng, spine["industry"].to_numpy(), 0.09)
    table.loc[rng.random(n) < 0.015, "industry"] = "n/a"
    table["segment_c"] = spine["segment"].map(dict(enumerate(SEGMENTS)))
    table["region_c"] = spine["region"].map(dict(enumerate(REGIONS)))
    revenue = (spine["employees"] * rng.lognormal(np.log(140_000), 0.4, n)).round(-4)
    table["annual_revenue"] = revenue.where(rng.random(n) > 0.22)
    table["number_of_employees"] = spine["employees"].where(rng.random(n) > 0.12)
    table["billing_city"] = blank(rng, spine["city"].to_numpy(), 0.06)
    table["billing_country"] = blank(rng, spine["country"].to_numpy(), 0.03)
    table["billing_country_code"] = only(table["billing_country"].notna(), spine["country_code"])
    table["currency_iso_code"] = spine["currency"]
    domain = spine["name"].str.lower().str.replace(" ", "-", regex=False) + ".example"
    table["website"] = blank(rng, ("https://www." + domain).to_numpy(), 0.08)
    table["parent_id"] = _parents(rng, spine)
    user_ids = people["id"].to_numpy()
    owner = in_service(
        world, rng, people, spine["owner"].to_numpy(), np.full(n, world.today), stay=0.45
    )
    table["owner_id"] = user_ids[owner]
    table["customer_success_manager_c"] = only(was_customer, user_ids[spine["csm"]])
    table["account_source"] = None
    created = spine["created_day"].to_numpy()
    table["created_date"] = world.office_moments(rng, created)
    table["last_modified_date"] = world.past(
        world.office_moments(rng, np.minimum(created + rng.integers(0, 700, n), world.today - 1))
    )
    table["last_modified_date"] = table[["created_date", "last_modified_date"]].max(axis=1)
    table["master_record_id"] = None
    table["is_deleted"] = False
    merged = rng.choice(n, max(1, n // 70), replace=False)
    doubles = table.iloc[merged].copy()
    doubles["master_record_id"] = doubles["id"]
    doubles["id"] = salesforce_ids("001", len(merged), first=n + 1)
    doubles["name"] = doubles["name"] + " GmbH"
    doubles["is_deleted"] = True
    table = pd.concat([table, doubles], ignore_index=True)
    return fivetran(world, table, active=True, deleted=False)


def _parents(rng: Generator, spine: pd.DataFrame) -> Array:
    """About 6 % of the accounts are subsidiaries of an enterprise account of their region."""
    parent = np.full(len(spine), None, dtype=object)
    for region in range(len(REGIONS)):
        here = (spine["region"] == region).to_numpy()
        heads = np.flatnonzero(here & (spine["segment"] == 2).to_numpy())
        below = np.flatnonzero(here & (spine["segment"] < 2).to_numpy())
        below = below[rng.random(len(below)) < 0.06]
        if len(heads):
            parent[below] = spine["id"].to_numpy()[rng.choice(heads, len(below))]
    return parent


def contact_spine(world: World, accounts: pd.DataFrame) -> pd.DataFrame:
    """One row a person at an account: account number, name, email, created day."""
    rng = world.rng("contacts")
    counts = 1 + rng.poisson(np.array([1.4, 2.4, 4.2])[accounts["segment"]])
    parent, _ = ragged(counts)
    n = len(parent)
    contacts = pd.DataFrame({"account": parent, "id": salesforce_ids("003", n)})
    contacts["first_name"] = pick(rng, names.FIRST_NAMES, n)
    contacts["last_name"] = pick(rng, names.LAST_NAMES, n)
    domain = accounts["name"].str.lower().str.replace(" ", "-", regex=False).to_numpy()[parent]
    contacts["email"] = (
        contacts["first_name"] + "." + contacts["last_name"] + "@" + domain + ".example"
    ).str.lower()
    created = accounts["created_day"].to_numpy()[parent] + rng.integers(0, 300, n)
    contacts["created_day"] = np.minimum(created, world.today - 1)
    first = np.concatenate([[True], parent[1:] != parent[:-1]])
    contacts.loc[first, "created_day"] = accounts["created_day"].to_numpy()
    return contacts


def phone_numbers(rng: Generator, country_code: Array) -> Array:
    """Phone numbers as people type them: with and without the country code, some placeholders."""
    digits = rng.integers(1_000_000, 9_999_999, len(country_code)).astype(str).astype(object)
    code = pd.Series(country_code).map(names.DIAL_CODES).fillna("49").to_numpy(dtype=object)
    style = rng.random(len(digits))
    spaced = pd.Series(digits).str[:3] + " " + pd.Series(digits).str[3:]
    result = np.where(style < 0.7, "+" + code + " 30 " + spaced.to_numpy(), "030/" + digits)
    result = np.where(style > 0.97, pick(rng, ["n/a", "-", "test", "12345"], len(digits)), result)
    return blank(rng, result, 0.22)


def contact_table(
    world: World, spine: pd.DataFrame, accounts: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """The contact records: gaps, doubles still in place, and doubles merged away."""
    rng = world.rng("contact table")
    n = len(spine)
    parent = spine["account"].to_numpy()
    table = spine[["id", "first_name", "last_name"]].copy()
    table["name"] = table["first_name"] + " " + table["last_name"]
    table["account_id"] = accounts["id"].to_numpy()[parent]
    table["email"] = blank(rng, spine["email"].to_numpy(), 0.06)
    malformed = rng.random(n) < 0.012
    table.loc[malformed, "email"] = table.loc[malformed, "email"].str.replace("@", " at ")
    table["phone"] = phone_numbers(rng, accounts["country_code"].to_numpy()[parent])
    table["title"] = blank(rng, pick(rng, names.JOB_TITLES, n), 0.14)
    table["lead_source"] = blank(
        rng, pick(rng, ["Website", "Event", "Webinar", "Referral"], n), 0.2
    )
    table["mailing_country_code"] = blank(rng, accounts["country_code"].to_numpy()[parent], 0.1)
    owner = in_service(
        world, rng, people, accounts["owner"].to_numpy()[parent], np.full(n, world.today), 0.45
    )
    table["owner_id"] = people["id"].to_numpy()[owner]
    table["has_opted_out_of_email"] = rng.random(n) < 0.07
    created = spine["created_day"].to_numpy()
    bounced = np.where(rng.random(n) < 0.035, (created + world.today) // 2, np.nan)
    table["email_bounced_date"] = dates(bounced)
    table["created_date"] = world.office_moments(rng, created)
    touched = created + (rng.beta(2.2, 1.2, n) * (world.today - created)).astype("int64")
    table["last_modified_date"] = world.office_moments(rng, np.minimum(touched, world.today - 1))
    table["last_modified_date"] = table[["created_date", "last_modified_date"]].max(axis=1)
    table["master_record_id"] = None
    table["is_deleted"] = False
    doubles = table.iloc[rng.choice(n, max(2, n // 18), replace=False)].copy()
    doubles["id"] = salesforce_ids("003", len(doubles), first=n + 1)
    doubles["email"] = doubles["email"].str.title()  # same mailbox, typed another way
    merged = np.arange(len(doubles)) % 3 == 0
    doubles["master_record_id"] = only(merged, table.loc[doubles.index, "id"])
    doubles["is_deleted"] = merged
    table = pd.concat([table, doubles], ignore_index=True)
    return fivetran(world, table, active=True, deleted=False)
