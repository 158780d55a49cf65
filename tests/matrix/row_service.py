"""What the facts of service hold row by row, from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles import customer_messages, email_threads, ticket_slas
from tests.oracles.labels import World, customer, labels_of, people
from tests.oracles.leads import rows
from tests.oracles.survey_responses import answered, last_nps, nps_mark, satisfied
from tests.oracles.tickets import TODAY, business_hours_between, describe, local

Frames = dict[str, pd.DataFrame]
#: less than the history of the frames
BACKLOG_DAYS = 40
#: more than it
LONG_BACKLOG_DAYS = 90


def with_waits(frames: Frames, seed: int) -> Frames:
    """Tickets of which some wait for the customer."""
    rng = np.random.default_rng(seed)
    events = frames["ticket_event"]
    waits = (events["event_type"] == "status") & (rng.random(len(events)) < 0.5)
    events.loc[waits, "new_value"] = "pending"
    edges = [
        {"id": f"edge{age}", "status": "open", "source_id": f"edge{age}", "channel": "web",
         "created_at": pd.Timestamp(TODAY) + pd.Timedelta(hours=10) - pd.Timedelta(days=age)}
        for age in (0, 1, 2, 7, 8, 30, 31, BACKLOG_DAYS, BACKLOG_DAYS + 20)
    ]  # fmt: skip
    frames["ticket"] = pd.concat([frames["ticket"], pd.DataFrame(edges)], ignore_index=True)
    return frames


def with_today(frames: Frames, seed: int) -> Frames:
    """A promise that was broken today."""
    del seed
    ticket = frames["ticket"].iloc[0]["id"]
    broken = {"id": "today", "ticket_id": ticket, "metric": "resolution", "status": "active",
              "applied_at": pd.Timestamp(TODAY), "target_minutes": 60.0,
              "is_business_hours": False,
              "breached_at": pd.Timestamp(TODAY) + pd.Timedelta(hours=8)}  # fmt: skip
    own = frames["ticket"]["id"] == ticket
    frames["ticket"].loc[own, "status"] = "open"
    frames["ticket_sla"] = pd.concat(
        [frames["ticket_sla"], pd.DataFrame([broken])], ignore_index=True
    )
    return frames


def ticket_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "tickets", "ticket_days")
    yield judged(frames)
    yield waits(frames)
    yield days(frames, BACKLOG_DAYS)
    yield volumes(frames, BACKLOG_DAYS)


def unwaited_rows(given: Any) -> Iterator[Rows]:
    """Waits are taken out of the resolution time; there are days before the first ticket."""
    frames = dict(given)
    waited: dict[str, float] = defaultdict(float)
    for wait in waits(frames).expected:
        waited[wait["ticket_id"]] += wait["waiting_hours"] or 0.0
    expected = [
        row | {"resolution_hours": row["resolution_hours"] - waited[row["ticket_id"]]}
        for row in judged(frames).expected if row["resolution_hours"] is not None
    ]  # fmt: skip
    yield Rows("tickets", ["ticket_id", "resolution_hours"], expected,
               where="resolution_hours is not null")  # fmt: skip
    yield volumes(frames, LONG_BACKLOG_DAYS)


def age_band(age: int) -> str:
    if age <= 1:
        return "00-01 days"
    return "02-07 days" if age <= 7 else "08-30 days" if age <= 30 else "31+ days"


def judged(frames: Frames) -> Rows:
    """Each ticket's times and turns, its age while it is open, and what is to be done."""
    own = {ticket["id"]: ticket for ticket in rows(frames["ticket"])}
    found = []
    for row in describe(frames).to_dict("records"):
        ticket, done = own[row["ticket_id"]], row["is_resolved"]
        age = None if done or row["created"] is None else (TODAY - row["created"]).days
        counted = done and row["replies"] is not None
        band = "resolved" if done else "(unknown)" if age is None else age_band(age)
        action = "Tell the customer the next step and its date"
        if done:
            action = "(none)"
        elif ticket["owner_id"] is None:
            action = "Assign an owner"
        elif row["replied"] is None:
            action = "Send the first reply"
        elif ticket["status"] == "pending":
            action = "Remind the customer, or solve it"
        found.append({
            "ticket_id": row["ticket_id"], "created_date": row["created"],
            "first_response_date": local(row["replied"]), "resolved_date": row["resolved"],
            "is_open": int(not done), "is_resolved": int(done),
            "first_response_hours": row["first_response_hours"],
            "resolution_hours": row["resolution_hours"], "replies": row["replies"],
            "reopens": row["reopens"], "is_resolved_counted": int(counted),
            "is_first_contact": int(counted and row["replies"] == 1 and row["reopens"] == 0),
            "follow_ups": row["replies"] - 1 if counted and row["replies"] > 1 else 0,
            "is_unanswered": int(not done and row["replied"] is None), "age_days": age,
            "age_band": band, "next_action": action,
        })  # fmt: skip
    return Rows("tickets", list(found[0]), found)


