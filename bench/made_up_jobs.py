"""Made-up jobs by the million, the same at every run, in the jobs service's own tables.

Companies, roles, places, skills and words are drawn as they are in life: few very often, most
hardly ever (Zipf). Texts are part Vietnamese, part English-like. All jobs are open; they were
posted over the last 90 days, and lie on the disk in that order, more or less, as their ids do.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from deploy.embedded import embedded_postgres
from libs.common.db import open_database
from libs.common.migrations import upgrade
from libs.common.reference import load_skills
from services.jobs.openings import index_openings
from services.jobs.seed import category_rows, seed

T = TypeVar("T")
SERVICE, FOLDER = "jobs", Path(__file__).parents[1] / "services" / "jobs"
CHUNK = 5_000
WORKERS = 2
DAYS = 90
_TOGETHER = 1_000  # jobs that are indexed in one transaction

# ----------------------------------------------------------------------------- what is drawn from


class Zipf(Generic[T]):
    """Things of which the n-th is drawn 1/n^s as often as the first."""

    def __init__(self, things: Sequence[T], s: float = 1.0) -> None:
        self.things = things
        self._weights = list(accumulate(1 / (n + 1) ** s for n in range(len(things))))

    def some(self, by: random.Random, count: int) -> list[T]:
        return by.choices(self.things, cum_weights=self._weights, k=count)


_ONSETS = "b c ch d đ g gi h k kh l m n ng nh ph qu r s t th tr v x"
_RIMES = """
    a à á ả ã ạ an án ạn ang áng ao ào áo ay ày áy ăn ằn ắng âm ấm ân ấn ấp ất ây ấy e ẻ em en ênh
    ệ ên ến ết i ì í ị iên iến iện iêu iểu im in ình ính inh o ó ọ oa óa oán oạt oi ỏi ong òng ô ố
    ội ôi ông ồng ơ ở ơi ới ơn u ủ ụ uân uất ui ung úng ương ường ướng ươi ước ưu y ý
