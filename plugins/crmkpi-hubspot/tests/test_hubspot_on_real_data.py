"""HubSpot's tables as Fivetran lands them (example rows of its dbt package), against pandas alone.

The rows lie in `../shared/data` beside the repository; without them the module is skipped. Their
deals have neither stage nor amount, so a second test gives each deal one of the real stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files

SEEDS = Path(__file__).parents[4] / "shared" / "data" / "fivetran_hubspot_seeds"
SUFFIX = "_data"
if not SEEDS.is_dir():
    pytest.skip(f"no real data: {SEEDS} is not there", allow_module_level=True)


def read(table: str) -> pd.DataFrame:
    """A table by pandas alone, all texts, empty ones as they are."""
    return pd.read_csv(SEEDS / f"{table}{SUFFIX}.csv", dtype=str, keep_default_na=False)


def flagged(column: pd.Series) -> pd.Series:
    return column.str.lower() == "true"


class Company:
    """The seeds in a DuckDB, with some files in the place of theirs."""

    def __init__(self, instead: Mapping[str, Path] | None = None) -> None:
        engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
        for path in sorted(SEEDS.glob(f"*{SUFFIX}.csv")):
            table = path.stem.removesuffix(SUFFIX)
            load_files(engine, "raw", [(instead or {}).get(table, path)], table=table)
        source = {"connector": "hubspot", "landing": "fivetran", "schema": "raw"}
        given = {"database": {"name": "real"}, "sources": {"hubspot": source}}
        self.project = Project(Profile.model_validate(given), engine)

    def entity(self, name: str) -> pd.DataFrame:
        with self.project.engine.connect() as connection:
            result = connection.exec_driver_sql(self.project.live.entity(name))
            names = list(result.keys())
            frame = pd.DataFrame([tuple(row) for row in result], columns=names, dtype=object)
        assert frame["id"].is_unique, f"{name}: ids are there twice"
        return frame


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


def merged_contacts() -> set[str]:
    lists = read("contact")["property_hs_merged_object_ids"]
    listed = {one.strip() for ids in lists for one in ids.split(";") if one.strip()}
    return listed | set(read("contact_merge_audit")["vid_to_merge"])


def expected_deals(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals that count, with the status that the flags of their stages say."""
    kept = deals[~flagged(deals["is_deleted"])]
    kept = kept[~kept["deal_id"].isin(read("merged_deal")["merged_deal_id"])]
    stages = read("deal_pipeline_stage")
    keys = ["deal_pipeline_id", "deal_pipeline_stage_id"]
    flags = stages.set_axis(
        [{"pipeline_id": keys[0], "stage_id": keys[1]}.get(c, c) for c in stages], axis=1
    )[[*keys, "closed_won", "is_closed"]]
    found = kept.merge(flags, on=keys, how="left")
    won, closed = flagged(found["closed_won"].fillna("")), flagged(found["is_closed"].fillna(""))
    found["status"] = "open"
    found.loc[closed, "status"] = "lost"
    found.loc[won, "status"] = "won"
    found["amount"] = pd.to_numeric(found["property_amount"])
    return found


def test_deals_by_status_and_won_amount(company: Company) -> None:
    wanted, deals = expected_deals(read("deal")), company.entity("opportunity")
    assert set(deals["source_id"]) == set(wanted["deal_id"])
    assert deals["status"].value_counts().to_dict() == wanted["status"].value_counts().to_dict()
    won = deals.loc[deals["status"] == "won", "amount"].astype(float).sum()
    assert won == wanted.loc[wanted["status"] == "won", "amount"].sum()
    assert set(deals["stage_id"]) <= set(company.entity("stage")["id"])
    assert set(deals["owner_id"].dropna().str.removeprefix("hubspot:")) == set(
        wanted["owner_id"]
    ) - {""}


