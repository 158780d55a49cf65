"""The cases: random frames by seed, and the values that tests/oracles expects of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from statistics import mean

from superset_crmkpi.catalogue.definitions import Catalog
from tests.matrix.case import Case, Check, Frames, named, telling
from tests.oracles import (
    account_periods,
    audience,
    campaigns,
    churn_predictions,
    crm_impact,
    customer_frames,
    customer_messages,
    customer_values,
    customers,
    deal_milestones,
    email_threads,
    freshness,
    lead_predictions,
    lead_sources,
    leads,
    marketing_frames,
    meetings,
    pipeline,
    pipeline_changes,
    pipeline_frames,
    predictions,
    product_usage,
    purchases,
    records,
    rep_results,
    retention_frames,
    sales,
    sales_frames,
    survey_responses,
    ticket_slas,
    tickets,
    training_effects,
    trainings,
    unit_economics,
    user_weeks,
    workbench,
)

#: past cases from which leads, deals and customers have a prediction: few, so that most have one
FEW_LEADS, FEW_DEALS, FEW_CUSTOMERS = 4, 3, 12
TRAINING_WEEKS = 3
CHANGED = date(2025, 10, 15)


def _sales(frames: Frames) -> Iterator[Check]:
    deals = sales.deal_rows(frames)
    yield from named(sales.deal_kpis(deals))
    for stage in sorted({row["stage_id"] for row in sales.stage_rows(frames)}):
        own = [row for row in sales.stage_rows(frames) if row["stage_id"] == stage]
        days = [row["days_in_stage"] for row in own if row["days_in_stage"] is not None]
        where = f"stage_id = '{stage}'"
        rate = sales.ratio(sum(r["is_advanced"] for r in own), sum(r["is_mature"] for r in own))
        yield Check("stage_conversion", rate, where)
        yield Check("stage_duration", sales.mean(days), where)
    yield from named(pipeline.target_kpis(frames))
    forecast = pipeline.forecast_kpis(frames)
    yield Check("forecast_accuracy", forecast["forecast_accuracy"])
    yield Check("forecast_amount", forecast["forecast_amount"])
    stood = pipeline.stood_at(frames, date(2026, 2, 28))
    amount = sum(deal["amount"] or 0.0 for deal in stood)
    yield Check("pipeline_value", amount, "month_start = date '2026-02-01'")
    month, year = "month_start = date '2026-06-01'", "month_start >= date '2025-07-01'"
    yield Check("pipeline_velocity", pipeline.velocity(frames), month)
    yield Check("revenue_growth_rate", pipeline.growth(frames), year)
    yield from named(pipeline.activity_kpis(frames))
    yield from named(rep_results.rep_result_kpis(frames))


def _marketing(frames: Frames) -> Iterator[Check]:
    outcomes = leads.lead_outcomes(dict(frames))
    yield from named(leads.lead_kpis(outcomes), means=leads.lead_kpis(outcomes, mean))
    yield Check("lead_scoring_accuracy", None, "is_scored_lost = 0")
    yield from named(campaigns.member_kpis(frames))
    yield from named(campaigns.email_kpis(frames))
    yield from named(campaigns.acquisition_kpis(frames))
    yield from named(lead_sources.lead_source_kpis(frames))
    for model in ("first_touch", "last_touch", "linear"):
        for campaign, amount in campaigns.attributed(frames, model).items():
            which = f"campaign_id = '{campaign}'" if campaign else "campaign = 'unattributed'"
            where = f"attribution_model = '{model}' and {which}"
            yield Check("campaign_revenue", amount, where)


def _retention(frames: Frames) -> Iterator[Check]:
    books = account_periods.read_books(frames["subscription"], frames["mrr_movement"])
    rows = account_periods.account_periods(books, retention_frames.TODAY)
    for kind, start in (
        ("month", date(2026, 5, 1)),
        ("quarter", date(2026, 1, 1)),
        ("year", date(2025, 1, 1)),
        ("trailing_year", date(2026, 6, 1)),
    ):
        own = rows[(rows.period_type == kind) & (rows.period_start == start)]
        where = f"period_type = '{kind}' and period_start = date '{start}'"
        if len(own):
            yield from named(account_periods.rates(own), where)


def _customers(frames: Frames) -> Iterator[Check]:
    today = customer_frames.TODAY
    renewals = customers.renewal_kpis(customers.renewals(dict(frames)), today)
    yield Check("renewal_rate", renewals["renewal_rate"])
    yield Check("renewals_due", renewals["renewals_due"])
    begun = customers.onboardings(dict(frames), today)
    means = customers.onboarding_kpis(begun, mean)
    yield from named(customers.onboarding_kpis(begun), means=means)
    accounts = customers.accounts(dict(frames), today)
    paying = accounts[accounts.is_customer == 1]
    yield Check("revenue_at_risk", float(accounts.mrr_at_risk.sum()))
    yield Check("at_risk_customers", float(accounts.is_at_risk.sum()))
    yield Check("health_score", float(paying.health_score.mean()))


def _records(frames: Frames) -> Iterator[Check]:
    for world in sorted({row["source_system"] for _, row in records.scope(frames)})[:6]:
        yield from named(records.kpis(frames, world), f"source = '{world}'")


def _surveys(frames: Frames) -> Iterator[Check]:
    rows = frames["survey_response"].astype({"contact_id": object}).to_dict("records")
    for world in sorted({row["account_id"] for row in rows})[:10]:
        own = [row for row in rows if row["account_id"] == world]
        yield from named(survey_responses.kpis(own), f"account_name = '{world}'")


def _slas(frames: Frames) -> Iterator[Check]:
    for world in sorted(set(frames["ticket"]["channel"]))[:10]:
        value = ticket_slas.compliance(frames, world)
        yield Check("sla_compliance", value, f"channel = '{world}'")


def _tickets(frames: Frames, zone: str = tickets.ZONE) -> Iterator[Check]:
    described = tickets.describe(frames, zone)
    yield from named(tickets.kpis(described), means=tickets.kpis(described, mean))
    for world in sorted(set(described["world"]))[:6]:
        own = described[described["world"] == world]
        yield from named(tickets.kpis(own), f"channel = '{world}'", tickets.kpis(own, mean))
    for day in (tickets.TODAY - timedelta(days=9), tickets.TODAY):
        backlog = tickets.backlog(described, day)
        yield Check("ticket_backlog", float(backlog), f"day_date = date '{day}'")


def _users(frames: Frames) -> Iterator[Check]:
    since = date(2026, 1, 1)
    for world in sorted(set(frames["user"]["source_system"]))[:8]:
        where = f"source = '{world}' and week_date >= date '{since}'"
        yield from named(user_weeks.kpis(frames, world, since), where)


def _audience(frames: Frames) -> Iterator[Check]:
    since = date(2026, 3, 1)
    yield from named(audience.audience_kpis(frames))
    yield from named(audience.form_kpis(frames, since), f"touch_date >= date '{since}'")
    growth = audience.list_growth(frames, since)
    yield Check("email_list_growth_rate", growth, f"month_date >= date '{since}'")


def _economics(frames: Frames) -> Iterator[Check]:
    yield from named(unit_economics.unit_economics_kpis(frames))
    for channel in ("ads", "mail", "(none)"):
        values = unit_economics.acquisition_kpis(frames, channel=channel)
        yield from named(values, f"channel = '{channel}'")
    values = unit_economics.acquisition_kpis(frames, "2025-11")
    yield from named(values, "month_date >= date '2025-11-01'")


def _deals(frames: Frames) -> Iterator[Check]:
    yield from named(deal_milestones.milestone_kpis(frames))
    since = date(2025, 9, 1)
    revenue = deal_milestones.net_new_revenue(frames, since)
    yield Check("net_new_revenue", revenue, f"closed_date >= date '{since}'")
    rate = deal_milestones.proposal_rate(frames, since)
    yield Check("proposal_rate", rate, f"created_date >= date '{since}'")


def _changes(frames: Frames) -> Iterator[Check]:
    today, months = pipeline_frames.TODAY, pipeline_frames.MONTHS
    rows = pipeline_changes.change_rows(frames, today, months)
    for kind, start in (
        ("month", date(2026, 3, 1)),
        ("quarter", date(2025, 10, 1)),
        ("year", date(2026, 1, 1)),
    ):
        period = [r for r in rows if (r["period_type"], r["period_start"]) == (kind, start)]
        where = f"period_type = '{kind}' and period_start = date '{start}'"
        yield from named(pipeline_changes.change_kpis(period), where)
        for change in ("02 created", "08 pushed out", "10 won"):
            own = [row for row in period if row["change_kind"] == change]
            kpis = pipeline_changes.change_kpis(own)
            yield from named(kpis, f"{where} and change_kind = '{change}'")
    moves = pipeline_changes.move_rows(frames)
    for since in (date(2024, 9, 1), date(2026, 1, 1)):
        pushes = sum(move["is_push"] for move in moves if move["changed_date"] >= since)
        yield Check("close_date_pushes", float(pushes), f"changed_date >= date '{since}'")


def _meetings(frames: Frames) -> Iterator[Check]:
    yield from named(meetings.meeting_kpis(frames))


def _usage(frames: Frames) -> Iterator[Check]:
    yield from named(product_usage.usage_kpis(frames))


def _buyers(frames: Frames) -> Iterator[Check]:
    yield from named(purchases.purchase_kpis(frames))
    yield from named(customer_values.customer_value_kpis(frames))
    since = date(2025, 12, 1)
    rate = purchases.repeat_purchase_rate(frames, since)
    yield Check("repeat_purchase_rate", rate, f"purchase_date >= date '{since}'")


def _threads(frames: Frames) -> Iterator[Check]:
    yield from named(email_threads.email_thread_kpis(frames))


def _messages(frames: Frames) -> Iterator[Check]:
    yield from named(customer_messages.customer_message_kpis(frames))


def _freshness(frames: Frames) -> Iterator[Check]:
    yield from named(freshness.freshness_kpis(frames))
    for source, entity in freshness.newest(frames):
        value = freshness.data_freshness(frames, source, entity)
        yield Check("data_freshness", value, f"source = '{source}' and entity = '{entity}'")


def _courses(frames: Frames) -> Iterator[Check]:
    yield from named(trainings.training_kpis(frames))
    for course in trainings.COURSES:
        value = trainings.training_completion(frames, course)
        yield Check("training_completion", value, f"course = '{course}'")


def _training(frames: Frames) -> Iterator[Check]:
    yield from named(training_effects.training_kpis(frames, TRAINING_WEEKS))
    yield Check("training_effectiveness", None, "training = 'trained'")


def _predictions(frames: Frames) -> Iterator[Check]:
    found = predictions.prediction_kpis(frames, FEW_LEADS, FEW_DEALS, FEW_CUSTOMERS)
    yield from named(found)


def _impact(frames: Frames) -> Iterator[Check]:
    del frames  # what is expected of them is asked on the engine

    def of_all(catalog: Catalog, ask: crm_impact.Ask) -> float | None:
        return crm_impact.crm_impact(catalog, ask, CHANGED)

    yield Check("crm_impact", None, asked=of_all)
    for kpi in ("win_rate", "mrr", "expansion_revenue", "lost_deals"):

        def of_one(catalog: Catalog, ask: crm_impact.Ask, kpi: str = kpi) -> float | None:
            return crm_impact.crm_impact(catalog, ask, CHANGED, only=kpi)

        yield Check("crm_impact", None, f"kpi_id = '{kpi}'", asked=of_one)


PREDICTING = {"settings": {"lead_min_cases": FEW_LEADS, "deal_min_cases": FEW_DEALS,
                           "churn_min_cases": FEW_CUSTOMERS}}  # fmt: skip

CASES = [
    Case("sales", lambda seed: sales_frames.sales_frames(seed, deals=40), _sales),
    Case("marketing", marketing_frames.marketing_frames, _marketing,
         options={"settings": {"cac_lag_days": 0}, "holidays": workbench.HOLIDAYS}),
    Case("retention", lambda seed: retention_frames.random_frames(seed, 25), _retention,
         retention_frames.TODAY),
    Case("customers", lambda seed: customer_frames.random_frames(seed, 30), _customers,
         customer_frames.TODAY),
    Case("records", records.random_records, _records, records.TODAY),
    Case("surveys", survey_responses.random_surveys, _surveys, survey_responses.TODAY),
    Case("slas", ticket_slas.random_slas, _slas, ticket_slas.TODAY),
    Case("tickets", tickets.random_tickets, _tickets, tickets.TODAY,
         {"time_zone": tickets.ZONE, "week": tickets.WEEK, "holidays": tickets.HOLIDAYS},
         in_utc=Case("tickets", tickets.random_tickets, partial(_tickets, zone="UTC"),
                     tickets.TODAY, {"week": tickets.WEEK, "holidays": tickets.HOLIDAYS})),
    Case("users", user_weeks.random_users, _users, user_weeks.TODAY),
    Case("audience", telling(audience.random_audience, _audience, "form_submissions",
                             "lead_capture_rate", "email_list_growth_rate"), _audience),
    Case("economics", telling(unit_economics.random_economics, _economics, "cac_payback_months",
                              "ltv_cac_ratio", "clv"), _economics),
    Case("deals", telling(deal_milestones.random_deals, _deals, "proposal_rate",
                          "net_new_revenue", "expansion_conversion"), _deals),
    Case("pipeline changes", lambda seed: pipeline_frames.pipeline_frames(seed, deals=120),
         _changes, pipeline_frames.TODAY,
         {"settings": {"pipeline_change_months": pipeline_frames.MONTHS}}),
    Case("meetings", telling(lambda seed: meetings.random_meetings(seed, more=4), _meetings,
                             "qualified_meetings"), _meetings),
    Case("usage", telling(lambda seed: product_usage.random_usage(seed, 30), _usage, "core_events",
                          "usage_frequency", "upsell_candidates"), _usage, customer_frames.TODAY),
    Case("buyers", telling(customer_values.random_buyers, _buyers, "repeat_purchase_rate",
                           "customer_segments"), _buyers),
    Case("threads", telling(email_threads.random_emails, _threads, "email_response_rate"),
         _threads),
    Case("messages", telling(customer_messages.random_messages, _messages, "sentiment_score"),
         _messages),
    Case("freshness", telling(freshness.random_changes, _freshness, "data_freshness"), _freshness),
    Case("courses", telling(trainings.random_courses, _courses, "training_completion"), _courses),
    Case("training", telling(training_effects.random_trainings, _training,
                             "training_effectiveness"), _training,
         options={"settings": {"training_weeks": TRAINING_WEEKS}}),
    Case("lead_odds", telling(lead_predictions.random_leads, _predictions,
                              "predicted_lead_score"), _predictions, options=PREDICTING),
    Case("deal_odds", telling(lambda seed: sales_frames.sales_frames(seed, deals=40), _predictions,
                              "win_probability"), _predictions, options=PREDICTING),
    Case("churn_odds", telling(churn_predictions.random_customers, _predictions, "churn_risk"),
         _predictions, options=PREDICTING),
    Case("impact", crm_impact.random_company, _impact,
         options={"settings": {"crm_change_date": CHANGED.isoformat()}}),
]  # fmt: skip
