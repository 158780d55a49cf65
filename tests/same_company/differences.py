"""What the four CRMs cannot know of the company, and why."""

from __future__ import annotations

from dataclasses import dataclass


def _by_kpi(reasons: dict[str, str]) -> dict[str, str]:
    return {kpi: reason for reason, kpis in reasons.items() for kpi in kpis.split()}


_LEADS = (
    "lead_scoring_accuracy lead_source_performance leads_created mql_to_sql_rate mqls"
    " qualified_rate sqls lead_conversion_rate lead_response_sla lead_response_time"
    " lead_to_opportunity_rate predicted_lead_score"
)
#: KPI -> part of the reason why no vendor has it: the company keeps nothing of the kind
NOWHERE = _by_kpi(
    {
        "map `email_event`": (
            "bounce_rate email_click_rate email_list_growth_rate email_open_rate unsubscribe_rate"
        ),
        "map `marketing_spend`": (
            "cac cac_payback_months cost_per_lead cost_per_qualified_lead ltv_cac_ratio"
            " marketing_roi"
        ),
        "map `campaign`": "campaign_revenue",
        "map `touchpoint`": "form_submissions lead_capture_rate",
        "map `forecast_snapshot`": "forecast_accuracy",
        "map `quota`": "pipeline_coverage target_attainment",
        "map `product_usage_event`": (
            "activation_rate core_events onboarding_completion_rate time_to_activation"
            " usage_frequency"
        ),
        "map `survey_response`": "ces csat nps sentiment_score",
        "map `subscription`": (
            "churn_rate gross_revenue_retention renewal_rate renewals_due retention_rate"
            " revenue_at_risk customer_growth expansion_revenue mrr nrr quick_ratio upsell_rate"
            " churn_risk"
        ),
        "map `ticket`": (
            "first_contact_resolution first_response_time follow_ups_per_ticket resolution_time"
            " ticket_backlog ticket_volume sla_compliance"
        ),
        "map `user_login`": "login_frequency",
        "map `training_completion`": "training_completion training_effectiveness",
    }
)
#: what a deal was worth and when it was expected, after each of its changes
_CHANGES = {
    "Needs `opportunity_history.amount`": "pipeline_change",
    "Needs `opportunity_history.expected_close_date`": "close_date_pushes",
}
#: vendor -> KPI -> part of the reason why it alone, or with some others, cannot say
LACKING = {
    # leads are an object of their own, and the company has none
    "salesforce": _by_kpi(
        {
            "map `campaign_member`": "campaign_conversion_rate segment_response_rate",
            "map `lead`": _LEADS,
        }
    ),
    # a lead is a contact, and a member of a campaign is who got its mail
    "hubspot": _by_kpi(
        {"Needs `campaign_member.has_responded`": "segment_response_rate", **_CHANGES}
    ),
    "pipedrive": _by_kpi(
        {
            **_CHANGES,
            "map `campaign_member`": "campaign_conversion_rate segment_response_rate",
            "map `lead`": _LEADS,
            "Needs `opportunity.opportunity_type`": "expansion_conversion",
        }
    ),
    # a lead and an opportunity are rows of the same table
    "odoo": _by_kpi(
        {
            **_CHANGES,
            "map `campaign_member`": "campaign_conversion_rate segment_response_rate",
            "Needs `lead.lead_score`": "lead_scoring_accuracy",
            "Needs `lead.mql_at`": "mql_to_sql_rate qualified_rate",
            "Needs `lead.lead_source`": "predicted_lead_score",
            "Needs `opportunity.opportunity_type`": "expansion_conversion",
        }
    ),
}
#: KPIs that some vendor can compute and that have no value or are zero: the company has no leads,
#: e-mails, types of deals, products or moved close dates, and every record an owner (Salesforce
#: knows no other)
EMPTY = {
    *_LEADS.split(),
    "campaign_conversion_rate",
    "close_date_pushes",
    "email_response_rate",
    "emails_sent",
    "expansion_conversion",
    "ownerless_records",
    "upsell_candidates",
}
#: reads all of the other facts at once, which takes minutes
SKIPPED = {"crm_impact"}


@dataclass(frozen=True)
class Difference:
    """A KPI that a vendor cannot say as the others do.

    What is equal all the same: the dimensions of `equal_by` (`total`, `month`, a column), with
    `value` in the KPI's place and rows `where`, if given.
    """

    reason: str
    equal_by: tuple[str, ...]
    value: str | None = None
    where: str = "true"


_DUE = Difference(
    "A call that is logged has no due date here, so promises that were kept are not known as such;"
    " those that were not are.",
    ("total", "month", "owner"),
    value="sum(is_follow_up_due) - sum(is_follow_up_done)",
)
_FIELDS = Difference(
    "Organizations have neither industry nor website, persons no country: fields that a CRM does"
    " not have do not count. The other fields are equal.",
    ("total", "month", "owner", "field"),
    where="object || '.' || field not in"
    " ('account.industry', 'account.website_domain', 'contact.country_code')",
)
_BOOKED = Difference(
    "A planned activity goes when it is done and leaves a message of that time; when it was entered"
    " is not kept. So it counts in another week, the same in all.",
    ("total", "owner"),
)
#: (vendor, KPI) -> what is different
DIFFERENCES = {
    ("hubspot", "follow_ups_completed"): _DUE,
    ("odoo", "follow_ups_completed"): _DUE,
    ("odoo", "activity_per_user"): _BOOKED,
    ("odoo", "user_adoption_rate"): _BOOKED,
    ("pipedrive", "data_accuracy"): _FIELDS,
    ("pipedrive", "data_completeness"): _FIELDS,
}
