"""A field of the company's own comes along in every connector, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from superset_crmkpi.connectors.connector import squash
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.kit.contract.bench import rows
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.testing import bench_of
from tests.seeds import within

PLUGINS = Path(__file__).parents[1] / "plugins"
#: the mappings are the same in all landings of a connector: some of them a day
LANDINGS = within(
    5,
    [
        (connector.name, landing)
        for connector in connectors().values()
        if connector.schema is not None
        for landing in connector.landings
    ],
)
ENTITIES = ("account", "contact", "lead", "opportunity", "ticket", "subscription")
#: ids that are made of several columns
MADE = {
    ("chargebee", "contact"),
    ("zoho", "opportunity"),
    ("zoho", "ticket"),
    ("freshworks", "user"),
}


def id_column(source: MappedSource, entity: str) -> str:
    """A column of the raw tables that the entity's id is made of."""
    found = [leaf for leaf in sorted(source[entity].leaves["id"]) if source.raw.column(*leaf)]
    return next((name for _, name in found if squash(name) in ("id", f"{entity}id")), found[0][1])


@pytest.mark.parametrize(("name", "landing"), LANDINGS)
def test_a_field_is_of_the_row_that_the_mapping_took(name: str, landing: str) -> None:
    connector = connectors()[name]
    bench = bench_of(connector, PLUGINS / f"crmkpi-{name}" / "fixtures", landing)
    marked = [e for e in ENTITIES if e in bench.entities]
    if not marked:
        return
    fields = {
        f"{entity}.own_mark": {"from": {"bench": id_column(bench.source, entity)}, "facts": []}
        for entity in marked
    }
    given = bench.project.profile.model_dump(by_alias=True)
    project = Project(
        Profile.model_validate({**given, "fields": fields}), bench.engine, [connector]
    )
    for entity in marked:
        before = bench.finished(entity).set_index("id").sort_index()
        after = rows(bench.engine, project.live.entity(entity)).set_index("id").sort_index()
        marks = after.pop("own_mark")
        pd.testing.assert_frame_equal(before, after)
        if (name, entity) not in MADE:
            strange = {i: m for i, m in marks.items() if not str(i).endswith(str(m))}
            assert not strange, entity
