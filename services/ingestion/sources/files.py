"""The file source: a posting a line, as JSON Lines or CSV, plain or gzipped."""

import csv
import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import orjson

from services.ingestion.sources.shape import (
    BadItem,
    Json,
    RawItem,
    RawPage,
    SourcePosting,
    SourceStopped,
    posting_of,
    storable,
)

MAX_LINE = 1_000_000
"""Bytes of a line; a longer one is passed over without being held."""
PAGE = 500
"""Lines that are stored at once, and the most that are held."""

_GZIP_MAGIC = b"\x1f\x8b"
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_NUMBERS = ("salary_min", "salary_max")


class JobFile:
    """A file as a `JobSource`; postings that name a source of their own keep it."""

    def __init__(self, path: Path, limit: int | None = None) -> None:
        self._path = path
        self._limit = limit
        self._is_csv = ".csv" in path.suffixes
        self.name = "csv" if self._is_csv else "jsonl"

    def plan(self, behind: Json) -> Json:
        """Tell this file, as it is now, from any other."""
        about = self._path.stat()
        facts = {"bytes": about.st_size, "modified": about.st_mtime_ns, "limit": self._limit}
        return {"file": str(self._path.resolve()), **facts}

    def goes_on(self, plan: Json) -> bool:
        """Tell whether it is still the same file."""
        return bool(plan == self.plan({}))

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield `PAGE` lines at a time.

        Raises:
            SourceStopped: it is cut short or damaged; what stood before has been yielded.
        """
        behind = cursor.get("items", 0)
        with self._path.open("rb") as file:
            coming = islice(self._items(file), behind, self._limit)
            while True:
                page, damage = _taken(coming)
                behind += len(page)
                if page:
                    done = min(1.0, file.tell() / max(1, plan["bytes"]))
                    yield RawPage(page, {"items": behind}, done)
                if damage is not None:
                    raise SourceStopped(f"{self._path} is damaged ({damage})") from damage
                if len(page) < PAGE:
                    return

    def read(self, raw: Json) -> SourcePosting:
        """Take the fields by their names; those of a CSV are all texts."""
        if not self._is_csv:
            return posting_of(raw)
        told: Json = {name: value for name, value in raw.items() if value not in {"", None}}
        told |= {name: int(told[name]) for name in _NUMBERS if str(told.get(name, "")).isdecimal()}
        if "remote" in told:
            told["remote"] = _TRUTH.get(told["remote"].strip().lower(), told["remote"])
        if "technology_slugs" in told:
            told["technology_slugs"] = told["technology_slugs"].split()
        return posting_of(told)

    def _items(self, file: IO[bytes]) -> Iterator[RawItem | BadItem]:
        if file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC:
            file.seek(0)
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=file))
        file.seek(0)
        return _rows(file) if self._is_csv else _objects(file)


def _taken(
    coming: Iterator[RawItem | BadItem],
) -> tuple[list[RawItem | BadItem], Exception | None]:
    """Take up to a page of items, and what ended it too soon."""
    page: list[RawItem | BadItem] = []
    try:
        for item in islice(coming, PAGE):
            page.append(item)  # noqa: PERF402 - what came before an error is kept
    except (OSError, EOFError, zlib.error) as error:
        return page, error
    return page, None


def _objects(file: IO[bytes]) -> Iterator[RawItem | BadItem]:
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            yield _object(f"line {number}", line)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield each line; of one that is too long only its beginning, which is no JSON."""
    while line := file.readline(MAX_LINE):
        yield line
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)


def _object(where: str, line: bytes) -> RawItem | BadItem:
    try:
        value: Any = orjson.loads(line.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError as error:
        return BadItem(where, f"Invalid JSON: {error}")
    if not isinstance(value, dict):
        return BadItem(where, "is no object")
    return RawItem(where, storable(value))


def _rows(file: IO[bytes]) -> Iterator[RawItem | BadItem]:
    """Yield the rows of a CSV whose first line has the names; NUL is left out."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    rows = csv.DictReader((line.replace("\0", "") for line in text), strict=True)
    try:
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                yield BadItem(f"line {rows.line_num}", str(error))
                continue
            if row is None:
                return
            yield _row(f"line {rows.line_num}", row)
    finally:
        text.detach()  # else the file would be closed with it


def _row(where: str, row: Json) -> RawItem | BadItem:
    if None in row or None in row.values():
        return BadItem(where, "has not as many fields as there are names")
    return RawItem(where, row)
