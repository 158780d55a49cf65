"""What a new customer costs, pays and is worth, customer by customer, month by month.

MRR of a day comes from the books of account_periods; definitions: the KPIs and kpis.psv.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tests.oracles.account_periods import Book, read_books
from tests.oracles.leads import rows, share
from tests.oracles.marketing_frames import Dice
from tests.oracles.purchases import Purchase, purchases
from tests.oracles.workbench import TODAY

Frames = Mapping[str, pd.DataFrame]
ENTITIES = (
    "account", "campaign", "lead", "opportunity", "marketing_spend", "subscription",
    "mrr_movement", "invoice",
)  # fmt: skip
MARGIN, CAP_MONTHS, CAP_YEARS = 0.8, 60, 5
NOW = pd.Period(TODAY, freq="M")


def random_economics(seed: int) -> dict[str, pd.DataFrame]:
    """Spend, won deals, subscriptions and orders; every fifth seed sells no subscriptions."""
    dice = Dice(seed)
    some, rng = dice.some, dice.rng
    accounts = [f"a{i}" for i in range(dice.size(25))]
    anybody = [*accounts, "gone"]
    campaigns = [{"id": f"g{i}", "name": f"G{i}", "channel": some(["ads", "mail"])}
                 for i in range(3)]  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ENTITIES}
    found["account"] = [
        {"id": key, "name": key, "account_type": some(["customer", "prospect"])} for key in accounts
    ]
    found["campaign"] = campaigns
    leads = [f"l{i}" for i in range(5)]
    deals = [f"o{i:02}" for i in range(dice.size(30))]
    found["lead"] = [
        {"id": key, "status": "open", "campaign_id": some(["g0", "g1", "gone"], 0.3),
         "converted_opportunity_id": some(deals or ["gone"], 0.5)}
        for key in leads
    ]  # fmt: skip
    for key in deals:
        found["opportunity"].append({
            "id": key, "name": key, "status": some(["won", "won", "lost", "open"], 0.0),
            "account_id": some(anybody, 0.1), "closed_at": dice.moment(600, 0.1),
            "amount": some([100.0, 900.0, 0.0], 0.1), "arr_amount": some([1200.0, 600.0]),
            "campaign_id": some(["g0", "g2", "gone"], 0.5), "source_lead_id": some(leads, 0.7),
        })  # fmt: skip
    for i in range(dice.size(30)):
        found["marketing_spend"].append({
            "id": f"m{i}", "spend_date": dice.day(600), "spend": some([10.0, 99.5, 0.0], 0.0),
            "platform": some(["google_ads", "sales"], 0.0), "channel": some(["ads", "mail"], 0.5),
            "campaign_id": some(["g0", "g1", "g2", "gone"]),
        })  # fmt: skip
        found["invoice"].append({
            "id": f"i{i}", "account_id": some(anybody, 0.0), "issued_date": dice.day(400, 60),
            "document_type": some(["order", "order", "invoice", "credit_note"], 0.0),
            "status": some(["paid", "open", "void", "draft"], 0.0),
            "total_amount": some([10.0, 99.9], 0.0), "subscription_id": some(["s"], 0.8),
        })  # fmt: skip
    for i in range(0 if seed % 5 == 0 else dice.size(35)):
        found["subscription"].append({
            "id": f"s{i}", "account_id": some(anybody, 0.0), "mrr": some([0.0, 50.0, 80.5], 0.0),
            "status": some(["active", "active", "trialing", "cancelled", "paused"], 0.0),
            "start_date": dice.day(900), "ended_at": dice.day(400, 30, 0.6),
            "current_term_end": dice.day(300, 60, 0.5), "cancelled_at": dice.moment(300, 0.5),
            "updated_at": dice.moment(200, 0.5),
        })  # fmt: skip
        if rng.random() < 0.3:
            found["mrr_movement"].append({
                "id": f"v{i}", "account_id": some(anybody, 0.0), "movement_date": dice.day(700),
                "movement_type": "expansion", "mrr_change": some([40.0, 25.0, -40.0], 0.0),
            })  # fmt: skip
    columns = {
        "lead": "id status campaign_id converted_opportunity_id",
        "opportunity": "id name status account_id closed_at amount arr_amount campaign_id"
        " source_lead_id",
        "marketing_spend": "id spend_date spend platform channel campaign_id",
        "invoice": "id account_id issued_date document_type status total_amount subscription_id",
        "subscription": "id account_id mrr status start_date ended_at current_term_end"
        " cancelled_at updated_at",
        "mrr_movement": "id account_id movement_date movement_type mrr_change",
        "account": "id name account_type",
        "campaign": "id name channel",
    }
    return {name: pd.DataFrame(found[name], columns=columns[name].split()) for name in ENTITIES}


def books_of(frames: Frames) -> dict[str, Book]:
    return read_books(frames["subscription"], frames["mrr_movement"])


def new_customers(frames: Frames) -> dict[str, dict[str, Any]]:
    """Account -> month it became a customer, channel, and the MRR it began with (None: unknown)."""
    campaigns = {row["id"]: row for row in rows(frames["campaign"])}
    won: dict[str, list[dict[str, Any]]] = {}
    for deal in rows(frames["opportunity"]):
        if deal["status"] == "won" and deal["account_id"] and deal["closed_at"] is not None:
            won.setdefault(deal["account_id"], []).append(deal)
    found: dict[str, dict[str, Any]] = {}
    for account, deals in won.items():
        first = min(deals, key=lambda deal: (deal["closed_at"].date(), deal["id"]))
        found[account] = {
            "month": pd.Period(first["closed_at"], freq="M"),
            "channel": deal_channel(first, campaigns, rows(frames["lead"])),
            "mrr": None if first["arr_amount"] is None else first["arr_amount"] / 12,
        }
    for sub in rows(frames["subscription"]):
        if sub["status"] != "trialing" and sub["account_id"] not in won:
            month = pd.Period(sub["start_date"], freq="M")
            known = found.setdefault(
                sub["account_id"], {"month": month, "channel": "(none)", "mrr": None}
            )
            known["month"] = min(known["month"], month)
    for account, book in books_of(frames).items():
        if account in found and (billed := first_billed(book)) is not None:
            found[account]["mrr"] = billed
    return found


def deal_channel(
    deal: dict[str, Any], campaigns: Mapping[str, dict[str, Any]], leads: list[dict[str, Any]]
) -> str:
    """The channel of the deal's campaign, else of the campaign of the lead it came from."""
    own: str | None = campaigns.get(deal["campaign_id"] or "", {}).get("channel")
    if own is not None:
        return own
    by_id = {lead["id"]: lead for lead in leads}
    became = sorted(lead["id"] for lead in leads if lead["converted_opportunity_id"] == deal["id"])
    source = deal["source_lead_id"] if deal["source_lead_id"] in by_id else None
    origin = source or (became[0] if became else None)
    campaign = by_id[origin]["campaign_id"] if origin else None
    return campaigns.get(campaign or "", {}).get("channel") or "(none)"


