"""YAML files that people write: into strict models, every fault one line with its place."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A model of a document: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def line_of(tree: yaml.Node | None, keys: Sequence[str]) -> int:
    """Line of the deepest key of the path that is there, counted from 1."""
    line, node = 1, tree
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            found = (node.value[int(key)], node.value[int(key)])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
