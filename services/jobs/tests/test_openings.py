"""The table that is searched: in step with the jobs, and read by its indexes however many match."""

import asyncio
import re
import runpy
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from libs.common.testing import Bench
from libs.common.testing_plans import Asked, asked_from_now_on, plans_of
from services.jobs.models import Job
from services.jobs.openings import index_all, index_opening, index_openings
from services.jobs.seed import seed
from services.jobs.tests.many import many_jobs
from services.jobs.tests.samples import COMPANY, close, find, make_overdue, posted, update
from services.jobs.twos import two, two_of

MIGRATIONS = Path(__file__).parents[1] / "migrations"
IT = 1_000_005
RENAMED = COMPANY.model_copy(update={"name": "Giải Pháp Số", "version": 9})


async def openings(bench: Bench) -> list[dict[str, Any]]:
    rows = await bench.rows("SELECT * FROM openings ORDER BY job_id")
    return [{**row, "facets": sorted(row["facets"]), "twos": sorted(row["twos"])} for row in rows]


async def test_an_opening_is_made_of_all_that_is_said_of_a_job(bench: Bench) -> None:
    job_id = await posted(bench, jd={"salary": "26.35-52.7 triệu", "location": "Quận 1, TP.HCM"})
    [opening] = await openings(bench)
    assert str(opening["job_id"]) == job_id
    assert (opening["pay_min"], opening["pay_max"], opening["pay"]) == (1000, 2000, 2000)
    assert (opening["exp_year"], opening["company_id"]) == (3, COMPANY.company_id)
    assert opening["facets"][:3] == [1, 2, 1_000_005]
    named = "SELECT kind, name FROM terms WHERE id = ANY(:ids) ORDER BY kind, key"
    terms = await bench.rows(named, ids=opening["facets"][3:])
    assert [(term["kind"], term["name"]) for term in terms] == [
        ("city", "Hồ Chí Minh"),
        ("company", "tech"),
        ("company", "tech solutions"),
        ("company", "tech solutions inc"),
        ("contractType", "Fulltime"),
        ("jobType", "Hybrid"),
        ("level", "Senior"),
        ("place", "quan 1"),
        ("place", "Quận 1, TP.HCM"),
        ("place", "Việt Nam"),
    ]


async def test_what_two_things_are_together_has_a_number(bench: Bench) -> None:
    """Each two of a skill, a category and a city."""
    await posted(bench, jd={"location": "Quận 1, TP.HCM"}, skillIds=[1, 2], categoryIds=[5])
    [opening] = await openings(bench)
    [city] = await bench.rows("SELECT id FROM terms WHERE kind = 'city'")
    pairs = [(1, IT), (2, IT), (1, city["id"]), (2, city["id"]), (IT, city["id"])]
    assert opening["twos"] == sorted(two(*pair) for pair in pairs)
    [counted] = await bench.rows(f"SELECT {two_of('2', '999999999')} AS two")
    assert counted["two"] == two(2, 999_999_999)


async def test_that_others_have_the_same_number_shows_nowhere(bench: Bench) -> None:
    await posted(bench, info={"title": "Java, Huế"}, jd={"location": "Huế"}, skillIds=[1])
    await posted(bench, info={"title": "Else"}, jd={"location": "Hà Nội"}, skillIds=[2])
    async with bench.db.write() as session:
        all_twos = "ARRAY(SELECT unnest(twos) FROM openings)"
        await session.execute(text(f"UPDATE openings SET twos = {all_twos}"))
    assert await find(bench, loc="hue", skill="1") == ["Java, Huế"]


async def test_openings_of_before_get_their_twos(bench: Bench) -> None:
    """By the migration: what it makes is what is made since."""
    await many_jobs(bench, 100)
    before = await openings(bench)
    migration = runpy.run_path(str(MIGRATIONS / "0011_twos.py"))
    async with bench.db.write() as session:
        for statement in (*migration["_DOWN"], *migration["_UP"]):
            await session.execute(text(statement))
    assert await openings(bench) == before
    assert before[0]["twos"]


async def test_its_row_is_narrow(bench: Bench) -> None:
    """What is not filtered on lies elsewhere: more rows fit into memory."""
    words = " ".join(f"word{n}" for n in range(500))
    await posted(bench, jd={"description": words}, info={"title": words[:190]})
    moved = ", ".join(
        f"pg_column_toast_chunk_id({name}) IS NOT NULL AS {name}"
        for name in ("words", "heading", "facets", "twos")
    )
    [row] = await bench.rows(f"SELECT {moved} FROM openings")
    assert row == {"words": True, "heading": True, "facets": False, "twos": True}


