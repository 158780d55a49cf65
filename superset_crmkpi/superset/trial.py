"""What is wrong with a dataset that runs: columns that are not there, metrics that do not run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.query.tokens import tokens_of

#: name -> expression of some metrics; why they do not run, '' where they do
Run = Callable[[Mapping[str, str]], str]


def faults(dataset: Content, found: Collection[str], run: Run) -> list[str]:
    """`found` are the columns of its result. A metric is named by running each alone."""
    there = {name.lower() for name in found}
    problems = [
        f"column {column['column_name']} is not in the result of its SQL"
        for column in dataset["columns"]
        if not column.get("expression") and column["column_name"].lower() not in there
    ]
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    if problems or not metrics or not run(metrics):
        return problems
    return [
        f"metric {name} does not run: {why}"
        for name, expression in metrics.items()
        if (why := run({name: expression}))
    ]


def too_long(sql: str, reason: str) -> str:
    """What is wrong with SQL that Superset's parser refuses for its length."""
    return (
        f"its SQL has {tokens_of(sql):,} tokens, which this Superset does not take ({reason}); "
        "set `mode: built` in the profile and run `crmkpi build`, or give this Superset "
        "sqlparse==0.5.4"
    )
