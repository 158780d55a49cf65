"""Opportunity records: OpportunityHistory first, then the opportunity as its last row says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company import deals as d
from crmkpi_demo.company.clock import Array, dates, local
from crmkpi_demo.company.people import CRM_CHANGE_DAYS_AGO
from crmkpi_demo.company.world import SOURCES, World, fivetran, only, salesforce_ids

STAGE_WEIGHT = np.array([0.9, 1.2, 1.0, 1.3, 1.0])
NEXT_STEPS = (
    "Send revised offer",
    "Demo with the finance team",
    "Security questionnaire",
    "Call with the sponsor",
    "Legal review of the contract",
    "Workshop on integration",
)


def deal_events(world: World, deals: pd.DataFrame) -> pd.DataFrame:
    """One row a change: deal, at (business minutes), stage, close_day, cents; each row complete.

    All changes of a deal lie between its creation and its close (or now)."""
    rng = world.rng("deal events")
    n = len(deals)
    span = rng.random((2, n))
    begin = world.clock.of_day(deals["created"]) + span[0] * 200
    is_open = (deals["status"] == "open").to_numpy()
    end = np.where(
        is_open, world.now_minutes - 5, world.clock.of_day(deals["close"]) + 200 + span[1] * 200
    )
    end = np.minimum(end, world.now_minutes - 3)
    begin = np.minimum(begin, end - 60)
    expected = np.maximum(world.clock.of_day(deals["close"]), begin + 60)
    last = deals["last_stage"].to_numpy()
    # Stage entries: the shares of the deal's time spent in each stage reached.
    weight = rng.gamma(1.6, 1.0, (n, d.OPEN_STAGES)) * STAGE_WEIGHT
    reached = np.arange(d.OPEN_STAGES) <= last[:, None]
    skipped = (rng.random((n, d.OPEN_STAGES)) < 0.07) & (np.arange(d.OPEN_STAGES) < last[:, None])
    skipped[:, 0] = False
    weight *= reached & ~skipped
    share = np.cumsum(weight, axis=1) - weight
    share /= weight.sum(axis=1, keepdims=True)
    stalled = np.where(deals["stale"], 0.25, np.where(is_open & (rng.random(n) < 0.15), 0.4, 1.0))
    stage_at = begin[:, None] + share * (stalled * (end - begin))[:, None]
    deal, stage = np.nonzero(reached & ~skipped)
    frames = [pd.DataFrame({"deal": deal, "at": stage_at[deal, stage], "stage": stage * 1.0})]
    # A few go a stage back and forward again.
    fell = np.flatnonzero((last >= 2) & (rng.random(n) < 0.05) & ~skipped[np.arange(n), last - 1])
    entered = stage_at[fell, last[fell]]
    room = begin[fell] + (end - begin)[fell] * stalled[fell] - entered
    for part, level in ((0.3, last[fell] - 1), (0.6, last[fell])):
        at = entered + part * room
        frames.append(pd.DataFrame({"deal": fell, "at": at, "stage": level * 1.0}))
    frames += _slips(world, deals, begin, end, expected)
    changed = np.flatnonzero(rng.random(n) < 0.3)
    at = begin + (end - begin) * rng.uniform(0.2, 0.8, n)
    price = pd.DataFrame({"deal": changed, "at": at[changed]})
    price["cents"] = deals["cents"].to_numpy()[changed] * 1.0
    frames.append(price)
    closed = np.flatnonzero(~is_open)
    final = pd.DataFrame({"deal": closed, "at": end[closed]})
    final["stage"] = np.where(deals["status"].to_numpy()[closed] == "won", d.WON, d.LOST) * 1.0
    final["close_day"] = deals["close"].to_numpy()[closed] * 1.0
    final["cents"] = deals["cents"].to_numpy()[closed] * 1.0
    frames.append(final)
    events = pd.concat(frames, ignore_index=True)
    events["closing"] = events["stage"] >= d.WON
    events = events.sort_values(["deal", "at", "closing"], kind="stable", ignore_index=True)
    first = ~events["deal"].duplicated()
    before = np.ones(n)
    before[changed] = rng.uniform(0.7, 1.5, len(changed))
    start_cents = (deals["cents"].to_numpy() * before / 10_000).round() * 10_000
    events.loc[first & events["cents"].isna(), "cents"] = start_cents
    events[["stage", "close_day", "cents"]] = events.groupby("deal")[
        ["stage", "close_day", "cents"]
    ].ffill()
    # What changed in the same moment is one row, the last with all of it.
    events = events.drop_duplicates(["deal", "at"], keep="last", ignore_index=True)
    # Changes of the same second would have no order: keep them at least a minute apart.
    step = events.groupby("deal").cumcount()
    events["at"] += np.where(events["closing"], step * 1.0, 0.0)
    events["at"] = np.minimum(events["at"], world.now_minutes)
    # The close date of a closed deal is the day it was closed on.
    day, _ = local(world.clock.moments(events["at"]))
    events["close_day"] = events["close_day"].mask(events["closing"], day)
    return events


def _slips(
    world: World, deals: pd.DataFrame, begin: Array, end: Array, expected: Array
) -> list[pd.DataFrame]:
    """Close dates that move: the first expectation at creation, then each push; some deals that
    nobody pushes are first expected later than they close, and pulled in."""
    rng, pull = world.rng("slips"), world.rng("pulls")
    n = len(deals)
    mean = np.select(
        [deals["stale"], deals["status"] == "won", deals["status"] == "lost"], [2.4, 0.7, 1.1], 1.0
    )
    pushes = np.minimum(rng.poisson(mean), 6)
    pulled = (pushes == 0) & (pull.random(n) < 0.3)
    late = np.where(pulled, pull.integers(15, 75, n), 0)
    at = begin + (end - begin) * pull.uniform(0.3, 0.85, n)
    who = np.flatnonzero(pulled)
    moved = pd.DataFrame({"deal": who, "at": at[who]})
    moved["close_day"] = deals["close"].to_numpy()[who] * 1.0
    frames = [moved]
    previous = np.zeros(n)
    for push in range(7):
        has = pushes >= push
        part = ((push + 1) / (pushes + 1)).clip(0, 1) ** 0.8
        target = begin + part * (expected - begin)
        if push == 0:
            at = begin
        else:
            at = begin + (previous - begin) * rng.uniform(0.7, 0.98, n)
            has &= at < end - 30
        who = np.flatnonzero(has)
        day, _ = local(world.clock.moments(np.maximum(target, begin + 500)[who]))
        last = np.equal(pushes[who], push)
        day = np.where(last, np.maximum(deals["close"].to_numpy()[who], day), day) + late[who]
        frames.append(pd.DataFrame({"deal": who, "at": at[who], "close_day": day * 1.0}))
        previous = np.where(has, target, previous)
    return frames


def opportunity_tables(
    world: World,
    deals: pd.DataFrame,
    events: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    trained: Array,
) -> dict[str, pd.DataFrame]:
    """Opportunity, its history, stage definitions and record types."""
    rng = world.rng("opportunity tables")
    n = len(deals)
    stage_names = np.array([stage[0] for stage in d.STAGES], dtype=object)
    category = np.array([stage[2] for stage in d.STAGES], dtype=object)
    category_name = np.array([stage[3] for stage in d.STAGES], dtype=object)
    probability = np.array([stage[1] for stage in d.STAGES])
    ids = deals["id"].to_numpy()
    owner_ids = people["id"].to_numpy()[deals["owner"]]
    # Amounts are missing more often on open deals, and less where the owner was trained.
    is_open = (deals["status"] == "open").to_numpy()
    untrained = trained[deals["owner"]] > world.today
    gap = np.where(is_open, np.where(untrained, 0.11, 0.03), 0.012)
    no_amount = rng.random(n) < gap
    at = world.clock.moments(events["at"])
    deal = events["deal"].to_numpy()
    stage = events["stage"].to_numpy().astype("int64")
    history = pd.DataFrame({"id": salesforce_ids("008", len(events))})
    history["opportunity_id"] = ids[deal]
    history["stage_name"] = stage_names[stage]
    history["amount"] = np.where(no_amount[deal], np.nan, events["cents"] / 100)
    history["close_date"] = dates(events["close_day"])
    history["probability"] = probability[stage]
    history["forecast_category"] = category[stage]
    history["created_date"] = at
    history["created_by_id"] = owner_ids[deal]
    history["is_deleted"] = False

    last = np.flatnonzero(~events["deal"].duplicated(keep="last"))
    first = np.flatnonzero(~events["deal"].duplicated())
    moved = np.flatnonzero((stage != np.roll(stage, 1)) | ~events["deal"].duplicated())
    last_move = pd.Series(at[moved]).groupby(deal[moved]).last().to_numpy()
    table = pd.DataFrame({"id": ids})
    account = deals["account"].to_numpy()
    kind = deals["kind"].to_numpy()
    table["name"] = accounts["name"].to_numpy()[account] + " - " + kind
    table["account_id"] = accounts["id"].to_numpy()[account]
    table["owner_id"] = owner_ids
    table["type"] = kind
    types = salesforce_ids("012", 2)
    table["record_type_id"] = np.where(kind == "New Business", types[0], types[1])
    table["stage_name"] = history["stage_name"].to_numpy()[last]
    table["amount"] = history["amount"].to_numpy()[last]
    table["currency_iso_code"] = accounts["currency"].to_numpy()[account]
    table["probability"] = history["probability"].to_numpy()[last]
    table["expected_revenue"] = (table["amount"] * table["probability"] / 100).round(2)
    table["forecast_category"] = category[stage[last]]
    table["forecast_category_name"] = category_name[stage[last]]
    table["is_closed"], table["is_won"] = ~is_open, (deals["status"] == "won").to_numpy()
    table["close_date"] = history["close_date"].to_numpy()[last]
    source = np.array([*SOURCES[:-1], None], dtype=object)[deals["source"]]
    table["lead_source"] = source
    table["campaign_id"] = deals["campaign_id"].to_numpy(dtype=object)
    table["loss_reason_c"] = deals["reason"].to_numpy(dtype=object)
    table["competitor_c"] = deals["competitor"].to_numpy(dtype=object)
    old = deals["created"].to_numpy() < world.today - CRM_CHANGE_DAYS_AGO
    no_step = np.where(deals["stale"] | old, 0.6, np.where(untrained, 0.34, 0.16))
    step = np.array(NEXT_STEPS, dtype=object)[rng.integers(0, len(NEXT_STEPS), n)]
    table["next_step"] = only(is_open & (rng.random(n) > no_step), step)
    table["created_date"] = at[first]
    table["last_stage_change_date"] = last_move
    table["last_modified_date"] = at[last]
    # Doubles and test records deleted later; only such that were not won.
    table["is_deleted"] = (deals["status"] != "won").to_numpy() & (rng.random(n) < 0.012)
    return {
        "salesforce.opportunity": fivetran(world, table, active=True, deleted=False),
        "salesforce.opportunity_history": fivetran(world, history, active=False, deleted=True),
        "salesforce.opportunity_stage": _stages(world),
        "salesforce.record_type": _record_types(world, types),
    }


def _stages(world: World) -> pd.DataFrame:
    old = ("Legal Hold", 70.0, "Forecast", "Commit")
    table = pd.DataFrame(
        [*d.STAGES, old],
        columns=["master_label", "default_probability", "forecast_category", "category_name"],
    ).rename(columns={"category_name": "forecast_category_name"})
    n = len(table)
    table.insert(0, "id", salesforce_ids("01J", n))
    table["api_name"] = table["master_label"]
    table["sort_order"] = np.arange(1, n + 1)
    table["is_closed"] = table["master_label"].str.startswith("Closed")
    table["is_won"] = table["master_label"] == "Closed Won"
    table["is_active"] = table["master_label"] != "Legal Hold"
    return fivetran(world, table, active=False, deleted=True)


def _record_types(world: World, ids: Array) -> pd.DataFrame:
    table = pd.DataFrame({"id": ids, "name": ["New Business", "Existing Business"]})
    table["developer_name"] = ["New_Business", "Existing_Business"]
    table["sobject_type"] = "Opportunity"
    table["is_active"] = True
    return fivetran(world, table, active=False, deleted=True)
