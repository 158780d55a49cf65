"""Random customers with all that their health is told by."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from tests.oracles.customers import CORE

TODAY = date(2026, 6, 17)
COLUMNS = {
    "account": "id name segment customer_since last_activity_at health_score account_type",
    "subscription": "id account_id status start_date mrr ended_at current_term_start"
    " current_term_end cancelled_at updated_at auto_renew notice_given_at",
    "mrr_movement": "id account_id movement_date mrr_change",
    "renewal": "id account_id due_date status arr_up_for_renewal arr_renewed",
    "product_usage_event": "id account_id feature event_date event_count visitor_id",
    "ticket": "id account_id status priority is_escalated",
    "survey_response": "id account_id survey_type score scale_min scale_max responded_at",
    "activity": "id account_id status occurred_at",
    "invoice": "id account_id document_type issued_date due_date status total_amount",
}


def random_frames(seed: int, count: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in COLUMNS}

    def day(back: int, ahead: int = 0) -> date:
        return TODAY + timedelta(days=int(rng.integers(-back, ahead + 1)))

    def moment(back: int) -> datetime:
        return datetime.combine(day(back, 3), datetime.min.time()) + timedelta(hours=9)

    def some(share: float, value: object) -> object:
        return value if rng.random() < share else None

    def add(entity: str, most: int, make: object) -> None:
        for _ in range(int(rng.integers(0, most + 1))):
            rows[entity].append({"id": f"{entity}{len(rows[entity])}", **make()})  # type: ignore[operator]

    edges = [TODAY + timedelta(days=ahead) for ahead in (0, 90, 91)]

    def pick(*values: object) -> object:
        return values[int(rng.integers(0, len(values)))]

    for number in range(count):
        own = {"account_id": f"a{number}"}
        rows["account"].append(
            {"id": f"a{number}", "name": f"Account {number}", "segment": pick("SMB", None),
             "customer_since": some(0.3, day(300)), "last_activity_at": some(0.4, moment(150)),
             "health_score": some(0.5, 40.0), "account_type": "customer"}
        )  # fmt: skip
        start = pick(day(400, 20), *(TODAY - timedelta(days=age) for age in (30, 31, 60, 61)))
        add("subscription", 2, lambda own=own, start=start: own | {
            "status": pick("active", "active", "cancelled", "trialing"), "start_date": start,
            "mrr": pick(0.0, 50.0, 99.9), "ended_at": some(0.2, day(100, 50)),
            "current_term_start": some(0.7, max(start, day(300))),
            "current_term_end": some(0.8, pick(day(60, 200), *edges)),
            "auto_renew": pick(True, False, None),
            "notice_given_at": some(0.2, moment(60))})  # fmt: skip
        if number % 3 == 0:
            add("renewal", 2, lambda own=own: own | {
                "due_date": day(200, 120), "arr_up_for_renewal": pick(0.0, 600.0, 1200.0),
                "status": pick("open", "renewed", "partially_renewed", "churned"),
                "arr_renewed": pick(None, 500.0, 2000.0)})  # fmt: skip
        features = [*CORE[: int(rng.integers(1, 4))], "export"]
        add("product_usage_event", 25, lambda own=own, features=features: own | {
            "feature": pick(*features), "event_date": day(60, 5),
            "event_count": pick(0, 1, 5), "visitor_id": "v"})  # fmt: skip
        add("ticket", 3, lambda own=own: own | {
            "status": pick("open", "pending", "solved"), "priority": pick("urgent", "low", None),
            "is_escalated": pick(True, False, None)})  # fmt: skip
        add("survey_response", 2, lambda own=own: own | {
            "survey_type": pick("csat", "nps", "ces"), "score": some(0.8, pick(1.0, 4.0, 5.0)),
            "scale_min": 1.0, "scale_max": 5.0,
            "responded_at": some(0.8, moment(250))})  # fmt: skip
        add("activity", 2, lambda own=own: own | {
            "status": pick("completed", "cancelled"),
            "occurred_at": some(0.8, moment(150))})  # fmt: skip
        add("invoice", 2, lambda own=own: own | {
            "document_type": pick("invoice", "order", "credit_note"), "issued_date": day(90),
            "due_date": some(0.7, day(80, 10)), "status": pick("open", "paid", "void"),
            "total_amount": 10.0})  # fmt: skip
    return {
        name: pd.DataFrame(rows[name], columns=columns.split()) for name, columns in COLUMNS.items()
    }
