"""Accounts of several sources matched, as SQL over their mappings.

The sources are taken in the order of the profile: the accounts of each are held against those of
the sources before it. A rule that leads to one single account decides; one that leads to several is
ambiguous, and the next rule is asked. What no rule decides stays an account of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import DIALECT, packaged
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.compile.relations import Part, literal
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.profile.accounts import NAMES, Accounts
from superset_crmkpi.query.compose import union

ENTITY = "account_match"
#: part with one row per account of a source after the first, and what it was matched with
RESOLVED = "match_resolved"
#: parts of which each source after the first has its own: `match_targets_2`
_STEPS = ("match_targets", "match_evidence", "match_counts", "match_chosen")
#: what the leading account keeps although another source may know more
KEPT = ("id", "source_system", "source_id", "is_deleted", "currency", "annual_revenue", "synced_at")


class AccountMatching:
    """The matching of a profile's sources. CrmKpiError for one that has no accounts."""

    def __init__(
        self, rules: Accounts, sources: Sequence[MappedSource], shared_domains: Sequence[str]
    ) -> None:
        by_name = {source.name: source for source in sources}
        self.rules = rules
        self.sources = [by_name[name] for name in rules.sources]
        self.shared_domains = list(shared_domains)
        for source in self.sources:
            if not source.usable("account"):
                raise CrmKpiError(
                    f"`accounts.sources`: {source.name} has no accounts; leave it out"
                )
        for name in sorted(rules.columns):
            if not any(name in source["account"].emits for source in self.sources):
                raise CrmKpiError(
                    f"`accounts.map`: no source gives `account.{name}`; add it under `fields`"
                )

    @property
    def names(self) -> list[str]:
        return [source.name for source in self.sources]

    @property
    def followers(self) -> set[str]:
        """Sources whose accounts may become another one's."""
        return set(self.names[1:])

    def demands(self) -> dict[str, set[str]]:
        """Entity -> columns of its mappings that matching reads."""
        return {
            "account": {"id", "name", "website_domain", *self.rules.columns},
            "contact": {"id", "account_id", "email"},
        }

    def parts(self) -> list[Part]:
        """Over the mapped parts `<source>_account` and `<source>_contact`; `RESOLVED` is last."""
        parts = [
            Part("match_accounts", union([self._accounts(s) for s in self.sources])),
            Part("match_addresses", self._addresses()),
            Part("match_domains", self._domains()),
            Part("match_map", self._map()),
            Part("match_1", _read("leading")),
        ]
        for place in range(2, len(self.sources) + 1):
            before = " union all ".join(
                f"select own_id, account_id from match_{earlier}" for earlier in range(1, place)
            )
            evidence = union(
                [
                    _numbered(_evidence(rule, order, place), place)
                    for order, rule in enumerate(self.rules.by, start=1)
                ]
            )
            own = exp.Literal.number(place)
            parts += [
                Part(f"match_targets_{place}", _sql(before)),
                Part(f"match_evidence_{place}", evidence),
                Part(f"match_counts_{place}", _numbered(_read("counts"), place)),
                Part(f"match_chosen_{place}", _numbered(_read("chosen"), place)),
                Part(f"match_{place}", _numbered(_read("matched", place=own), place)),
            ]
        every = [_sql(f"select * from match_{n}") for n in range(2, len(self.sources) + 1)]
        names = ["place", "source", "own_id", "native_id", "name", "domain", "account_id"]
        names += ["status", "rule", "candidates", "first_id", "last_id"]
        for select in every:
            select.set("expressions", [exp.column(name) for name in names])
        parts.append(Part(RESOLVED, union(every)))
        return parts

    def _accounts(self, source: MappedSource) -> exp.Query:
        emitted = set(source["account"].emits)

        def text(name: str) -> exp.Expression:
            there = exp.column(name, "m") if name in emitted else exp.null()
            return exp.cast(there, "text")

        given = {
            "place": exp.Literal.number(self.names.index(source.name) + 1),
            "source": exp.Literal.string(source.name),
            "own_id": prefixed(source.name, text("id")),
            "native_id": text("id"),
            "name": text("name"),
            "domain": dialects.call("crm_domain", text("website_domain")),
            **{
                f"held_{name}": exp.func(
                    "nullif", exp.func("trim", text(name)), exp.Literal.string("")
                )
                for name in sorted(self.rules.columns)
            },
        }
        query = exp.select(*[exp.alias_(value, name) for name, value in given.items()])
        return _living(query, source, "account")

    def _addresses(self) -> exp.Query:
        selects = []
        for place, source in enumerate(self.sources, start=1):
            if not source.usable("contact"):
                continue
            if not {"account_id", "email"} <= set(source["contact"].emits):
                continue
            owner = source.source.links.get("account", source.name)
            account = exp.cast(exp.column("account_id", "m"), "text")
            email = exp.func("lower", exp.func("trim", exp.column("email", "m")))
            query = exp.select(
                exp.alias_(exp.Literal.number(place), "place"),
                exp.alias_(prefixed(owner, account), "own_id"),
                exp.alias_(email, "email"),
            )
            query = _living(query, source, "contact").where("m.email like '%@%'")
            selects.append(query.where("m.account_id is not null"))
        return union(selects) if selects else _read("no_address")

    def _domains(self) -> exp.Query:
        return _read("domains", shared=literal(self.shared_domains))

    def _map(self) -> exp.Query:
        selects: list[exp.Query] = []
        for source, rule in self.rules.map.items():
            for own, target in rule.ids.items():
                pair = (_text(f"{source}:{own}"), _text(self._target(target)))
                selects.append(_sql("select {} as own_id, {} as target".format(*pair)))
            if rule.column:
                selects.append(
                    _read(
                        "mapped_by_column",
                        held=exp.column(f"held_{rule.column}", "a"),
                        leader=exp.Literal.string(f"{self.names[0]}:"),
                        source=exp.Literal.string(source),
                    )
                )
            if rule.held_in:
                selects.append(
                    _read(
                        "held_in",
                        held=exp.column(f"held_{rule.held_in}", "a"),
                        source=exp.Literal.string(f"{source}:"),
                        place=exp.Literal.number(self.names.index(source) + 1),
                    )
                )
        return union(selects) if selects else _read("no_map")

    def _target(self, given: str) -> str:
        source, colon, _ = given.partition(":")
        return given if colon and source in self.names else f"{self.names[0]}:{given}"

    def entity(self, entity: Entity, columns: set[str]) -> exp.Query:
        """The canonical `account_match`, finished."""
        rule = exp.case()
        for order, name in enumerate(self.rules.by, start=1):
            rule = rule.when(f"r.status <> 'unmatched' and r.rule = {order}", _text(NAMES[name]))
        system = exp.case()
        for source in self.sources:
            system = system.when(f"r.source = {_text(source.name)}", _text(source.connector.name))
        found: dict[str, exp.Expression | str] = {
            "id": "r.own_id",
            "source_system": system,
            "source_id": "r.native_id",
            "is_deleted": "false",
            "source": "r.source",
            "name": "r.name",
            "website_domain": "r.domain",
            "account_id": "case when r.status = 'matched' then r.account_id end",
            "status": "r.status",
            "matched_by": rule,
            "candidates": "r.candidates",
            "candidate_id": "r.first_id",
            "other_candidate_id": "r.last_id",
        }
        selected = [
            exp.alias_(
                sqlglot.parse_one(value, dialect=DIALECT) if isinstance(value, str) else value, name
            )
            if (value := found.get(name)) is not None
            else exp.alias_(exp.cast(exp.null(), kind), name)
            for name, kind in entity.schema.items()
            if name in columns
        ]
        return exp.select(*selected).from_(f"{RESOLVED} as r")

    def merged(self, entity: Entity, columns: set[str], own: str) -> exp.Query:
        """The accounts of part `own` (all sources'), each company once.

        The leading account keeps its values; what it lacks comes from the others, in their order.
        """
        names = [name for name in entity.schema if name in columns]
        fill: dict[str, list[str]] = {name: [] for name in names}
        joins = []
        for place, source in enumerate(self.sources[1:], start=2):
            emitted = set(source["account"].emits)
            known = [n for n in names if n not in KEPT and entity.source_column(n) in emitted]
            for name in known:
                fill[name].append(f"f{place}")
            if known:
                first = _first_of(own, place, known)
                on = exp.column("account_id", f"f{place}").eq(exp.column("id", "o"))
                joins.append((first.subquery(f"f{place}"), on))
        values = [
            exp.alias_(
                exp.func("coalesce", *(exp.column(name, alias) for alias in ("o", *fill[name])))
                if fill[name]
                else exp.column(name, "o"),
                name,
            )
            for name in names
        ]
        query = exp.select(*values).from_(f"{own} as o")
        resolved = exp.to_table(RESOLVED).as_("r")
        query = query.join(resolved, on="r.own_id = o.id", join_type="left")
        for relation, on in joins:
            query = query.join(relation, on=on, join_type="left")
        return query.where("coalesce(r.account_id, o.id) = o.id")


