"""YAML files that people write: into strict models, every fault one line with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from superset_crmkpi.base.errors import CrmKpiError

#: reads plain values only; the one in C is ten times as fast
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: bytes of a file, and values in it, aliases written out; people do not write that much
LARGEST, MOST = 4_000_000, 100_000
LONGEST = 1_000  # characters of a message


@dataclass(frozen=True)
class Document:
    """A YAML text: its nodes, which know their lines, and what it says."""

    tree: yaml.Node | None
    content: Any


def short(message: str) -> str:
    """A message that repeats somebody's value stays one that can be read; its ends say the most."""
    return message if len(message) <= LONGEST else f"{message[:600]} ... {message[-300:]}"


def read_document(path: Path, shown: str = "", remedy: str = "") -> Document:
    """A YAML file. CrmKpiError with `shown` (the file's name) and line for what is none."""
    return parse_document(read_text(path, shown, remedy), shown or path.name)


def read_text(path: Path, shown: str = "", remedy: str = "") -> str:
    """A text file. CrmKpiError for one that cannot be read, is no text, or is far too large.

    `remedy`: what to do about one that cannot be read.
    """
    shown = shown or path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CrmKpiError(f"{path}: cannot be read ({error.strerror}){remedy}") from error
    if len(content) > LARGEST:
        raise CrmKpiError(
            f"{shown}: has {len(content):,} bytes; more than {LARGEST:,} are not read"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CrmKpiError(f"{shown} line {line}: is not text in UTF-8; save it as UTF-8") from error


def parse_document(text: str, shown: str, above: int = 0) -> Document:
    """A YAML text with `above` lines before it in the file `shown`."""
    loader = LOADER(text)
    try:
        tree = loader.get_single_node()
        _check(tree, shown, above)
        return Document(tree, None if tree is None else loader.construct_document(tree))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1 + above}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise CrmKpiError(f"{shown}{line}: not YAML: {problem}") from error
    except RecursionError as error:
        raise CrmKpiError(f"{shown}: not YAML: lists in lists, too deep to be read") from error
    finally:
        loader.dispose()


def _check(tree: yaml.Node | None, shown: str, above: int) -> None:
    """CrmKpiError for a key that stands twice, a value that is none, and too many of them."""
    constructor = yaml.SafeLoader("")
    known: dict[int, int] = {}  # values below a node

    def size(node: yaml.Node) -> int:
        if id(node) in known:
            return known[id(node)]
        known[id(node)] = 0  # one that holds itself
        place = f"{shown} line {node.start_mark.line + 1 + above}"
        if isinstance(node, yaml.ScalarNode):
            try:
                constructor.construct_object(node)
            except ValueError as error:
                raise CrmKpiError(f"{place}: `{node.value[:40]}` is no value: {error}") from error
            inner: list[yaml.Node] = []
        elif isinstance(node, yaml.MappingNode):
            inner = [part for pair in node.value for part in pair]
            seen: set[str] = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                    line = key.start_mark.line + 1 + above
                    raise CrmKpiError(f"{shown} line {line}: `{key.value}` stands twice; drop one")
                seen.add(key.value)
        else:
            inner = list(node.value)
        known[id(node)] = 1 + sum(map(size, inner))
        if known[id(node)] > MOST:
            raise CrmKpiError(f"{place}: its aliases stand for more than {MOST:,} values")
        return known[id(node)]

    if tree is not None:
        size(tree)


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
