"""What the company of the tests is made of: its day, and the values that its columns may have."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 3, 18)
ENUMERATIONS = {
    ("ticket", "status"): "new open pending on_hold solved closed merged",
    ("ticket", "priority"): "low normal high urgent",
    ("ticket", "channel"): "email phone chat web social api",
    ("ticket", "ticket_type"): "question incident problem task",
    ("ticket_event", "actor_type"): "agent requester system",
    ("ticket_event", "event_type"): "created status priority assignee team public_reply "
    "private_note requester_reply sla merge",
    ("ticket_sla", "metric"): "first_reply next_reply resolution requester_wait agent_work "
    "periodic_update",
    ("ticket_sla", "status"): "active paused achieved breached cancelled",
    ("survey_response", "survey_type"): "csat nps ces",
    ("survey_response", "category"): "promoter passive detractor satisfied neutral dissatisfied",
    ("subscription", "status"): "trialing active past_due paused cancelled expired",
    ("subscription", "billing_interval"): "month quarter year",
    ("mrr_movement", "movement_type"): "new expansion contraction churn reactivation",
    ("renewal", "status"): "open renewed partially_renewed churned",
    ("invoice", "status"): "draft open paid void uncollectible",
    ("invoice", "document_type"): "invoice credit_note order",
    ("email_event", "event_type"): "sent delivered open click bounce unsubscribe spam_report "
    "dropped",
    ("email_event", "bounce_type"): "hard soft",
    ("touchpoint", "touch_type"): "visit form ad_click event email chat",
    ("forecast_snapshot", "forecast_category"): "pipeline best_case commit closed omitted",
}
