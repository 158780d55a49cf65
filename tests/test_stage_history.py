"""The history of stages is whole: from the creation of a deal to its present stage."""

from __future__ import annotations

from typing import Any

from superset_crmkpi.kit.contract.bench import rows
from superset_crmkpi.project.project import Project
from tests.raw_worlds import duckdb, kpi_by, world

SALESFORCE = {
    "opportunity": """
        id,stage_name,is_closed,is_won,close_date,created_date,last_stage_change_date
        006A,Won,true,true,2026-03-06,2026-01-05 10:00:00,2026-03-06 10:00:00
        006B,Offer,false,false,2026-08-05,2026-01-05 10:00:00,2026-04-05 10:00:00
        006C,New,false,false,2026-08-05,2026-06-05 10:00:00,
    """,
    "opportunity_stage": """
        id,master_label,api_name,sort_order,is_active,is_closed,is_won,default_probability
        01J1,New,New,1,true,false,false,10
        01J2,Offer,Offer,2,true,false,false,50
        01J3,Won,Won,3,true,true,true,100
        01J4,Lost,Lost,4,true,true,false,0
    """,
}
#: the stage Trial, of 30 percent, is in the picklist no more; the last move of B is missing
OBJECTS = """
    id,opportunity_id,stage_name,probability,forecast_category,created_date,is_deleted
    0081,006A,New,10,Pipeline,2026-01-05 10:00:00,false
    0082,006A,Trial,30,Pipeline,2026-02-05 10:00:00,false
    0083,006A,Won,100,Closed,2026-03-06 10:00:00,false
    0084,006B,New,10,Pipeline,2026-01-05 10:00:00,false
    0085,006B,Trial,30,Pipeline,2026-03-06 10:00:00,false
"""
#: the same, as changes of a tracked field
TRACKED = """
    id,opportunity_id,field,old_value,new_value,created_date,is_deleted
    0171,006A,created,,,2026-01-05 10:00:00,false
    0172,006A,StageName,New,Trial,2026-02-05 10:00:00,false
    0173,006A,StageName,Trial,Won,2026-03-06 10:00:00,false
    0174,006B,StageName,New,Trial,2026-03-06 10:00:00,false
"""
#: New: 31 and 60 days, and 10 to today; Trial: 29 and 30; Offer: from the 5th of April to today
DURATIONS = {"New": round((31 + 60 + 10) / 3, 4), "Trial": 29.5, "Offer": 71.0}


def stages(project: Project) -> dict[str, int]:
    found = rows(project.engine, project.compiler.entity("stage"))
    return {
        str(row["name"]): int(row["display_order"])
        for row in found.to_dict("records")
        if not row["is_closed"]
    }


def test_a_stage_that_left_the_picklist_stands_where_its_probability_says() -> None:
    project = world(
        duckdb(), "salesforce", "fivetran", {**SALESFORCE, "opportunity_history": OBJECTS}
    )
    assert stages(project) == {"New": 1, "Trial": 2, "Offer": 3}
    assert kpi_by(project, "stage_duration", "stage") == DURATIONS
    conversion = kpi_by(project, "stage_conversion", "stage")
    assert (conversion["New"], conversion["Trial"]) == (1.0, 1.0)


def test_the_stage_that_the_first_tracked_change_left_counts_from_the_creation() -> None:
    project = world(
        duckdb(), "salesforce", "fivetran", {**SALESFORCE, "opportunity_field_history": TRACKED}
    )
    assert kpi_by(project, "stage_duration", "stage") == DURATIONS


HUBSPOT = {
    "deal": """
        deal_id,createdate,pipeline,dealstage,closedate,hs_is_closed,hs_is_closed_won,updated_at
        1,2026-01-05 10:00:00,default,contract,2026-08-01,false,false,2026-05-05 10:00:00
        2,2026-01-05 10:00:00,default,won,2026-04-05 10:00:00,true,true,2026-06-01 10:00:00
    """
}
LISTED = """
    pipeline_id,stage_id,label,display_order,is_closed,probability
    default,new,New,1,false,0.2
    default,contract,Contract,2,false,0.8
    default,won,Won,3,true,1.0
"""
#: deal 1 stood in Trial for a while, which is no stage any more, and came back to New in the very
#: moment it left; its last move, to Contract, is missing, and so is the close of deal 2
CHANGES = """
    deal_id,name,value,timestamp
    1,dealstage,new,2026-01-05 10:00:00
    1,dealstage,trial,2026-02-05 10:00:00
    1,dealstage,new,2026-03-05 10:00:00
    2,dealstage,new,2026-01-05 10:00:00
    2,dealstage,contract,2026-02-05 10:00:00
"""