def waits(frames: Frames) -> Rows:
    """Each time a ticket waited for the customer, up to its next status or its end."""
    own = {ticket["id"]: ticket for ticket in rows(frames["ticket"])}
    turns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in rows(frames["ticket_event"]):
        if event["event_type"] == "status":
            turns[event["ticket_id"]].append(event)
    found = []
    for name, events in turns.items():
        events.sort(key=lambda event: (event["occurred_at"], event["id"]))
        last = own[name]["solved_at"] or own[name]["closed_at"]
        ends = [*[event["occurred_at"] for event in events[1:]], last]
        for event, end in zip(events, ends, strict=True):
            if event["new_value"] != "pending":
                continue
            start, until = local(event["occurred_at"]), local(end)
            assert start is not None
            hours = business_hours_between(event["occurred_at"], end) if until else None
            found.append({
                "ticket_id": name, "status": "pending", "started_date": start.date(),
                "ended_date": until.date() if until else None, "waiting_hours": hours,
            })  # fmt: skip
    return Rows("ticket_waits", list(found[0]), found)


def days(frames: Frames, backlog_days: int) -> Rows:
    """Each ticket on each day from its first to its last."""
    found = []
    for row in describe(frames).to_dict("records"):
        if row["created"] is None:
            continue
        last = max(row["created"], row["resolved"] or row["created"])
        end = last if row["is_resolved"] else TODAY
        for age in range((min(end, TODAY) - row["created"]).days + 1):
            day = row["created"] + timedelta(days=age)
            if (TODAY - day).days >= backlog_days:
                continue
            found.append({
                "ticket_id": row["ticket_id"], "day_date": day, "age_days": age,
                "opened": int(age == 0), "solved": int(row["resolved"] == day),
                "open_at_end": int(not row["is_resolved"] or day < last),
                "age_band": age_band(age),
            })  # fmt: skip
    return Rows("ticket_days", list(found[0]), found, where="ticket_id is not null")


def volumes(frames: Frames, backlog_days: int) -> Rows:
    """Each day since the first ticket: how many the four weeks before had a day."""
    opened = [day for day in describe(frames)["created"] if day is not None]
    found = []
    for back in range(min(backlog_days, (TODAY - min(opened)).days + 1)):
        day = TODAY - timedelta(days=back)
        before = [one for one in opened if timedelta(0) < day - one <= timedelta(days=28)]
        found.append({"day_date": day, "usual_opened": len(before) / 28})
    return Rows("ticket_days", list(found[0]), found, where="ticket_id is null")


def sla_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "ticket_slas")
    own = {ticket["id"]: ticket for ticket in rows(frames["ticket"])}
    found = []
    for sla in rows(frames["ticket_sla"]):
        ticket = own.get(sla["ticket_id"])
        if ticket is None or ticket["status"] == "merged":
            continue
        outcome = ticket_slas.verdict(sla, ticket)
        missed, done = outcome == "missed", ticket_slas.done_at(sla, ticket)
        is_open = ticket["status"] not in ("solved", "closed")
        is_late = missed and done is None and is_open
        late = ticket_slas.minutes_late(sla, done) if missed else 0.0
        found.append({
            "sla_id": sla["id"], "is_due": int(outcome is not None),
            "is_met": int(outcome == "met"),
            "is_missed": int(missed), "is_overdue": int(is_late),
            "next_action": sla_action(sla["metric"], ticket) if is_late else "(none)",
            "target_hours": sla["target_minutes"] / 60,
            "minutes_overdue": late if late > 0 else None,
        })  # fmt: skip
    yield Rows("ticket_slas", list(found[0]), found)


