"""Packs: what a kind of company leaves out, replaces and judges otherwise.

A pack is `dashboards/packs/<name>.yaml`; the profile picks at most one of each kind (`packs:
[growing, saas]`). Where packs disagree on a threshold, the later one in the profile counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from superset_crmkpi.base.documents import Strict, first_fault, read_document
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.definitions import Catalog, Thresholds
from superset_crmkpi.plugins.definitions import Folders, installed, stamps


class Pack(Strict):
    """One pack. `replace` puts another KPI in the place of one, where a tile shows it alone."""

    label: str
    kind: Literal["size", "business"]
    about: str
    without: list[str] = Field(default_factory=list)
    replace: dict[str, str] = Field(default_factory=dict)
    thresholds: dict[str, Thresholds] = Field(default_factory=dict)
    #: the KPIs of the scorecard, where they differ
    scorecard: list[str] | None = None


def load_packs(folders: Folders | None = None) -> Mapping[str, Pack]:
    """All packs of `folders` (of all that is installed) by name.

    CrmKpiError names file and key of the first fault, or both files of one name.
    """
    chosen = installed() if folders is None else folders
    return _read(chosen, stamps(chosen))


@lru_cache(maxsize=8)
def _read(folders: Folders, stamps: object) -> Mapping[str, Pack]:
    packs: dict[str, Pack] = {}
    places: dict[str, str] = {}
    for folder in folders:
        for path in folder.files("dashboards", "packs", ending=".yaml"):
            place = folder.shown(path)
            if path.stem in packs:
                raise CrmKpiError(
                    f"{place}: there is a pack `{path.stem}` already, {places[path.stem]}; "
                    "choose another name"
                )
            with folder.named():
                packs[path.stem] = _read_pack(path)
            places[path.stem] = place
    return packs


def _read_pack(path: Path) -> Pack:
    document = read_document(path, f"packs/{path.name}")
    try:
        return Pack.model_validate(document.content)
    except ValidationError as error:
        raise CrmKpiError(f"packs/{path.name}: {first_fault(error, Pack)}") from error


def unknown_kpis(catalog: Catalog, folders: Folders | None = None) -> list[str]:
    """What packs name that is no KPI, as lines."""
    return [
        f"packs/{name}.yaml: no such KPI: {kpi}; `crmkpi kpis` lists them"
        for name, pack in load_packs(folders).items()
        for kpi in dict.fromkeys(
            [*pack.without, *pack.replace, *pack.replace.values(), *pack.thresholds]
            + (pack.scorecard or [])
        )
        if kpi not in catalog.kpis
    ]


def chosen_packs(names: Sequence[str], folders: Folders | None = None) -> list[Pack]:
    """The packs of a profile. CrmKpiError for one that is not there, or two of a kind."""
    packs = load_packs(folders)
    kinds: dict[str, str] = {}
    for name in names:
        if name not in packs:
            raise CrmKpiError(f"no pack `{name}`; there are: {', '.join(packs)}")
        kind = packs[name].kind
        if kind in kinds:
            raise CrmKpiError(f"`{kinds[kind]}` and `{name}` are both of the kind {kind}; keep one")
        kinds[kind] = name
    return [packs[name] for name in names]


def with_thresholds(catalog: Catalog, thresholds: Mapping[str, Thresholds]) -> Catalog:
    """The catalogue with other thresholds for some KPIs."""
    kpis = {
        name: replace(kpi, meta=kpi.meta.model_copy(update={"thresholds": thresholds[name]}))
        if name in thresholds
        else kpi
        for name, kpi in catalog.kpis.items()
    }
    return replace(catalog, kpis=kpis)
