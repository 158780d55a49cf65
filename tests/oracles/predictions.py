"""The KPIs of the area prediction over whole frames, each by its own module."""

from __future__ import annotations

import pandas as pd

from superset_crmkpi.canonical.model import load_model
from tests.canonical import complete
from tests.oracles import churn_predictions, deal_predictions, lead_predictions

ENTITIES = (
    "account", "activity", "lead", "mrr_movement", "opportunity", "opportunity_history", "stage",
    "subscription",
)  # fmt: skip


def prediction_kpis(
    frames: dict[str, pd.DataFrame],
    lead_cases: int = lead_predictions.MIN_CASES,
    deal_cases: int = deal_predictions.MIN_CASES,
    churn_cases: int = churn_predictions.MIN_CASES,
) -> dict[str, float | None]:
    """KPI name -> value; entities and columns that are not in `frames` are empty."""
    model = load_model()
    whole = {name: complete(model[name], frames.get(name), "UTC") for name in ENTITIES}
    leads = lead_predictions.lead_predictions(whole, lead_cases)
    return {
        "predicted_lead_score": lead_predictions.predicted_lead_score(leads),
        "win_probability": deal_predictions.win_probability(whole, deal_cases),
        "churn_risk": churn_predictions.churn_risk(
            churn_predictions.churn_predictions(whole, churn_cases)
        ),
    }
