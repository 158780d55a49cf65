"""SQL laid out as a person writes it: what fits on a line stands on one, the rest is broken.

sqlglot breaks after each column and each bracket, which makes three lines of one. That is more than
looks: the sqlparse of Superset 4.1 and 5.0 may refuse more than 10,000 tokens, and each blank of an
indentation is one for it. Only blanks and line ends change here, and comments are put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

WIDTH = 100
#: sqlparse counts each blank
_STEP = " "
_TEXT = {True: r"'(?:\\.|''|[^'\\])*'", False: r"'(?:''|[^'])*'"}
_TOKEN = r"""\s+|/\*.*?\*/|{text}|"(?:""|[^"])*"|`(?:``|[^`])*`|[(),]|(?:[^\s(),'"`/]|/(?!\*))+"""
#: dialects where a backslash escapes the next letter of a text
_ESCAPING = ("hive", "mysql", "clickhouse")
_CLAUSES = {"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "QUALIFY", "LIMIT"}
_JOINS = {"LEFT", "RIGHT", "FULL", "INNER", "CROSS", "JOIN", "LATERAL"}
_UNIONS = {"UNION", "EXCEPT", "INTERSECT"}
#: where a long line is broken, the first of these that it has
_LEVELS = (frozenset({"WHEN", "ELSE"}), frozenset({"ON", "AND", "OR"}), frozenset({"||"}))


@dataclass
class _Node:
    """A word, or what stands in brackets; `apart`: a blank stands before it.

    Complete before its text is asked for the first time.
    """

    word: str
    apart: bool
    inner: list[_Node] | None = None

    @cached_property
    def flat(self) -> str:
        return self.word if self.inner is None else f"({_flat(self.inner)})"

    @property
    def is_query(self) -> bool:
        return bool(self.inner) and self.inner is not None and self.inner[0].starts_query

    @property
    def starts_query(self) -> bool:
        return self.word in _QUERY or self.is_query


_QUERY = {"SELECT", "WITH"}


def laid_out(sql: str, dialect: str, comments: Mapping[str, str] | None = None) -> str:
    """One statement of one line on several, `comments` (CTE -> text, '' is the body) put in."""
    return "\n".join(_query(_read(sql, dialect), "", comments or {}))


def _read(sql: str, dialect: str) -> list[_Node]:
    pattern = _TOKEN.replace("{text}", _TEXT[dialect in _ESCAPING])
    stack: list[list[_Node]] = [[]]
    apart = False
    for token in re.findall(pattern, sql, re.S):
        if token.isspace():
            apart = True
            continue
        if token == "(":
            group = _Node("(", apart, [])
            assert group.inner is not None
            stack[-1].append(group)
            stack.append(group.inner)
        elif token == ")":
            stack.pop()
        else:
            stack[-1].append(_Node(token, apart))
        apart = False
    assert len(stack) == 1, "brackets of the statement do not close"
    return stack[0]


def _flat(nodes: Sequence[_Node]) -> str:
    texts = [(" " if node.apart and place else "") + node.flat for place, node in enumerate(nodes)]
    return "".join(texts)


def _query(nodes: list[_Node], indent: str, comments: Mapping[str, str]) -> list[str]:
    """The lines of a statement, its CTEs first."""
    ctes, body = _ctes(nodes)
    lines: list[str] = []
    for place, (head, query, name) in enumerate(ctes):
        start = "" if place else "WITH "
        comment = comments.get(name)
        whole = f"{head} ({_flat(query)})"
        if lines:
            lines[-1] += ","
        if comment:
            lines += [f"{indent}{line}" for line in (start + comment).splitlines()]
            start = ""
        if len(indent + start + whole) < WIDTH:
            lines.append(indent + start + whole)
        else:
            lines.append(f"{indent}{start}{head} (")
            lines += _query(query, indent + _STEP, {})
            lines.append(f"{indent})")
    lines += comments.get("", "").splitlines()
    return lines + _branches(body, indent)


def _ctes(nodes: list[_Node]) -> tuple[list[tuple[str, list[_Node], str]], list[_Node]]:
    """(`name AS`, query, name) of each CTE, and what follows them."""
    if nodes[0].word != "WITH":
        return [], nodes
    found, at = [], 1
    while True:
        end = next(i for i in range(at, len(nodes)) if nodes[i - 1].word == "AS")
        query = nodes[end].inner
        assert query is not None
        name = nodes[at].word.strip('"`')
        found.append((_flat(nodes[at:end]), query, name))
        at = end + 1
        if nodes[at].word != ",":
            return found, nodes[at:]
        at += 1


def _branches(nodes: list[_Node], indent: str) -> list[str]:
    """The lines of selects, put together by UNION ALL or not; short ones share a line."""
    lines: list[str] = []
    for branch in _split(nodes, _UNIONS):
        whole = indent + _flat(branch)
        if len(whole) >= WIDTH:
            lines += [line for clause in _clauses(branch) for line in _clause(clause, indent)]
        elif lines and len(lines[-1] + whole) - len(indent) < WIDTH and " FROM " not in whole:
            lines[-1] += " " + whole[len(indent) :]
        else:
            lines.append(whole)
    return lines


