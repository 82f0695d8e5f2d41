"""Releases to load in tests: parts of the real one, and the forms that the publisher gives it."""

import csv
import gzip
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from services.careers.etl.mapping import Staged, dossier_of
from services.careers.etl.release import read_release
from services.careers.etl.shape import Dossier, Mode, Source
from services.careers.etl.tables import BadRow

CODE = "O*NET-SOC Code"
Table = list[dict[str, str]]


def read_tsv(file: Path) -> Table:
    """Read a table of the shared data, as anybody would."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", newline="") as lines:
        return _parsed(lines)


def _parsed(lines: Iterable[str]) -> Table:
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def tables(onet: Path, codes: Collection[str]) -> dict[str, Table]:
    """Read the tables of the shared release by the publisher's names; lines of `codes` only.

    Tables that have none of these are left out.
    """
    found = {}
    for file in onet.glob("onet_30_1*/*.tsv.gz"):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            header = next(lines)
            own = header.startswith(CODE)
            kept = [line for line in lines if not own or line[:10] in codes]
        if kept:
            found[file.name.removesuffix(".tsv.gz")] = _parsed([header, *kept])
    return found


def write_text(folder: Path, found: dict[str, Table]) -> Path:
    """Write a release as the publisher does: a zip with a folder of .txt files."""
    release = folder / "db_30_1_text.zip"
    with ZipFile(release, "w", ZIP_DEFLATED) as archive:
        for name, rows in found.items():
            archive.writestr(f"db_30_1_text/{name}.txt", "\r\n".join(_lines(rows)) + "\r\n")
    return release


def write_folder(folder: Path, found: dict[str, Table]) -> Path:
    """Write a release into a folder of .tsv files."""
    release = folder / "onet_30_1"
    release.mkdir(exist_ok=True)
    for name, rows in found.items():
        (release / f"{name}.tsv").write_text("\n".join(_lines(rows)) + "\n", "utf-8")
    return release


def _lines(rows: Table) -> Iterator[str]:
    yield "\t".join(rows[0])
    yield from ("\t".join(row.values()) for row in rows)


def without(rows: Table, *columns: str) -> Table:
    """Return a table that lacks some columns."""
    return [{name: cell for name, cell in row.items() if name not in columns} for row in rows]


def renamed(rows: Table, **columns: str) -> Table:
    """Return a table some of whose columns, written with `_` for spaces, have other names."""
    names = {old.replace("_", " "): new for old, new in columns.items()}
    return [{names.get(name, name): cell for name, cell in row.items()} for row in rows]


def dossiers(release: Path, bad: Callable[[str, BadRow], None] | None = None) -> list[Dossier]:
    """Read a release and map it; a bad row is an error where nobody wants it."""
    codes, raws = read_release(release, bad or _refuse)
    sections: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for raw in raws:
        sections[raw.onet_code][raw.section] = orjson.loads(raw.body)
    return [
        dossier_of(code, Mode.FILES, {Source.FILES: Staged("text", "30.1", sections[code])})
        for code in codes
    ]


def _refuse(table: str, row: BadRow) -> None:
    raise AssertionError(f"{table}: {row}")


@contextmanager
def unseen(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show no progress."""
    yield lambda: None


def some(onet: Path, every: int) -> set[str]:
    """Return every so-many-th occupation of the shared release, those without data among them."""
    rows = read_tsv(onet / "onet_30_1" / "Occupation Data.tsv.gz")
    return {row[CODE] for row in rows[::every]}
