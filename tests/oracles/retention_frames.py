"""Random subscriptions and MRR movements of accounts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 17)
SUBSCRIPTION = {
    "id": "text", "account_id": "text", "status": "text", "start_date": "date", "mrr": "double",
    "ended_at": "date", "current_term_end": "date", "cancelled_at": "timestamp",
    "updated_at": "timestamp",
}  # fmt: skip


def random_day(rng: np.random.Generator) -> date:
    """A day of three years, often at the edge of a month or today, now and then in the future."""
    day = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 1000)))
    if rng.random() < 0.1:
        return TODAY + timedelta(days=int(rng.integers(0, 2)))
    if rng.random() < 0.35:
        day = day.replace(day=1) - timedelta(days=int(rng.integers(0, 2)))
    return day


def maybe(rng: np.random.Generator, share: float) -> date | None:
    return random_day(rng) if rng.random() < share else None


def random_frames(seed: int, accounts: int) -> dict[str, pd.DataFrame]:
    """Accounts in two segments, half with movements, half with subscriptions, one unknown."""
    rng = np.random.default_rng(seed)
    subscriptions, movements = [], []
    for number in range(accounts):
        account = f"a{number}"
        for _ in range(int(rng.integers(0, 4))):
            start = random_day(rng)
            status = str(
                rng.choice(["active", "past_due", "cancelled", "expired", "trialing", "paused"])
            )
            subscriptions.append(
                {
                    "id": f"s{len(subscriptions)}",
                    "account_id": account,
                    "status": status,
                    "start_date": start,
                    "mrr": float(rng.choice([0.0, 0.1, 19.99, 100.0, 333.33])),
                    "ended_at": maybe(rng, 0.35),
                    "current_term_end": maybe(rng, 0.5),
                    "cancelled_at": maybe(rng, 0.4),
                    "updated_at": maybe(rng, 0.7),
                }
            )
        if number % 2:
            level = 0.0
            for day in sorted(random_day(rng) for _ in range(int(rng.integers(0, 7)))):
                target = float(rng.choice([0.0, 0.0, 10.1, 20.2, 30.3, 99.99]))
                if target != level:
                    movements.append(
                        {
                            "id": f"m{len(movements)}",
                            "account_id": account,
                            "movement_date": day,
                            "movement_type": "expansion",
                            "mrr_change": target - level,
                        }
                    )
                    level = target
    known = [
        {"id": f"a{n}", "name": f"Account {n}", "segment": "SMB" if n % 3 else None}
        for n in range(1, accounts)
    ]
    return {
        "account": pd.DataFrame(known, columns=["id", "name", "segment"]),
        "subscription": pd.DataFrame(subscriptions, columns=list(SUBSCRIPTION)),
        "mrr_movement": pd.DataFrame(
            movements, columns=["id", "account_id", "movement_date", "movement_type", "mrr_change"]
        ),
    }
