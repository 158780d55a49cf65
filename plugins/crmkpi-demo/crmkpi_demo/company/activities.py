"""Tasks and events: calls, emails with replies, meetings, follow-ups, and what is due next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.campaigns import random_contact
from crmkpi_demo.company.clock import Array, dates, local
from crmkpi_demo.company.world import World, fivetran, only, ragged, salesforce_ids

COLUMNS = ("at", "kind", "direction", "lead", "deal", "account", "contact", "owner", "subject")
SUBJECTS = {
    "Email": ("Your question about Brightwater", "Offer and next steps", "Notes from our call"),
    "Call": ("Call", "Discovery call", "Check-in call"),
    "Meeting": ("Demo", "Workshop", "Proposal walk-through", "Review meeting"),
    "Task": ("Follow up", "Prepare offer", "Send reference case"),
}


def _frame(**columns: Array | str | int) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    for column in ("lead", "deal", "account", "contact"):
        if column not in frame:
            frame[column] = -1
    return frame


def activity_spine(
    world: World,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    deals: pd.DataFrame,
    leads: pd.DataFrame,
) -> pd.DataFrame:
    """Everything that was done: `at` in business minutes; numbers are -1 where not related."""
    rng = world.rng("activities")
    answered = np.flatnonzero(leads["answered"].notna())
    first = _frame(
        at=leads["answered"].to_numpy()[answered],
        kind=np.where(rng.random(len(answered)) < 0.62, "Email", "Call"),
        lead=answered,
        owner=leads["owner"].to_numpy()[answered],
    )
    again = answered[rng.random(len(answered)) < 0.3]
    later = leads["answered"].to_numpy()[again] + rng.exponential(1800, len(again)) + 60
    more = _frame(
        at=later,
        kind=np.where(rng.random(len(again)) < 0.5, "Email", "Call"),
        lead=again,
        owner=leads["owner"].to_numpy()[again],
    )
    frames = [
        first,
        more,
        _on_deals(world, contacts, deals),
        _on_customers(world, accounts, contacts),
    ]
    done = pd.concat(frames, ignore_index=True)
    done = done[done["at"] < world.now_minutes - 2].reset_index(drop=True)
    done["direction"] = np.where(rng.random(len(done)) < 0.09, "Inbound", "Outbound")
    done.loc[done["lead"].duplicated() == False, "direction"] = "Outbound"  # noqa: E712
    done.loc[done["kind"] == "Email", "direction"] = "Outbound"
    asked = done[(done["kind"] == "Email") & (rng.random(len(done)) < 0.31)].copy()
    asked["at"] += rng.lognormal(np.log(260), 1.0, len(asked)).clip(4)
    asked["direction"] = "Inbound"
    asked = asked[asked["at"] < world.now_minutes - 2]
    done["thread"] = np.arange(len(done))
    asked["thread"] = asked.index.to_numpy()
    done = pd.concat([done, asked], ignore_index=True)
    return done.sort_values(["at", "thread"], kind="stable", ignore_index=True)


def _on_deals(world: World, contacts: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    rng = world.rng("deal activities")
    n = len(deals)
    begin = world.clock.of_day(deals["created"]) + 60
    is_open = (deals["status"] == "open").to_numpy()
    end = np.where(is_open, world.now_minutes, world.clock.of_day(deals["close"]) + 300)
    stale = deals["stale"].to_numpy()
    end = np.where(stale, begin + (end - begin) * 0.35, end)
    quiet = is_open & ~stale & (rng.random(n) < 0.14)
    end = np.where(quiet, np.maximum(begin + 120, end - 510 * rng.uniform(20, 45, n)), end)
    end = np.minimum(np.maximum(end, begin + 60), world.now_minutes)
    mean = np.select([deals["status"] == "won", is_open], [7.0, 5.0], 3.6)
    mean = mean * np.where(deals["kind"] == "New Business", 1.0, 0.6)
    deal, _ = ragged(rng.poisson(mean))
    at = begin[deal] + rng.random(len(deal)) * (end - begin)[deal]
    return _frame(
        at=at,
        kind=rng.choice(["Email", "Call", "Meeting", "Task"], len(deal), p=[0.42, 0.26, 0.2, 0.12]),
        deal=deal,
        account=deals["account"].to_numpy()[deal],
        contact=random_contact(rng, contacts, deals["account"].to_numpy()[deal]),
        owner=deals["owner"].to_numpy()[deal],
    )


def _on_customers(world: World, accounts: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Reviews and check-ins by customer success; those it knows well, it sees more often."""
    rng = world.rng("customer activities")
    start = accounts["start_day"].to_numpy()
    begin = np.maximum(start, world.start)
    months = np.where(start >= 0, (world.today - begin) / 30, 0).clip(0)
    account, _ = ragged(rng.poisson(months * (0.12 + 0.35 * accounts["health"].to_numpy())))
    day = begin[account] + rng.random(len(account)) * (world.today - begin[account])
    return _frame(
        at=world.clock.of_day(day),
        kind=rng.choice(
            ["Email", "Call", "Meeting", "Task"], len(account), p=[0.4, 0.2, 0.28, 0.12]
        ),
        account=account,
        contact=random_contact(rng, contacts, account),
        owner=accounts["csm"].to_numpy()[account],
    )