"""
_STEMS = "con ver pro man age duc tor ser vic pre sen ta lo gi net cal mar ket dev oper tran sys"
_ENDINGS = "tion ing er ment ity al ive ance ed s ly or ist ness able ics"
_LEVELS = ("Junior", "Senior", "Nhân viên", "Chuyên viên", "Lead", "Middle", "Trưởng nhóm", "")
_ROLES = ("Developer", "Engineer", "Kỹ sư", "Lập trình viên", "Specialist", "Analyst", "Tester")
_PLACES = (
    "TP. Hồ Chí Minh", "Hà Nội", "Quận 1, TP.HCM", "Cầu Giấy, Hà Nội", "Ho Chi Minh",
    "Đà Nẵng", "Quận 7, TP.HCM", "Ha Noi", "Nam Từ Liêm, Hà Nội", "Hồ Chí Minh", "Bình Dương",
    "Thành phố Thủ Đức, TP.HCM", "Hải Phòng", "Cần Thơ", "Đồng Nai", "Bắc Ninh", "Khánh Hòa",
    "Thừa Thiên Huế", "Nghệ An", "Quảng Ninh", "Long An", "Remote", "Singapore", "Tokyo, Nhật Bản",
)  # fmt: skip
CITIES = ("Hồ Chí Minh", "Hà Nội", "Đà Nẵng", "Bình Dương", "Hải Phòng", "Cần Thơ", "Đồng Nai")
_TYPES = ("Full-time", "Hybrid", "Remote", "Part-time")
_KINDS = ("TNHH", "Cổ phần", "Liên doanh")
_CONTRACTS = ("Fulltime", "Thời vụ", "Freelance")


@cache
def vocabulary() -> list[str]:
    """Return some 20,000 words, the commonest first."""
    stems, endings = _STEMS.split(), _ENDINGS.split()
    middles = [a + b for a, b in product(stems, stems)]
    vietnamese = [onset + rime for onset, rime in product(_ONSETS.split(), _RIMES.split())]
    english = [stem + ending for stem, ending in product(stems + middles, endings)]
    english += [a + b + c for a, b, c in product(middles[::3], stems, endings[:4])]
    words = list(dict.fromkeys(vietnamese + english))
    by = random.Random(1)
    words.sort(key=lambda word: by.random() * len(word) ** 2)  # short words are the common ones
    return words[:20_000]


@cache
def _phrases() -> list[str]:
    """Return pieces of sentences, six words each; drawing words one by one would take minutes."""
    by, words = random.Random(2), Zipf(vocabulary())
    return [" ".join(words.some(by, 6)) for _ in range(100_000)]


@cache
def _lots() -> tuple[Zipf[int], Zipf[str], Zipf[str], Zipf[int], Zipf[str]]:
    skills = load_skills()
    roles = [f"{s.name} {role}" for s in skills[:150] for role in _ROLES]
    random.Random(3).shuffle(roles)
    return (
        Zipf([skill.id for skill in skills]),
        Zipf(roles, 0.8),
        Zipf(_PLACES),
        Zipf([row["id"] for row in category_rows()], 0.7),
        Zipf(_LEVELS, 0.5),
    )


@cache
def _companies(size: int) -> Zipf[UUID]:
    return Zipf([UUID(int=number + 1) for number in range(max(size // 25, 200))], 0.8)


def _companies_rows(size: int) -> Iterator[str]:
    by, words = random.Random(4), vocabulary()[500:3000]
    for company in _companies(size).things:
        name = f"Công ty {by.choice(_KINDS)} {' '.join(by.choices(words, k=2)).title()}"
        yield f"{company}\t{name}\thttps://cdn.example/{company}.png\ttrue\t1\n"


def _pay(by: random.Random) -> tuple[str, str, str, str, str]:
    """Return salary, least, most, currency, period, as COPY wants them."""
    kind, least = by.random(), int(by.lognormvariate(7, 0.5)) // 100 * 100 + 100
    most = least + by.randrange(1, 12) * 100
    if kind < 0.25:
        return "Thỏa thuận", r"\N", r"\N", r"\N", r"\N"
    if kind < 0.6:
        return f"{least}-{most} USD", str(least), str(most), "USD", "month"
    low, high = least // 40, most // 40
    return f"{low}-{high} triệu", f"{low}000000", f"{high}000000", "VND", "month"


def _chunk(size: int, start: int, today: datetime) -> dict[str, list[str]]:
    """Return the rows of the jobs numbered from `start`, by table, as COPY wants them."""
    by, phrases, companies = random.Random(start), _phrases(), _companies(size)
    skills, roles, places, categories, levels = _lots()
    rows: dict[str, list[str]] = {name: [] for name in _OF_A_JOB}
    end = min(start + CHUNK, size)
    count = end - start
    whose, where = companies.some(by, count), places.some(by, count)
    named, level = roles.some(by, count), levels.some(by, count)
    for offset, number in enumerate(range(start, end)):
        job, posted = _job_id(size, number, today), _posted_at(size, number, today)
        expires = today + timedelta(days=by.randrange(2, 60))
        title = f"{level[offset]} {named[offset]}".strip()
        rows["jobs"].append(
            f"{job}\t{whose[offset]}\t{whose[offset]}\t{title}\tActive\t{posted}\t{expires}\t{posted}\t1"
        )
        text = ". ".join(by.choices(phrases, k=by.randrange(20, 42)))
        pay = "\t".join(_pay(by))
        rows["job_descriptions"].append(
            f"{job}\t{where[offset]}\t{pay}\t{by.randrange(1, 9)}\t{by.randrange(0, 8)}\t"
            f"{level[offset] or 'Middle'}\t{by.choice(_CONTRACTS)}\t{by.choice(_TYPES)}\t{text}\t"
            f"{by.choice(phrases)}\t{by.choice(phrases)}"
        )
        for table, ids in (
            ("job_skills", skills.some(by, by.randrange(3, 9))),
            ("job_categories", categories.some(by, by.randrange(1, 3))),
        ):
            asked = dict.fromkeys(ids)
            rows[table] += [f"{job}\t{one}\t{place}" for place, one in enumerate(asked)]
    return rows


# ------------------------------------------------------------------------------------- loading it

_COLUMNS = {
    "company_snapshots": "company_id, name, logo_url, complete, version",
    "jobs": "id, employer_id, company_id, title, status, posted_at, expires_at, updated_at,"
    " version",
    "job_descriptions": "job_id, location, salary, salary_min, salary_max, salary_currency,"
    " salary_period, quantity, exp_year, level, contract_type, job_type, description,"
    " requirements, benefits",
    "job_skills": "job_id, skill_id, position",
    "job_categories": "job_id, category_id, position",
}
_OF_A_JOB = ("jobs", "job_descriptions", "job_skills", "job_categories")


def load(server: str, size: int) -> str:
    """Make a database of `size` jobs on a server, and return its URL; tells how far it is."""
    name = f"jobs_{size}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
            sql.Identifier(name)))  # fmt: skip
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    upgrade(url, SERVICE, FOLDER)
    with connected(url) as connection:
        _write(connection.cursor(), "company_snapshots", "".join(_companies_rows(size)))
    asyncio.run(_seed(url))
    today = datetime.now(UTC)
    parts = [(url, size, start, today) for start in range(0, size, CHUNK)]
    with ProcessPoolExecutor(WORKERS) as workers:
        _each(workers, _copy, parts, f"{size:,} jobs: copied")
        with connected(url) as connection:
            gins = connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes"
                " WHERE tablename = 'openings' AND indexdef LIKE '%USING gin%'"
            ).fetchall()
            for gin, _ in gins:
                connection.execute(f'DROP INDEX "{gin}"')
            connection.execute("ALTER TABLE openings SET (autovacuum_enabled = false)")
            connection.execute("ANALYZE")
        _each(workers, _index, parts, f"{size:,} jobs: openings")
    with told(f"{size:,} jobs: GIN"), connected(url) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in gins:
            connection.execute(definition)
        connection.execute("ALTER TABLE openings RESET (autovacuum_enabled)")
        connection.execute("VACUUM ANALYZE")
    return url


def _each(
    workers: ProcessPoolExecutor,
    do: Callable[..., None],
    parts: Sequence[tuple[str, int, int, datetime]],
    what: str,
) -> None:
    begun = time.monotonic()
    pending = [workers.submit(do, *part) for part in parts]
    for done, future in enumerate(as_completed(pending), 1):
        future.result()
        share, took = done / len(parts), time.monotonic() - begun
        print(f"\r{what} {share:4.0%} {took:5.0f} s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Tell on stderr what is under way, and how long it took."""
    begun = time.monotonic()
    print(f"{what} …", end="", file=sys.stderr, flush=True)
    yield
    print(f" {time.monotonic() - begun:.0f} s", file=sys.stderr)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO jobs")
        yield connection


