"""The life of every subscription, month by month: start, growth, shrinking, renewal, end, return.

Money is in integer cents of the account's currency, so that the ledger adds up exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkpi_demo.company.clock import Array
from crmkpi_demo.company.world import World

TERM_MONTHS = np.array([1, 12, 24, 36])
NEVER = 10**6


@dataclass
class Lifecycle:
    """`movements`: subscription, account, day, kind, change, after, note (cents; account number).
    `renewals`: subscription, account, due, status, before, after (cents).
    `subscriptions`: one row each, in order of number. `mrr`: cents by month and account at month
    end. `usage_slump`: per account the day it began to turn away (NEVER if it did not)."""

    movements: pd.DataFrame
    renewals: pd.DataFrame
    subscriptions: pd.DataFrame
    mrr: Array
    usage_slump: Array


def simulate(world: World, accounts: pd.DataFrame) -> Lifecycle:
    """Runs all customers through the months; vectorised over accounts, one loop over months."""
    rng = world.rng("lifecycle")
    n = len(accounts)
    health, segment = accounts["health"].to_numpy(), accounts["segment"].to_numpy()
    start_day = accounts["start_day"].to_numpy()
    list_cents = (accounts["list_mrr_eur"] * accounts["rate"]).to_numpy()
    list_cents = (list_cents / 10).round().astype("int64") * 1000
    months = world.month_starts
    start_month = np.where(start_day >= 0, np.searchsorted(months, start_day, "right") - 1, NEVER)
    day_of_month = np.where(start_day >= 0, start_day - months[start_month % len(months)], 0)
    day_of_month = np.minimum(day_of_month, 27)
    term = TERM_MONTHS[
        np.where(
            segment == 2,
            rng.choice(4, n, p=[0, 0.55, 0.2, 0.25]),
            rng.choice(4, n, p=[0.16, 0.72, 0.08, 0.04]),
        )
    ]
    risk = np.exp(3.0 * (0.69 - health)) * np.array([1.3, 0.85, 0.5])[segment]
    mrr = np.zeros(n, dtype="int64")
    last_mrr, left_month = np.zeros(n, dtype="int64"), np.full(n, NEVER)
    number = np.full(n, -1)
    due_month = np.full(n, NEVER)
    slump = np.full(n, NEVER)
    table = np.zeros((world.this_month + 1, n), dtype="int64")
    moves: list[pd.DataFrame] = []
    renewals: list[pd.DataFrame] = []
    begun: list[pd.DataFrame] = []
    made = 0

    def move(who: Array, day: Array, kind: str, after: Array, note: str = "") -> None:
        frame = pd.DataFrame({"subscription": number[who], "account": who, "day": day})
        frame["kind"], frame["change"], frame["after"] = kind, after - mrr[who], after
        frame["note"] = note
        moves.append(frame)
        mrr[who] = after

    for month in range(world.this_month + 1):
        day = months[month] + day_of_month
        happened = day <= world.today - 1
        draw, size, other = rng.random((3, n))
        # Customers who come back start a new subscription.
        away = month - left_month
        back = (left_month < NEVER) & (away >= 2) & (away <= 9) & (draw < 0.014) & happened
        starts = (start_month == month) | back
        who = np.flatnonzero(starts)
        number[who] = made + np.arange(len(who))
        made += len(who)
        due_month[who] = month + term[who]
        first = np.where(back, last_mrr * (60 + (size * 40)).astype("int64") // 100, list_cents)
        begin = np.where(back, day, start_day)
        begun.append(pd.DataFrame({"account": who, "start": begin[who], "returned": back[who]}))
        fresh = np.flatnonzero(starts & ~back)
        move(fresh, begin[fresh], "new", first[fresh])
        returned = np.flatnonzero(back)
        move(returned, begin[returned], "reactivation", first[returned])
        left_month[who] = NEVER
        slump[who] = NEVER
        # Renewal decisions, and the monthly notice of the monthly contracts.
        on = (mrr > 0) & ~starts & happened
        due = on & (due_month == month)
        yearly = due & (term > 1)
        lost = due & (draw < np.where(term > 1, 0.122 * risk, 0.017 * risk))
        late = yearly & ~lost & (world.today - day < 25) & (other < 0.4)
        shrinks = yearly & ~lost & ~late & (draw > 0.92)
        rises = yearly & ~lost & ~late & ~shrinks & (other < 0.5)
        before = mrr.copy()
        gone = np.flatnonzero(lost)
        last_mrr[gone], left_month[gone] = mrr[gone], month
        slump[gone] = day[gone] - rng.integers(50, 130, len(gone))
        move(gone, day[gone], "churn", np.zeros(len(gone), dtype="int64"))
        cut = np.flatnonzero(shrinks)
        move(cut, day[cut], "contraction", _part(mrr[cut], 0.62 + 0.3 * size[cut]), "renewal")
        more = np.flatnonzero(rises)
        move(more, day[more], "expansion", _part(mrr[more], 1.02 + 0.05 * size[more]), "uplift")
        who = np.flatnonzero(yearly)
        status = np.select(
            [lost[who], late[who], shrinks[who]],
            ["churned", "open", "partially_renewed"],
            "renewed",
        )
        frame = pd.DataFrame({"subscription": number[who], "account": who, "due": day[who]})
        frame["status"], frame["before"], frame["after"] = status, before[who], mrr[who]
        renewals.append(frame)
        renewed = due & ~lost & ~late
        due_month[renewed] += term[renewed]
        # Sold expansions and downgrades during the term, at most one movement a month.
        quiet = on & ~due & ~late
        grows = quiet & (draw < 0.048 * (0.4 + 0.9 * health))
        falls = quiet & (draw > 0.9965)
        more = np.flatnonzero(grows)
        move(
            more, day[more], "expansion", _part(mrr[more], 1.12 + 0.45 * size[more] ** 1.3), "sold"
        )
        cut = np.flatnonzero(falls)
        move(cut, day[cut], "contraction", _part(mrr[cut], 0.65 + 0.25 * size[cut]), "downgrade")
        table[month] = mrr

    ahead = np.flatnonzero((mrr > 0) & (term > 1) & (due_month > world.this_month - 1))
    ahead = ahead[due_month[ahead] < len(months)]
    due_day = months[due_month[ahead]] + day_of_month[ahead]
    fresh = (due_day >= world.today) & (due_day < world.today + 400)
    frame = pd.DataFrame({"subscription": number[ahead], "account": ahead, "due": due_day})
    frame["status"], frame["before"], frame["after"] = "open", mrr[ahead], mrr[ahead]
    renewals.append(frame[fresh])
    # Some customers whose contract ends soon have already turned away: today's work.
    soon = ahead[fresh & (due_day < world.today + 100)]
    turning = soon[rng.random(len(soon)) < 0.16 * risk[soon]]
    slump[turning] = world.today - rng.integers(30, 80, len(turning))

    subscriptions = pd.concat(begun, ignore_index=True)
    owner = subscriptions["account"].to_numpy()
    current = number[owner] == np.arange(len(subscriptions))
    subscriptions["term"] = term[owner]
    subscriptions["due_month"] = np.where(current & (mrr[owner] > 0), due_month[owner], -1)
    subscriptions["day_of_month"] = day_of_month[owner]
    movements = pd.concat(moves, ignore_index=True)
    movements = movements[(movements["change"] != 0) | (movements["kind"] == "new")]
    ends = movements[movements["kind"] == "churn"].set_index("subscription")["day"]
    index = pd.Series(np.arange(len(subscriptions)))
    subscriptions["end"] = index.map(ends).to_numpy()
    return Lifecycle(
        movements.sort_values(["day", "subscription"], kind="stable", ignore_index=True),
        pd.concat(renewals, ignore_index=True),
        subscriptions,
        table,
        slump,
    )


def _part(cents: Array, factor: Array) -> Array:
    """A new price in whole currency units."""
    return (cents * factor / 100).round().astype("int64") * 100
