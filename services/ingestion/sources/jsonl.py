"""The file source: one posting a line as JSON (JSON Lines), plain or gzipped."""

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, cast

from pydantic import ValidationError

from services.ingestion.sources.shape import BadLine, SourcePosting

MAX_LINE = 1_000_000
"""Bytes of a line; a longer one is passed over without being held."""

_GZIP_MAGIC = b"\x1f\x8b"


class FileUnreadable(Exception):
    """The file is damaged; what stood before the damage has been yielded."""


def read_jsonl(file: IO[bytes]) -> Iterator[SourcePosting | BadLine]:
    """Yield the postings of a file as they are read; blank lines are passed over.

    Raises:
        FileUnreadable: it is cut short or damaged.
    """
    start = file.read(len(_GZIP_MAGIC))
    file.seek(0)
    try:
        if start == _GZIP_MAGIC:
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=file))
        lines = enumerate(_lines(file), start=1)
        yield from (_posting(number, line) for number, line in lines if line.strip())
    except (OSError, EOFError, zlib.error) as error:
        raise FileUnreadable(str(error)) from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield each line; of one that is too long only its beginning, which is no JSON."""
    while line := file.readline(MAX_LINE):
        yield line
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)


def _posting(number: int, line: bytes) -> SourcePosting | BadLine:
    try:
        return SourcePosting.model_validate_json(line.removeprefix(BOM_UTF8))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        return BadLine(number, " ".join([*map(str, problem["loc"]), problem["msg"]]))
