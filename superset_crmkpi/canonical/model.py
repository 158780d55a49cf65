"""The canonical CRM model: entities and columns, read from `sql/model/*.sql`.

Beside its own columns every entity has *companions*, which the compiler computes and which facts
use in place of date functions:

- for each `x_at` timestamp (UTC): `x_date` (date in the reporting time zone), `x_minute` (minute
  of that local day, 0 to 1439) and `x_epoch` (seconds since 1970, UTC);
- for each `x_at` that is a date: `x_date`;
- for each money column `x`: `x_base`, in the reporting currency.

`personal:` in the front matter lists the columns that are personal data of customers, leads and
contacts: what tells who somebody is, how to reach them, or what they wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.base.types import LOGICAL_OF, UNKNOWN, Type, type_of
from superset_crmkpi.plugins.definitions import Folders, installed, stamps

#: Columns the compiler fills for every entity; a mapping may leave them out.
MANAGED = ("source_system", "source_id", "synced_at", "custom", "is_deleted")
#: columns of every entity that may hold whatever a vendor keeps
ANYTHING = ("custom",)
COMPANION_KINDS: Mapping[str, Type] = {
    "date": "date",
    "minute": "bigint",
    "epoch": "bigint",
    "base": "double",
}
LATEST = "latest"


@dataclass(frozen=True)
class Column:
    """One canonical column; `allowed` are the values it may have, of an enumeration."""

    name: str
    type: Type
    nullable: bool = True
    meaning: str = ""
    references: str | None = None
    allowed: tuple[str, ...] = ()
    #: whether it comes of a profile's `fields` alone
    of_profile: bool = False
    #: whether it tells who a customer, lead or contact is, how to reach them, or what they wrote
    personal: bool = False


@dataclass(frozen=True)
class Companion:
    """A computed column: `kind` (date, minute, epoch, base) of the column `of`."""

    name: str
    kind: str
    of: str

    @property
    def type(self) -> Type:
        return COMPANION_KINDS[self.kind]


@dataclass(frozen=True)
class Entity:
    """A canonical table. `money` maps a money column to the dates its rate is taken at."""

    name: str
    label: str
    connect: str
    meaning: str
    columns: Mapping[str, Column]
    money: Mapping[str, tuple[str, ...]]

    @cached_property
    def companions(self) -> dict[str, Companion]:
        found: dict[str, Companion] = {}
        for column in self.columns.values():
            if not column.name.endswith("_at"):
                continue
            stem = column.name.removesuffix("_at")
            kinds = ("date", "minute", "epoch") if column.type == "timestamp" else ("date",)
            for kind in kinds:
                name = f"{stem}_{kind}"
                if name not in self.columns:
                    found[name] = Companion(name, kind, column.name)
        for name in self.money:
            found[f"{name}_base"] = Companion(f"{name}_base", "base", name)
        return found

    @cached_property
    def allowed(self) -> dict[str, frozenset[str]]:
        """Column -> the values it may have, of columns that are enumerations."""
        return {c.name: frozenset(c.allowed) for c in self.columns.values() if c.allowed}

    @cached_property
    def personal(self) -> frozenset[str]:
        """The columns that are personal data."""
        return frozenset(c.name for c in self.columns.values() if c.personal)

    @cached_property
    def schema(self) -> dict[str, Type]:
        """Column name to type, companions included."""
        types = {column.name: column.type for column in self.columns.values()}
        types.update({companion.name: companion.type for companion in self.companions.values()})
        return types

    def source_column(self, name: str) -> str:
        """The column a mapping supplies for `name` (itself, or what it is a companion of)."""
        companion = self.companions.get(name)
        return companion.of if companion else name


def load_model(folders: Folders | None = None) -> dict[str, Entity]:
    """Entities by name, of `folders`, by default of all that is installed.

    Ours are the entities; other folders add columns to them. Raises CrmKpiError naming the file of
    a malformed one.
    """
    chosen = installed() if folders is None else folders
    return _read(chosen, stamps(chosen))


@lru_cache(maxsize=8)
def _read(folders: Folders, stamps: object) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for folder in folders:
        for file in folder.sql_files("sql", "model"):
            with folder.named():
                read = _read_entity(file, found.get(file.name) if folder.owner else None)
                if folder.owner and file.name not in found:
                    raise file.fail(
                        "no such canonical entity; a folder adds columns to one of "
                        + ", ".join(found)
                    )
                found[file.name] = read
    return found


def _read_entity(file: SqlFile, extended: Entity | None = None) -> Entity:
    """The entity of a file; with the columns of `extended` before its own, which add to them."""
    create = file.parse()
    schema = create.this if isinstance(create, exp.Create) else None
    if not isinstance(schema, exp.Schema):
        raise file.fail("expected one `create table` statement")
    for other in schema.expressions:
        if not isinstance(other, exp.ColumnDef):
            raise file.fail(
                f"`{other.sql(comments=False)}` is no column with its type, as `note text`"
            )
    columns = {definition.name: _read_column(definition, file) for definition in schema.expressions}
    for name in _personal(file, columns):
        columns[name] = replace(columns[name], personal=True)
    money = {
        name: tuple(part.strip() for part in str(dates).split(","))
        for name, dates in (file.meta.get("money") or {}).items()
    }
    if extended is not None:
        _check_added(file, extended, columns.values())
        columns, money = {**extended.columns, **columns}, {**extended.money, **money}
        entity = replace(extended, columns=columns, money=money)
    else:
        entity = Entity(
            name=file.name,
            label=str(file.meta.get("label", file.name)),
            connect=str(file.meta.get("connect", "a source")),
            meaning=" ".join(comment.strip() for comment in create.comments or []),
            columns=columns,
            money=money,
        )
    for name, dates in money.items():
        unknown = [d for d in dates if d != LATEST and d not in entity.schema]
        if name not in columns or unknown:
            raise file.fail(f"money: `{name}: {', '.join(dates)}` names a column that is not there")
    return entity


def _personal(file: SqlFile, columns: Mapping[str, Column]) -> list[str]:
    """The columns under `personal` in the front matter of a file, and what holds anything."""
    given = file.meta.get("personal") or []
    names = [str(name) for name in (given if isinstance(given, list) else [given])]
    for name in names:
        if name not in columns:
            raise file.fail(f"personal: `{name}` is not a column of this file")
    return [*names, *(name for name in ANYTHING if name in columns)]


def _check_added(file: SqlFile, entity: Entity, added: Iterable[Column]) -> None:
    """Columns that a folder adds have names of their own, and may be empty."""
    for column in added:
        if column.name in entity.schema:
            raise file.fail(
                f"`{column.name}` is a column of {entity.name} already, or computed from one; "
                "choose another name"
            )
        if not column.nullable:
            raise file.fail(
                f"`{column.name} not null`: connectors that do not know it leave it empty; "
                "take `not null` away"
            )


def _read_column(definition: exp.ColumnDef, file: SqlFile) -> Column:
    reference = definition.find(exp.Reference)
    table = reference.find(exp.Table) if reference else None
    not_null = any(
        isinstance(constraint.kind, exp.NotNullColumnConstraint)
        for constraint in definition.args.get("constraints") or []
    )
    comments = definition.comments or []
    for node in definition.walk():
        comments = comments or node.comments or []
    given = definition.args.get("kind")
    kind = type_of(given) if isinstance(given, exp.DataType) else UNKNOWN
    if kind == UNKNOWN:
        shown = f"`{given.sql()}`" if given is not None else "nothing"
        raise file.fail(
            f"{definition.name}: {shown} is no type of ours; they are: {', '.join(LOGICAL_OF)}"
        )
    return Column(
        name=definition.name,
        type=kind,
        nullable=not not_null,
        meaning=" ".join(comment.strip() for comment in comments),
        references=table.name if table else None,
        allowed=_read_check(definition, file),
    )


def _read_check(definition: exp.ColumnDef, file: SqlFile) -> tuple[str, ...]:
    """The values of `check (column in ('a', 'b'))`, in their order; none without a check."""
    check = definition.find(exp.CheckColumnConstraint)
    if check is None:
        return ()
    within = check.this
    of_itself = isinstance(within, exp.In) and within.this.name == definition.name
    texts = within.expressions if of_itself else []
    if not texts or not all(isinstance(text, exp.Literal) and text.is_string for text in texts):
        raise file.fail(
            f"{definition.name}: a check lists the values of its column, as "
            f"`check ({definition.name} in ('a', 'b'))`"
        )
    return tuple(str(text.this) for text in texts)
