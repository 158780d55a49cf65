"""YAML files that people write: into strict models, every fault one line with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class Strict(BaseModel):
    """A model of a document: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a document: the path of keys, and what to do."""

    keys: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"`{'.'.join(self.keys)}`: {self.message}" if self.keys else self.message


def first_fault(error: ValidationError, model: type[BaseModel]) -> Fault:
    """The first fault of a document that is no `model`.

    A misspelt key comes before all others: it is missing under its right name too, and the
    spelling is what to mend.
    """
    errors = error.errors()
    misspelt = (fault for fault in errors if fault["type"] == "extra_forbidden")
    first = next(misspelt, errors[0])
    keys = tuple(str(part) for part in first["loc"] if part != "[key]")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = f"unknown key; {_remedy(keys[-1], _known_keys(model, first['loc'][:-1]))}"
    elif first["type"] == "missing":
        message = "is missing; add it"
    return Fault(keys, message)


def _remedy(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    remedy = f"did you mean `{near[0]}`?" if near else "remove it or mend its spelling"
    return f"{remedy} (known: {', '.join(known)})" if known else remedy


def _known_keys(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """The keys that may stand below the path; none where no one model says it."""
    places: list[Any] = [model]
    for part in path:
        inner: list[Any] = []
        for place in places:
            if not _is_model(place):
                inner += get_args(place)  # an element of a list, a value of a mapping
                continue
            for name, field in place.model_fields.items():
                if part in (name, field.alias):
                    inner.append(field.annotation)
        places = [found for place in inner for found in _containers(place)]
    models = [place for place in places if _is_model(place)]
    if len(models) != 1:
        return []
    return [field.alias or name for name, field in models[0].model_fields.items()]


def _containers(annotation: Any) -> Iterator[Any]:
    """The models, and the lists and mappings of such, that may stand in a place."""
    if _is_model(annotation) or getattr(annotation, "__origin__", None) in (list, dict, Mapping):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _containers(inner)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


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
