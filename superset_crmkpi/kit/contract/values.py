"""Promises of the values: as the author expects them, understood, in range."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
from sqlglot import parse_one

from superset_crmkpi import dialects
from superset_crmkpi.kit.contract.bench import Bench
from superset_crmkpi.kit.contract.expected import expected, plain, same, told_elsewhere
from superset_crmkpi.kit.contract.records import enumerated

#: amounts that may be negative: what customers lost, credits
_SIGNED = {("mrr_movement", "mrr_change"), ("invoice", "total_amount"), ("invoice", "amount_due")}
#: nothing that a CRM of today creates is older
_OLDEST = datetime(1980, 1, 1)


def the_rows_are_the_expected_ones(bench: Bench) -> None:
    """All ids of expected.yaml come out, and no other."""
    wanted = expected(bench)
    for name in bench.entities:
        assert name in wanted, f"expected.yaml: `{name}` is mapped, but not expected anywhere"
        found = {str(key) for key in bench.finished(name)["source_id"]}
        lost, strange = sorted(set(wanted[name]) - found), sorted(found - set(wanted[name]))
        assert not lost, f"{name}: expected, but not there: {', '.join(lost[:5])}"
        assert not strange, f"{name}: there, but not expected: {', '.join(strange[:5])}"


def the_values_are_the_expected_ones(bench: Bench) -> None:
    """To nine digits, moments in UTC."""
    wanted = expected(bench)
    for name in bench.entities:
        lacking = bench.lacking(name)
        rows = bench.finished(name).set_index("source_id")
        for key, values in wanted.get(name, {}).items():
            for column, value in values.items():
                assert column in rows, f"expected.yaml: {name}.{column} is not in sql/model"
                if key in rows.index and bench.model[name].source_column(column) not in lacking:
                    given = plain(rows.loc[key, column])
                    assert same(given, value), f"{name} {key}.{column}: {given!r}, not {value!r}"


def every_mapped_column_is_expected_somewhere(bench: Bench) -> None:
    """expected.yaml has a value that is not null; for a landing without a table, another may."""
    wanted = expected(bench)
    for name in bench.entities:
        rows = wanted.get(name, {}).values()
        told = {name for row in rows for name, value in row.items() if value is not None}
        if bench.source[name].missing_tables:
            told |= told_elsewhere(bench, name)
        untold = set(bench.emitted(name)) - told - bench.lacking(name) - {"id", "is_deleted"}
        assert not untold, f"expected.yaml: no value of {name}.{sorted(untold)[0]} is expected"


def every_time_and_number_of_the_fixtures_is_understood(bench: Bench) -> None:
    """The landing reads each text as its type."""
    for table, columns in bench.schema.items():
        physical = bench.raw.physical(table)
        if physical is None or physical.array is not None:
            continue
        for column, kind in columns.items():
            place = bench.raw.column(table, column)
            if place is None or kind == "text" or place.path is not None:
                continue
            if [bench.raw.column(table, other) for other in columns].count(place) > 1:
                continue  # a column of histories, which holds values of several types
            given = f"count(nullif(trim(cast(r.\"{place.column}\" as varchar)), ''))"
            query = bench.raw.query(table, [column])
            query.set("expressions", [parse_one(given, dialect="duckdb")])
            counted = bench.query(
                f"select ({dialects.finish(query, 'duckdb').sql(dialect='duckdb')}) as given,"
                f' (select count("{column}") from typed."{table}") as read'
            ).iloc[0]
            assert counted["read"] >= counted["given"], f"{table}.{column}: a value is no {kind}"


def the_case_of_vendor_values_does_not_matter(bench: Bench) -> None:
    """Labels in capitals give the same values."""
    for name in bench.entities:
        texts = {
            table: {
                c: f'upper("{c}")'
                for c in columns
                if bench.schema[table][c] == "text" and not bench.is_key(name, table, c)
            }
            for table, columns in bench.reads[name].items()
        }
        before, after = bench.mapped(name), bench.mapped(name, texts)
        assert enumerated(name, after) == enumerated(name, before), name


def probabilities_lie_between_0_and_1(bench: Bench) -> None:
    """Also when the vendor has nonsense."""
    for name in bench.entities:
        if "probability" not in bench.emitted(name):
            continue
        _check_probability(name, bench.finished(name))
        nonsense = {
            table: {c: f'"{c}" * 1000 + 7' for c in columns if "probab" in c}
            for table, columns in bench.reads[name].items()
        }
        _check_probability(name, bench.mapped(name, nonsense))


def money_is_not_negative(bench: Bench) -> None:
    """But for invoices and what customers lost."""
    for name in bench.entities:
        for column in bench.model[name].money:
            if (name, column) not in _SIGNED:
                amounts = bench.finished(name)[column].dropna().astype(float)
                assert (amounts >= 0).all(), f"{name}.{column}: {amounts.min()}"


def nothing_was_created_in_the_future_or_long_ago(bench: Bench) -> None:
    """A wrong unit of time shows here."""
    latest = datetime.now() + timedelta(days=2)
    for name in bench.entities:
        for moment in bench.finished(name)["created_at"].dropna():
            given = pd.Timestamp(moment).to_pydatetime()
            assert _OLDEST < given < latest, f"{name}.created_at: {given}: what unit is it in?"


def _check_probability(name: str, rows: pd.DataFrame) -> None:
    values = rows["probability"].dropna().astype(float)
    assert values.between(0, 1).all(), f"{name}.probability: {sorted(values)[-3:]}"


PROMISES = (
    every_time_and_number_of_the_fixtures_is_understood,
    the_rows_are_the_expected_ones,
    the_values_are_the_expected_ones,
    every_mapped_column_is_expected_somewhere,
    the_case_of_vendor_values_does_not_matter,
    probabilities_lie_between_0_and_1,
    money_is_not_negative,
    nothing_was_created_in_the_future_or_long_ago,
)
