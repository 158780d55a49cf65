"""The labels of facts: which name of which record a row is grouped under, read off the frames.

Each function gives one dict per record of the entity behind a fact: its key and the labels that the
dimensions of the fact must show for it. A label nobody gave is a group of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from superset_crmkpi.canonical.model import load_model
from tests.matrix.rows import Rows

Frames = Mapping[str, pd.DataFrame]
Labels = dict[str, Any]
NONE, UNKNOWN = "(none)", "(unknown)"


class World:
    """The records of a warehouse by entity and id; a record that is not there is an empty one."""

    def __init__(self, frames: Frames) -> None:
        model = load_model()
        self._rows: dict[str, dict[str, Labels]] = {}
        for name, frame in frames.items():
            blank = dict.fromkeys(model[name].columns)
            records = frame.astype(object).to_dict("records")
            self._rows[name] = {
                row["id"]: {
                    **blank,
                    **{str(k): None if pd.isna(v) else v for k, v in row.items()},
                }
                for row in records
            }
        self._blank = {name: dict.fromkeys(entity.columns) for name, entity in model.items()}

    def rows(self, entity: str) -> list[Labels]:
        return list(self._rows.get(entity, {}).values())

    def row(self, entity: str, key: Any) -> Labels:
        return self._rows.get(entity, {}).get(key, self._blank[entity])


def first(*values: Any) -> Any:
    """The first that is known."""
    return next((value for value in values if value is not None), None)


def people(world: World, owner_id: Any, team_id: Any = None, by_team: bool = False) -> Labels:
    """Owner and team: the owner's, else that of the record; with `by_team` the other way round."""
    user = world.row("user", owner_id)
    teams = (team_id, user["team_id"]) if by_team else (user["team_id"], team_id)
    team = world.row("team", first(*teams))
    return {"owner": user["name"] or NONE, "team": team["name"] or NONE}


def customer(world: World, account_id: Any, nameless: str = NONE, missing: str = NONE) -> Labels:
    """Name of the account and the groups it is in."""
    account = world.row("account", account_id)
    groups = {name: account[name] or missing for name in ("region", "segment", "industry")}
    return {"account_name": account["name"] or nameless, **groups}


def success(world: World, account_id: Any) -> Labels:
    """Owner, team and customer success manager of an account; without one its owner stands in."""
    account = world.row("account", account_id)
    owned = people(world, account["owner_id"])
    manager = world.row("user", account["csm_user_id"])["name"]
    return {**owned, "csm": manager or owned["owner"]}


def some(row: Labels, *columns: str) -> Labels:
    return {name: row[name] or NONE for name in columns}


def leads(world: World) -> Iterator[Labels]:
    for row in world.rows("lead"):
        campaign = world.row("campaign", row["campaign_id"])
        yield {
            "lead_id": row["id"], **people(world, row["owner_id"]),
            **some(row, "lead_source", "industry", "status"),
            "company": row["company_name"] or NONE, "country": row["country_code"] or NONE,
            "campaign": campaign["name"] or NONE, "channel": campaign["channel"] or NONE,
        }  # fmt: skip


def lead_steps(world: World) -> Iterator[Labels]:
    for labels in leads(world):
        yield {name: value for name, value in labels.items() if name not in ("company", "status")}


def opportunities(world: World) -> Iterator[Labels]:
    for row in world.rows("opportunity"):
        stage = world.row("stage", row["stage_id"])
        pipeline = world.row("pipeline", first(stage["pipeline_id"], row["pipeline_id"]))
        lead = world.row("lead", row["source_lead_id"])
        yield {
            "opportunity_id": row["id"], "opportunity_name": row["name"],
            **people(world, row["owner_id"]), **customer(world, row["account_id"]),
            **some(row, "competitor", "currency", "opportunity_type"),
            "lead_source": first(row["lead_source"], lead["lead_source"], NONE),
            "campaign": world.row("campaign", row["campaign_id"])["name"] or NONE,
            "pipeline": pipeline["name"] or NONE, "stage": stage["name"] or NONE,
            "forecast_category": first(
                row["forecast_category"], stage["forecast_category"], "pipeline"
            ),
        }  # fmt: skip


def opportunity_stages(world: World) -> Iterator[Labels]:
    own = {row["id"]: row for row in world.rows("opportunity")}
    for labels in opportunities(world):
        row = own[labels["opportunity_id"]]
        kept = ("opportunity_id", "opportunity_name", "owner", "team", "account_name", "region",
                "segment", "pipeline", "opportunity_type")  # fmt: skip
        yield {name: labels[name] for name in kept} | some(row, "lead_source")


