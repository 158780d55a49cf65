"""Which datasets row-level rules guard, and what of `access` is refused."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.export import TARGET
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.row_rules import USER
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.installer.validate import check
from superset_crmkpi.profile.access import Access
from superset_crmkpi.project.access import seers_of_all

#: what no row that everybody sees may name
OF_RECORDS = {"owner", "account_name", "opportunity_name", "record_name", "campaign", "subject"}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    catalog = load_catalog()
    catalog = with_scorecard(catalog, Governance({}, {}), list(catalog.kpis))
    compiler = Compiler(
        load_model(),
        catalog,
        BuiltRelations("crmkpi"),
        CompileSettings(dialect="duckdb", personal_data=True),
    )
    maker = BundleMaker(catalog, compiler, TARGET, all_rows=["executive"])
    return maker.make(load_dashboards(catalog))


def guarded(bundle: Bundle, name: str) -> dict[str, set[str]]:
    """Dataset -> its columns, of those that the rule of that name guards."""
    (rule,) = (r for _, r in bundle.of("rules") if r["name"].endswith(f": {name}"))
    return {
        d["table_name"]: {c["column_name"] for c in d["columns"]}
        for _, d in bundle.of("datasets")
        if d["uuid"] in rule["datasets"]
    }


def test_each_dataset_with_an_owner_is_guarded_by_owner(bundle: Bundle) -> None:
    own, shut = guarded(bundle, "own records"), guarded(bundle, "records without owner")
    assert len(own) > 30
    assert all("owner" in columns for columns in own.values())
    assert not set(own) & set(shut)
    everybodys = {
        d["table_name"]: {c["column_name"] for c in d["columns"]}
        for _, d in bundle.of("datasets")
        if d["table_name"] not in {*own, *shut}
    }
    facts = {n: c for n, c in everybodys.items() if "_filter_" not in n}
    assert "crmkpi_executive_kpi_scorecard" in facts
    for name, columns in facts.items():
        if not name.endswith("_kpi_scorecard"):  # whose owner is the KPI's
            assert not columns & OF_RECORDS, name


def test_records_that_nobody_owns_are_shut(bundle: Bundle) -> None:
    names = {name.rsplit("campaigns_", 1)[-1] for name in guarded(bundle, "records without owner")}
    assert {"email_recipients", "touchpoints"} <= names


def test_those_who_see_all_are_named_and_everybody_else_is_bound(bundle: Bundle) -> None:
    for _, rule in bundle.of("rules"):
        assert rule["filter_type"] == "Base"
        assert rule["roles"] == {"Admin": True, "CRM KPI Executive": True}
    (own,) = (r for _, r in bundle.of("rules") if "own records" in r["name"])
    assert USER in own["clause"]
    assert check(bundle) == []


class _Covered:
    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def lacks(self, need: str) -> str:
        assert need == "user.email"
        return self.reason


def test_what_cannot_be_had_is_refused() -> None:
    covered: Any = _Covered()
    assert seers_of_all(Access(), ["executive"], covered) is None
    assert seers_of_all(Access(rows="own"), ["executive"], covered) == ["executive"]
    with pytest.raises(CrmKpiError, match="no dashboard has the audience `chiefs`; there are: exe"):
        seers_of_all(Access(rows="own", all_rows=["chiefs"]), ["executive"], covered)
    covered.reason = "Needs users: connect a CRM."
    with pytest.raises(CrmKpiError, match=r"nobody's own records can be told. Needs users"):
        seers_of_all(Access(rows="own"), ["executive"], covered)