def _planned(
    world: World, deals: pd.DataFrame, leads: pd.DataFrame, contacts: pd.DataFrame, trained: Array
) -> pd.DataFrame:
    """Open tasks: next steps ahead and overdue ones. `due` is a day number."""
    rng = world.rng("planned")
    still = np.flatnonzero(deals["status"] == "open")
    untrained = trained[deals["owner"].to_numpy()[still]] > world.today
    stale = deals["stale"].to_numpy()[still]
    share = np.where(stale, 0.1, np.where(untrained, 0.55, 0.8))
    ahead = still[rng.random(len(still)) < share]
    late = still[rng.random(len(still)) < np.where(stale, 0.5, 0.2)]
    working = np.flatnonzero(leads["status"].isin(["Working - Contacted", "SQL"]))
    chosen = working[rng.random(len(working)) < 0.25]
    frames = []
    for rows, low, high in ((ahead, 0, 18), (late, -45, 0)):
        frame = _frame(
            deal=rows,
            account=deals["account"].to_numpy()[rows],
            owner=deals["owner"].to_numpy()[rows],
            contact=random_contact(rng, contacts, deals["account"].to_numpy()[rows]),
        )
        frame["due"] = world.today + rng.integers(low, high, len(rows))
        frame["made"] = np.maximum(
            np.minimum(frame["due"], world.today) - rng.integers(2, 20, len(rows)),
            deals["created"].to_numpy()[rows],
        )
        frames.append(frame)
    frame = _frame(lead=chosen, owner=leads["owner"].to_numpy()[chosen])
    frame["due"] = world.today + rng.integers(-12, 10, len(chosen))
    frame["made"] = np.minimum(frame["due"], world.today) - rng.integers(1, 9, len(chosen))
    frame["made"] = np.maximum(frame["made"], leads["created_day"].to_numpy()[chosen])
    frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def activity_tables(
    world: World,
    done: pd.DataFrame,
    deals: pd.DataFrame,
    leads: pd.DataFrame,
    contacts: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    trained: Array,
) -> dict[str, pd.DataFrame]:
    """Task and event records. Emails carry `>>` (out) or `<<` (in) in the subject and, as calls
    do, the direction in `call_type`."""
    rng = world.rng("activity tables")

    def related(rows: pd.DataFrame) -> pd.DataFrame:
        frame = pd.DataFrame(index=rows.index)
        for column, spine in (("lead", leads), ("deal", deals), ("contact", contacts)):
            number = rows[column].to_numpy()
            frame[column] = only(number >= 0, spine["id"].to_numpy()[number])
        number = rows["account"].to_numpy()
        frame["account_id"] = only(number >= 0, accounts["id"].to_numpy()[number])
        frame["who_id"] = frame["lead"].fillna(frame["contact"])
        frame["what_id"] = frame["deal"].fillna(frame["account_id"])
        frame["owner_id"] = people["id"].to_numpy()[rows["owner"]]
        known = ["account_id", "who_id", "what_id", "owner_id"]
        return frame[known].astype(object).where(frame[known].notna(), None)

    moment = world.clock.moments(done["at"])
    word = rng.integers(0, 100, len(done))
    kinds = done["kind"].to_numpy()
    subject = np.full(len(done), "", dtype=object)
    for kind, words in SUBJECTS.items():
        rows = kinds == kind
        # A reply has the subject of the message it answers: the words go by thread.
        subject[rows] = np.array(words, dtype=object)[
            (word if kind != "Email" else done["thread"].to_numpy())[rows] % len(words)
        ]
    outbound = (done["direction"] == "Outbound").to_numpy()
    mark = np.where(outbound, "Email: >> ", "Email: << Re: ")
    subject = np.where(kinds == "Email", mark + subject, subject)

    is_task = kinds != "Meeting"
    task = related(done[is_task])
    kind, at = kinds[is_task], moment[is_task]
    task["type"] = kind
    task["task_subtype"] = np.where(np.isin(kind, ["Email", "Call"]), kind, "Task")
    task["subject"] = subject[is_task]
    task["call_type"] = only(kind != "Task", done["direction"].to_numpy()[is_task])
    length = np.where(kind == "Call", rng.lognormal(np.log(280), 0.9, len(task)).round(), np.nan)
    task["call_duration_in_seconds"] = length
    outcome = np.array(["Connected", "No answer", "Voicemail", "Busy"], dtype=object)
    outcome = outcome[rng.choice(4, len(task), p=[0.45, 0.3, 0.18, 0.07])]
    task["call_disposition"] = only(kind == "Call", outcome)
    # A follow-up has a due date: most are done by then, some late.
    slack = np.where(rng.random(len(task)) < 0.83, rng.integers(0, 5, len(task)), -3)
    day, _ = local(at)
    task["activity_date"] = dates(np.where(kind == "Task", day + slack, day))
    task["completed_date_time"] = at
    lead_time = np.where(kind == "Task", rng.integers(1, 9, len(task)), 0).astype("timedelta64[D]")
    task["created_date"] = at - lead_time
    task["is_closed"], task["status"] = True, "Completed"

    planned = _planned(world, deals, leads, contacts, trained)
    following = related(planned)
    following["type"], following["task_subtype"] = "Task", "Task"
    following["subject"] = np.array(SUBJECTS["Task"], dtype=object)[
        rng.integers(0, 3, len(planned))
    ]
    following["activity_date"] = dates(planned["due"])
    following["created_date"] = world.past(world.office_moments(rng, planned["made"]))
    following["is_closed"], following["status"] = False, "Not Started"
    task = pd.concat([task, following], ignore_index=True)
    task["is_deleted"] = rng.random(len(task)) < 0.006
    task["priority"] = np.where(rng.random(len(task)) < 0.12, "High", "Normal")
    task["is_high_priority"] = task["priority"] == "High"
    task["last_modified_date"] = task["completed_date_time"].fillna(task["created_date"])
    task.insert(0, "id", salesforce_ids("00T", len(task)))
    event = _events(world, related(done[~is_task]), subject[~is_task], moment[~is_task])
    return {
        "salesforce.task": fivetran(world, task, active=True, deleted=False),
        "salesforce.event": fivetran(world, event, active=True, deleted=False),
    }


