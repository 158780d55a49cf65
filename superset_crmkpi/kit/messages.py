"""The messages of a folder of definitions: every text that people read of it, for translators.

Of our own folder those of the code are among them. Written as gettext's catalogues,
`dashboards/messages/<language>.po`, each message with where it stands.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel import UnknownLocaleError
from babel.messages.catalog import Catalog as Messages
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import packaged, parse_sql
from superset_crmkpi.catalogue.definitions import AREAS, FactMeta, Kpi
from superset_crmkpi.catalogue.display import role_name
from superset_crmkpi.compile.labels import LabelColumns
from superset_crmkpi.dashboards.spec import Dashboard, load_specs
from superset_crmkpi.kit.definitions import DefinitionsBench
from superset_crmkpi.language.language import translations
from superset_crmkpi.plugins.definitions import Folder, Folders
from superset_crmkpi.query.say import templates

#: text and where it stands
Found = Iterator[tuple[str, str]]
#: facts that are made of the catalogue: folder and name of what they are made by
_GENERATED = (
    ("scorecard", "kpi_scorecard"),
    ("scorecard", "kpi_tree"),
    ("alerts", "kpi_alerts"),
    ("impact", "crm_impacts"),
)
#: rooms whose code says something, and the functions that it says it by
_ROOMS = ("bundle", "catalogue", "compile", "language")
_KEYWORDS = {"say": None, "Text": None, "marked": None}


def texts(folders: Folders, folder: Folder) -> dict[str, str]:
    """English text -> where it stands first, of one of the folders."""
    bench = DefinitionsBench(folders, folder.owner)
    found: dict[str, str] = {}
    for text, where in _all(bench, folder):
        if any(letter.isalpha() for letter in text):
            found.setdefault(text, where)
    return found


def _all(bench: DefinitionsBench, folder: Folder) -> Found:
    for spec in load_specs(bench.catalog, bench.folders):
        if spec.folder.path == folder.path:
            yield from _of_dashboard(spec.board)
    for kpi in bench.kpis:
        yield from _of_kpi(kpi)
    for fact in bench.facts:
        yield from _of_fact(fact.name, fact.meta)
        yield from ((text, f"fact {fact.name}") for text in templates(fact.query))
    for (column, value), place in bench.catalog.labels.places.items():
        if place.whose == folder.owner:
            of = bench.catalog.labels.values.get(column, bench.catalog.labels.flags)
            yield of[value], f"value of {column or 'a flag'}"
    yield from _values(bench)
    if not folder.owner:
        yield from _of_ours(bench)


def _of_dashboard(board: Dashboard) -> Found:
    yield board.title, "title of a dashboard"
    yield board.description, f"description of {board.title}"
    for select in board.filters:
        yield select.label, "name of a filter"
    for tab in board.tabs:
        yield tab.title, "title of a tab"
        for row in tab.rows:
            for tile in row.tiles:
                yield tile.title or "", f"title of a tile of {board.title}"
                yield tile.text or "", f"text on {board.title}"


def _of_kpi(kpi: Kpi) -> Found:
    for name in ("label", "question", "definition", "action"):
        yield getattr(kpi.meta, name), f"{name} of the KPI {kpi.name}"
    yield kpi.meta.review, "name of a meeting"
    yield kpi.meta.refresh, "how often a number is computed"
    for role in kpi.owners:
        yield role_name(role), "role of an owner"
    if not isinstance(kpi.meta.owner, str):
        yield from ((part, "what an owner answers for") for part in kpi.meta.owner.values())


def _of_fact(name: str, meta: FactMeta) -> Found:
    yield meta.label, f"name of the table {name}"
    yield meta.grain, f"what a row of {name} is"
    for column, label in {**meta.dimensions, **meta.columns}.items():
        yield label, f"heading of {column}"
    for measure in meta.measures.values():
        yield measure.label, "heading of a measure"
        parsed = parse_sql(measure.sql, f"{name}: measure")
        yield from ((text, f"measure of {name}") for text in templates(parsed))
    for setting in meta.settings.values():
        if setting.default is None:
            yield setting.about, "what a setting is"


def _values(bench: DefinitionsBench) -> Found:
    """Texts that facts write into their columns, and that have no label."""
    columns = LabelColumns(bench.duckdb)
    for fact in bench.facts:
        shown = {**fact.meta.dimensions, **fact.meta.columns}
        for column, held in columns.values_of(fact.name).items():
            if column in shown:
                known = held.known - bench.catalog.labels.of(column).keys()
                yield from ((value, f"value of {column}") for value in sorted(known))


def _of_ours(bench: DefinitionsBench) -> Found:
    for folder, name in _GENERATED:
        file = packaged(folder, name)
        yield from _of_fact(name, FactMeta.model_validate(file.document))
    for area in AREAS:
        yield area.capitalize(), "branch of the KPI tree"
    for entity in bench.model.values():
        yield entity.label, f"what {entity.name} holds"
        yield entity.connect, f"where {entity.name} comes from"
    package = Path(__file__).parents[1]
    for room in _ROOMS:
        for _, _, text, _, _ in extract_from_dir(
            package / room, method_map=[("**.py", "python")], keywords=_KEYWORDS
        ):
            yield str(text), "text of a tile, a tooltip or an alert"


def merged(found: Mapping[str, str], path: Path, language: str) -> Messages:
    """The messages in a language, with the translations that the file has already.

    CrmKpiError for a code of no locale.
    """
    known = _read(path, language) if path.exists() else {}
    try:
        messages = Messages(locale=language, fuzzy=False)
    except (UnknownLocaleError, ValueError) as error:
        raise CrmKpiError(
            f"`{language}` is the code of no locale; write it as de or pt_BR"
        ) from error
    for text, where in found.items():
        before = known.get(text)
        flags = {"fuzzy"} if before is not None and before.fuzzy else set()
        said = before.string if before is not None else ""
        messages.add(text, said, auto_comments=[where], flags=flags)
    return messages


def _read(path: Path, language: str) -> dict[str, Message]:
    with path.open("rb") as file:
        return {str(message.id): message for message in read_po(file, locale=language)}


def check(messages: Messages, path: Path) -> None:
    """CrmKpiError with the first fault: not as written, untranslated, or places that differ."""
    told = f"{path.name}: {{}}; run `crmkpi messages`"
    if path.exists():
        translations(path)
    if not path.exists() or path.read_bytes() != _bytes(messages):
        raise CrmKpiError(told.format("it is not of the texts that there are now"))
    for message in messages:
        if message.id and (not message.string or message.fuzzy):
            raise CrmKpiError(f"{path.name}: `{message.id}` has no translation")


def save(messages: Messages, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_bytes(messages))


def _bytes(messages: Messages) -> bytes:
    head = f'Content-Type: text/plain; charset=utf-8\\n"\n"Language: {messages.locale_identifier}'
    file = io.BytesIO(f'msgid ""\nmsgstr ""\n"{head}\\n"\n\n'.encode())
    file.seek(0, io.SEEK_END)
    write_po(file, messages, width=100, omit_header=True)  # without dates and names of tools
    return file.getvalue()