def ends(project: Project) -> dict[str, Any]:
    """Deal -> its last stage, since when, and whether that was inferred."""
    found = rows(project.engine, project.compiler.entity("opportunity_history"))
    last = found[(found["field"] == "stage") & found["valid_to"].isna()]
    return {
        str(row["opportunity_id"]): (
            str(row["stage_id"]).rpartition("/")[2],
            str(row["changed_at"])[:10],
            row["is_reconstructed"],
        )
        for row in last.to_dict("records")
    }


def test_a_history_of_hubspot_that_is_behind_ends_at_the_present() -> None:
    tables = {**HUBSPOT, "deal_pipeline_stage": LISTED, "deal_property_history": CHANGES}
    project = world(duckdb(), "hubspot", "fivetran", tables)
    assert ends(project) == {
        "crm:1": ("contract", "2026-05-05", True),
        "crm:2": ("won", "2026-04-05", True),
    }
    # New: 31 and 61 days, and 31 days; Trial 28; Contract: 41 days to today, and 59 days
    assert kpi_by(project, "stage_duration", "stage") == {"New": 61.5, "trial": 28, "Contract": 50}


def test_of_two_stages_at_one_moment_the_present_one_is_the_last() -> None:
    moved = """
        deal_id,name,value,timestamp
        1,dealstage,new,2026-01-05 10:00:00
        1,dealstage,contract,2026-02-05 10:00:00
        1,dealstage,new,2026-02-05 10:00:00
    """
    tables = {**HUBSPOT, "deal_pipeline_stage": LISTED, "deal_property_history": moved}
    project = world(duckdb(), "hubspot", "fivetran", tables)
    assert ends(project)["crm:1"] == ("contract", "2026-02-05", False)


def test_stages_of_hubspot_are_known_without_a_table_of_them() -> None:
    tables = {**HUBSPOT, "deal_property_history": CHANGES}
    project = world(duckdb(), "hubspot", "fivetran", tables)
    assert set(stages(project)) == {"new", "trial", "contract"}
    found = kpi_by(project, "stage_duration", "stage")
    assert found == {"new": 61.5, "trial": 28, "contract": 50}


ZOHO = {
    "deal": """
        id,deal_name,stage,pipeline,amount,closing_date,created_time,modified_time
        1,Moved,Offer,Sales,100,2026-08-01,2026-01-05 10:00:00,2026-05-05 10:00:00
        2,Still,Trial,Sales,100,2026-08-01,2026-01-05 10:00:00,2026-02-05 10:00:00
    """,
    "stage": """
        id,display_value,forecast_type,probability,sequence_number
        901,New,Open,10,1
        902,Offer,Open,50,2
        903,Closed Won,Closed Won,100,3
    """,
    "deal_stage_history": """
        id,deal_id,stage,last_modified_time
        9,1,New,2026-01-05 10:00:00
        10,1,Demo,2026-02-05 10:00:00
        99,2,New,2026-01-05 10:00:00
        101,2,Trial,2026-02-05 10:00:00
        100,2,Demo,2026-02-05 10:00:00
    """,
}


def test_a_history_of_zoho_is_whole_and_in_the_order_of_its_ids() -> None:
    project = world(duckdb(), "zoho", "fivetran", ZOHO)
    assert ends(project) == {
        "crm:1": ("Offer", "2026-05-05", True),
        "crm:2": ("Trial", "2026-02-05", False),
    }
    # New: 31 and 31 days; Demo: 89 days and none; Offer and Trial to today
    wanted = {"New": 31.0, "Demo": 44.5, "Offer": 41.0, "Trial": 130.0}
    assert kpi_by(project, "stage_duration", "stage") == wanted