def test_deals_that_were_given_the_real_stages(tmp_path: Path) -> None:
    stages, deals = read("deal_pipeline_stage"), read("deal")
    for place, deal in enumerate(deals.index):
        # every stage that is won, and others in their order
        won = stages[flagged(stages["closed_won"])]
        stage = won.iloc[place % len(won)] if place % 3 == 0 else stages.iloc[place]
        deals.loc[deal, ["deal_pipeline_id", "deal_pipeline_stage_id", "property_amount"]] = [
            stage["pipeline_id"],
            stage["stage_id"],
            f"{1000.5 * (place + 1)}",
        ]
    deals.loc[deals.index[5], "is_deleted"] = "true"
    path = tmp_path / "deal.csv"
    deals.to_csv(path, index=False)
    changed = Company({"deal": path})
    wanted, found = expected_deals(deals), changed.entity("opportunity")
    assert len(wanted) == len(deals) - 1
    assert set(wanted["status"]) >= {"won", "open"}
    keys = wanted["deal_pipeline_id"] + "/" + wanted["deal_pipeline_stage_id"]
    per_stage = wanted.groupby(keys)["amount"].sum().sort_index()
    given = found.assign(key=found["stage_id"].str.removeprefix("hubspot:"))
    sums = given.groupby("key")["amount"].sum().astype(float).sort_index()
    pd.testing.assert_series_equal(sums, per_stage, check_names=False)
    status = wanted.set_index("deal_id")["status"]
    assert found.set_index("source_id")["status"].to_dict() == status.to_dict()
    assert set(found["stage_id"]) <= set(changed.entity("stage")["id"])


def test_stages_are_the_listed_ones(company: Company) -> None:
    found = company.entity("stage")
    listed = read("deal_pipeline_stage")
    deals = found[(found["object_type"] == "opportunity") & (found["source_id"] != "(none)/(none)")]
    assert set(deals["source_id"]) == set(listed["pipeline_id"] + "/" + listed["stage_id"])
    assert deals["is_won"].sum() == flagged(listed["closed_won"]).sum()
    assert (~deals["is_active"].astype(bool)).sum() == flagged(listed["_fivetran_deleted"]).sum()
    tickets = read("ticket_pipeline_stage")
    assert set(found.loc[found["object_type"] == "ticket", "source_id"]) == set(
        tickets["pipeline_id"] + "/" + tickets["stage_id"]
    )


def test_contacts_without_those_merged_away(company: Company) -> None:
    given, merged = read("contact"), merged_contacts()
    wanted = given[~flagged(given["_fivetran_deleted"]) & ~given["id"].isin(merged)]
    assert 0 < len(wanted) < len(given)
    assert set(company.entity("contact")["source_id"]) == set(wanted["id"])


def test_companies(company: Company) -> None:
    given = read("company")
    wanted = given[~flagged(given["is_deleted"])].set_index("id")
    found = company.entity("account").set_index("source_id")
    assert set(found.index) == set(wanted.index)
    revenue = pd.to_numeric(wanted["property_annualrevenue"]).sum()
    assert found["annual_revenue"].astype(float).sum() == revenue


def test_tickets_closed_and_open(company: Company) -> None:
    given, stages = read("ticket"), read("ticket_pipeline_stage")
    kept = given[~flagged(given["is_deleted"])]
    listed = {(s.pipeline_id, s.stage_id): s.is_closed == "TRUE" for s in stages.itertuples()}
    closed = {
        t.id
        for t in kept.itertuples()
        if listed.get(
            (t.property_hs_pipeline, t.property_hs_pipeline_stage), t.property_closed_date != ""
        )
    }
    found = company.entity("ticket")
    assert set(found["source_id"]) == set(kept["id"])
    assert set(found.loc[found["status"] == "closed", "source_id"]) == closed
    assert 0 < len(closed) < len(kept)
    answered = (kept["property_first_agent_reply_date"] != "").sum()
    assert found["first_response_at"].notna().sum() == answered


def test_activities(company: Company) -> None:
    kinds = ("call", "email", "meeting", "task", "note")
    found = company.entity("activity")
    assert found["activity_type"].value_counts().to_dict() == {
        kind: len(read(f"engagement_{kind}")) for kind in kinds
    }
    started = (read("engagement_meeting")["start_time"] != "").sum()
    meetings = found[found["activity_type"] == "meeting"]
    assert meetings["scheduled_at"].notna().sum() == started


def test_email_events_and_bots(company: Company) -> None:
    given = read("email_event")
    kept = given[given["type"].isin(["SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE"])]
    found = company.entity("email_event")
    assert found["event_type"].value_counts().to_dict() == (
        kept["type"].str.lower().value_counts().to_dict()
    )
    assert found["is_bot"].sum() == flagged(kept["filtered_event"]).sum()
    assert len(company.entity("campaign")) == len(read("email_campaign"))


def test_owners_and_forms(company: Company) -> None:
    owners, found = read("owner"), company.entity("user")
    assert set(found["source_id"]) == set(owners["owner_id"])
    assert found["is_active"].sum() == (owners["active_user_id"] != "").sum()
    assert len(company.entity("touchpoint")) == len(read("contact_form_submission"))
