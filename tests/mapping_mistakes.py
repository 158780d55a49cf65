"""Each mistake that a SELECT of the user's can have, over two tables of a home-grown CRM.

tests/test_mapping_mistakes.py has `crmkpi doctor` say each line; docs/generate.py writes them into
docs/profile.md.
"""

from __future__ import annotations

from dataclasses import dataclass

TABLES = (
    "create schema crm",
    "create table crm.customers (no varchar(9), name varchar(9))",
    "insert into crm.customers values ('c1', 'Ash')",
    "create table crm.deals (no integer, customer varchar(9), state varchar(9), worth varchar(20),"
    " chance double precision, closed varchar(20), is_open boolean)",
    "insert into crm.deals values"
    " (1, 'c1', 'won', '100.00', 1, '2026-01-31', false),"
    " (2, 'c9', 'Won', '1.250,00', 20, '31.01.2026', false),"
    " (3, 'c1', 'open', null, 0.5, null, true),"
    " (3, 'c1', 'open', null, 0.5, null, true),"
    " (null, 'c1', 'open', null, 0.5, null, true)",
)
CUSTOMERS = "select no as id, name from customers"
ONE = "no < 3"


@dataclass(frozen=True)
class Case:
    """A SELECT for opportunities, and the line of the mistake in it."""

    mistake: str
    select: str
    line: str
    is_error: bool = True


CASES = (
    Case(
        "unknown table",
        "select no as id from deal",
        "crm.opportunity: table `deal` is not in crm; near: deals; name a table that is there, with"
        " its schema where it is another one",
    ),
    Case(
        "unknown column",
        f"select no as id, wort as amount from deals where {ONE}",
        "crm.opportunity: no table of the SELECT has a column `wort`; near: worth; name a column"
        " that is there",
    ),
    Case(
        "no id",
        "select customer as account_id from deals where no < 2",
        "crm.opportunity.id: the SELECT gives no `id`; name the column that tells one record from"
        " all others `id`",
    ),
    Case(
        "column given twice",
        f"select no as id, state as status, 'open' as status from deals where {ONE}",
        "crm.opportunity.status: two columns of the SELECT have this name; give it once",
    ),
    Case(
        "unknown column of the model",
        "select no as id, 7 as ammount from deals where no = 1",
        "crm.opportunity.ammount: the model's opportunity has no such column; near: amount; call it"
        " as the model does, leave it out, or list it under `fields`",
    ),
    Case(
        "type that does not fit",
        "select no as id, is_open as closed_at from deals where no = 1",
        "crm.opportunity.closed_at: the model has a timestamp here, and the SELECT gives a boolean;"
        " give it as timestamp",
    ),
    Case(
        "no SELECT",
        "select no as id from deals; select 1",
        "crm.opportunity: expected one SELECT statement; write one SELECT, in the warehouse's own"
        " SQL",
    ),
    Case(
        "SELECT that fails on its rows",
        "select no as id, cast(closed as date) as closed_at from deals where no = 2",
        "crm.opportunity: the warehouse cannot read its rows: Conversion Error: invalid date field"
        ' format: "31.01.2026", expected format is (YYYY-MM-DD) when casting from source column'
        " closed; mend the SELECT",
    ),
    Case(
        "id that is null",
        "select no as id from deals where no is null or no < 3",
        "crm.opportunity.id: 1 row without an id; give each row one",
    ),
    Case(
        "id given twice",
        "select no as id from deals where no is not null",
        "crm.opportunity.id: 2 rows with an id that another row has too (1 such), such as `3`;"
        " choose one row for each id, or tell them apart in the id",
    ),
    Case(
        "reference that leads nowhere",
        f"select no as id, customer as account_id from deals where {ONE}",
        "crm.opportunity.account_id: 1 row with an id that crm.account has not, such as `c9`; give"
        " null where there is none",
        is_error=False,
    ),
    Case(
        "value that the model does not know",
        f"select no as id, state as status from deals where {ONE}",
        "crm.opportunity.status: 1 row with a value that the model does not know: `Won` 1, such as"
        " `Won`; give one of open, won, lost, or say under `sources.crm.values` what yours mean",
    ),
    Case(
        "time that did not parse",
        f"select no as id, closed as closed_at from deals where {ONE}",
        "crm.opportunity.closed_at: 1 row that cannot be read as a time, such as `31.01.2026`; give"
        " it as '2026-01-31 14:30' or '2026-01-31'",
        is_error=False,
    ),
    Case(
        "number that did not parse",
        f"select no as id, worth as amount from deals where {ONE}",
        "crm.opportunity.amount: 1 row that cannot be read as a number, such as `1.250,00`; give it"
        " as 1234.50, without a decimal comma",
        is_error=False,
    ),
    Case(
        "percent that is not 0 to 1",
        f"select no as id, chance as probability from deals where {ONE}",
        "crm.opportunity.probability: 1 row outside of 0 to 1, such as `20.0`; divide a percent by"
        " 100",
    ),
)


def page() -> list[str]:
    """The table of docs/profile.md."""
    lines = ["| Mistake | SELECT for `opportunity` | What is said |", "|---|---|---|"]
    for case in CASES:
        kind = "Error" if case.is_error else "Warning"
        said = case.line.replace("|", "\\|")
        lines.append(f"| {case.mistake} | `{case.select}` | {kind}: {said} |")
    return lines
