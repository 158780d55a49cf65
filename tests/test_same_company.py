"""One company in four CRMs gives the same KPIs, and they are what pandas says of the company."""

from __future__ import annotations

import random
from datetime import date
from functools import cache

import pytest

from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from tests.same_company import oracle
from tests.same_company.company import company
from tests.same_company.differences import DIFFERENCES, EMPTY, LACKING, NOWHERE, SKIPPED
from tests.same_company.vendors import DIMENSIONS, WRITERS, Answer, answers, vendor
from tests.seeds import by_turns, examples, seed
from tests.warehouses import plain, same

UTC, BERLIN = "UTC", "Europe/Berlin"
COMPARED = [
    kpi
    for kpi in load_catalog().kpis
    if kpi not in SKIPPED | set(NOWHERE) and any(kpi not in LACKING[crm] for crm in WRITERS)
]
#: facts whose days are asked of another time zone too
IN_BERLIN = ("opportunities", "opportunity_stages", "activities")
TRUTHS = [
    (kpi, zone)
    for zone in (UTC, BERLIN)
    for kpi in oracle.KPIS
    if zone == UTC or load_catalog().kpis[kpi].fact in IN_BERLIN
]

#: whose facts are run live too, over the raw tables: another one each day
LIVE = random.Random(seed()).sample(list(WRITERS), min(examples(1), len(WRITERS)))


@cache
def truth(zone: str) -> oracle.Oracle:
    return oracle.Oracle(company(), zone)


def cuts(kpi: Kpi) -> list[str]:
    """Ways to cut a KPI: not at all, by month, and by the dimensions that its fact has."""
    there = answers(UTC).columns(kpi.fact)
    return ["total", "month", *(name for name in DIMENSIONS if name in there)]


def unlike(found: Answer, wanted: Answer) -> dict[str, tuple[float | None, float | None]]:
    """Keys whose values are not equal to nine digits: both values."""
    return {
        key: (found.get(key), wanted.get(key))
        for key in sorted({*found, *wanted})
        if key not in found
        or key not in wanted
        or found[key] != pytest.approx(wanted[key], rel=1e-9, abs=1e-9)
    }


def test_the_company_has_the_nasty_cases() -> None:
    deals, changes, acts = company().deals, company().changes, company().activities
    kept = deals[~deals["deleted"].astype(bool)]
    assert {"won", "lost", "open"} == set(kept["status"])
    assert kept["account"].isna().any()
    assert kept["amount"].isna().any()
    assert kept["loss_reason"][kept["status"] == "lost"].isna().any()
    assert (deals["status"][deals["deleted"].astype(bool)] != "open").any()
    last_days = {(at.date(), at.hour) for at in kept["closed_at"].dropna()}
    assert {(date(2023, 12, 31), 23), (date(2024, 12, 31), 23)} <= last_days
    days = changes["at"].map(lambda at: at.date())
    assert changes.groupby(["deal", days]).size().max() >= 3
    steps = changes.groupby("deal")["stage"].agg(list)
    assert any(len(set(path)) < len(path) for path in steps), "no deal went back"
    assert any(2 not in path and max(path) < 6 for path in steps if max(path) > 2), "none skipped"
    assert any(path[0] > 1 for path in steps), "all began in the first stage"
    assert (acts["at"].map(lambda at: at.date()) < acts["ends_at"].map(lambda at: at.date())).any()


@pytest.mark.parametrize("name", WRITERS)
def test_coverage_names_what_a_vendor_lacks(name: str) -> None:
    lacking, wanted = vendor(name).lacking, NOWHERE | LACKING[name]
    assert set(lacking) - SKIPPED == set(wanted)
    wrong = {kpi: lacking[kpi] for kpi, part in wanted.items() if part not in lacking[kpi]}
    assert not wrong


@by_turns(2)
@pytest.mark.parametrize("name", COMPARED)
def test_all_vendors_say_the_same(name: str) -> None:
    kpi = load_catalog().kpis[name]
    able = [crm for crm in WRITERS if name not in LACKING[crm]]
    whole = [crm for crm in able if (crm, name) not in DIFFERENCES]
    wrong, empty = {}, True
    for by in cuts(kpi):
        found = answers(UTC).ask(kpi, by)
        empty = empty and not any(any(found[crm].values()) for crm in able)
        for crm in whole[1:]:
            if keys := unlike(found[crm], found[whole[0]]):
                wrong[crm, by] = keys
    assert not wrong, f"not as {whole[0]} says"
    assert empty == (name in EMPTY), "the comparison is of nothing" if empty else "it has a value"


@by_turns(2)
@pytest.mark.parametrize("fact", sorted({load_catalog().kpis[name].fact for name in COMPARED}))
@pytest.mark.parametrize("crm", LIVE)
def test_a_fact_has_the_same_rows_live(crm: str, fact: str) -> None:
    there = answers(UTC)
    connection, columns = there.connections[crm], sorted(there.columns(fact))
    built = connection.execute(f"select {', '.join(columns)} from {there.fact(fact)}").fetchall()
    sql = there.lives[crm].fact(fact, columns)
    live = connection.execute(f"select {', '.join(columns)} from ({sql}) as live").fetchall()
    assert len(live) == len(built)
    ordered = [sorted((tuple(map(plain, row)) for row in rows), key=repr) for rows in (live, built)]
    different = [pair for pair in zip(*ordered, strict=True) if not same(*pair)]
    assert not different, (columns, different[0])


@pytest.mark.parametrize(("crm", "name"), DIFFERENCES)
def test_a_vendor_that_differs_agrees_in_the_rest(crm: str, name: str) -> None:
    kpi, known = load_catalog().kpis[name], DIFFERENCES[crm, name]
    whole = next(one for one in WRITERS if (one, name) not in DIFFERENCES)
    as_is = {by: answers(UTC).ask(kpi, by) for by in cuts(kpi)}
    assert any(unlike(found[crm], found[whole]) for found in as_is.values()), (
        f"the difference is gone, take it from the dictionary: {known.reason}"
    )
    for by in known.equal_by:
        found = answers(UTC).ask(kpi, by, known.value, known.where)
        assert found[whole], f"by {by}: nothing to compare"
        assert not unlike(found[crm], found[whole]), f"by {by}"


@by_turns(2)
@pytest.mark.parametrize(("name", "zone"), TRUTHS)
def test_kpis_are_those_of_the_company(name: str, zone: str) -> None:
    wanted = truth(zone).answers(name)
    assert wanted["total"]
    wrong = {}
    for by, values in wanted.items():
        for crm, found in answers(zone).ask(load_catalog().kpis[name], by).items():
            if keys := unlike(found, values):
                wrong[crm, by] = keys
    assert not wrong


def test_a_day_depends_on_the_time_zone() -> None:
    """Deals closed just before midnight UTC are those of the next year in Berlin."""
    kpi = load_catalog().kpis["win_rate"]
    for crm in WRITERS:
        closed = {
            zone: answers(zone).ask(kpi, "month", value="sum(is_closed)")[crm]
            for zone in (UTC, BERLIN)
        }
        for month, next_month in (("2023-12", "2024-01"), ("2024-12", "2025-01")):
            assert closed[BERLIN][month] < closed[UTC][month]
            assert closed[BERLIN][next_month] > closed[UTC][next_month]