def _split(nodes: list[_Node], words: set[str]) -> Iterator[list[_Node]]:
    """Runs of nodes, a new one at each of the words."""
    run: list[_Node] = []
    for node in nodes:
        if node.word in words and run:
            yield run
            run = []
        run.append(node)
    yield run


def _clauses(nodes: list[_Node]) -> Iterator[list[_Node]]:
    run: list[_Node] = []
    for place, node in enumerate(nodes):
        after = nodes[place + 1] if place + 1 < len(nodes) else None
        called = after is not None and after.inner is not None and not after.apart
        last = run[-1].word if run else ""
        starts = node.word in _CLAUSES | _JOINS and not called
        starts = starts and not (node.word == "FROM" and last == "DISTINCT")
        starts = starts and last not in _JOINS | _UNIONS | {"ALL"}
        if starts and run:
            yield run
            run = []
        run.append(node)
    yield run


def _clause(nodes: list[_Node], indent: str) -> list[str]:
    """The lines of `SELECT a, b`, `LEFT JOIN t ON ...`, `WHERE ...`."""
    return _filled(nodes, indent, indent + _STEP)


def _filled(nodes: list[_Node], first: str, rest: str) -> list[str]:
    """As much on each line as fits; `first` and `rest` are the indentations."""
    lines = [first]
    for place, item in enumerate(_items(nodes)):
        if _fits(item, rest):
            _put(lines, item, rest)
            continue
        if place:
            lines.append(rest)
        _break(lines, item, rest if place else first, _LEVELS)
    return [line for line in lines if line.strip()]


def _break(
    lines: list[str], nodes: list[_Node], indent: str, levels: Sequence[frozenset[str]]
) -> None:
    """What is longer than a line: broken at the words of the first level, then of the next."""
    if _fits(nodes, indent):
        _put(lines, nodes, indent)
    elif not levels:
        _open(lines, nodes, indent)
    else:
        for place, chunk in enumerate(_chunks(nodes, levels[0])):
            if place:
                lines.append(indent + _STEP)
            _break(lines, chunk, indent + _STEP * bool(place), levels[1:])


def _fits(nodes: list[_Node], indent: str) -> bool:
    return len(indent) + len(_flat(nodes)) < WIDTH and not _opens(nodes)


def _put(lines: list[str], nodes: list[_Node], indent: str) -> None:
    """On the last line, or on the next one where that is full."""
    blank = " " if lines[-1].strip() and nodes[0].apart else ""
    text = _flat(nodes)
    if len(lines[-1] + blank + text) < WIDTH:
        lines[-1] += blank + text
    else:
        lines.append(indent + text)


def _opens(chunk: list[_Node]) -> bool:
    """Whether it holds a query that would be hard to read on one line."""
    return any(node.is_query and len(node.flat) > WIDTH // 2 for node in chunk)


def _open(lines: list[str], chunk: list[_Node], indent: str) -> None:
    """Continue with a chunk that is longer than a line: its longest brackets are broken."""
    groups = [place for place, node in enumerate(chunk) if node.inner]
    blank = " " if lines[-1].strip() and chunk[0].apart else ""
    if not groups:
        lines[-1] += blank + _flat(chunk)
        return
    longest = max(groups, key=lambda place: (chunk[place].is_query, len(chunk[place].flat)))
    group = chunk[longest]
    assert group.inner is not None
    before, after = chunk[:longest], chunk[longest + 1 :]
    lines[-1] += blank + _flat(before) + (" " if group.apart and before else "") + "("
    if group.is_query:
        lines += _query(group.inner, indent + _STEP, {})
    else:
        lines += _filled(group.inner, indent + _STEP, indent + _STEP)
    lines.append(f"{indent})")
    if after:
        lines[-1] += (" " if after[0].apart else "") + _flat(after)


def _items(nodes: list[_Node]) -> Iterator[list[_Node]]:
    """The columns of a list."""
    run: list[_Node] = []
    for node in nodes:
        run.append(node)
        if node.word == ",":
            yield run
            run = []
    if run:
        yield run


def _chunks(nodes: list[_Node], words: frozenset[str]) -> Iterator[list[_Node]]:
    """Runs of nodes, a new one at each of the words, but for what an inner CASE holds."""
    run: list[_Node] = []
    between, depth = False, 0
    outer = 1 if "WHEN" in words else 0
    for node in nodes:
        starts = node.word in words and depth <= outer and not (node.word == "AND" and between)
        if starts and run and run[-1].word != "CASE":
            yield run
            run = []
        depth += (node.word == "CASE") - (node.word == "END")
        between = node.word == "BETWEEN" or (between and node.word != "AND")
        run.append(node)
    if run:
        yield run