def months_of_deals(world: World) -> Iterator[Labels]:
    dropped = ("campaign", "competitor", "forecast_category", "stage")
    for labels in opportunities(world):
        yield {name: value for name, value in labels.items() if name not in dropped}


def deal_predictions(world: World) -> Iterator[Labels]:
    for labels in opportunities(world):
        kept = ("opportunity_id", "opportunity_name", "account_name", "owner", "team", "region",
                "segment", "lead_source", "pipeline", "opportunity_type")  # fmt: skip
        yield {name: labels[name] for name in kept}


def deal_odds(world: World) -> Iterator[Labels]:
    for labels in opportunities(world):
        kept = ("opportunity_id", "opportunity_name", "pipeline", "opportunity_type")
        yield {name: labels[name] for name in kept}


def activities(world: World) -> Iterator[Labels]:
    for row in world.rows("activity"):
        deal = world.row("opportunity", row["opportunity_id"])
        yield {
            "activity_id": row["id"], "subject": row["subject"] or "(no subject)",
            "direction": row["direction"] or UNKNOWN, **some(row, "outcome"),
            **people(world, row["owner_id"]),
            **customer(world, first(row["account_id"], deal["account_id"])),
            "opportunity_name": deal["name"] or NONE, "related_to": related_to(row),
        }  # fmt: skip


def related_to(row: Labels) -> str:
    for column, name in (("opportunity_id", "opportunity"), ("ticket_id", "ticket"),
                         ("lead_id", "lead"), ("account_id", "customer"),
                         ("contact_id", "customer")):  # fmt: skip
        if row[column] is not None:
            return name
    return "(nothing)"


def campaigns(world: World) -> Iterator[Labels]:
    for row in world.rows("campaign"):
        yield {
            "campaign_id": row["id"], "campaign": row["name"] or NONE,
            **some(row, "channel", "campaign_type", "status"), **people(world, row["owner_id"]),
        }  # fmt: skip


def campaign_members(world: World) -> Iterator[Labels]:
    for row in world.rows("campaign_member"):
        contact = world.row("contact", row["contact_id"])
        lead = world.row("lead", row["lead_id"])
        campaign = world.row("campaign", row["campaign_id"])
        account = first(contact["account_id"], lead["converted_account_id"])
        groups = customer(world, account, missing=UNKNOWN)
        industry = first(world.row("account", account)["industry"], lead["industry"], UNKNOWN)
        yield {
            "member_id": row["id"], **groups, "industry": industry,
            "campaign": campaign["name"] or NONE, **some(campaign, "channel", "campaign_type"),
            "lead_source": first(contact["lead_source"], lead["lead_source"], NONE),
            **people(world, first(contact["owner_id"], lead["owner_id"])),
        }  # fmt: skip


def campaign_attribution(world: World) -> Iterator[Labels]:
    for row in world.rows("opportunity"):
        yield {
            "opportunity_id": row["id"], "opportunity_name": row["name"] or NONE,
            **customer(world, row["account_id"], missing=UNKNOWN),
            **people(world, row["owner_id"]), **some(row, "lead_source"),
        }  # fmt: skip


def touchpoints(world: World) -> Iterator[Labels]:
    for row in world.rows("touchpoint"):
        yield {
            "touchpoint_id": row["id"],
            **some(row, "channel", "touch_type", "utm_source", "utm_medium"),
            "campaign": world.row("campaign", row["campaign_id"])["name"] or NONE,
        }


def accounts(world: World) -> Iterator[Labels]:
    for row in world.rows("account"):
        yield {
            "account_id": row["id"], **customer(world, row["id"], UNKNOWN),
            **success(world, row["id"]),
        }  # fmt: skip


def owned_accounts(world: World) -> Iterator[Labels]:
    for labels in accounts(world):
        yield {name: value for name, value in labels.items() if name != "csm"}


def renewals(world: World) -> Iterator[Labels]:
    """Those that are on record; the others are derived from subscriptions."""
    for row in world.rows("renewal"):
        account = world.row("account", row["account_id"])
        owner = first(row["owner_id"], account["csm_user_id"], account["owner_id"])
        manager = world.row("user", account["csm_user_id"])["name"]
        owned = people(world, owner)
        yield {
            "renewal_id": row["id"], **customer(world, row["account_id"], UNKNOWN), **owned,
            "csm": manager or owned["owner"],
        }  # fmt: skip


def users(world: World) -> Iterator[Labels]:
    for row in world.rows("user"):
        yield {
            "user_id": row["id"], "owner": row["name"],
            "team": world.row("team", row["team_id"])["name"] or NONE,
            **some(row, "role", "profile"), "source": row["source_system"] or NONE,
        }  # fmt: skip


def learners(world: World) -> Iterator[Labels]:
    for labels in users(world):
        yield {name: labels[name] for name in ("user_id", "owner", "team", "role")}