def _first_of(own: str, place: int, columns: Sequence[str]) -> exp.Query:
    """Of several accounts of one source that are one company, the one with the lowest id."""
    numbered = exp.select(
        "r.account_id",
        "row_number() over (partition by r.account_id order by o.id) as n",
        *(exp.column(name, "o") for name in columns),
    ).from_(f"{own} as o")
    numbered = numbered.join(exp.to_table(RESOLVED).as_("r"), on="r.own_id = o.id")
    numbered = numbered.where(f"r.place = {place} and r.account_id <> o.id")
    picked = [exp.column("account_id", "x"), *(exp.column(name, "x") for name in columns)]
    return exp.select(*picked).from_(numbered.subquery("x")).where("x.n = 1")


def _sql(text: str) -> exp.Query:
    query = sqlglot.parse_one(text, dialect=DIALECT)
    assert isinstance(query, exp.Query)
    return query


def _read(name: str, **values: exp.Expression) -> exp.Query:
    """The step `sql/matching/<name>.sql`."""
    return packaged("matching", name).filled(**values)


def _evidence(rule: str, order: int, place: int) -> exp.Query:
    """The accounts that a rule leads the accounts of a source to."""
    values = {"order": exp.Literal.number(order)}
    if rule != "map":
        values["place"] = exp.Literal.number(place)
    return _read(f"by_{rule}", **values)


def _numbered(query: exp.Query, place: int) -> exp.Query:
    """The query over the steps of the source at `place`."""
    for table in query.find_all(exp.Table):
        if table.name in _STEPS:
            table.set("this", exp.to_identifier(f"{table.name}_{place}"))
    return query


def _living(query: exp.Select, source: MappedSource, entity: str) -> exp.Select:
    query = query.from_(exp.alias_(exp.to_table(f"{source.name}_{entity}"), "m", table=True))
    if "is_deleted" in source[entity].emits:
        query = query.where("not coalesce(m.is_deleted, false)")
    return query


def prefixed(source: str, column: exp.Expression) -> exp.Expression:
    """A native id as an id of the model: `<source>:<native id>`."""
    return exp.DPipe(this=exp.Literal.string(f"{source}:"), expression=column, safe=False)


def _text(value: str) -> str:
    return exp.Literal.string(value).sql(dialect=DIALECT)
