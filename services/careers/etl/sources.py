"""The FILES source: the tables of an O*NET database release, in a folder or the publisher's zip.

A table is tab-separated UTF-8 text without quoting, under one line of column names.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

SUFFIXES = (".txt", ".tsv", ".tsv.gz")


class ReleaseUnreadable(Exception):
    """The release is not there, not whole, or not of a form known here; the text says what."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `cells` by the publisher's column names."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot be used, and why."""

    line: int
    reason: str


def release_version(release: Path) -> str:
    """Read the version out of a release's name: `db_30_1_text.zip` is `30.1`.

    Raises:
        ReleaseUnreadable: the name has none.
    """
    found = re.search(r"_(\d+)_(\d+)", release.resolve().name)
    if found is None:
        raise ReleaseUnreadable(
            f"{release.name} does not tell its version; keep the publisher's name (db_30_1_text)"
        )
    return ".".join(found.groups())


def read_table(release: Path, table: str, columns: Sequence[str]) -> Iterator[Row | BadRow]:
    """Yield the lines of a table as they are read; nothing of it is held.

    Args:
        release: a folder, or a zip file.
        table: the publisher's name, such as `Occupation Data`.
        columns: those that it must have; others are passed along.

    Raises:
        ReleaseUnreadable: the table or a column is missing, or the file is damaged.
    """
    try:
        with _opened(release, table) as file:
            header = next(file, b"").decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")
            if missing := set(columns).difference(header):
                raise ReleaseUnreadable(f"{table} has no column {', '.join(sorted(missing))}")
            for line, raw in enumerate(file, start=2):
                yield _row(line, raw, header)
    except (OSError, EOFError, zlib.error, BadZipFile) as error:
        raise ReleaseUnreadable(f"{table} of {release} cannot be read: {error}") from error


def _row(line: int, raw: bytes, header: list[str]) -> Row | BadRow:
    try:
        cells = raw.decode().rstrip("\r\n").split("\t")
    except UnicodeDecodeError:
        return BadRow(line, "is not UTF-8")
    if len(cells) != len(header):
        return BadRow(line, f"has {len(cells)} cells, not {len(header)}")
    return Row(line, dict(zip(header, cells, strict=True)))


@contextmanager
def _opened(release: Path, table: str) -> Iterator[IO[bytes]]:
    wanted = [f"{table}{suffix}" for suffix in SUFFIXES]
    with ExitStack() as stack:
        # The publisher's zip has a folder around its files, hence paths are told by their last part
        if release.is_dir():
            names, open_file = [file.name for file in release.iterdir()], _in_folder(release)
        else:
            archive = stack.enter_context(ZipFile(release))
            names, open_file = archive.namelist(), archive.open
        found = next((name for name in names if PurePosixPath(name).name in wanted), None)
        if found is None:
            raise ReleaseUnreadable(f"{release} has none of {', '.join(wanted)}")
        file = stack.enter_context(open_file(found))
        if found.endswith(".gz"):
            file = stack.enter_context(cast("IO[bytes]", gzip.GzipFile(fileobj=file)))
        yield file


def _in_folder(folder: Path) -> Callable[[str], IO[bytes]]:
    return lambda name: (folder / name).open("rb")
