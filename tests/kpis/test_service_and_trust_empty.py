"""On empty tables service, survey and data-trust KPIs have no value: never zero, never an error."""

from __future__ import annotations

import pytest

from tests.canonical import canonical
from tests.oracles.compare import values

KPIS_BY_FACT = {
    "tickets": (
        "first_response_time",
        "resolution_time",
        "first_contact_resolution",
        "follow_ups_per_ticket",
    ),
    "ticket_days": ("ticket_backlog",),
    "ticket_slas": ("sla_compliance",),
    "survey_responses": ("csat", "nps", "ces"),
    "record_quality": ("data_completeness", "data_accuracy"),
    "records": ("duplicate_rate", "outdated_contacts", "ownerless_records"),
    "data_freshness": ("data_freshness",),
    "user_weeks": ("user_adoption_rate", "login_frequency", "activity_per_user"),
    "trainings": ("training_completion",),
}


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_without_records_nothing_is_claimed(kind):
    db = canonical(kind, {})
    for fact, kpis in KPIS_BY_FACT.items():
        assert values(db, kpis)[None] == dict.fromkeys(kpis), fact
    assert values(db, ["ticket_volume"])[None] == {"ticket_volume": 0}
