"""Whole runs over the fake, and all that they leave: for tests of them."""

import gzip
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from libs.common.testing import Bench
from services.careers.etl.loader import TABLES
from services.careers.etl.report import Report
from services.careers.etl.runs import Order, run
from services.careers.etl.shape import Format, Mode
from services.careers.settings import CareersSettings
from services.careers.tests.fake_onet.release import CODE
from services.careers.tests.fake_onet.server import KEY, PASSWORD, USER, FakeOnet
from services.careers.tests.upstream.varied import VARIED

Rows = list[Mapping[str, Any]]


def knobs(fake: FakeOnet, version: Format = "v2") -> CareersSettings:
    """Return settings that lead to the fake, and quickly."""
    told: dict[str, Any] = {"onet_base_url": fake.base_url, "onet_requests_per_second": 1000}
    if version == "v2":
        return CareersSettings(**told, onet_api_key=KEY)
    told["onet_base_url"] += "ws/"
    return CareersSettings(**told, onet_username=USER, onet_password=PASSWORD)


def small_release(onet: Path, codes: Collection[str], folder: Path) -> Path:
    """Write the lines about some occupations into a folder, beside BLS's files; return it."""
    shutil.copytree(onet / "bls", folder / "bls")
    (folder / "onet_30_1").mkdir()
    for file in onet.glob("onet_30_1*/*.tsv.gz"):
        with gzip.open(file, "rb") as lines:
            header = next(lines)
            whole = not header.startswith(CODE.encode()) or file.name.startswith("Occupation Data")
            wanted = [line for line in lines if whole or line[:10].decode() in codes]
        # Little to pack: .tsv, which is quicker.
        (folder / "onet_30_1" / file.stem).write_bytes(b"".join([header, *wanted]))
    return folder


@contextmanager
def unseen(_: str, __: int) -> Iterator[Callable[[], None]]:
    """Show no progress."""
    yield lambda: None


async def load(
    bench: Bench,
    mode: Mode,
    path: Path | None = None,
    codes: Sequence[str] = VARIED,
    **more: Any,
) -> Report:
    """Do a run."""
    return await run(bench.db, Order(mode, path, codes), unseen, **more)


async def loaded(bench: Bench) -> dict[str, Rows]:
    """Return the rows of each table, of each occupation in order."""
    found = {}
    for table in TABLES:
        ranked = "rank" in (await bench.rows(f"SELECT * FROM {table} LIMIT 1") or [{}])[0]
        found[table] = await bench.rows(
            f"SELECT * FROM {table} ORDER BY onet_code {', rank' * ranked}"
        )
    return found


def without(rows: Rows, *names: str) -> Rows:
    return [{key: value for key, value in row.items() if key not in names} for row in rows]


async def clear(bench: Bench) -> None:
    """Forget all that was staged and loaded."""
    async with bench.db.write() as session:
        tables = ", ".join([*TABLES, "etl_raw", "etl_runs", "etl_crawled"])
        await session.execute(text(f"TRUNCATE {tables}"))


async def staged(bench: Bench) -> Rows:
    """Return what is staged, but for when."""
    rows = await bench.rows("SELECT * FROM etl_raw ORDER BY onet_code, source, section")
    return without(rows, "fetched_at")


async def places(bench: Bench) -> dict[str, Rows]:
    """Return where on the disk each row is, and who wrote it: a row rewritten has another place."""
    return {
        table: await bench.rows(f"SELECT ctid::text AS place, xmin::text AS by FROM {table}")
        for table in (*TABLES, "etl_raw")
    }


async def end_state(bench: Bench) -> tuple[Rows, dict[str, Rows]]:
    """Return all that a run leaves, but for when it was."""
    tables = await loaded(bench)
    tables["careers"] = without(tables["careers"], "loaded_at")
    tables["career_pages"] = [
        {"onet_code": row["onet_code"], "page": timeless(row["page"])}
        for row in tables["career_pages"]
    ]
    return await staged(bench), tables


def timeless(page: str) -> Any:
    body = json.loads(page)
    assert body["dataset"].pop("loaded_at")
    return body
