"""What the data-trust facts say in cases worked out by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.canonical import canonical

TODAY = date(2026, 6, 30)
CONTACTS = [
    {"id": "c1", "email": "eva@x.io", "owner_id": "ann", "created_at": "2024-01-01"},
    {"id": "c2", "email": " EVA@x.io", "owner_id": "bob", "created_at": "2024-02-01"},
    {"id": "c3", "email": "eva@x.io", "owner_id": None, "created_at": "2026-03-01"},
    {"id": "c4", "email": "n/a", "owner_id": "ann", "created_at": "2026-03-01", "phone": "12"},
    {
        "id": "c5",
        "email": "test",
        "owner_id": "ann",
        "created_at": "2024-03-01",
        "is_email_invalid": False,
    },
]
ACTIVITIES = [{"id": "a1", "contact_id": "c5", "occurred_at": "2026-06-01"}]
USERS = [
    {"id": "ann", "name": "Ann", "is_active": True, "team_id": None},
    {"id": "bob", "name": "Bob", "is_active": False, "team_id": None},
]
TRAININGS = [
    {"id": "t1", "user_id": "ann", "course": "Basics", "assigned_at": "2026-06-01"},
    {
        "id": "t2",
        "user_id": "ann",
        "course": "Basics",
        "assigned_at": "2026-06-01",
        "completed_at": "2026-06-05",
    },
    {"id": "t3", "user_id": "bob", "course": "Basics", "assigned_at": "2026-06-20"},
]


def warehouse(kind, **more):
    sourced = [
        {"source_system": "crm", "last_name": "Stone", "synced_at": "2026-06-30", **contact}
        for contact in CONTACTS
    ]
    frames = {
        "contact": pd.DataFrame(sourced),
        "activity": pd.DataFrame(ACTIVITIES),
        "user": pd.DataFrame(USERS),
        "training_completion": pd.DataFrame(TRAININGS),
        **more,
    }
    return canonical(kind, frames, today=TODAY)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def db(request):
    return warehouse(request.param)


@pytest.fixture(scope="module")
def records(db):
    return db.fact("records").set_index("record_id")


def test_a_group_of_three_is_two_surplus_and_placeholders_never_match(db, records):
    assert dict(records["is_surplus"].astype(int)) == {"c1": 0, "c2": 1, "c3": 1, "c4": 0, "c5": 0}
    assert db.kpi("duplicate_rate") == pytest.approx(0.4)
    assert records.loc["c3", "next_action"] == "Merge with the older record (same e-mail)"


def test_an_inactive_owner_is_no_owner(records):
    assert dict(records["is_ownerless"].astype(int)) == {
        "c1": 0,
        "c2": 1,
        "c3": 1,
        "c4": 0,
        "c5": 0,
    }


def test_an_activity_keeps_a_contact_alive(records):
    assert dict(records["is_outdated"].astype(int)) == {"c1": 1, "c2": 1, "c3": 0, "c4": 0, "c5": 0}


def test_placeholders_are_missing_and_malformed_values_not_valid(db):
    fields = db.fact("record_quality")
    faults = {(r.record_id, r.field): r.fault for r in fields.itertuples()}
    assert faults["c4", "email"] == "missing"
    assert faults["c5", "email"] == "missing"
    assert faults["c4", "phone"] == "not valid"
    assert faults["c1", "email"] == "(none)"


def test_a_field_the_source_does_not_have_is_no_omission(db):
    gaps = pd.DataFrame(
        [
            {
                "id": "q",
                "source_system": "crm",
                "entity": "contact",
                "column_name": column,
                "is_mapped": False,
                "is_required": True,
            }
            for column in ("phone", "account_id", "owner_id")
        ]
    )
    mapped = warehouse("duckdb", data_quality_field=gaps)
    assert db.kpi("data_completeness") == pytest.approx((3 + 5 + 1 + 4) / 25)
    assert mapped.kpi("data_completeness") == pytest.approx((3 + 5) / 10)
    assert mapped.kpi("ownerless_records") is None


def test_freshness_counts_whole_days_since_the_newest_change(db):
    rows = db.fact("data_freshness").set_index("entity")
    days = (TODAY - date(2026, 3, 1)).days
    assert int(rows.loc["contact", "hours_since_change"]) == 24 * days
    assert int(rows.loc["contact", "hours_since_load"]) == 0
    assert set(rows.index) == {"contact", "activity"}
    assert db.kpi("data_freshness", where="source = 'crm'") == 24 * days


def test_a_course_is_finished_when_it_was_finished_once(db):
    rows = db.fact("trainings").set_index("owner")
    assert dict(rows["training_status"]) == {"Ann": "finished", "Bob": "open"}
    assert int(rows.loc["Bob", "days_open"]) == 10
    assert db.kpi("training_completion") == 0.5