async def test_each_change_shows_in_the_next_search(bench: Bench) -> None:
    job_id = await posted(bench)
    assert await find(bench, q="backend", loc="hcm") == ["Senior Backend Developer"]
    moved = {"jobInfo": {"title": "Java Lead"}, "jdInfo": {"location": "Huế"}}
    assert (await update(bench, job_id, moved)).status_code == 200
    assert await find(bench, q="backend") == await find(bench, loc="hcm") == []
    assert await find(bench, q="lead", loc="hue") == ["Java Lead"]
    await update(bench, job_id, {"jobInfo": {"status": "Hidden"}})
    assert await find(bench) == []
    await update(bench, job_id, {"jobInfo": {"status": "Active"}})
    assert await find(bench) == ["Java Lead"]
    await close(bench, job_id)
    assert await find(bench) == []
    assert await openings(bench) == []


async def test_what_is_rolled_back_was_never_found(bench: Bench) -> None:
    job_id = await posted(bench)
    before = await openings(bench)

    async def change_and_fail() -> None:
        async with bench.db.write() as session:
            job = await session.get_one(Job, job_id)
            job.title = "Never"
            await index_opening(session, job.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    assert await openings(bench) == before


async def test_two_who_write_at_once_leave_what_both_said(bench: Bench) -> None:
    """The later one indexes what the earlier has committed, not what it saw before waiting."""
    job_id = await posted(bench)
    for number in range(10):
        title, name = f"title{number}", f"Company{number}"
        version = COMPANY.model_copy(update={"name": name, "version": number + 2})
        await asyncio.gather(
            update(bench, job_id, {"jobInfo": {"title": title}}), bench.hear(version)
        )
        assert await find(bench, q=f"{title} {name}") == [title]


async def test_a_renamed_companys_jobs_are_indexed_batch_by_batch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_jobs(bench, 450)
    sizes: dict[Any, int] = {}  # by the first job: a batch that takes long is done again
    index = index_openings

    async def counted(session: Any, job_ids: Any) -> None:
        sizes[job_ids[0]] = len(job_ids)
        await index(session, job_ids)

    monkeypatch.setattr("services.jobs.commands.renaming.index_openings", counted)
    await bench.hear(RENAMED)
    assert [*sizes.values()] == [200, 200, 50]
    answer = await bench.client.get("/api/v1/jobs?company=giai+phap")
    assert answer.headers["X-Total-Count"] == "450"
    assert await find(bench, q="tech") == await find(bench, company="tech") == []
    sizes.clear()
    await bench.hear(RENAMED.model_copy(update={"logo_url": None, "version": 10}))
    assert not sizes, "its name is the same"


async def test_jobs_of_before_are_indexed_at_the_start(bench: Bench) -> None:
    await many_jobs(bench, 250)
    await close(bench, await posted(bench))
    whole = await openings(bench)
    async with bench.db.write() as session:
        await session.execute(text("DELETE FROM openings WHERE exp_year > 0"))
        await seed(session)
    assert len(whole) == 250
    assert await openings(bench) == whole


async def test_all_at_once_is_the_same_as_one_by_one(bench: Bench) -> None:
    for number in range(3):
        await posted(bench, info={"title": f"job {number}"})
    await make_overdue(bench, await posted(bench))
    one_by_one = await openings(bench)
    async with bench.db.write() as session:
        await session.execute(text("TRUNCATE openings"))
        await index_all(session)
    assert await openings(bench) == one_by_one[:3]


@pytest.fixture
def asked(bench: Bench) -> Asked:
    """A list that grows with each statement over openings, and its values."""
    return asked_from_now_on(bench.db, "FROM openings")


async def plans_for(bench: Bench, asked: Asked, **query: Any) -> list[str]:
    """Return the plan of each statement over openings that a search runs."""
    asked.clear()
    await bench.client.get("/api/v1/jobs", params=query)
    return await plans_of(bench.db, asked)


def rows_read(plan: str) -> int:
    """Return how many openings were read from the table, be it to be passed over."""
    scans = r"(?:Seq|Bitmap Heap|Index|Index Only) Scan[^\n]* on openings[^\n]*rows=([\d.]+)"
    found = re.findall(rf"{scans}|Rows Removed by Filter: ([\d.]+)", plan)
    return sum(int(float(met or passed)) for met, passed in found)


def unpacked(plan: str) -> int:
    """Return how many openings were looked at for words, one by one: not found by the index."""
    steps = plan.split("->")
    looked = [step for step in steps if re.search(r"\n\s+Filter:[^\n]*words @@", step)]
    rows = (re.findall(r"rows=([\d.]+)|Removed by Filter: ([\d.]+)", step) for step in looked)
    return sum(int(float(met or passed)) for each in rows for met, passed in each)


RARE, SOME = {"q": "rare77"}, {"q": "java", "loc": "hanoi", "skill": "docker"}
FEW = SOME | {"cat": ["14", "5"], "level": "senior", "salary_min": 1000, "exp_max": 4}
HOT: tuple[dict[str, Any], ...] = (
    *({}, RARE, {"q": "java"}, SOME, FEW, {"q": "java developer", "salary_min": 2000}),
    *({"loc": "hue"}, {"loc": "vietnam"}, {"skill": "docker"}, {"cat": ["4", "5"]}),
    *({"level": "senior"}, {"company": "tech"}, {"company": str(COMPANY.company_id)}),
    *({"loc": "hue", "skill": "docker"}, {"salary_min": 2500}, {"posted_within": 30}),
    *({"q": '"java developer"', "loc": "hue"}, {"q": "java -docker"}, {"q": "jvaa"}),
    *({"q": "devloper rare77"}, {"q": "formerly"}, {"q": "formerly", "loc": "hue"}),
)
ORDERS: tuple[tuple[dict[str, str], int], ...] = (
    *(({}, 0), ({"sort": "salary"}, 500), ({"sort": "relevance"}, 0), ({"facets": "true"}, 0)),
)
"""With how many openings may be looked at for words one by one in each."""


async def test_no_search_goes_through_a_table(bench: Bench, asked: Asked) -> None:
    """Whatever is asked for, in each order: openings and jobs are read by indexes, so many at most.

    None are looked at for words one by one, which unpacks their vectors; by salary, few.
    """
    await many_jobs(bench, 12_000)
    for query in HOT:
        for more, most in ORDERS:
            plans = await plans_for(bench, asked, **query | more)
            assert plans
            for plan in plans:
                told = f"{query | more}\n{plan}"
                assert not re.search(r"Seq Scan on (openings|job)[^\n]*rows=", plan), told
                assert unpacked(plan) <= most, told
    for query in (RARE, SOME, FEW, {"q": "devloper rare77"}):
        *_, plan = await plans_for(bench, asked, **query)
        assert "Bitmap Index Scan on ix_openings_found" in plan, plan
        assert 0 < rows_read(plan) <= 400, plan
    for query in ({}, {"q": "python"}, {"q": "teamwork"}, {"sort": "salary"}, {"loc": "hue"}):
        *_, plan = await plans_for(bench, asked, **query)
        assert 0 < rows_read(plan) <= 7000, plan


async def test_what_is_only_counted_is_counted_in_the_index(bench: Bench, asked: Asked) -> None:
    """Of the newest thousand only twenty are read from the table, once VACUUM has been there."""
    await many_jobs(bench, 2000)
    with psycopg.connect(bench.db.url, autocommit=True) as owner:
        owner.execute("CHECKPOINT")  # VACUUM trusts no commit that is not on the disk
        owner.execute("VACUUM ANALYZE jobs.openings")
    [plan] = await plans_for(bench, asked)
    assert "Index Only Scan Backward using ix_openings_newest" in plan, plan
    assert "Heap Fetches: 0" in plan, plan


async def test_names_are_looked_up_by_an_index(bench: Bench) -> None:
    """However many there are: each company's name makes several."""
    await posted(bench)
    async with bench.db.write() as session:
        some = "SELECT 'company', 'company ' || n, '' FROM generate_series(1, 20000) AS n"
        await session.execute(text(f"INSERT INTO terms (kind, key, name) {some}"))
        await session.execute(text("ANALYZE terms"))
    asked = asked_from_now_on(bench.db, r"\bterms\b")
    assert await find(bench, loc="hcm", company="tech", level="senior") != []
    [plan] = await plans_of(bench.db, asked)
    assert "uq_terms_key on terms" in plan
    assert "Seq Scan on terms" not in plan, plan


async def test_what_only_old_jobs_say_is_not_looked_for_one_by_one(
    bench: Bench, asked: Asked
) -> None:
    """Many match, none of the newest: the index leads to all of them."""
    await many_jobs(bench, 6000)
    for sort in ("newest", "salary", "relevance"):
        answer = await bench.client.get("/api/v1/jobs", params={"q": "formerly", "sort": sort})
        assert answer.headers["X-Total-Capped"] == "true"
        [plan] = await plans_for(bench, asked, q="formerly", sort=sort)
        assert unpacked(plan) <= 500, plan
    titles = await find(bench, q="formerly")
    assert [title.split()[2] for title in titles] == [str(1999 - n) for n in range(20)]


async def test_a_deep_page_costs_what_the_first_one_does(bench: Bench, asked: Asked) -> None:
    """A cursor is a place: what comes before it is not read, but for the thousand counted."""
    await many_jobs(bench, 12_000)
    for sort in ("newest", "salary", "relevance"):
        url = f"/api/v1/jobs?q=developer&sort={sort}&limit=100"
        for _ in range(13):  # beyond those that are ranked
            url = (await bench.client.get(url)).links["next"]["url"]
        [plan] = await plans_of(bench.db, asked[-1:])
        assert not re.search(r"Seq Scan on openings[^\n]*rows=", plan), plan
        assert unpacked(plan) <= 505, plan
        assert 1101 <= rows_read(plan) <= 10_000, plan