async def _seed(url: str) -> None:
    db = open_database(url, SERVICE)
    async with db.write() as session:
        await seed(session)
    await db.close()


def _copy(url: str, size: int, start: int, today: datetime) -> None:
    rows = _chunk(size, start, today)
    with connected(url) as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # foreign keys do hold
        for table in rows:
            _write(cursor, table, "\n".join(rows[table]) + "\n")


def _write(cursor: psycopg.Cursor, table: str, rows: str) -> None:
    with cursor.copy(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN") as copy:
        copy.write(rows)


def _index(url: str, size: int, start: int, today: datetime) -> None:
    asyncio.run(_index_jobs(url, [
        _job_id(size, number, today) for number in range(start, min(start + CHUNK, size))
    ]))  # fmt: skip


async def _index_jobs(url: str, job_ids: list[UUID]) -> None:
    db = open_database(url, SERVICE, pool_size=1)
    for first in range(0, len(job_ids), _TOGETHER):
        async with db.write() as session:
            await index_openings(session, job_ids[first : first + _TOGETHER])
    await db.close()


def _posted_at(size: int, number: int, today: datetime) -> datetime:
    return today - timedelta(days=DAYS) * (1 - number / size)


def _job_id(size: int, number: int, today: datetime) -> UUID:
    """Return a UUIDv7 of the time of posting."""
    ms = int(_posted_at(size, number, today).timestamp() * 1000)
    return UUID(int=(ms << 80) | (7 << 76) | (2 << 62) | number)


@contextmanager
def a_server() -> Iterator[str]:
    """Run a PostgreSQL of its own in a folder that goes with it; give its URL."""
    with (
        TemporaryDirectory(prefix="waymark-bench-") as folder,
        embedded_postgres(Path(folder) / "data", durable=False) as url,
    ):
        yield url
