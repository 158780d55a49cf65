"""Emails sent and what became of them, form submissions and visits to the web site."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.campaigns import campaign_scale
from crmkpi_demo.company.clock import Array
from crmkpi_demo.company.world import SOURCES, World, only, pick, ragged

# source -> (channel, utm_source, utm_medium); sources that never touch the web site are left out
WEB = {
    "Website": ("organic", "google", "organic"),
    "Referral": ("referral", "partner-site", "referral"),
    "Webinar": ("webinar", "newsletter", "email"),
    "Paid Search": ("paid_search", "google", "cpc"),
    "Paid Social": ("paid_social", "linkedin", "paid_social"),
}
FORMS = ("Contact us", "Demo request", "Trial", "White paper")
VISIT_SHARE = [0.46, 0.06, 0.08, 0.24, 0.16]


def mailings(
    world: World, campaigns: pd.DataFrame, leads: pd.DataFrame, contacts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Email events, and who was mailed by which campaign (for the campaign members)."""
    rng = world.rng("mailings")
    sent = _sends(world, campaigns, leads, contacts)
    n = len(sent)
    bounced = rng.random(n) < 0.021
    delivered = ~bounced
    # Loyal readers open often, most others never.
    taste = rng.beta(0.9, 2.2, n)
    opened = delivered & (rng.random(n) < taste * 1.05)
    machine = delivered & (rng.random(n) < 0.17)
    clicked = opened & (rng.random(n) < 0.13)
    # The most recent mailings go too often to the same people: they unsubscribe.
    tired = sent["day"].to_numpy() > world.today - 110
    left = delivered & (rng.random(n) < np.where(tired, 0.011, 0.0032))
    base = sent["at"].to_numpy()

    def delay(rows: Array, hours: float) -> Array:
        seconds = rng.exponential(hours * 3600, int(rows.sum())) + 90
        return base[rows] + seconds.astype("timedelta64[s]")

    frames = []
    for event, rows, moment in (
        ("sent", np.ones(n, dtype=bool), base),
        ("delivered", delivered, base[delivered] + np.timedelta64(20, "s")),
        ("bounce", bounced, base[bounced] + np.timedelta64(25, "s")),
        ("open", machine, base[machine] + np.timedelta64(75, "s")),
        ("open", opened, delay(opened, 14)),
        ("click", clicked, delay(clicked, 16)),
        ("unsubscribe", left, delay(left, 20)),
    ):
        frame = sent.loc[rows, ["campaign_id", "mailing_id", "lead_id", "contact_id", "recipient"]]
        frame = frame.assign(event=event, occurred_at=moment)
        frame["is_machine_open"] = event == "open" and rows is machine
        frames.append(frame)
    events = pd.concat(frames, ignore_index=True)
    events = events[events["occurred_at"] <= world.now]
    events["bounce_type"] = None
    soft = rng.random(len(events)) < 0.45
    failed = (events["event"] == "bounce").to_numpy()
    events.loc[failed, "bounce_type"] = np.where(soft[failed], "soft", "hard")
    events["url"] = only(
        events["event"] == "click", ["https://brightwater.example/read"] * len(events)
    )
    events = events.sort_values(["occurred_at", "recipient"], kind="stable", ignore_index=True)
    events.insert(0, "event_id", np.arange(1, len(events) + 1))
    mailed = sent[["campaign", "lead_id", "contact_id", "day"]].assign(responded=clicked)
    return events, mailed