def _events(world: World, event: pd.DataFrame, subject: Array, at: Array) -> pd.DataFrame:
    """Meetings held and some ahead, which are booked already."""
    rng = world.rng("events")
    event["subject"], event["type"] = subject, "Meeting"
    minutes = rng.choice([30, 45, 60, 90], len(event), p=[0.4, 0.2, 0.3, 0.1])
    booked = rng.integers(1, 15, len(event)).astype("timedelta64[D]")
    event["start_date_time"] = at
    event["created_date"] = at - booked
    recent = event[event["start_date_time"] > world.now - np.timedelta64(30, "D")]
    ahead = recent.sample(frac=0.4, random_state=int(rng.integers(2**31))).copy()
    ahead["created_date"] = ahead["start_date_time"]
    ahead["start_date_time"] += np.timedelta64(35, "D")
    event = pd.concat([event, ahead], ignore_index=True)
    minutes = np.concatenate([minutes, np.full(len(ahead), 45)])
    event["end_date_time"] = event["start_date_time"] + minutes.astype("timedelta64[m]")
    event["duration_in_minutes"] = minutes
    event["activity_date_time"] = event["start_date_time"]
    event["activity_date"] = event["start_date_time"].dt.normalize()
    event["event_subtype"] = "Event"
    event["last_modified_date"] = event["created_date"]
    event["is_deleted"] = rng.random(len(event)) < 0.01
    event.insert(0, "id", salesforce_ids("00U", len(event)))
    return event
