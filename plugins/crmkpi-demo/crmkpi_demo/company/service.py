"""The support desk: tickets, their events, service levels and surveys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.campaigns import random_contact
from crmkpi_demo.company.clock import Array
from crmkpi_demo.company.lifecycle import Lifecycle
from crmkpi_demo.company.world import World, blank, moments_or_nat, only, pick, ragged
from superset_crmkpi.warehouse.sentiment import rater

PRIORITIES = ("LOW", "NORMAL", "HIGH", "URGENT")
FIRST_REPLY_TARGET = np.array([960, 480, 240, 60])  # business minutes
RESOLUTION_TARGET = np.array([5100, 3060, 1530, 480])
CATEGORIES = ("How-to", "Bug", "Integration", "Billing", "Access", "Performance", "Feature request")
SUBJECTS = {
    "How-to": "How do I set up a report?",
    "Bug": "Totals differ between two pages",
    "Integration": "Import from the warehouse stopped",
    "Billing": "Question about our invoice",
    "Access": "A colleague cannot sign in",
    "Performance": "Dashboard loads slowly",
    "Feature request": "Could you add an export?",
}
GOOD = (
    "Great and quick help, thank you!",
    "Solved at once.",
    "Very friendly.",
    "Works again, super.",
)
BAD = ("Took far too long.", "Had to ask three times.", "Still not solved, disappointed.", "Slow.")
CLOSE_AFTER = 5 * 510  # business minutes a solved ticket stays open for a reply


def ticket_spine(
    world: World,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    people: pd.DataFrame,
    life: Lifecycle,
) -> pd.DataFrame:
    """One row a ticket; `begin`, `first`, `solved` in business minutes (NaN: not yet)."""
    rng = world.rng("tickets")
    months = np.arange(world.window_month, world.this_month + 1)
    active = (life.mrr[months] > 0) | (life.mrr[np.maximum(months - 1, 0)] > 0)
    health = accounts["health"].to_numpy()
    slump = life.usage_slump[None, :] <= world.month_starts[months][:, None] + 30
    rate = 0.42 * (1 + 1.4 * (0.69 - health)) * np.array([0.7, 1.1, 2.0])[accounts["segment"]]
    trend = np.linspace(1.25, 0.85, len(months))[:, None]
    cell = np.flatnonzero(active)
    counts = rng.poisson((active * rate * trend * np.where(slump, 1.7, 1.0)).reshape(-1)[cell])
    where, _ = ragged(counts)
    month, account = np.divmod(cell[where], len(accounts))
    n = len(account)
    # Weekdays far more often than weekends: draw days for the whole window, then fit the month.
    start = world.month_starts[months[month]]
    length = world.month_starts[months[month] + 1] - start
    day = start + (rng.random(n) * length).astype("int64")
    weekend = ((day + 3) % 7 >= 5) & (rng.random(n) < 0.8)
    day = np.where(weekend, day - 2, day)
    tickets = pd.DataFrame({"account": account, "day": day})
    began = accounts["start_day"].to_numpy()[account]
    tickets = tickets[(day <= world.today) & (day >= began)].sort_values("day", kind="stable")
    tickets = tickets.reset_index(drop=True)
    n = len(tickets)
    tickets["created_at"] = world.office_moments(rng, tickets["day"], off_hours=0.16)
    tickets = tickets.sort_values("created_at", kind="stable", ignore_index=True)
    tickets["contact"] = random_contact(rng, contacts, tickets["account"].to_numpy())
    tickets["priority"] = rng.choice(4, n, p=[0.22, 0.5, 0.21, 0.07])
    late = tickets["day"].to_numpy() > world.today - 90
    # One recent problem to find: the integration fails more often these three months.
    tickets["category"] = np.where(
        late,
        rng.choice(len(CATEGORIES), n, p=[0.19, 0.15, 0.3, 0.1, 0.11, 0.08, 0.07]),
        rng.choice(len(CATEGORIES), n, p=[0.27, 0.18, 0.14, 0.12, 0.13, 0.08, 0.08]),
    )
    tickets["channel"] = pick(rng, ["email", "web", "chat", "phone"], n, [5, 3, 2, 1])
    agents = people.index[people["kind"] == "agent"].to_numpy()
    tickets["agent"] = rng.choice(agents, n)
    hired = people["hired"].to_numpy()[tickets["agent"]]
    tickets["agent"] = np.where(hired > tickets["day"], agents[0], tickets["agent"])
    tickets["unassigned"] = late & (rng.random(n) < 0.03)
    _course(world, tickets, people)
    return tickets


def _course(world: World, tickets: pd.DataFrame, people: pd.DataFrame) -> None:
    rng = world.rng("ticket course")
    n, now = len(tickets), world.now_minutes
    begin = world.clock.minutes(tickets["created_at"])
    pace = 1.6 - 1.1 * people["skill"].to_numpy()[tickets["agent"]]
    summer = pd.DatetimeIndex(tickets["created_at"]).month.isin([7, 8])
    # Slow: understaffed summers; better since the new routing seven months ago.
    pace = pace * np.where(summer, 1.5, 1.0) * np.where(tickets["day"] > world.today - 210, 0.75, 1)
    target = FIRST_REPLY_TARGET[tickets["priority"]]
    wait = rng.lognormal(np.log(0.24 * target * pace), 0.85).clip(2)
    work = rng.lognormal(np.log(0.3 * RESOLUTION_TARGET[tickets["priority"]] * pace), 0.95)
    first = begin + wait
    solved = first + work.clip(5) * np.where(tickets["category"] == 1, 1.5, 0.85)
    # Some of the last weeks are forgotten; older ones were found and solved.
    forgotten = (rng.random(n) < 0.035) & (tickets["day"] > world.today - 45).to_numpy()
    solved = np.where(forgotten, np.inf, solved)
    tickets["begin"] = begin
    tickets["first"] = np.where(first < now - 1, first, np.nan)
    tickets["solved"] = np.where(solved < now - 1, solved, np.nan)
    replies = rng.poisson(np.where(work > 1500, 2.0, 0.9))
    tickets["replies"] = np.where(rng.random(n) < 0.36, 0, replies)  # public ones after the first
    tickets["reopens"] = (rng.random(n) < 0.075) * (1 + (rng.random(n) < 0.1))
    again = tickets["solved"] + rng.exponential(900, n) + 30
    fixed = again + rng.lognormal(np.log(500), 0.8, n)
    reopened = (tickets["reopens"] > 0) & (again < now - 1)
    tickets["reopens"] = np.where(reopened, tickets["reopens"], 0)
    tickets["reopened"] = again.where(reopened)
    tickets["fixed"] = fixed.where(reopened & (fixed < now - 1))
    last = np.where(reopened, tickets["fixed"], tickets["solved"])
    tickets["last_solved"] = last
    closed = last + CLOSE_AFTER
    tickets["closed"] = np.where(closed < now - 1, closed, np.nan)
    waiting = pick(rng, ["OPEN", "WAITING", "HOLD"], n, [5, 4, 1])
    tickets["status"] = np.select(
        [~np.isnan(tickets["closed"]), ~np.isnan(last), tickets["first"].isna()],
        ["CLOSED", "SOLVED", "NEW"],
        waiting,
    )


def _moments(world: World, minutes: Array | pd.Series) -> Array:
    values = np.asarray(minutes, dtype="float64")
    known = np.isfinite(values)
    moments = world.clock.moments(np.where(known, values, world.now_minutes))
    return moments_or_nat(known, moments)


def service_tables(
    world: World,
    tickets: pd.DataFrame,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    people: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    rng = world.rng("service tables")
    n = len(tickets)
    number = np.arange(20001, 20001 + n)
    category = np.array(CATEGORIES, dtype=object)[tickets["category"]]
    created = tickets["created_at"].to_numpy()
    agent = people["id"].to_numpy()[tickets["agent"]]
    table = pd.DataFrame({"ticket_no": number})
    table["subject"] = pd.Series(category).map(SUBJECTS)
    table["account_id"] = accounts["id"].to_numpy()[tickets["account"]]
    table["contact_id"] = blank(rng, contacts["id"].to_numpy()[tickets["contact"]], 0.03)
    table["agent_id"] = only(~tickets["unassigned"], agent)
    table["channel"] = tickets["channel"]
    table["category"] = blank(rng, category, 0.04)
    table["kind"] = np.select(
        [category == "Bug", np.isin(category, ["Performance", "Access"])],
        ["problem", "incident"],
        "question",
    )
    table["priority"] = np.array(PRIORITIES, dtype=object)[tickets["priority"]]
    table["status"] = tickets["status"]
    table["created_at"] = created
    table["first_reply_at"] = np.fmax(_moments(world, tickets["first"]), created)
    table["solved_at"] = np.fmax(_moments(world, tickets["last_solved"]), created)
    table["closed_at"] = _moments(world, tickets["closed"])
    for column, minutes in (("first_reply_at", "first"), ("solved_at", "last_solved")):
        table.loc[tickets[minutes].isna(), column] = pd.NaT
    events = _events(world, tickets, table, contacts, people)
    public = events[(events["event"] == "public_reply") & (events["actor_kind"] == "agent")]
    table["agent_replies"] = table["ticket_no"].map(public.groupby("ticket_no").size()).fillna(0)
    table["agent_replies"] = table["agent_replies"].astype("int64")
    table["reopened"] = tickets["reopens"].astype("int64")
    table["is_escalated"] = (tickets["priority"] == 3) & (rng.random(n) < 0.3)
    table["updated_at"] = table["ticket_no"].map(events.groupby("ticket_no")["occurred_at"].max())
    return {
        "helpdesk.tickets": table,
        "helpdesk.ticket_events": events,
        "helpdesk.ticket_slas": _slas(world, tickets, number),
        "helpdesk.surveys": _surveys(world, tickets, table),
    }


def _events(
    world: World,
    tickets: pd.DataFrame,
    table: pd.DataFrame,
    contacts: pd.DataFrame,
    people: pd.DataFrame,
) -> pd.DataFrame:
    rng = world.rng("ticket events")
    n = len(tickets)
    frames: list[pd.DataFrame] = []

    def add(rows: Array, at: Array, actor: str, event: str, new: Array | str | None = None) -> None:
        frame = pd.DataFrame({"row": rows, "at": at, "actor_kind": actor, "event": event})
        frame["new_value"] = new
        frames.append(frame)

    every = np.arange(n)
    created = tickets["created_at"].to_numpy()
    add(every, created, "requester", "created", "NEW")
    mailed = np.flatnonzero(tickets["channel"].isin(["email", "web"]))
    robot = created[mailed] + rng.integers(5, 50, len(mailed)).astype("timedelta64[s]")
    add(mailed, robot, "bot", "public_reply", "We have received your request.")
    first = np.flatnonzero(table["first_reply_at"].notna())
    at = table["first_reply_at"].to_numpy()[first]
    add(first, at, "agent", "public_reply")
    add(first, at, "agent", "status", "OPEN")
    end = np.fmin(tickets["solved"].to_numpy(), world.now_minutes - 2)
    row, _ = ragged(np.where(tickets["first"].notna(), tickets["replies"], 0))
    begin = tickets["first"].to_numpy()[row]
    part = rng.uniform(0.05, 0.95, len(row))
    asked = begin + part * (end[row] - begin) * 0.7
    answer = asked + (end[row] - asked) * rng.uniform(0.1, 0.9, len(row))
    add(row, world.clock.moments(asked), "requester", "requester_reply")
    add(row, world.clock.moments(answer), "agent", "public_reply")
    noted = first[rng.random(len(first)) < 0.25]
    at = tickets["first"].to_numpy()[noted]
    at = at + (end[noted] - at) * 0.5
    add(noted, world.clock.moments(at), "agent", "private_note")
    paused = np.flatnonzero(tickets["status"].isin(["WAITING", "HOLD"]))
    at = world.clock.moments((tickets["first"].to_numpy()[paused] + world.now_minutes) / 2)
    add(paused, at, "agent", "status", tickets["status"].to_numpy()[paused])
    for column, status in (("solved", "SOLVED"), ("fixed", "SOLVED")):
        rows = np.flatnonzero(tickets[column].notna())
        add(rows, _moments(world, tickets[column].to_numpy()[rows]), "agent", "status", status)
    rows = np.flatnonzero(tickets["reopened"].notna())
    at = _moments(world, tickets["reopened"].to_numpy()[rows])
    add(rows, at, "requester", "requester_reply")
    add(rows, at, "requester", "status", "OPEN")
    rows = np.flatnonzero(tickets["closed"].notna())
    add(rows, table["closed_at"].to_numpy()[rows], "bot", "status", "CLOSED")

    events = pd.concat(frames, ignore_index=True)
    # Answers to a ticket opened at night come on the next morning, never before it.
    events["at"] = np.maximum(events["at"], created[events["row"]])
    order = events["event"].map({"created": 0}).fillna(1)
    events = events.assign(order=order).sort_values(
        ["row", "at", "order"], kind="stable", ignore_index=True
    )
    status = events["new_value"].where(events["event"].isin(["created", "status"]))
    before = status.groupby(events["row"]).ffill().groupby(events["row"]).shift()
    events["old_value"] = before.where(events["event"] == "status")
    row = events["row"].to_numpy()
    result = pd.DataFrame({"event_id": np.arange(1, len(events) + 1)})
    result["ticket_no"] = table["ticket_no"].to_numpy()[row]
    result["occurred_at"] = events["at"]
    result["actor_kind"] = events["actor_kind"]
    agent = people["id"].to_numpy()[tickets["agent"].to_numpy()[row]]
    requester = contacts["id"].to_numpy()[tickets["contact"].to_numpy()[row]]
    by_agent, by_bot = events["actor_kind"] == "agent", events["actor_kind"] == "bot"
    result["actor_id"] = only(~by_bot, np.where(by_agent, agent, requester))
    result["event"] = events["event"]
    for column in ("old_value", "new_value"):
        result[column] = events[column].astype(object).where(events[column].notna(), None)
    return result


def _slas(world: World, tickets: pd.DataFrame, number: Array) -> pd.DataFrame:
    """Two clocks a ticket, in business minutes, without pauses."""
    frames = []
    priority = tickets["priority"].to_numpy()
    for metric, targets, when in (
        ("first_reply", FIRST_REPLY_TARGET, tickets["first"]),
        ("resolution", RESOLUTION_TARGET, tickets["last_solved"]),
    ):
        due = tickets["begin"].to_numpy() + targets[priority]
        finished, done = when.notna().to_numpy(), when.to_numpy()
        late = np.where(finished, done, world.now_minutes) > due
        frame = pd.DataFrame({"ticket_no": number, "metric": metric})
        frame["policy"] = "Standard " + pd.Series(PRIORITIES).str.title().to_numpy()[priority]
        frame["target_minutes"] = targets[priority]
        frame["applied_at"] = tickets["created_at"]
        frame["due_at"] = _moments(world, due)
        frame["fulfilled_at"] = np.fmax(_moments(world, done), frame["applied_at"])
        frame.loc[~finished, "fulfilled_at"] = pd.NaT
        frame["breached_at"] = frame["due_at"].where(late)
        frame["elapsed_minutes"] = np.round(
            np.where(finished, done, world.now_minutes) - tickets["begin"], 1
        )
        paused = tickets["status"].isin(["WAITING", "HOLD"]) & (metric == "resolution")
        frame["state"] = np.select(
            [late, finished, paused], ["BREACHED", "ACHIEVED", "PAUSED"], "ACTIVE"
        )
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "sla_id", np.arange(1, len(table) + 1))
    return table


def _surveys(world: World, tickets: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """CSAT and CES questions after a ticket was solved; most go unanswered."""
    rng = world.rng("surveys")
    frames = []
    speed = np.log((tickets["last_solved"] - tickets["begin"]).clip(lower=10) / 900)
    mood = 4.25 - 0.28 * speed - 0.55 * (tickets["reopens"] > 0) - 0.1 * tickets["replies"]
    for kind, share, top, shift in (("csat", 0.75, 5, 0.0), ("ces", 0.25, 7, 1.4)):
        rows = np.flatnonzero(tickets["last_solved"].notna() & (rng.random(len(tickets)) < share))
        n = len(rows)
        frame = table.iloc[rows][["ticket_no", "account_id", "contact_id", "agent_id"]].copy()
        frame.insert(0, "kind", kind)
        frame["sent_at"] = table["solved_at"].to_numpy()[rows] + np.timedelta64(45, "m")
        answered = frame["sent_at"] + (rng.exponential(20, n) * 3600).astype("timedelta64[s]")
        score = (mood.to_numpy()[rows] + shift + rng.normal(0, 0.95, n)).round().clip(1, top)
        yes = (rng.random(n) < 0.31) & (answered < world.now).to_numpy()
        frame["answered_at"] = answered.where(yes)
        frame["score"] = np.where(yes, score, np.nan)
        text = np.where(score >= top - 1, pick(rng, GOOD, n), pick(rng, BAD, n))
        said = yes & (rng.random(n) < 0.35) & ((score >= top - 1) | (score <= 3))
        frame["comment"] = only(said, text)
        frame["scale_max"] = top
        frames.append(frame)
    result = pd.concat(frames, ignore_index=True)
    result = result[result["sent_at"] < world.now].reset_index(drop=True)
    result["comment_sentiment"] = result["comment"].map(rater()).astype(float)
    result.insert(0, "survey_id", np.arange(1, len(result) + 1))
    return result
