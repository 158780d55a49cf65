"""What an alert asks is one number whatever the data, and what it says is what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.recipients import Told, recipients
from superset_crmkpi.catalogue.alerts import NAME, NO_ROWS, NOT_KNOWN, with_alerts
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance
from superset_crmkpi.profile.alerts import Alerts, Recipients
from superset_crmkpi.project.load import load_profile
from tests.canonical import canonical
from tests.seeds import within
from tests.superset import small_company as company
from tests.test_scorecard import deals

JUDGED = [name for name, kpi in load_catalog().kpis.items() if kpi.meta.thresholds is not None]


def test_every_kpi_gives_one_number_where_there_are_deals_and_nothing_else() -> None:
    """In turn: a fourth of them each day, and two always."""
    watched = sorted({"win_rate", "csat", *within(4, JUDGED)})
    catalog = with_alerts(load_catalog(), Governance({}, {}), watched)
    rows = canonical("duckdb", {"opportunity": deals()}, catalog=catalog).fact(NAME)
    assert sorted(rows["kpi_id"]) == watched
    assert set(rows["alert"]) <= {0, 1, 2, 3, 4}
    assert len(rows["state"].dropna()) == len(rows["now_text"].dropna()) == len(watched)
    said = dict(zip(rows["kpi_id"], rows["alert"], strict=True))
    assert (said["win_rate"], said["csat"]) == (0, NO_ROWS)


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_rows_without_a_value_are_not_known_and_none_at_all_is_told_as_such(kind: str) -> None:
    before = deals()
    before = before[before["closed_at"] < "2026-05"]
    watched = ["win_rate", "average_deal_size", "lost_deals"]
    catalog = with_alerts(load_catalog(), Governance({}, {}), watched)
    for frame, expected in ((before, NOT_KNOWN), (before[:0], NO_ROWS)):
        rows = canonical(kind, {"opportunity": frame}, catalog=catalog).fact(NAME)
        assert set(rows["alert"]) == {expected}


def test_texts_render_to_themselves_where_superset_takes_templates(tmp_path: Path) -> None:
    warehouse = tmp_path / "mini.duckdb"
    company.fill(warehouse, company.USUAL)
    project = company.project(warehouse, "pipeline", owner="{{ 7*7 }} {% x %}")
    made = project.bundle(uri=str(project.engine.url))
    found = [content for _, content in made.of("alerts")]
    assert [alert["name"] for alert in found] == ["Mini: Win rate", "Mini: Average deal size"]
    for alert in found:
        for key in ("sql", "description", "email_subject", "name"):
            assert jinja2.Template(alert[key]).render() == alert[key]
        assert "7*7" in alert["description"]
    imported = made.for_people().assets
    assert [path for path in imported if "alert" in path] == []
    assert len([path for path in imported if path.startswith("charts/")]) > 5


def test_an_owner_is_told_as_the_profile_says_else_by_the_address_else_the_default() -> None:
    default = Recipients(email=["crm@example.com"])
    sales = Recipients(email=["dana@example.com"], slack=["#sales"])
    told = Told({"sales_manager": sales, "default": default}, {"ceo": "ceo@example.com"})

    def targets(*roles: str) -> list[str]:
        found = recipients(told, roles)
        return [f"{one['type']} {one['recipient_config_json']['target']}" for one in found]

    assert targets("sales_manager") == ["Email dana@example.com", "Slack #sales"]
    assert targets("ceo", "cs_manager") == ["Email ceo@example.com, crm@example.com"]
    assert recipients(Told({}), ["ceo"]) == []


def test_a_kpi_is_looked_at_as_often_as_it_is_reviewed() -> None:
    alerts = Alerts(at="06:05")
    assert alerts.times("daily") == "5 6 * * 1-5"
    assert alerts.times("weekly") == "5 6 * * 1"
    assert alerts.times("monthly") == "5 6 2 * *"
    assert alerts.times("quarterly") == "5 6 2 1,4,7,10 *"
    assert Alerts(crontab="0  7 * * 1-5").times("weekly") == "0 7 * * 1-5"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"at": "7"}, 'line 4: `alerts.at`: `7` is not a time of day; write it as "07:00"'),
        ({"crontab": "daily"}, "`daily` is not a crontab of five fields such as `0 7 * * 1-5`"),
        ({"time_zone": "Bonn"}, "`Bonn` is not a time zone; use an IANA name"),
        ({"kpis": ["win_rat"]}, "no such KPI; `crmkpi kpis` lists them"),
        ({"recipients": {"boss": {"email": "a@b.de"}}}, "no KPI has this owner; known: default,"),
        ({"recipients": {"ceo": {"email": "a@b"}}}, "`a@b` is not an e-mail address"),
        ({"recipients": {"ceo": {}}}, "names nobody; give it `email`, `slack` or `webhook`"),
        ({"recipients": {"ceo": {"webhook": "ftp://x"}}}, "`ftp://x` is not a web address"),
        ({"lists": ["stalled"]}, "Input should be 'at_risk_customers', 'renewals_due' or"),
        ({"digest": {}}, "`alerts.digest.crontab`: is missing; add it"),
        ({"levels": "act"}, "unknown key; did you mean `level`?"),
    ],
)
def test_each_fault_of_a_profile_is_one_line(
    given: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "crmkpi.yaml"
    profile = {
        "database": {"name": "DB"},
        "alerts": given,
        "sources": {"crm": {"connector": "sql", "entities": {"account": "select 1 as id"}}},
    }
    path.write_text(yaml.safe_dump(profile, sort_keys=False))
    with pytest.raises(CrmKpiError) as error:
        load_profile(path)
    assert said in error.value.message
    assert "\n" not in error.value.message
