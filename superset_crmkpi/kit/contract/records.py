"""Promises of the finished rows: keys, references, enumerations, deleted records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from superset_crmkpi.canonical.model import MANAGED, Entity, load_model
from superset_crmkpi.kit.contract.bench import NAME, Bench

if TYPE_CHECKING:
    import pandas as pd


def every_mapping_has_rows_in_the_fixtures(bench: Bench) -> None:
    """Else nothing is tested."""
    for name in bench.entities:
        assert len(bench.finished(name)), f"{name}: the fixtures give no row; nothing is tested"


def ids_are_unique_and_never_null(bench: Bench) -> None:
    """Also in unions of several tables."""
    for name in bench.entities:
        ids = bench.finished(name)["id"]
        assert ids.notna().all(), f"{name}: an id is null"
        twice = sorted(ids[ids.duplicated()])
        assert not twice, f"{name}: ids are there twice: {twice[:5]}"


def columns_that_must_not_be_null_are_not(bench: Bench) -> None:
    """In the finished rows."""
    for name in bench.entities:
        rows = bench.finished(name)
        for column in bench.model[name].columns.values():
            if not column.nullable and column.name not in MANAGED:
                missing = rows.loc[rows[column.name].isna(), "source_id"]
                assert missing.empty, f"{name}.{column.name}: null in {missing.iloc[0]}"


def enumerations_have_canonical_values(bench: Bench) -> None:
    """Those that the checks of sql/model list."""
    for name in bench.entities:
        check_enumerations(bench.model[name], bench.finished(name))


def keys_point_at_records_of_the_right_kind(bench: Bench) -> None:
    """A key may point at a deleted record, but never at one of another entity."""
    known = {name: set(bench.mapped(name)["id"].astype(str)) for name in bench.entities}
    for name in bench.entities:
        rows = bench.finished(name)
        for column in bench.model[name].columns.values():
            if column.references in known:
                keys = {str(key).removeprefix(f"{NAME}:") for key in rows[column.name].dropna()}
                lost = sorted(keys - known[column.references])
                assert not lost, f"{name}.{column.name}: no {column.references}: {lost[:5]}"


def deleted_and_merged_records_are_gone(bench: Bench) -> None:
    """The fixtures hold one of each kind, and it does not come out."""
    for name in bench.entities:
        if "is_deleted" not in bench.emitted(name) or "is_deleted" in bench.lacking(name):
            continue
        mapped = bench.mapped(name)
        gone = set(mapped.loc[mapped["is_deleted"].eq(True), "id"].astype(str))
        assert gone, f"{name}: the fixtures hold no deleted record"
        kept = sorted(gone & set(bench.finished(name)["source_id"]))
        assert not kept, f"{name}: a deleted record is there: {kept[0]}"


def check_enumerations(entity: Entity, rows: pd.DataFrame) -> None:
    """No value outside of the model's enumerations."""
    for column, allowed in entity.allowed.items():
        if column in rows:
            others = sorted(set(rows[column].dropna()) - allowed)
            assert not others, f"{entity.name}.{column}: {others}; allowed: {sorted(allowed)}"


def enumerated(name: str, rows: pd.DataFrame) -> dict[str, dict[Any, int]]:
    """Column -> value -> how often, of the columns with enumerations."""
    columns = load_model()[name].allowed
    return {c: rows[c].value_counts().to_dict() for c in columns if c in rows}


PROMISES = (
    every_mapping_has_rows_in_the_fixtures,
    ids_are_unique_and_never_null,
    columns_that_must_not_be_null_are_not,
    enumerations_have_canonical_values,
    keys_point_at_records_of_the_right_kind,
    deleted_and_merged_records_are_gone,
)
