"""Rows of a real Zendesk, as Fivetran's package is tested with them, against pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files

DATA = Path(__file__).parents[4] / "shared" / "data" / "fivetran_zendesk_seeds"
TABLES = (
    "audit_log",
    "domain_name",
    "group",
    "organization",
    "sla_policy_metric_history",
    "ticket",
    "ticket_comment",
    "ticket_field_history",
    "ticket_schedule",
    "ticket_sla_policy",
    "ticket_tag",
    "user",
)
if not DATA.is_dir():
    pytest.skip(f"no real data: {DATA} is not there", allow_module_level=True)


def seed(table: str) -> pd.DataFrame:
    """A CSV file by pandas alone, all texts."""
    return pd.read_csv(DATA / f"{table}_data.csv", dtype=str, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def project() -> Project:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    for table in TABLES:
        load_files(engine, "zendesk", [DATA / f"{table}_data.csv"], table=table)
    source = {"connector": "zendesk", "landing": "fivetran", "schema": "zendesk"}
    given = {"database": {"name": "test"}, "sources": {"zendesk": source}}
    return Project(Profile.model_validate(given), engine)


def entity(project: Project, name: str) -> pd.DataFrame:
    with project.engine.connect() as connection:
        result = connection.exec_driver_sql(project.live.entity(name))
        names = list(result.keys())
        return pd.DataFrame([tuple(row) for row in result], columns=names, dtype=object)


def living_tickets() -> pd.DataFrame:
    tickets = seed("ticket")
    return tickets[tickets["status"] != "deleted"]


def test_tickets_by_status(project: Project) -> None:
    given = living_tickets()["status"].value_counts().to_dict()
    assert entity(project, "ticket")["status"].value_counts().to_dict() == given


def test_a_ticket_that_took_in_another_one_stays(project: Project) -> None:
    tickets = living_tickets()
    survivors = set(tickets.loc[tickets["merged_ticket_ids"].str.len() > 2, "id"])
    assert survivors
    assert survivors <= set(entity(project, "ticket")["source_id"])


def test_times_of_a_ticket_come_from_its_changes(project: Project) -> None:
    changes = seed("ticket_field_history")
    changes = changes[changes["field_name"] == "status"]
    answer = entity(project, "ticket").set_index("source_id")
    for status, column in (("solved", "solved_at"), ("closed", "closed_at")):
        last = changes[changes["value"] == status].groupby("ticket_id")["updated"].max()
        for ticket in living_tickets()["id"]:
            told = answer.loc[ticket, column]
            assert (None if pd.isna(told) else str(told)) == last.get(ticket), (ticket, column)


def test_every_comment_is_one_event(project: Project) -> None:
    comments = seed("ticket_comment")
    events = entity(project, "ticket_event")
    said = events[events["source_id"].str.startswith("comment-")]
    assert set(said["source_id"]) == set("comment-" + comments["id"])
    assert len(said) == len(comments)
    # their authors are not among the users: nobody known has replied
    assert set(comments["user_id"]).isdisjoint(seed("user")["id"])
    assert set(said["actor_type"]) == {"system"}


def test_changes_of_status_follow_one_another(project: Project) -> None:
    changes = seed("ticket_field_history").drop_duplicates(["ticket_id", "field_name", "updated"])
    changes = changes[changes["field_name"] == "status"].sort_values(["ticket_id", "updated"])
    values = changes["value"].replace({"on-hold": "on_hold"})
    events = entity(project, "ticket_event")
    events = events[events["event_type"] == "status"].copy()
    events["ticket_id"] = events["ticket_id"].str.removeprefix("zendesk:")
    events = events.sort_values(["ticket_id", "occurred_at"])
    told = list(zip(events["ticket_id"], events["old_value"], events["new_value"], strict=True))
    before = values.groupby(changes["ticket_id"]).shift()
    wanted = [
        (ticket, None if pd.isna(old) else old, new)
        for ticket, old, new in zip(changes["ticket_id"], before, values, strict=True)
    ]
    assert told == wanted


def test_organizations_agents_and_end_users(project: Project) -> None:
    users = seed("user")
    agents = set(users.loc[users["role"].isin(["agent", "admin"]), "id"])
    assert set(entity(project, "account")["source_id"]) == set(seed("organization")["id"])
    assert set(entity(project, "team")["source_id"]) == set(seed("group")["id"])
    assert set(entity(project, "user")["source_id"]) == agents
    assert set(entity(project, "contact")["source_id"]) == set(users["id"]) - agents


def test_targets_are_those_of_the_policy_when_it_was_applied(project: Project) -> None:
    """Of the seeds' tickets one has a priority; nobody has replied to it."""
    policies = seed("sla_policy_metric_history")
    policies["target"] = policies["target"].astype(int)
    applied = seed("ticket_sla_policy").merge(living_tickets(), left_on="ticket_id", right_on="id")
    wanted = {}
    for row in applied.to_dict("records"):
        known = policies[
            (policies["sla_policy_id"] == row["sla_policy_id"])
            & (policies["sla_policy_updated_at"] <= row["policy_applied_at"])
        ]
        known = known[known["sla_policy_updated_at"] == known["sla_policy_updated_at"].max()]
        for target in known[
            (known["metric"] == "first_reply_time") & (known["priority"] == row["priority"])
        ]["target"]:
            wanted[f"{row['ticket_id']}/first_reply_time"] = float(target)
    answer = entity(project, "ticket_sla").set_index("source_id")["target_minutes"]
    assert wanted
    assert {key: float(value) for key, value in answer.items()} == wanted
