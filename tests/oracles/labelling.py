"""Fills the labels and references that random frames leave out, at random by seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from superset_crmkpi.canonical.model import load_model

Frames = Mapping[str, pd.DataFrame]
VALUES = {
    "region": ["north", "south"], "segment": ["small", "large"], "industry": ["steel", "retail"],
    "country_code": ["DE", "FR"], "city": ["Ulm", "Lyon"], "channel": ["ads", "mail", "web"],
    "campaign_type": ["event", "mailing"], "competitor": ["Acme", "Umbra"],
    "currency": ["EUR"], "category": ["billing", "login"], "ticket_type": ["question", "fault"],
    "priority": ["low", "high"], "lead_source": ["web", "fair"], "outcome": ["reached", "busy"],
    "role": ["sales", "service"], "profile": ["full", "light"], "utm_source": ["search", "news"],
    "utm_medium": ["paid", "free"], "company_name": ["Alpha", "Beta"], "number": ["4711", "4712"],
    "subject": ["Offer", "Question"], "policy_name": ["gold", "silver"],
    "opportunity_type": ["new_business", "expansion"], "first_name": ["Ann", "Bob"],
    "last_name": ["Ray", "Lee"], "name": ["One", "Two", "Three"],
    "source_system": ["crm", "desk"], "utm_campaign": ["spring"],
}  # fmt: skip
REFERENCES = {
    "owner_id": "user", "csm_user_id": "user", "agent_id": "user", "team_id": "team",
    "campaign_id": "campaign", "product_id": "product", "account_id": "account",
    "ticket_id": "ticket", "contact_id": "contact", "opportunity_id": "opportunity",
    "converted_account_id": "account",
}  # fmt: skip
#: made where the frames have none
ADDED = {"user": 4, "team": 2, "campaign": 3, "product": 2, "account": 4, "contact": 4}


def labelled(frames: Frames, seed: int) -> dict[str, pd.DataFrame]:
    """The frames with each label and reference that they leave out filled at random, or missing."""
    rng = np.random.default_rng(seed)
    found = {name: frame.copy() for name, frame in frames.items()}
    for name, count in ADDED.items():
        if name not in found or found[name].empty:
            found[name] = pd.DataFrame({"id": [f"{name}{i}" for i in range(count)]})
    ids = {name: list(frame.get("id", [])) for name, frame in found.items()}
    model = load_model()
    for name, frame in found.items():
        for column in model[name].columns:
            values = VALUES.get(column) or ids.get(REFERENCES.get(column, ""))
            if column not in frame and values:
                chosen = [*values, None] if column != "name" else values
                frame[column] = [
                    chosen[int(rng.integers(0, len(chosen)))] for _ in range(len(frame))
                ]
    return found
