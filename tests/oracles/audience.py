"""Visits, forms and the email list, person by person, from the definitions of their KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from tests.oracles.leads import rows, share
from tests.oracles.marketing_frames import Dice
from tests.oracles.workbench import TODAY

Frames = Mapping[str, pd.DataFrame]
ENTITIES = ("campaign", "touchpoint", "contact", "email_event")
LONG_AGO = date(2000, 1, 1)


def random_audience(seed: int) -> dict[str, pd.DataFrame]:
    """Touchpoints with and without a lead; contacts who come, leave and leave again."""
    dice = Dice(seed)
    some = dice.some
    touches = [
        {
            "id": f"t{i:03}", "lead_id": some([f"l{n}" for n in range(9)], 0.3),
            "campaign_id": some(["g1", "gone"], 0.4), "channel": some(["web", "ads"], 0.0),
            "touch_type": some(["visit", "visit", "form", "ad_click", "chat"], 0.0),
            "occurred_at": dice.moment(200),
        }
        for i in range(dice.size(90))
    ]  # fmt: skip
    contacts = [f"c{i}" for i in range(dice.size(60))]
    people = [
        {
            "id": key, "email": some([f"{key}@x.io"], 0.15),
            "created_at": dice.moment(500, 0.1), "is_email_opt_out": some([True, False, False]),
        }
        for key in contacts
    ]  # fmt: skip
    events = [
        {
            "id": f"e{i:03}", "contact_id": some(contacts or ["gone"], 0.1),
            "event_type": some(["unsubscribe", "unsubscribe", "open", "sent"], 0.0),
            "occurred_at": dice.moment(400),
        }
        for i in range(dice.size(40))
    ]  # fmt: skip
    return {
        "campaign": pd.DataFrame([{"id": "g1", "name": "Fair"}]),
        "touchpoint": pd.DataFrame(
            touches,
            columns=["id", "lead_id", "campaign_id", "channel", "touch_type", "occurred_at"],
        ),
        "contact": pd.DataFrame(people, columns=["id", "email", "created_at", "is_email_opt_out"]),
        "email_event": pd.DataFrame(
            events, columns=["id", "contact_id", "event_type", "occurred_at"]
        ),
    }


def form_kpis(frames: Frames, since: date = LONG_AGO) -> dict[str, float | None]:
    """Forms and captured leads of the days from `since`; a lead is captured by its first form."""
    touches = rows(frames["touchpoint"])
    own = [t for t in touches if t["occurred_at"].date() >= since]
    first_form: dict[str, date] = {}
    for touch in touches:
        if touch["touch_type"] == "form" and touch["lead_id"] is not None:
            day = touch["occurred_at"].date()
            first_form[touch["lead_id"]] = min(day, first_form.get(touch["lead_id"], day))
    named = any(touch["lead_id"] is not None for touch in touches)
    captured = sum(day >= since for day in first_form.values())
    return {
        "form_submissions": sum(t["touch_type"] == "form" for t in own) if own else None,
        "lead_capture_rate": share(captured, sum(t["touch_type"] == "visit" for t in own))
        if named
        else None,
    }


def on_list(frames: Frames) -> list[tuple[date, date | None]]:
    """(first day on the list, day of leaving) of everybody who ever was on it."""
    left: dict[str, date] = {}
    for event in rows(frames["email_event"]):
        if event["event_type"] == "unsubscribe" and event["contact_id"] is not None:
            day = event["occurred_at"].date()
            left[event["contact_id"]] = min(day, left.get(event["contact_id"], day))
    found = []
    for person in rows(frames["contact"]):
        if person["email"] is None or person["created_at"] is None:
            continue
        joined, gone = person["created_at"].date(), left.get(person["id"])
        left_unseen = gone is None and person["is_email_opt_out"] is True
        left_before = gone is not None and gone < joined
        if not left_unseen and not left_before:
            found.append((joined, gone))
    return found


def list_growth(frames: Frames, since: date = LONG_AGO) -> float | None:
    """(came - went) / on the list at the start, the mean of the months from `since` to today.

    A month weighs as much as its list; one that began with an empty list has no rate.
    """
    people = on_list(frames)
    if not people:
        return None
    change, size = 0, 0
    for month in pd.period_range(min(joined for joined, _ in people), TODAY, freq="M"):
        start, end = month.start_time.date(), month.end_time.date()
        if start < since:
            continue
        on_it = sum(joined < start and (gone is None or gone >= start) for joined, gone in people)
        if on_it:
            size += on_it
            change += sum(start <= joined <= end for joined, _ in people)
            change -= sum(gone is not None and start <= gone <= end for _, gone in people)
    return share(change, size)


def audience_kpis(frames: Frames, since: date = LONG_AGO) -> dict[str, Any]:
    """The KPIs of the days (of the email list: the months) from `since`."""
    return form_kpis(frames, since) | {"email_list_growth_rate": list_growth(frames, since)}
