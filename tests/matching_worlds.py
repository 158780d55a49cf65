"""Companies that several systems know, filled into an engine: drawn at random, and named ones."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.oracles.account_matches import IDS, SHARED, SOURCES, Row, World
from tests.real.conftest import Answers

ENTITIES = {
    "account": "select id, name, domain as website_domain, segment, crm_id, desk_id,"
    " gone as is_deleted from {s}.accounts",
    "contact": "select id, account as account_id, email, gone as is_deleted from {s}.contacts",
    "ticket": "select id, account as account_id, 'open' as status from {s}.tickets",
}
TABLES = {
    "accounts": ("id", "name", "domain", "segment", "crm_id", "desk_id", "gone"),
    "contacts": ("id", "account", "email", "gone"),
    "tickets": ("id", "account"),
}
ACCOUNTS: Row = {
    "sources": list(SOURCES),
    "map": {"billing": {"ids": IDS, "column": "crm_id"}, "desk": {"held_in": "desk_id"}},
}


def profile(schema: str = "crmkpi", **accounts: Any) -> Profile:
    own = {"facts": []}
    return Profile.model_validate(
        {
            "database": {"name": "x"},
            "schema": schema,
            "sources": {
                s: {
                    "connector": "sql",
                    "schema": s,
                    "entities": {name: sql.format(s=s) for name, sql in ENTITIES.items()},
                }
                for s in SOURCES
            },
            "fields": {"account.crm_id": own, "account.desk_id": own},
            "accounts": {**ACCOUNTS, **accounts},
            "settings": {"shared_domains": list(SHARED)},
        }
    )


class Bench:
    """The three systems in one engine, filled anew for each example."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.begin() as connection:
            for source in SOURCES:
                connection.exec_driver_sql(f"create schema {source}")
                for table, columns in TABLES.items():
                    typed = ", ".join(
                        f"{c} {'boolean' if c == 'gone' else 'varchar(40)'}" for c in columns
                    )
                    connection.exec_driver_sql(f"create table {source}.{table} ({typed})")
        self.project = Project(profile(), engine)
        self.answers = Answers(self.project)
        self.sql = {
            name: self.project.live.entity(name) for name in ("account_match", "account", "ticket")
        }

    def fill(self, world: World) -> None:
        with self.engine.begin() as connection:
            for source in SOURCES:
                for table, columns in TABLES.items():
                    connection.execute(sa.text(f"delete from {source}.{table}"))
                    rows = [{**dict.fromkeys(columns), **row} for row in world[source][table]]
                    if rows:
                        names = ", ".join(f":{column}" for column in columns)
                        insert = sa.text(f"insert into {source}.{table} values ({names})")
                        connection.execute(insert, rows)

    def rows(self, entity: str) -> list[Row]:
        frame = self.answers.rows(self.sql[entity])
        return [
            {k: None if v is pd.NaT or v is None or v != v else v for k, v in row.items()}
            for row in frame.to_dict("records")
        ]


DOMAINS = st.sampled_from(
    [
        None,
        "",
        "a.example",
        " WWW.A.example",
        "b.example",
        "https://www.b.example/about?x=1",
        "HTTP://c.example:80",
        "c.example",
        "gmail.com",
    ]
)
EMAILS = st.sampled_from(
    [None, "x", "jo@a.example", "JO@A.EXAMPLE ", "ann@b.example", "pat@gmail.com", "z@c.example"]
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    found: World = {}
    for source in SOURCES:
        letter = source[0]
        ids = [f"{letter}{n}" for n in range(1, draw(st.integers(0, 4)) + 1)]
        accounts = [
            {
                "id": i,
                "name": f"name of {i}",
                "domain": draw(DOMAINS),
                "segment": draw(st.sampled_from([None, "SMB", "enterprise"])),
                "crm_id": draw(st.sampled_from([None, None, "", "c1", "c2", "crm:c3", "c9"])),
                "desk_id": draw(st.sampled_from([None, None, None, "d1", "d2"])),
                "gone": draw(st.sampled_from([False, False, False, True, None])),
            }
            for i in ids
        ]
        owners = st.sampled_from([*ids, None, f"{letter}9"])
        contacts = [
            {
                "id": f"p{n}",
                "account": draw(owners),
                "email": draw(EMAILS),
                "gone": draw(st.booleans()),
            }
            for n in range(draw(st.integers(0, 4)))
        ]
        tickets = [{"id": f"t{n}", "account": draw(owners)} for n in range(draw(st.integers(0, 3)))]
        found[source] = {"accounts": accounts, "contacts": contacts, "tickets": tickets}
    return found


def one(**more: Any) -> Row:
    return {"domain": None, "segment": None, "crm_id": None, "desk_id": None, "gone": False, **more}


def world(**accounts: list[Row]) -> World:
    return {s: {"accounts": accounts.get(s, []), "contacts": [], "tickets": []} for s in SOURCES}


TWINS = world(  # a chain: the desk's account is billing's, which is the CRM's
    crm=[one(id="c1", name="Acme", desk_id="d2")],
    billing=[
        one(id="b1", name="Acme Ltd", domain="a.example", segment="SMB"),
        one(id="b4", name="B"),
    ],
    desk=[
        one(id="d1", name="acme", domain="www.a.example"),
        one(id="d2", name="x", segment="enterprise"),
    ],
)
UNCLEAR = world(
    crm=[
        one(id="c1", name="A north", domain="a.example"),
        one(id="c2", name="A south", domain="a.example"),
    ],
    desk=[one(id="d1", name="A", domain="a.example")],
)
AGENCY = world(  # without a website, and with people of two companies: neither is its domain
    crm=[one(id="c1", name="A", domain="a.example")], billing=[one(id="b4", name="B")]
)

AGENCY["billing"]["contacts"] = [
    {"id": f"p{host}", "account": "b4", "email": f"jo@{host}.example", "gone": False}
    for host in "ab"
]
