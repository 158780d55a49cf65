"""What differs per engine: a table of fixes, each backed by an executed probe
(tests/test_dialects.py). One module per engine.

Canonical SQL may call the functions below; at the end the compiler replaces every call by the
engine's own expression. `{x}` is the argument; `{tz}` an IANA zone as a SQL string.

| function | gives |
|---|---|
| crm_local_date(ts, tz) | date of a UTC timestamp in a zone |
| crm_local_minute(ts, tz) | minute of that local day, 0 to 1439 |
| crm_epoch(ts) | seconds since 1970 of a UTC timestamp, rounded down |
| crm_utc(ts, tz) | UTC timestamp of a wall-clock timestamp in a zone |
| crm_instant(tstz) | UTC timestamp of a timestamp with time zone |
| crm_today(tz) | today's date in a zone |
| crm_text(number) | text of a number, to two decimals at most: `2500`, `-0.5` |
| crm_number(text) | number of a text such as `$1,117.10K`, else null |
| crm_boolean(text) | boolean of yes/no, true/false, 1/0, else null |
| crm_timestamp(text, format, ...) | timestamp of an ISO text, or by a strftime format, else null |
| crm_moment(seconds) | UTC timestamp of seconds since 1970, with their fraction |
| crm_before(text, mark) | the text up to the first mark in it, or all of it |
| crm_mail_domain(text) | what follows the `@` of an e-mail address |
| crm_domain(text) | domain of a website or address, without `www.`, or null for none |
| crm_is_id(text) | whether it is made of ASCII letters, digits, `_` and `-` alone; for CASE |
| crm_is_digits(text) | whether it is made of ASCII digits alone; for CASE |
| crm_json(json, path) | text at a path such as `owner.emails[0]`; null for JSON's null |
| crm_elements(json) | a row per element of a JSON array; only as a column of a SELECT, named |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.dialects import clickhouse, duckdb, hive, mysql, postgres, sqlite
from superset_crmkpi.dialects.engine import EngineFixes, Schema
from superset_crmkpi.query.clauses import nodes_in
from superset_crmkpi.query.trees import lightened

#: SQLAlchemy's name of an engine -> sqlglot's
SQLGLOT_NAMES = {
    "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse",
    "duckdb": "duckdb",
    "hive": "hive",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
}
FIXES: Mapping[str, EngineFixes] = {
    "clickhouse": clickhouse.FIXES,
    "duckdb": duckdb.FIXES,
    "hive": hive.FIXES,
    "postgres": postgres.FIXES,
    "mysql": mysql.FIXES,
    "sqlite": sqlite.FIXES,
}


def dialect_of(engine_name: str) -> str:
    """sqlglot's dialect of a SQLAlchemy engine name. Raises CrmKpiError for one not supported."""
    if engine_name not in SQLGLOT_NAMES:
        known = ", ".join(sorted(SQLGLOT_NAMES))
        raise CrmKpiError(f"engine `{engine_name}` is not supported yet; supported: {known}")
    return SQLGLOT_NAMES[engine_name]


def call(function: str, *arguments: exp.Expression | str) -> exp.Expression:
    """A call of one of the functions above, to be resolved by `finish`."""
    nodes = [
        exp.Literal.string(argument) if isinstance(argument, str) else argument
        for argument in arguments
    ]
    return exp.Anonymous(this=function, expressions=nodes)


def finish(
    query: exp.Expression, dialect: str, copy: bool = True, schema: Schema | None = None
) -> exp.Expression:
    """The query as sqlglot is to print it for the engine: no `crm_*` call is left.

    `schema` holds the types of the tables it reads, where they are known. Without `copy` the query
    itself is changed.
    """
    fixes, resolved = FIXES[dialect], _resolved(query, dialect, copy)
    if fixes.typed is not None:
        fixes.typed(resolved, schema or {})
    return fixes.rewrite(resolved)


def resolved(query: exp.Expression, dialect: str) -> exp.Expression:
    """A copy of a query in the engine's own dialect, its `crm_*` calls resolved."""
    return _resolved(query, dialect, copy=True)


def _resolved(query: exp.Expression, dialect: str, copy: bool) -> exp.Expression:
    whole = query.copy() if copy else query
    for call in nodes_in(whole, exp.Anonymous):
        made = _resolve(call, dialect)
        if call is whole:
            return made
        if made is not call:
            call.replace(made)
    return whole


#: holds the argument's place while a template is parsed
_ARGUMENT = "crm_argument"


def _resolve(node: exp.Expression, dialect: str) -> exp.Expression:
    if not isinstance(node, exp.Anonymous) or not str(node.this).lower().startswith("crm_"):
        return node
    name, fixes = str(node.this).lower(), FIXES[dialect]
    arguments = [_resolved(argument, dialect, copy=True) for argument in node.expressions]
    if name == "crm_timestamp" and fixes.timestamp is not None:
        formats = [str(argument.this) for argument in arguments[1:]]
        text = fixes.timestamp(_ARGUMENT, formats)
    elif name == "crm_json" and fixes.json is not None:
        text = fixes.json(_ARGUMENT, _steps(str(arguments[1].this)))
    else:
        template = fixes.functions.get(name)
        if template is None:
            raise CrmKpiError(f"`{name}` is not known for engine {dialect}")
        if arguments and isinstance(arguments[-1], exp.Literal) and arguments[-1].name == "UTC":
            template = fixes.functions.get(f"{name} UTC", template)
        zone = arguments[-1].sql(dialect=dialect) if arguments else ""
        text = template.replace("{tz}", zone).replace("{x}", _ARGUMENT)
    made = _template(text, dialect).copy()
    # its tree, not its text: the engine's rewrite has yet to see it
    for place in [column for column in made.find_all(exp.Column) if column.name == _ARGUMENT]:
        if place is made:
            return arguments[0]
        sums = isinstance(place.parent, exp.Binary) and isinstance(arguments[0], exp.Binary)
        place.replace(exp.paren(arguments[0]) if sums else arguments[0].copy())
    return made


@lru_cache(maxsize=4096)
def _template(text: str, dialect: str) -> exp.Expression:
    return lightened(sqlglot.parse_one(text, dialect=dialect))


def _steps(path: str) -> list[str | int]:
    """`owner.emails[0]` -> ["owner", "emails", 0]. Raises CrmKpiError for anything else."""
    if not re.fullmatch(r"([\w-]+|\[\d+\])?(\.[\w-]+|\[\d+\])*", path):
        raise CrmKpiError(f"`{path}` is not a path of JSON keys such as `owner.emails[0]`")
    return [
        int(step[1:-1]) if step.startswith("[") else step
        for step in re.findall(r"[\w-]+|\[\d+\]", path)
    ]


def mean_stands_in(expression: exp.Expression, dialect: str) -> bool:
    """Whether a percentile in the expression is the mean on an engine that has no percentile."""
    return FIXES[dialect].mean_for_median and expression.find(exp.PercentileCont) is not None
