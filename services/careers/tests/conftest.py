"""The careers service on its bench, and small O*NET releases written by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from libs.common.testing import Bench, BenchOf
from services.careers.service import service
from services.careers.tests.advising import IngestionService

HEADER = "O*NET-SOC Code\tTitle\tDescription"
ROWS = [
    "11-1011.00\tChief Executives\tDetermine and formulate policies.",
    "15-1252.00\tSoftware Developers\tResearch, design, and develop software.",
    "39-5093.00\tShampooers and Café Đà Nẵng Hosts\tShampoo and rinse customers' hair.",
]


@pytest.fixture
def ingestion() -> IngestionService:
    """The ingestion service that the bench asks."""
    return IngestionService()


@pytest.fixture
async def bench(bench_of: BenchOf, ingestion: IngestionService) -> Bench:
    """The service over an empty database."""
    return await bench_of(service, peers={"ingestion": ingestion})


@pytest.fixture
def release(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a release of the given lines into a folder."""

    def write(*rows: str | bytes, name: str = "db_30_1_text") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        lines = [row.encode() if isinstance(row, str) else row for row in (HEADER, *rows)]
        (folder / "Occupation Data.txt").write_bytes(b"\r\n".join(lines) + b"\r\n")
        return folder

    return write
