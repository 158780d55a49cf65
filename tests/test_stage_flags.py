"""Flags of the vendor decide, and neither an English label nor a misleading column."""

from __future__ import annotations

from tests.raw_worlds import duckdb, kpi, world

#: pipeline -> is_closed, closed_won and probability of a won, a lost and an open stage, and what
#: HubSpot says of the deals in the won and in the lost one; nothing is a column that is not there
PIPELINES = {
    # Fivetran's closed_won of a lost stage is true too: the probability decides
    "probability": (",true,1.0", ",true,0.0", ",false,0.2", "true", "false"),
    "probability alone": (",true,1.0", ",true,0.0", ",false,0.2", "", ""),
    # there is no probability: HubSpot's flag of the deals decides
    "deals": (",true,", ",true,", ",false,", "true", "false"),
    "both closed": ("true,true,1.0", "true,true,0.0", "false,false,0.2", "true", "false"),
    "both won": ("true,true,1.0", "true,false,0.0", "false,false,0.2", "true", "false"),
    "won alone": ("true,true,", "true,false,", "false,false,", "", ""),
    "closed": ("true,,1.0", "true,,0.0", "false,,0.2", "", ""),
}


def hubspot() -> dict[str, str]:
    stages = ["pipeline_id,stage_id,label,display_order,is_closed,closed_won,probability"]
    deals = [
        "deal_id,property_createdate,property_dealname,deal_pipeline_id,deal_pipeline_stage_id,"
        "property_amount,property_closedate,property_hs_is_closed_won"
    ]
    for pipeline, (won, lost, not_yet, flag_won, flag_lost) in PIPELINES.items():
        told = zip(("w", "l", "o"), (won, lost, not_yet), strict=True)
        stages += [f"{pipeline},{name},Closed Won,{n},{f}" for n, (name, f) in enumerate(told)]
        for name, amount, flag in (("w", 1000, flag_won), ("l", 2000, flag_lost), ("o", 4000, "")):
            deals.append(
                f"{pipeline}/{name},2026-01-05 10:00:00,Deal,{pipeline},{name},"
                f"{amount},2026-03-10 12:00:00,{flag}"
            )
    return {"deal": "\n".join(deals), "deal_pipeline_stage": "\n".join(stages)}


def test_a_closed_stage_of_hubspot_is_won_by_its_probability() -> None:
    project = world(duckdb(), "hubspot", "fivetran", hubspot())
    with project.engine.connect() as connection:
        sql = f"select source_id, status from ({project.compiler.entity('opportunity')}) as d"
        found = dict(connection.exec_driver_sql(sql).fetchall())
    outcomes = {"w": "won", "l": "lost", "o": "open"}
    assert found == {f"{p}/{name}": outcomes[name] for p in PIPELINES for name in outcomes}
    assert kpi(project, "win_rate") == 0.5
    assert kpi(project, "rep_leaderboard") == 1000 * len(PIPELINES)


CASES = {
    "case": """
        id,case_number,status,is_closed,closed_date,created_date,last_modified_date,is_deleted
        5001,1,Fertig,true,2026-03-12 10:00:00,2026-03-02 10:00:00,2026-03-12 10:00:00,false
        5002,2,Solved by us,false,,2026-03-02 10:00:00,2026-03-12 10:00:00,false
    """,
    "case_comment": """
        id,parent_id,is_published,created_by_id,created_date,is_deleted
        00a1,5001,true,0051,2026-03-03 10:00:00,false
        00a2,5002,true,0051,2026-03-03 10:00:00,false
    """,
    "case_history": """
        id,case_id,field,old_value,new_value,created_date,is_deleted
        0171,5001,Status,New,Fertig,2026-03-04 10:00:00,false
        0172,5001,Status,Fertig,Solved,2026-03-06 10:00:00,false
        0173,5001,Status,Solved,Fertig,2026-03-12 10:00:00,false
        0174,5002,Status,Solved,New,2026-03-06 10:00:00,false
    """,
}
#: `Solved` is an open status of this company: the customer has yet to agree
STATUSES = """
    id,master_label,api_name,sort_order,is_closed
    01J1,New,New,1,false
    01J2,Solved by us,Solved,2,false
    01J3,Done,Fertig,3,true
"""


def reopened(tables: dict[str, str]) -> dict[str, int]:
    project = world(duckdb(), "salesforce", "fivetran", tables)
    with project.engine.connect() as connection:
        sql = f"select source_id, reopen_count from ({project.compiler.entity('ticket')}) as t"
        return {key: int(count) for key, count in connection.exec_driver_sql(sql)}


def test_a_case_is_reopened_when_it_leaves_a_closed_status() -> None:
    assert reopened({**CASES, "case_status": STATUSES}) == {"5001": 1, "5002": 0}


def test_without_the_list_a_status_is_what_the_cases_in_it_are() -> None:
    assert reopened(CASES) == {"5001": 1, "5002": 0}


def test_a_task_that_is_not_closed_is_not_done_by_its_label() -> None:
    tables = {
        "task": """
            id,subject,status,is_closed,created_date,activity_date,is_deleted,owner_id
            00T1,a,Completed,false,2026-03-02 10:00:00,2026-03-03,false,0051
            00T2,b,Erledigt,true,2026-03-02 10:00:00,2026-03-03,false,0051
            00T3,c,Completed,,2026-03-02 10:00:00,2026-03-03,false,0051
        """
    }
    project = world(duckdb(), "salesforce", "fivetran", tables)
    with project.engine.connect() as connection:
        sql = f"select source_id, status from ({project.compiler.entity('activity')}) as a"
        found = dict(connection.exec_driver_sql(sql).fetchall())
    assert found == {"00T1": "open", "00T2": "completed", "00T3": "completed"}