def tickets(world: World) -> Iterator[Labels]:
    for row in world.rows("ticket"):
        yield {
            "ticket_id": row["id"],
            "ticket_number": first(row["number"], row["source_id"], row["id"]),
            **some(row, "category", "channel", "priority", "ticket_type"),
            **people(world, row["owner_id"], row["team_id"], by_team=True),
            **customer(world, row["account_id"]), "source": row["source_system"] or NONE,
            "product": world.row("product", row["product_id"])["name"] or NONE,
        }  # fmt: skip


def ticket_days(world: World) -> Iterator[Labels]:
    dropped = ("industry", "ticket_type", "source")
    for labels in tickets(world):
        yield {name: value for name, value in labels.items() if name not in dropped}


def ticket_slas(world: World) -> Iterator[Labels]:
    own = {labels["ticket_id"]: labels for labels in ticket_days(world)}
    for row in world.rows("ticket_sla"):
        if row["ticket_id"] in own:
            labels = own[row["ticket_id"]]
            yield {"sla_id": row["id"], **labels, "policy": row["policy_name"] or NONE}


def survey_responses(world: World) -> Iterator[Labels]:
    for row in world.rows("survey_response"):
        ticket = world.row("ticket", row["ticket_id"])
        yield {
            "survey_id": row["id"], "ticket_number": ticket["number"],
            **some(ticket, "channel", "category", "priority"),
            **customer(world, first(row["account_id"], ticket["account_id"])),
            **people(world, first(row["agent_id"], ticket["owner_id"]), ticket["team_id"]),
        }  # fmt: skip


def email_threads(world: World) -> Iterator[Labels]:
    for row in world.rows("activity"):
        deal = world.row("opportunity", row["opportunity_id"])
        contact = world.row("contact", row["contact_id"])
        account = first(row["account_id"], deal["account_id"], contact["account_id"])
        yield {
            "first_email_id": row["id"], **customer(world, account),
            **people(world, row["owner_id"]),
        }  # fmt: skip


def owned_records(world: World) -> Iterator[Labels]:
    for entity in ("account", "contact", "lead", "opportunity"):
        for row in world.rows(entity):
            yield {
                "object": entity, "record_id": row["id"], **people(world, row["owner_id"]),
                "source": row["source_system"] or NONE,
            }  # fmt: skip


#: fact -> the columns that tell the record, and the labels of every record
LABELS: Mapping[str, tuple[tuple[str, ...], Callable[[World], Iterator[Labels]]]] = {
    "account_periods": (("account_id",), accounts),
    "accounts": (("account_id",), accounts),
    "activities": (("activity_id",), activities),
    "campaign_attribution": (("opportunity_id",), campaign_attribution),
    "campaign_members": (("member_id",), campaign_members),
    "campaigns": (("campaign_id",), campaigns),
    "churn_predictions": (("account_id",), accounts),
    "churn_snapshots": (("account_id",), accounts),
    "close_date_changes": (("opportunity_id",), months_of_deals),
    "customer_values": (("account_id",), owned_accounts),
    "deal_odds": (("opportunity_id",), deal_odds),
    "deal_predictions": (("opportunity_id",), deal_predictions),
    "email_threads": (("first_email_id",), email_threads),
    "lead_predictions": (("lead_id",), leads),
    "lead_steps": (("lead_id",), lead_steps),
    "leads": (("lead_id",), leads),
    "mrr_changes": (("account_id",), accounts),
    "onboardings": (("account_id",), accounts),
    "opportunities": (("opportunity_id",), opportunities),
    "opportunity_stages": (("opportunity_id",), opportunity_stages),
    "pipeline_changes": (("opportunity_id",), months_of_deals),
    "pipeline_months": (("opportunity_id",), months_of_deals),
    "purchases": (("account_id",), owned_accounts),
    "record_quality": (("object", "record_id"), owned_records),
    "records": (("object", "record_id"), owned_records),
    "renewals": (("renewal_id",), renewals),
    "survey_responses": (("survey_id",), survey_responses),
    "ticket_days": (("ticket_id",), ticket_days),
    "ticket_slas": (("sla_id",), ticket_slas),
    "tickets": (("ticket_id",), tickets),
    "touchpoints": (("touchpoint_id",), touchpoints),
    "trainings": (("user_id",), learners),
    "usage_days": (("account_id",), accounts),
    "user_weeks": (("user_id",), users),
}


def labels_of(frames: Frames, *facts: str) -> Iterator[Rows]:
    """What the label columns of the facts must hold."""
    world = World(frames)
    for fact in facts:
        key, function = LABELS[fact]
        expected = list(function(world))
        if expected:
            yield Rows(fact, list(expected[0]), expected, key=key)