def first_billed(book: Book) -> float | None:
    """MRR at the end of the month of the first gain; None when it was gone again by then."""
    gained = book.first_gain()
    if gained is None or gained > TODAY:
        return None
    mrr = book.mrr(min(pd.Period(gained, freq="M").end_time.date(), TODAY))
    return mrr or None


def acquisition_kpis(
    frames: Frames, since: str = "2000-01", channel: str | None = None
) -> dict[str, float | None]:
    """Payback and LTV:CAC of the months from `since`, of one channel or of all."""
    first = pd.Period(since, freq="M")
    campaigns = {row["id"]: row for row in rows(frames["campaign"])}
    customers = new_customers(frames)
    came = [
        one for one in customers.values()
        if one["month"] >= first and channel in (None, one["channel"])
    ]  # fmt: skip
    spent = [
        row["spend"]
        for row in rows(frames["marketing_spend"])
        if pd.Period(row["spend_date"], freq="M") >= first
        and channel in (None, spend_channel(row, campaigns))
    ]
    new_mrr = sum(one["mrr"] or 0.0 for one in came)
    cost = sum(spent) if spent else None
    value = lifetime_value(
        {
            account: book
            for account, book in books_of(frames).items()
            if channel in (None, customers.get(account, {}).get("channel", "(none)"))
        },
        first,
    )
    cac = cost / len(came) if cost is not None and came else None
    return {
        "cac_payback_months": cost / (new_mrr * MARGIN) if cost is not None and new_mrr else None,
        "ltv_cac_ratio": value / cac if value is not None and cac else None,
    }


def spend_channel(row: dict[str, Any], campaigns: Mapping[str, dict[str, Any]]) -> str:
    """The channel of a record of spend: its own, its campaign's, else its platform."""
    own: str | None = row["channel"] or campaigns.get(row["campaign_id"] or "", {}).get("channel")
    return own or row["platform"] or "(none)"


def lifetime_value(books: Mapping[str, Book], first: pd.Period) -> float | None:
    """Mean monthly margin of a customer over monthly churn, of the completed months."""
    mrr, present, lost = 0.0, 0, 0
    for book in books.values():
        gained = book.first_gain()
        if gained is None or gained > TODAY:
            continue
        for month in pd.period_range(max(first, pd.Period(gained, freq="M")), NOW - 1, freq="M"):
            before = book.mrr((month - 1).end_time.date())
            mrr += before
            present += before > 0
            lost += before > 0 and book.mrr(month.end_time.date()) == 0
    if not present:
        return None
    return mrr * MARGIN / present * min(present / lost if lost else CAP_MONTHS, CAP_MONTHS)


def clv(frames: Frames) -> float | None:
    """Of today's paying accounts, else of the buyers; of accounts that are on record."""
    accounts = {row["id"] for row in rows(frames["account"])}
    books = {account: book for account, book in books_of(frames).items() if account in accounts}
    paying = [mrr for book in books.values() if (mrr := book.mrr(TODAY)) > 0 and _begun(book)]
    if paying:
        year_ago = (NOW - 12).end_time.date()
        there = [book for book in books.values() if book.mrr(year_ago) > 0]
        lost = sum(book.mrr(TODAY) == 0 for book in there)
        years = min(len(there) / lost, CAP_YEARS) if lost else CAP_YEARS
        return sum(paying) / len(paying) * 12 * MARGIN * years
    bought = {
        account: [one for one in found if one.day <= TODAY]
        for account, found in purchases(frames).items()
        if account in accounts
    }
    return purchase_value([found for found in bought.values() if found])


def purchase_value(buyers: list[list[Purchase]]) -> float | None:
    """What was paid per buyer; a purchase whose amount is not known adds nothing."""
    paid = sum(one.amount or 0.0 for found in buyers for one in found)
    return share(paid, len(buyers))


def _begun(book: Book) -> bool:
    gained = book.first_gain()
    return gained is not None and gained <= TODAY


def unit_economics_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPIs over the whole frames."""
    return acquisition_kpis(frames) | {"clv": clv(frames)}
