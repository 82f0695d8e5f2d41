"""The tables of a release or of BLS, in a folder or the publisher's zip, found by their columns.

A table is tab-separated UTF-8 text without quoting, under one line of column names; packed by gzip
or not. Files are called differently from release to release, hence a table is told by what it has;
the columns that were renamed between releases 28 and 31 are told by `_RENAMED`.
"""

import gzip
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

SUFFIXES = (".txt", ".tsv", ".txt.gz", ".tsv.gz")
_RENAMED = {
    "o_net_soc_code": "onetsoc_code",
    "related_o_net_soc_code": "related_onetsoc_code",
    "workplace_example": "example",
    "job_title": "alternate_title",
    "source_s": "sources",
}

_NO_TEXT = re.compile("[\0\udc80-\udcff]")
"""NUL, which PostgreSQL cannot hold; bytes that are not UTF-8, as `surrogateescape` has them."""


class ReleaseUnreadable(Exception):
    """The release is not there, not whole, or not of a form known here; the text says what."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot be used, and why."""

    table: str
    line: int
    reason: str

    def __str__(self) -> str:
        """Say where and why."""
        return f"{self.table} line {self.line} {self.reason}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a release."""

    name: str
    """Its file's name, without suffix."""
    place: PurePath
    """Where it is, folders and zip included: the version stands there."""
    columns: tuple[str, ...]
    """In small letters and underscores, by the names of `_RENAMED`."""
    opened: Callable[[], IO[bytes]]

    def rows(
        self, wanted: Sequence[str], bad: Callable[[BadRow], None]
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each line and its cells of the columns `wanted`.

        A column that the table lacks gives "". Lines that cannot be used are handed to `bad`.

        Raises:
            ReleaseUnreadable: the file is damaged.
        """
        width = len(self.columns)
        at = {name: index for index, name in enumerate(self.columns)}
        picks = [at.get(name, width) for name in wanted]
        with _reading(self.place), self.opened() as file:
            text = file.read().decode("utf-8-sig", "surrogateescape").replace("\r", "")
        plain = text.isascii() and "\0" not in text
        lines = (text if plain else unicodedata.normalize("NFC", text)).split("\n")
        for line, row in enumerate(lines[1 : None if lines[-1] else -1], start=2):
            cells = row.split("\t")
            if len(cells) == width and (plain or _is_text(row)):
                cells.append("")
                yield line, [cells[pick] for pick in picks]
            else:
                bad(BadRow(self.name, line, _fault(row, width)))


def tables_of(release: Path) -> list[Table]:
    """Find the tables in a folder, whatever its folders, or in a zip.

    Raises:
        ReleaseUnreadable: nothing is there, it is damaged, or it has a table twice.
    """
    with _reading(release):
        found = list(_in_folder(release) if release.is_dir() else _in_zip(release))
    names = [table.name for table in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ReleaseUnreadable(f"{release} holds {', '.join(twice)} twice: name one release")
    return found


def release_version(table: Table) -> str:
    """Read a release's version out of where a table of it is: `db_30_1_text.zip` is `30.1`.

    Raises:
        ReleaseUnreadable: no folder or zip above it has one in its name.
    """
    for part in reversed(table.place.parent.parts):
        if found := re.search(r"(?:^|_)(\d+)_(\d+)(?:_|\.|$)", part):
            return ".".join(found.groups())
    raise ReleaseUnreadable(
        f"{table.place.parent} does not tell its version; keep the publisher's name (db_30_1_text)"
    )


def _in_folder(release: Path) -> Iterator[Table]:
    for file in sorted(release.resolve().rglob("*")):
        if (name := _table_name(file.name)) is not None and file.is_file():
            opened = partial(gzip.open, file) if file.suffix == ".gz" else partial(file.open, "rb")
            yield _table(name, file, cast("Callable[[], IO[bytes]]", opened))


def _in_zip(release: Path) -> Iterator[Table]:
    archive = ZipFile(release)
    for member in sorted(archive.namelist()):
        path = PurePath(member)
        if path.suffix != ".gz" and (name := _table_name(path.name)) is not None:
            yield _table(name, release.resolve() / path, partial(archive.open, member))


def _table_name(file: str) -> str | None:
    suffix = next((s for s in SUFFIXES if file.endswith(s)), None)
    return None if suffix is None else file.removesuffix(suffix)


def _table(name: str, place: PurePath, opened: Callable[[], IO[bytes]]) -> Table:
    with opened() as file:
        header = file.readline().decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")
    columns = [re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") for title in header]
    return Table(name, place, tuple(_RENAMED.get(one, one) for one in columns), opened)


def _is_text(row: str) -> bool:
    return _NO_TEXT.search(row) is None


def _fault(row: str, width: int) -> str:
    if (found := _NO_TEXT.search(row)) is not None:
        return "holds NUL" if found[0] == "\0" else "is not UTF-8"
    return f"has {row.count(chr(9)) + 1} cells, not {width}"


@contextmanager
def _reading(place: PurePath) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, BadZipFile) as error:
        raise ReleaseUnreadable(f"{place} cannot be read: {error}") from error
