"""Email threads, email by email, from the definition of the response rate."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.leads import rows, share
from tests.oracles.workbench import TODAY

REPLY_DAYS = 7


def bare(subject: str | None) -> str:
    """A subject without what mail programs put before it, in small letters, without spaces."""
    text = re.sub(r" +", "", (subject or "").lower())
    while found := re.match(r"(re|fw|fwd|aw):", text):
        text = text[found.end() :]
    return text


def threads(frames: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """First email -> when it was sent, how many were, the first reply, and what is to be said."""
    conversations: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for mail in rows(frames["activity"]):
        moment = mail["occurred_at"] or mail["completed_at"] or mail["created_at"]
        if mail["activity_type"] != "email" or mail["ticket_id"] or moment is None:
            continue
        person = next(
            ((kind, mail[kind]) for kind in ("contact_id", "lead_id", "account_id") if mail[kind]),
            None,
        )
        key = (person, bare(mail["subject"])) if person else mail["id"]
        conversations[key].append(mail | {"moment": moment, "person": person})
    found = {}
    for mails in conversations.values():
        ours = [m for m in mails if m["direction"] == "outbound" and m["status"] == "completed"]
        if not ours:
            continue
        first = min(ours, key=lambda m: (m["moment"], m["id"]))
        answers = [
            m["moment"] for m in mails
            if m["direction"] == "inbound" and m["status"] != "cancelled"
            and m["moment"] > first["moment"]
        ]  # fmt: skip
        reply = min(answers, default=None)
        if reply is not None:
            state = "replied"
        elif first["person"] is None:
            state = "linked to nobody"
        else:
            age = (TODAY - first["moment"].date()).days
            state = "waiting" if age < REPLY_DAYS else "not replied"
        found[first["id"]] = {
            "sent": len(ours),
            "date": first["moment"].date(),
            "owner": first["owner_id"],
            "hours": None if reply is None else (reply - first["moment"]).total_seconds() / 3600,
            "state": state,
        }
    return found


def email_thread_kpis(frames: dict[str, pd.DataFrame]) -> dict[str, float | None]:
    """The KPI over all threads."""
    states = [thread["state"] for thread in threads(frames).values()]
    replied = states.count("replied")
    return {"email_response_rate": share(replied, replied + states.count("not replied"))}


NOW = pd.Timestamp(TODAY)
SUBJECTS = (
    "Offer", "offer", "Re: Offer", "RE: AW: offer", "Fwd:Offer", "FW: re: Fwd: aw: Re: OFFER",
    "Score: 5", "Reoffer", "re", "Re:", None, "", "About: re: offer", "Law: x", "aw : Offer",
    "~Offer",
)  # fmt: skip


def random_emails(seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)

    def pick(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    def moment(missing: float) -> pd.Timestamp | None:
        if rng.random() < missing:
            return None
        # few moments, so that some emails share one
        return NOW - pd.Timedelta(hours=8 * int(rng.integers(-6, 90)))

    most = int(rng.integers(0, 120)) if seed % 5 else seed % 2
    mails = [
        {
            "id": f"m{i:03}", "activity_type": pick(*["email"] * 9, "call"),
            "direction": pick("outbound", "outbound", "inbound", "inbound", None),
            "status": pick("completed", "completed", "completed", "open", "cancelled"),
            "subject": pick(*SUBJECTS), "owner_id": pick("u1", "u2", None),
            "contact_id": pick("c1", "c2", None), "lead_id": pick("l1", None),
            "account_id": pick("a1", None), "ticket_id": pick(*[None] * 7, "t"),
            "opportunity_id": pick("o1", None),
            "occurred_at": moment(0.2), "completed_at": moment(0.4), "created_at": moment(0.1),
        }
        for i in range(most)
    ]  # fmt: skip
    columns = [
        "id", "activity_type", "direction", "status", "subject", "owner_id", "contact_id",
        "lead_id", "account_id", "ticket_id", "opportunity_id", "occurred_at", "completed_at",
        "created_at",
    ]  # fmt: skip
    return {
        "user": pd.DataFrame([{"id": "u1", "name": "u1"}, {"id": "u2", "name": "u2"}]),
        "activity": pd.DataFrame(mails, columns=columns),
    }
