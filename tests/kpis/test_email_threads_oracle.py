"""Answers to our emails against an implementation apart, on two engines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.email_threads import bare, email_thread_kpis, random_emails, threads
from tests.oracles.workbench import Workbench

KPI = "email_response_rate"
ENTITIES = ("user", "team", "account", "contact", "lead", "opportunity", "activity")
SEEDS = {"duckdb": range(12), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def email(key: str, day: str, direction: str = "outbound", **more: Any) -> dict[str, Any]:
    return {
        "id": key, "activity_type": "email", "status": "completed", "subject": "Offer",
        "contact_id": "c", "direction": direction, "occurred_at": pd.Timestamp(day),
    } | more  # fmt: skip


def rate(bench: Workbench, *mails: dict[str, Any]) -> float | None:
    bench.fill({"activity": pd.DataFrame(list(mails))})
    return bench.kpi(KPI)


def test_every_thread_equals_the_oracle_on_random_emails(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_emails(seed)
        bench.fill(frames)
        expected = threads(frames)
        rows = bench.fact("email_threads").set_index("first_email_id")
        assert set(rows.index) == set(expected), seed
        for key, thread in expected.items():
            row = rows.loc[key]
            assert row["state"] == thread["state"], (seed, key)
            assert int(row["emails_sent"]) == thread["sent"], (seed, key)
            assert pd.Timestamp(row["sent_date"]).date() == thread["date"], (seed, key)
            assert row["owner"] == (thread["owner"] or "(none)"), seed
            hours = None if pd.isna(row["reply_hours"]) else float(row["reply_hours"])
            assert hours == pytest.approx(thread["hours"]), (seed, key)
        for name, value in email_thread_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)


def test_the_random_emails_hold_every_state() -> None:
    states = {t["state"] for seed in range(12) for t in threads(random_emails(seed)).values()}
    assert states == {"replied", "waiting", "not replied", "linked to nobody"}


@pytest.mark.parametrize("answer", ["Offer", "RE: offer", "aw:Fwd: Re: re: OFFER", "Fw:  Offer "])
def test_prefixes_of_a_reply_do_not_matter(bench: Workbench, answer: str) -> None:
    sent, got = email("a", "2026-05-01"), email("b", "2026-05-02", "inbound", subject=answer)
    assert rate(bench, sent, got) == 1.0
    assert bare(answer) == "offer"


@pytest.mark.parametrize(
    "answer", ["Reoffer", "Score: Offer", "Offer re:", "Law: Offer", "Offer~", None]
)
def test_another_subject_is_another_thread(bench: Workbench, answer: str | None) -> None:
    sent, got = email("a", "2026-05-01"), email("b", "2026-05-02", "inbound", subject=answer)
    assert rate(bench, sent, got) == 0.0


def test_a_reply_of_somebody_else_is_none(bench: Workbench) -> None:
    got = email("b", "2026-05-02", "inbound", contact_id="d")
    assert rate(bench, email("a", "2026-05-01"), got) == 0.0


def test_a_lead_and_an_account_answer_too(bench: Workbench) -> None:
    by_lead = {"contact_id": None, "lead_id": "l"}
    by_account = {"contact_id": None, "account_id": "x"}
    assert rate(
        bench,
        email("a", "2026-05-01", **by_lead), email("b", "2026-05-02", "inbound", **by_lead),
        email("c", "2026-05-01", **by_account), email("d", "2026-05-02", "inbound", **by_account),
        email("e", "2026-05-01", contact_id="x"),  # the same id, but a contact
    ) == pytest.approx(2 / 3)  # fmt: skip


def test_only_what_comes_later_is_a_reply(bench: Workbench) -> None:
    before = email("b", "2026-04-30", "inbound")
    same = email("c", "2026-05-01", "inbound")
    assert rate(bench, email("a", "2026-05-01"), before, same) == 0.0
    assert rate(bench, email("a", "2026-05-01"), before, email("d", "2026-06-29", "inbound")) == 1.0


def test_a_thread_counts_once_however_often_we_wrote(bench: Workbench) -> None:
    assert rate(
        bench,
        email("a", "2026-05-01"), email("b", "2026-05-03"), email("c", "2026-05-05"),
        email("d", "2026-05-06", "inbound"), email("e", "2026-05-07", "inbound"),
        email("f", "2026-05-01", subject="Other"),
    ) == 0.5  # fmt: skip


def test_young_threads_without_a_reply_are_in_neither_side(bench: Workbench) -> None:
    young, old = email("a", "2026-06-24"), email("b", "2026-06-23", subject="Other")
    assert rate(bench, young) is None
    assert rate(bench, young, old) == 0.0
    assert rate(bench, young, old, email("c", "2026-06-25", "inbound")) == 0.5


def test_what_was_not_sent_or_is_no_sales_email_is_out(bench: Workbench) -> None:
    assert rate(
        bench,
        email("a", "2026-05-01", status="open"),
        email("b", "2026-05-01", ticket_id="t"),
        email("c", "2026-05-01", activity_type="call"),
        email("d", "2026-05-01", occurred_at=None),
    ) is None  # fmt: skip


def test_an_email_linked_to_nobody_is_in_neither_side(bench: Workbench) -> None:
    assert rate(bench, email("a", "2026-05-01", contact_id=None)) is None
    assert list(bench.fact("email_threads")["state"]) == ["linked to nobody"]


def test_no_emails_give_no_rate(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi(KPI) is None
