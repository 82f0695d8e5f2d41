"""The ingestion service on its bench, and small files of postings written by hand."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.testing import Bench, BenchOf
from services.ingestion.service import service


def a_line(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a posting as a line of a file has it."""
    return {
        "title": f"Kỹ sư phần mềm {number}",
        "company": "Công ty Đà Nẵng",
        "location": "Hà Nội",
        "description": "Viết mã sạch.",
        "url": f"https://jobs.example/{number}",
        "date_posted": "2026-01-02",
        "salary_string": "2000-3000 USD",
        "remote": False,
        "source": "board",
    } | fields


@pytest.fixture
async def bench(bench_of: BenchOf) -> Bench:
    """The service over an empty database."""
    return await bench_of(service)


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes lines, as objects or as raw bytes, into a file."""

    def write(
        *lines: dict[str, Any] | bytes, packed: bool = False, name: str = "postings.jsonl"
    ) -> Path:
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        text = b"\n".join([*raw, b""])
        file = tmp_path / name
        file.write_bytes(gzip.compress(text) if packed else text)
        return file

    return write
