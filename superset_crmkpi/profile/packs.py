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

import yaml
from pydantic import Field, ValidationError

from superset_crmkpi.base.documents import Strict, first_fault
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import DASHBOARDS
from superset_crmkpi.catalogue.definitions import Catalog, Thresholds


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


@lru_cache(maxsize=4)
def load_packs(folder: Path = DASHBOARDS / "packs") -> Mapping[str, Pack]:
    """All packs by name. CrmKpiError names file and key of the first fault."""
    packs = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            packs[path.stem] = Pack.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            what = f"`YAML`: {error}"
            if isinstance(error, ValidationError):
                what = str(first_fault(error, Pack))
            raise CrmKpiError(f"packs/{path.name}: {what}") from error
    return packs


def chosen_packs(names: Sequence[str]) -> list[Pack]:
    """The packs of a profile. CrmKpiError for one that is not there, or two of a kind."""
    packs = load_packs()
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
    return Catalog(catalog.facts, kpis)
