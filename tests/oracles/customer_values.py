"""Recency, frequency and value, customer by customer, from the definition of the segments."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.leads import rows, share
from tests.oracles.workbench import TODAY

RFM_DAYS = 365
#: recency -> the segments of frequency 1 to 5
SEGMENTS = {
    5: ("new", "potential loyalists", "potential loyalists", "champions", "champions"),
    4: ("promising", "potential loyalists", "potential loyalists", "loyal", "loyal"),
    3: ("about to sleep", "about to sleep", "needs attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at risk", "at risk", "cannot lose"),
    1: ("hibernating", "hibernating", "at risk", "at risk", "cannot lose"),
}


def bought(frames: dict[str, pd.DataFrame]) -> dict[str, list[tuple[date, float | None]]]:
    """Account -> its purchases up to today: orders, else invoices of its own, else won deals."""
    kinds: dict[str, tuple[list[Any], list[Any], list[Any]]] = defaultdict(lambda: ([], [], []))
    for bill in rows(frames["invoice"]):
        of_contract = bill["subscription_id"] is not None
        if of_contract or bill["status"] in ("draft", "void"):
            continue
        place = {"order": 0, "invoice": 1}.get(bill["document_type"])
        if place is not None:
            entry = (bill["issued_date"], bill["total_amount"])
            kinds[bill["account_id"]][place].append(entry)
    for deal in rows(frames["opportunity"]):
        if deal["status"] == "won" and deal["account_id"] and deal["closed_at"]:
            kinds[deal["account_id"]][2].append((deal["closed_at"].date(), deal["amount"]))
    chosen = {account: next(found for found in three if found) for account, three in kinds.items()}
    past = {
        account: [entry for entry in found if entry[0] <= TODAY]
        for account, found in chosen.items()
    }
    return {account: found for account, found in past.items() if found}


def quintile(value: float, among: list[float]) -> int:
    """1 to 5 by the share of `among` that is lower; a tie counts half."""
    lower = sum(other < value for other in among)
    equal = sum(other == value for other in among)
    # integers: 5 * (lower + equal / 2) / all, rounded down
    return 1 + (10 * lower + 5 * equal) // (2 * len(among))


def customers(frames: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """Account -> recency, frequency, value, their scores and the segment."""
    found: dict[str, dict[str, Any]] = {}
    for account, purchases in bought(frames).items():
        late = [amount for day, amount in purchases if (TODAY - day).days < RFM_DAYS]
        known = [amount for amount in late if amount is not None]
        found[account] = {
            "recency": min((TODAY - day).days for day, _ in purchases),
            "frequency": len(late),
            "value": None if late and not known else round(sum(known), 2),
        }
    ages = [-one["recency"] for one in found.values()]
    counts = [one["frequency"] for one in found.values()]
    values = [one["value"] for one in found.values() if one["value"] is not None]
    for one in found.values():
        one["r"] = quintile(-one["recency"], ages)
        one["f"] = quintile(one["frequency"], counts)
        one["v"] = None if one["value"] is None else quintile(one["value"], values)
        one["segment"] = SEGMENTS[one["r"]][one["f"] - 1]
    return found


def customer_value_kpis(frames: dict[str, pd.DataFrame]) -> dict[str, float | None]:
    """The KPI over all customers."""
    found = customers(frames)
    core = sum(one["segment"] in ("champions", "loyal") for one in found.values())
    return {"customer_segments": share(core, len(found))}


SIZES = (0, 1, 2, 3, 4, 5, 7, 12, 20, 40)


def random_buyers(seed: int, many: int = 0) -> dict[str, pd.DataFrame]:
    """Accounts that buy by order, by invoice, by deal or not at all; many ties.

    With `many` there are so many accounts, which buy more often and have all paused for a while:
    so there are customers of every segment.
    """
    rng = np.random.default_rng(seed)

    def pick(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    count = many or SIZES[seed % len(SIZES)]
    accounts = [f"a{i}" for i in range(count)]
    invoices, deals = [], []
    for account in accounts:
        kinds = pick(["order"], ["invoice"], ["order", "invoice"], ["deal"], ["invoice", "deal"])
        paused = int(rng.integers(0, 60)) if many else 0
        for kind in kinds * int(rng.integers(0, 16 if many else 5)):
            age = paused + pick(0, 1, 30, 30, 364, 365, 366, 700, -3, int(rng.integers(0, 900)))
            day, amount = TODAY - timedelta(days=age), pick(10.0, 10.0, 0.1, 0.2, 99.9, None)
            if kind == "deal":
                deals.append({
                    "id": f"o{len(deals)}", "account_id": account, "amount": amount,
                    "status": pick("won", "won", "lost"), "closed_at": pd.Timestamp(day),
                })  # fmt: skip
            else:
                invoices.append({
                    "id": f"i{len(invoices)}", "account_id": account, "document_type": kind,
                    "status": pick("paid", "paid", "open", "void", "draft"), "issued_date": day,
                    "subscription_id": pick(None, None, "s"), "total_amount": amount,
                })  # fmt: skip
    columns = ["id", "account_id", "amount", "status", "closed_at"]
    bills = [
        "id", "account_id", "document_type", "status", "issued_date", "subscription_id",
        "total_amount",
    ]  # fmt: skip
    return {
        "account": pd.DataFrame(
            [{"id": a, "name": a, "segment": pick("SMB", None)} for a in accounts]
        ),
        "invoice": pd.DataFrame(invoices, columns=bills),
        "opportunity": pd.DataFrame(deals, columns=columns),
    }
