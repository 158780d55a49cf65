"""Random queries over three tables, for tests of what is done to queries."""

from __future__ import annotations

from hypothesis import strategies as st


class Queries:
    """Draws queries over the tables; every relation has columns `a`, `b` and `c`."""

    TABLES = (
        "select id as a, owner_id as b, amount as c from deal",
        "select id as a, team_id as b, name as c from person",
        "select deal_id as a, day as b, 1 as c from note",
    )
    VIEWS = ("deal_v", "person_v", "note_v")
    SETS = ("union all", "union all", "union", "intersect", "except")

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.ctes: list[str] = []

    def among(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def query(self) -> str:
        for number in range(self.draw(st.integers(0, 3))):
            body = self.select(2)
            self.ctes.append(f"x{number} as ({body})")
        body = self.select(3)
        return f"with {', '.join(self.ctes)} {body}" if self.ctes else body

    def source(self, depth: int) -> str:
        names = [f"x{i}" for i in range(len(self.ctes))]
        kind = self.among("table", *(["cte"] if names else []), *(["query"] if depth else []))
        if kind == "cte":
            return self.among(*names)
        if kind == "query":
            return f"({self.select(depth - 1)})"
        return self.among(*self.VIEWS)

    def select(self, depth: int) -> str:
        kinds = ("plain", "distinct", "group", "place", "join", "join", "set", "set", "one")
        return str(getattr(self, f"_{self.among(*kinds)}")(depth))

    def _plain(self, depth: int) -> str:
        c = self.among("s.c", "s.a", "7")
        where = self.among("", "where s.a = 1", "where s.b is not null")
        return f"select s.a as a, s.b as b, {c} as c from {self.source(depth)} as s {where}"

    def _distinct(self, depth: int) -> str:
        return f"select distinct s.a as a, s.b as b, s.c as c from {self.source(depth)} as s"

    def _group(self, depth: int) -> str:
        b, by = self.among("s.b|s.a, s.b", "max(s.b)|s.a", "1|s.a", "s.b|s.b, s.a").split("|")
        return (
            f"select s.a as a, {b} as b, count(*) as c from {self.source(depth)} as s group by {by}"
        )

    def _place(self, depth: int) -> str:
        by = self.among("partition by s.a", "partition by s.a, s.b", "")
        return (
            f"select s.a as a, s.b as b, row_number() over ({by} order by s.a, s.b, s.c) as c "
            f"from {self.source(depth)} as s"
        )

    def _one(self, depth: int) -> str:
        a = self.among("1", "min(s.a)")
        return f"select {a} as a, max(s.b) as b, count(*) as c from {self.source(depth)} as s"

    def _join(self, depth: int) -> str:
        left, right = self.source(depth), self.source(depth)
        side = self.among("left", "left", "left", "inner")
        on = self.among("r.a = l.a", "r.a = l.b", "r.b = l.a", "r.c = l.a")
        more = self.among("", "and r.b = l.b", "and r.c = 1", "and r.b > 1")
        b, c = self.among("l.b", "r.b"), self.among("r.c", "l.c", "l.a")
        where = self.among("", "", "where r.c = 1", "where l.c = 1 and l.b is not null")
        return (
            f"select l.a as a, {b} as b, {c} as c from {left} as l "
            f"{side} join {right} as r on {on} {more} {where}"
        )

    def _set(self, depth: int) -> str:
        branches = [self.select(max(depth - 1, 0)) for _ in range(self.draw(st.integers(2, 3)))]
        kind = self.among(*self.SETS)
        if self.draw(st.booleans()):
            branches = [f"({branch})" for branch in branches]
        else:  # as written: what binds stronger differs, so one kind for all of them
            kind = "union all"
        return f" {kind} ".join(branches)


@st.composite
def queries(draw: st.DrawFn) -> str:
    return Queries(draw).query()