def _sends(
    world: World, campaigns: pd.DataFrame, leads: pd.DataFrame, contacts: pd.DataFrame
) -> pd.DataFrame:
    """One row an email sent. Email campaigns mail twice, webinars invite once."""
    rng = world.rng("sends")
    domain = "@mail.example"
    lead_part = pd.DataFrame({"lead_id": leads["id"], "contact_id": None})
    lead_part["day"], lead_part["recipient"] = (
        leads["created_day"],
        leads["id"].str.lower() + domain,
    )
    contact_part = pd.DataFrame({"lead_id": None, "contact_id": contacts["id"]})
    contact_part["day"], contact_part["recipient"] = contacts["created_day"], contacts["email"]
    pool = pd.concat([lead_part, contact_part], ignore_index=True)
    pool = pool.sort_values("day", kind="stable", ignore_index=True)
    frames = []
    mailing = 0
    number = max(12, round(640 * world.scale / campaign_scale(world)))
    for row in campaigns[campaigns["kind"].isin(["Email", "Webinar"])].itertuples():
        for wave in range(2 if row.kind == "Email" else 1):
            day = int(row.start) + 9 * wave
            day += max(0, 7 - (day + 3) % 7) if (day + 3) % 7 >= 5 else 0
            if day < world.start or day >= world.today:
                continue
            known = int(np.searchsorted(pool["day"], day))
            mailing += 1
            size = min(known, round(number * rng.uniform(0.7, 1.3)))
            frame = pool.iloc[np.sort(rng.choice(known, size, replace=False))].copy()
            frame["campaign"], frame["campaign_id"] = row.Index, row.id
            frame["mailing_id"] = f"MAIL-{mailing:04d}"
            frame["day"] = day
            frames.append(frame)
    sent = pd.concat(frames, ignore_index=True)
    morning = 8 * 3600 + rng.integers(0, 1800, len(sent))
    start = sent["day"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    sent["at"] = start + morning.astype("timedelta64[s]")
    return sent


def web_tables(
    world: World, leads: pd.DataFrame, campaigns: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Sessions (most of them anonymous) and the forms that leads came in by, with some spam."""
    rng = world.rng("web")
    names = np.array(SOURCES, dtype=object)[leads["source"]]
    web = np.isin(names, list(WEB)) & (leads["created_day"] >= world.start).to_numpy()
    rows = np.flatnonzero(web & (rng.random(len(leads)) < 0.86))
    ids = campaigns["id"].to_numpy()
    campaign = leads["campaign"].to_numpy()[rows]
    form = pd.DataFrame({"lead_id": leads["id"].to_numpy()[rows], "source": names[rows]})
    form["campaign_id"] = only(campaign >= 0, ids[campaign])
    form["submitted_at"] = leads["created_at"].to_numpy()[rows]
    form["is_spam"] = False
    spam = pd.DataFrame(
        {"lead_id": None, "source": "Website"}, index=range(max(3, len(rows) // 18))
    )
    spam["submitted_at"] = world.office_moments(
        rng, world.sample_days(rng, len(spam), world.start, world.today - 1), off_hours=1.0
    )
    spam["is_spam"], spam["campaign_id"] = True, None
    form = pd.concat([form, spam], ignore_index=True).sort_values("submitted_at", kind="stable")
    form = form.reset_index(drop=True)
    form["form"] = pick(rng, FORMS, len(form), [4, 3, 2, 3])
    form["visitor_id"] = "v" + pd.Series(np.arange(len(form)) + 500_001).astype(str)

    # Visits before the form, then the many who leave without one.
    real = form[~form["is_spam"]].reset_index(drop=True)
    parent, order = ragged(1 + rng.poisson(1.3, len(real)))
    known = real.iloc[parent][["lead_id", "source", "campaign_id", "visitor_id"]]
    back = np.where(order == 0, 0.004, rng.exponential(6, len(parent)))
    moment = real["submitted_at"].to_numpy()[parent] - (back * 86400).astype("timedelta64[s]")
    known = known.assign(started_at=moment)
    n = world.count(62_000, 1_500)
    other = pd.DataFrame({"lead_id": None, "source": pick(rng, list(WEB), n, VISIT_SHARE)})
    day = world.sample_days(rng, n, world.start, world.today)
    other["started_at"] = world.office_moments(rng, day, off_hours=0.4)
    other["visitor_id"] = "v" + pd.Series(rng.integers(0, 400_000, n)).astype(str)
    other["campaign_id"] = None
    visit = pd.concat([known, other], ignore_index=True)
    visit = visit.sort_values(["started_at", "visitor_id"], kind="stable", ignore_index=True)
    visit["landing_page"] = pick(rng, ["/pricing", "/demo", "/blog", "/product"], len(visit))
    visit["pages"] = 1 + rng.poisson(1.8, len(visit))
    form.insert(0, "submission_id", np.arange(1, len(form) + 1))
    visit.insert(0, "visit_id", np.arange(1, len(visit) + 1))
    for frame in (form, visit):
        _tag(frame)
    return {"marketing.form_submissions": form, "marketing.web_visits": visit}


def _tag(frame: pd.DataFrame) -> None:
    """Replaces the lead source by the channel and the utm tags it stands for."""
    source = frame.pop("source")
    for index, column in enumerate(("channel", "utm_source", "utm_medium")):
        frame[column] = source.map({name: tags[index] for name, tags in WEB.items()})
