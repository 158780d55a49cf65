"""What customers wrote and how it was rated, message by message, from the definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.leads import rows
from tests.oracles.workbench import TODAY

Frames = dict[str, pd.DataFrame]


def messages(frames: Frames) -> list[dict[str, Any]]:
    """Rated messages: id, kind, channel, day, account, owner, team, text and sentiment."""
    contacts = {c["id"]: c["account_id"] for c in rows(frames["contact"])}
    tickets = {t["id"]: t for t in rows(frames["ticket"])}
    deals = {o["id"]: o["account_id"] for o in rows(frames["opportunity"])}
    found = []
    for ticket in tickets.values():
        if ticket["status"] != "merged":
            account = ticket["account_id"] or contacts.get(ticket["contact_id"])
            found.append(_message(
                "ticket", ticket["created_at"], account, ticket["sentiment"],
                ticket.get("owner_id"), ticket, ticket.get("subject"),
            ) | {"id": ticket["id"]})  # fmt: skip
    for answer in rows(frames["survey_response"]):
        about = tickets.get(answer["ticket_id"], {})
        account = answer["account_id"] or about.get("account_id")
        account = account or contacts.get(answer["contact_id"])
        moment = answer["responded_at"] or answer["sent_at"] or answer["created_at"]
        owner = answer.get("agent_id") or about.get("owner_id")
        found.append(_message(
            "survey", moment, account, answer["sentiment"], owner, about, answer.get("comment"),
        ) | {"id": answer["id"]})  # fmt: skip
    for activity in rows(frames["activity"]):
        if activity["direction"] == "inbound" and activity["status"] != "cancelled":
            about = tickets.get(activity["ticket_id"], {})
            account = activity["account_id"] or deals.get(activity["opportunity_id"])
            account = account or about.get("account_id") or contacts.get(activity["contact_id"])
            moment = activity["occurred_at"] or activity["completed_at"] or activity["created_at"]
            kind = activity["activity_type"]
            told = _message(
                kind, moment, account, activity["sentiment"], activity.get("owner_id"), about,
                activity.get("subject"),
            )  # fmt: skip
            found.append(told | {"id": activity["id"], "channel": kind})
    return [m for m in found if m["sentiment"] is not None and -1 <= m["sentiment"] <= 1]


def customer_message_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over all messages."""
    return {"sentiment_score": mean_sentiment(messages(frames))}


def mean_sentiment(found: list[dict[str, Any]]) -> float | None:
    return sum(m["sentiment"] for m in found) / len(found) if found else None


def _message(
    kind: str,
    moment: Any,
    account: Any,
    sentiment: Any,
    owner: str | None,
    ticket: Mapping[str, Any],
    text: str | None,
) -> dict[str, Any]:
    day = None if moment is None else moment.date()
    return {
        "kind": kind, "day": day, "account": account or "(none)", "sentiment": sentiment,
        "owner": owner, "team": ticket.get("team_id"), "text": text or "(no text)",
        "channel": ticket.get("channel") or "(none)",
    }  # fmt: skip


def random_messages(seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)

    def pick(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    def moment() -> pd.Timestamp | None:
        days = int(rng.integers(0, 60))
        return None if rng.random() < 0.2 else pd.Timestamp(TODAY) - pd.Timedelta(days=days)

    def many(make: Any, columns: str) -> pd.DataFrame:
        rows = [make(i) for i in range(int(rng.integers(0, 30)) if seed % 4 else seed % 3)]
        return pd.DataFrame(rows, columns=columns.split())

    def sentiment() -> float | None:
        return pick(None, 0.0, -1.0, 1.0, 0.05, -0.05, 0.6369, 80.0, -1.01)

    return {
        "account": pd.DataFrame([{"id": f"a{i}", "name": f"a{i}"} for i in range(3)]),
        "contact": pd.DataFrame([{"id": "c0", "account_id": "a2"}, {"id": "c1"}]),
        "opportunity": pd.DataFrame([{"id": "o0", "account_id": "a1"}, {"id": "o1"}]),
        "ticket": many(
            lambda i: (f"t{i}", moment(), pick("open", "solved", "merged"), pick("a0", None),
                       pick("c0", "c1", None), sentiment()),
            "id created_at status account_id contact_id sentiment",
        ),
        "survey_response": many(
            lambda i: (f"s{i}", moment(), moment(), moment(), pick("t0", "t1", None),
                       pick("a1", None, None), pick("c0", None), sentiment()),
            "id created_at sent_at responded_at ticket_id account_id contact_id sentiment",
        ),
        "activity": many(
            lambda i: (f"x{i}", pick("email", "chat", "call"), pick("inbound", "outbound", None),
                       pick("completed", "open", "cancelled"), moment(), moment(), moment(),
                       pick("t0", None), pick("a2", None), pick("c0", None), pick("o0", "o1", None),
                       sentiment()),
            "id activity_type direction status created_at occurred_at completed_at ticket_id"
            " account_id contact_id opportunity_id sentiment",
        ),
    }  # fmt: skip
