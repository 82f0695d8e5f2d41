"""The list of jobs: its shape, its filters, its pages."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from libs.common import clock
from libs.common.testing import Bench
from services.jobs.schemas import JobOut
from services.jobs.tests.samples import COMPANY, TODAY, find, posted


async def test_the_seeds_sample(bench: Bench) -> None:
    job_id = await posted(bench)
    answer = await bench.client.get("/api/v1/jobs?q=Backend&loc=HoChiMinh&skill=Spring&cat=Backend")
    assert answer.status_code == 200
    assert answer.headers["X-Total-Count"] == "1"
    assert answer.json() == {
        "message": "Tìm thấy 1 kết quả phù hợp",
        "data": [
            {
                "jobId": job_id,
                "title": "Senior Backend Developer",
                "companyName": "Tech Solutions Inc.",
                "logoUrl": "https://cdn.example/logo.png",
                "salary": "2000-3000 USD",
                "location": "Ho Chi Minh",
                "skills": ["Java", "Spring Boot"],
                "postDate": str(TODAY),
            }
        ],
        "error": None,
    }


async def test_the_bytes_are_what_the_schema_says(bench: Bench) -> None:
    await posted(bench, info={"title": 'Kỹ sư "giỏi" \\ \u2028 😀'}, skillIds=[7])
    await bench.hear(COMPANY.model_copy(update={"logo_url": None, "version": 2}))
    await posted(bench)
    answer = await bench.client.get("/api/v1/jobs")
    data = orjson.loads(answer.content)["data"]
    jobs = TypeAdapter(list[JobOut])
    read = jobs.validate_json(orjson.dumps(data), strict=True)
    assert jobs.dump_python(read, mode="json", by_alias=True) == data
    assert [job.logo_url for job in read] == [None, None]
    assert read[1].title == 'Kỹ sư "giỏi" \\ \u2028 😀'


async def test_an_empty_list_is_a_list(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/jobs", headers={"Accept-Language": "en"})
    assert answer.json() == {"message": "Matching jobs found: 0", "data": [], "error": None}
    assert answer.headers["X-Total-Count"] == "0"
    assert "Link" not in answer.headers


@pytest.fixture
async def three(bench: Bench) -> Bench:
    """A bench with three jobs that differ in all that can be searched."""
    await posted(
        bench,
        info={"title": "Kỹ sư Đám mây"},
        jd={"location": "Hà Nội", "description": "Vận hành hệ thống thanh toán lớn"},
        skillIds=[14, 15, 16],
        categoryIds=[8],
    )
    await posted(
        bench,
        info={"title": "Java Lead"},
        jd={"location": "Quận 1, TP.HCM", "description": "Payment systems in Java"},
        skillIds=[1, 2, 14],
        categoryIds=[5, 1],
    )
    await posted(
        bench,
        info={"title": "Frontend Developer"},
        jd={"location": "Hồ Chí Minh", "description": "Payment pages in React"},
        skillIds=[3],
        categoryIds=[4],
    )
    return bench


CLOUD, LEAD, FRONT = "Kỹ sư Đám mây", "Java Lead", "Frontend Developer"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [FRONT, LEAD, CLOUD]),
        ({"q": "  "}, [FRONT, LEAD, CLOUD]),
        ({"q": "java"}, [LEAD]),
        ({"q": "ky su dam may"}, [CLOUD]),
        ({"q": "KỸ SƯ"}, [CLOUD]),
        ({"q": "thanh toán"}, [CLOUD]),
        ({"q": "tech solutions payment"}, [FRONT, LEAD]),
        ({"q": '"payment pages"'}, [FRONT]),
        ({"q": '"pages payment"'}, []),
        ({"q": "payment -java"}, [FRONT]),
        ({"q": "java or react"}, [FRONT, LEAD]),
        ({"q": "':*&|!("}, []),
        ({"loc": "HoChiMinh"}, [FRONT, LEAD]),
        ({"loc": "Ho Chi Minh"}, [FRONT, LEAD]),
        ({"loc": "Hồ Chí Minh"}, [FRONT, LEAD]),
        ({"loc": "ha noi"}, [CLOUD]),
        ({"loc": "hanoi"}, [CLOUD]),
        ({"loc": "Huế"}, []),
        ({"skill": "docker"}, [LEAD, CLOUD]),
        ({"skill": "14"}, [LEAD, CLOUD]),
        ({"skill": ["docker", "1"]}, [LEAD]),
        ({"skill": ["docker", "k8s", "AWS"]}, [CLOUD]),
        ({"skill": "react.js"}, [FRONT]),
        ({"skill": ["docker", "no such skill"]}, []),
        ({"skill": "99999999999999999999"}, []),
        ({"cat": "Backend"}, [LEAD]),
        ({"cat": ["5", "frontend"]}, [FRONT, LEAD]),
        ({"cat": "it - phan mem"}, [LEAD]),
        ({"cat": "no such category"}, []),
        ({"skill": "", "cat": " "}, [FRONT, LEAD, CLOUD]),
        ({"skill": ["java", ""], "cat": ["", "5"]}, [LEAD]),
        ({"q": "payment", "loc": "hcm", "skill": "java", "cat": ["1", "4"]}, [LEAD]),
    ],
)
async def test_filters(three: Bench, query: dict[str, Any], found: list[str]) -> None:
    assert await find(three, **query) == found


async def test_only_open_jobs_are_found(three: Bench) -> None:
    async with three.db.write() as session:
        await session.execute(
            text("UPDATE jobs SET expires_at = :now WHERE title = :title"),
            {"now": clock.now() - timedelta(seconds=1), "title": CLOUD},
        )
        await session.execute(
            text("UPDATE jobs SET status = 'Closed' WHERE title = :title"), {"title": LEAD}
        )
    assert await find(three) == [FRONT]


async def test_pages(three: Bench) -> None:
    first = await three.client.get("/api/v1/jobs?loc=H%E1%BB%93+Ch%C3%AD+Minh&limit=1")
    assert first.json()["message"] == "Tìm thấy 2 kết quả phù hợp"
    assert [job["title"] for job in first.json()["data"]] == [FRONT]
    address = first.headers["Link"].removeprefix("<").removesuffix('>; rel="next"')
    second = await three.client.get(address)
    assert [job["title"] for job in second.json()["data"]] == [LEAD]
    assert second.headers["X-Total-Count"] == "2"
    assert "Link" not in second.headers
    beyond = await three.client.get("/api/v1/jobs?offset=50")
    assert (beyond.json()["data"], beyond.headers["X-Total-Count"]) == ([], "3")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "offset=-1", "q=a%00b", "q=" + "x" * 201, "skill=%00"]
)
async def test_wrong_queries_are_refused(bench: Bench, query: str) -> None:
    answer = await bench.client.get(f"/api/v1/jobs?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
