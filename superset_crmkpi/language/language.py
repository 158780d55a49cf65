"""A language: what it says in the place of an English text.

The messages are gettext's, `dashboards/messages/<code>.po` of each folder of definitions: `msgid`
is the English text as the files and the code have it. What has no translation stays English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import PoFileError, read_po

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.language.text import Text, places
from superset_crmkpi.plugins.definitions import Folders

ENGLISH_CODE = "en"
#: where a folder of definitions has its messages
FOLDER = ("dashboards", "messages")


@dataclass(frozen=True)
class Language:
    """`code` is that of a locale (`de`, `pt_BR`); `messages`: English text -> what it says."""

    code: str = ENGLISH_CODE
    messages: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def say(self, text: str) -> str:
        """The text in this language; in English where it has no translation."""
        if not isinstance(text, Text):
            return self.messages.get(text, text)
        given = {
            name: self.say(value) if isinstance(value, str) else value
            for name, value in text.given.items()
        }
        return self.messages.get(text.template, text.template).format(**given)

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.code)


ENGLISH = Language()


def languages(folders: Folders) -> list[str]:
    """The codes of all languages that some folder has messages of, and English."""
    found = {path.stem for folder in folders for path in folder.files(*FOLDER, ending=".po")}
    return sorted({ENGLISH_CODE, *found})


def language(code: str, folders: Folders) -> Language:
    """The language of that code. CrmKpiError when no folder has messages of it."""
    if code == ENGLISH_CODE:
        return ENGLISH
    known = languages(folders)
    if code not in known:
        raise CrmKpiError(
            f"`language: {code}`: there are no messages in it; there are: {', '.join(known)}"
        )
    files = [path for folder in folders for path in folder.files(*FOLDER, ending=f"{code}.po")]
    return Language(code, _merged(tuple(path for path in files if path.stem == code)))


def _merged(paths: Iterable[Path]) -> dict[str, str]:
    """Of several folders the later ones, which are the user's own, have the last word."""
    return {text: said for path in paths for text, said in translations(path)}


def translations(path: Path) -> tuple[tuple[str, str], ...]:
    """English text and translation. CrmKpiError for a file that is none, or fills in otherwise."""
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> tuple[tuple[str, str], ...]:
    """The messages of a file that are translated and not marked as doubtful (`fuzzy`)."""
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise CrmKpiError(f"{path.name}: {error}; it has to be a .po file of gettext") from error
    found = tuple(
        (str(message.id), str(message.string))
        for message in catalog
        if message.id and message.string and not message.fuzzy
    )
    for text, said in found:
        if places(text) != places(said):
            raise CrmKpiError(f"{path.name}: `{said}` has to fill in what `{text}` does")
    return found
