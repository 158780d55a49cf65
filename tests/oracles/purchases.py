"""Purchases of each customer, document by document, from the definition of repeat purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from tests.oracles.leads import rows, share

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, order=True)
class Purchase:
    """`id` breaks the tie of a day."""

    day: date
    id: str
    amount: float | None


def purchases(frames: Frames) -> dict[str, list[Purchase]]:
    """Account -> purchases, first to last: its orders, else its invoices, else its won deals."""
    kinds: dict[str, list[list[Purchase]]] = defaultdict(lambda: [[], [], []])
    for bill in rows(frames["invoice"]):
        is_sale = bill["status"] not in ("void", "draft") and bill["subscription_id"] is None
        if is_sale and bill["document_type"] in ("order", "invoice"):
            one = Purchase(bill["issued_date"], bill["id"], bill["total_amount"])
            kinds[bill["account_id"]][int(bill["document_type"] == "invoice")].append(one)
    for deal in rows(frames["opportunity"]):
        if deal["status"] == "won" and deal["account_id"] and deal["closed_at"] is not None:
            one = Purchase(deal["closed_at"].date(), deal["id"], deal["amount"])
            kinds[deal["account_id"]][2].append(one)
    return {
        account: sorted(next(kind for kind in three if kind)) for account, three in kinds.items()
    }


def repeat_purchase_rate(frames: Frames, since: date = date(2000, 1, 1)) -> float | None:
    """Customers who bought again from `since` on, over all who bought anything from then on."""
    buyers, again = 0, 0
    for found in purchases(frames).values():
        places = [place for place, one in enumerate(found, start=1) if one.day >= since]
        buyers += bool(places)
        again += any(place >= 2 for place in places)
    return share(again, buyers)


def purchase_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over the whole frames."""
    return {"repeat_purchase_rate": repeat_purchase_rate(frames)}