def sla_action(metric: str, ticket: dict[str, Any]) -> str:
    if ticket["owner_id"] is None:
        return "Assign an owner today"
    if metric == "first_reply":
        return "Send the first reply now"
    if metric == "resolution":
        return "Solve it or agree a new date with the customer"
    return "Update the customer now"


def survey_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "survey_responses")
    found = []
    answers = frames["survey_response"].astype({"contact_id": object}).to_dict("records")
    marks = {row["id"]: nps_mark(row) for row in last_nps(answers)}
    for row in answers:
        kind, mark = row["survey_type"], marks.get(row["id"])
        replied = answered(row)
        sent = not pd.isna(row["sent_at"])
        found.append({
            "survey_id": row["id"], "is_answered": int(replied), "is_sent": int(sent),
            "is_sent_answered": int(sent and replied),
            "is_csat_answer": int(kind == "csat" and replied),
            "is_satisfied": int(kind == "csat" and replied and satisfied(row)),
            "is_nps_answer": int(mark is not None), "is_promoter": int(mark == 1),
            "is_detractor": int(mark == -1),
            "effort": row["score"] if kind == "ces" and replied else None,
            "answer_group": answer_group(row), "survey_date": row["responded_at"]
            if not pd.isna(row["responded_at"]) else row["sent_at"],
        })  # fmt: skip
    yield Rows("survey_responses", list(found[0]), found)


def answer_group(row: dict[str, Any]) -> str:
    if not answered(row):
        return "(none)"
    if row["survey_type"] == "csat":
        return "satisfied" if satisfied(row) else "not satisfied"
    if row["survey_type"] == "nps" and (mark := nps_mark(row)) is not None:
        return {1: "promoter", 0: "passive", -1: "detractor"}[mark]
    return row["category"] or "(none)"


def thread_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "email_threads")
    actions = {"not replied": "Call, or write once more under a new subject",
               "linked to nobody": "Link the email to a contact or lead"}  # fmt: skip
    found = [
        {"first_email_id": name, "state": one["state"], "sent_date": one["date"],
         "emails_sent": one["sent"], "reply_hours": one["hours"],
         "is_replied": int(one["state"] == "replied"),
         "is_measured": int(one["state"] in ("replied", "not replied")),
         "next_action": actions.get(one["state"], "(none)")}
        for name, one in email_threads.threads(frames).items()
    ]  # fmt: skip
    yield Rows("email_threads", list(found[0]), found)


def message_rows(given: Any) -> Iterator[Rows]:
    """Messages by kind, day and customer; a sentiment at the edge is not neutral."""
    frames = dict(given)
    world = World(frames)
    found = []
    for one in customer_messages.messages(frames):
        mood = one["sentiment"]
        tone = "positive" if mood >= 0.05 else "negative" if mood <= -0.05 else "neutral"
        found.append({
            "message_id": one["id"], "message_kind": one["kind"], "message_date": one["day"],
            "sentiment": mood,
            "tone": tone, "is_negative": int(tone == "negative"), "channel": one["channel"],
            "message": one["text"], **customer(world, one["account"]),
            **people(world, one["owner"], one["team"], by_team=True),
        })  # fmt: skip
    yield Rows("customer_messages", list(found[0]), found)


def with_moods(frames: Frames, seed: int) -> Frames:
    """Some sentiments at the very edge of neutral."""
    rng = np.random.default_rng(seed)
    for name in ("ticket", "survey_response", "activity"):
        frame = frames[name]
        edge = rng.choice([0.05, -0.05], len(frame))
        frame["sentiment"] = frame["sentiment"].where(rng.random(len(frame)) < 0.7, edge)
    return frames
