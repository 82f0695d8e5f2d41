"""The list of jobs: its shape, its filters, its pages."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.testing import Bench
from services.jobs.schemas.jobs import JobOut
from services.jobs.tests.samples import (
    COMPANY,
    EMPLOYER,
    TODAY,
    a_posting,
    close,
    find,
    make_overdue,
    post,
    posted,
)


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
    await posted(bench, info={"title": 'Kỹ sư "giỏi" \\ 😀'}, skillIds=[7])
    await bench.hear(COMPANY.model_copy(update={"logo_url": None, "version": 2}))
    await posted(bench)
    answer = await bench.client.get("/api/v1/jobs")
    data = orjson.loads(answer.content)["data"]
    jobs = TypeAdapter(list[JobOut])
    read = jobs.validate_json(orjson.dumps(data), strict=True)
    assert jobs.dump_python(read, mode="json", by_alias=True) == data
    assert [job.logo_url for job in read] == [None, None]
    assert read[1].title == 'Kỹ sư "giỏi" \\ 😀'


async def test_an_empty_list_is_a_list(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/jobs", headers={"Accept-Language": "en"})
    assert answer.json() == {"message": "Matching jobs found: 0", "data": [], "error": None}
    assert answer.headers["X-Total-Count"] == "0"
    assert "Link" not in answer.headers


@pytest.fixture
async def three(bench: Bench) -> Bench:
    """A bench with three jobs that differ in all that can be searched."""
    await bench.hear(OTHER_EMPLOYER, OTHER_COMPANY)
    cloud = a_posting(
        info={"title": "Kỹ sư Đám mây"},
        jd={
            "location": "Hà Nội",
            "description": "Vận hành hệ thống thanh toán lớn, C++/Rust",
            "salary": "20-30 triệu",
            "level": "Junior",
            "jobType": "On-site",
            "expYear": 0,
        },
        skillIds=[14, 15, 16],
        categoryIds=[8],
    )
    assert (await post(bench, cloud, OTHER_EMPLOYER.employer_id)).status_code == 201
    await posted(
        bench,
        info={"title": "Java Lead"},
        jd={"location": "Quận 1, TP.HCM", "description": "Payment systems in Java; Node.js too"},
        skillIds=[1, 2, 14],
        categoryIds=[5, 1],
    )
    await posted(
        bench,
        info={"title": "Front-end Developer"},
        jd={
            "location": "Hồ Chí Minh",
            "description": "Payment pages in React, for Java people",
            "salary": "Thỏa thuận",
            "level": "Fresher",
            "jobType": "Remote",
            "expYear": 1,
            "contractType": "Part-time",
            "requirements": "Figma",
        },
        skillIds=[3],
        categoryIds=[4],
    )
    return bench


OTHER_COMPANY = COMPANY.model_copy(update={"company_id": new_id(), "name": "FPT Software (Hà Nội)"})
OTHER_EMPLOYER = EMPLOYER.model_copy(
    update={"employer_id": new_id(), "company_id": OTHER_COMPANY.company_id}
)
CLOUD, LEAD, FRONT = "Kỹ sư Đám mây", "Java Lead", "Front-end Developer"
ALL = [FRONT, LEAD, CLOUD]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ALL),
    ({"q": "  "}, ALL),
    ({"q": "java"}, [FRONT, LEAD]),
    ({"q": "ky su"}, [CLOUD]),
    ({"q": "ky su dam may"}, [CLOUD]),
    ({"q": "KỸ SƯ"}, [CLOUD]),
    ({"q": "thanh toán"}, [CLOUD]),
    ({"q": "tech solutions payment"}, [FRONT, LEAD]),
    ({"q": "springboot"}, [LEAD]),
    ({"q": "figma"}, [FRONT]),
    ({"q": '"payment pages"'}, [FRONT]),
    ({"q": "“payment pages”"}, [FRONT]),
    ({"q": '"pages payment"'}, []),
    ({"q": "payment -lead"}, [FRONT]),
    ({"q": "thanh or react"}, [FRONT, CLOUD]),
    ({"q": "front-end"}, [FRONT]),
    ({"q": "end -lead"}, [FRONT]),
    ({"q": "C++"}, [CLOUD]),
    ({"q": "c#"}, []),
    ({"q": "rust"}, [CLOUD]),
    ({"q": "node.js"}, [LEAD]),
    ({"q": "':*&|!("}, []),
    ({"q": "100% '; --"}, []),
    ({"loc": "HoChiMinh"}, [FRONT, LEAD]),
    ({"loc": "Ho Chi Minh"}, [FRONT, LEAD]),
    ({"loc": "Hồ Chí Minh"}, [FRONT, LEAD]),
    ({"loc": "saigon"}, [FRONT, LEAD]),
    ({"loc": "Sài Gòn"}, [FRONT, LEAD]),
    ({"loc": "HCM"}, [FRONT, LEAD]),
    ({"loc": "tp hcm"}, [FRONT, LEAD]),
    ({"loc": "Ho Chi Minh City"}, [FRONT, LEAD]),
    ({"loc": "Quan 1, HCMC"}, [LEAD]),
    ({"loc": "vietnam"}, ALL),
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
    ({"skill": "1000005"}, []),
    ({"cat": "Backend"}, [LEAD]),
    ({"cat": ["5", "frontend"]}, [FRONT, LEAD]),
    ({"cat": ["5", "no such category"]}, [LEAD]),
    ({"cat": "it - phan mem"}, [LEAD]),
    ({"cat": "no such category"}, []),
    ({"skill": "", "cat": " "}, ALL),
    ({"skill": ["java", ""], "cat": ["", "5"]}, [LEAD]),
    ({"q": "payment", "loc": "hcm", "skill": "java", "cat": ["1", "4"]}, [LEAD]),
    ({"jobType": "remote"}, [FRONT]),
    ({"jobType": "onsite"}, [CLOUD]),
    ({"jobType": "on the moon"}, []),
    ({"contractType": "full time"}, [LEAD, CLOUD]),
    ({"level": "SENIOR"}, [LEAD]),
    ({"exp_max": 0}, [CLOUD]),
    ({"exp_max": 1}, [FRONT, CLOUD]),
    ({"company": "tech solutions inc."}, [FRONT, LEAD]),
    ({"company": "fpt"}, [CLOUD]),
    ({"company": "fpt software ha noi"}, [CLOUD]),
    ({"company": "fp"}, []),
    ({"company": "software"}, []),
    ({"company": "TECH"}, [FRONT, LEAD]),
    ({"company": str(OTHER_COMPANY.company_id)}, [CLOUD]),
    ({"company": str(new_id())}, []),
    ({"posted_within": 1}, ALL),
    ({"salary_min": 2500}, [FRONT, LEAD]),
    ({"salary_min": 3000}, [FRONT, LEAD]),
    ({"salary_min": 3001}, [FRONT]),
    ({"salary_min": 3001, "salary_known": "true"}, []),
    ({"salary_known": "true"}, [LEAD, CLOUD]),
    ({"salary_max": 1999}, [FRONT, CLOUD]),
    ({"salary_max": 2000}, ALL),
    ({"salary_min": 30_000_000, "currency": "VND"}, ALL),
    ({"salary_min": 30_100_000, "currency": "VND"}, [FRONT, LEAD]),
    ({"salary_min": 2590, "currency": "EUR"}, [FRONT, LEAD]),
    ({"salary_min": 2600, "currency": "EUR"}, [FRONT]),
    ({"salary_max": 700, "currency": "EUR", "salary_known": "true"}, [CLOUD]),
    ({"salary_min": 460_000, "currency": "JPY", "salary_known": "true"}, [LEAD]),
    ({"salary_min": 1000, "salary_max": 1999, "salary_known": "true"}, [CLOUD]),
    ({"salary_min": 1200, "salary_max": 1999, "salary_known": "true"}, []),
    ({"salary_min": "", "exp_max": "", "sort": "", "posted_within": "", "currency": ""}, ALL),
    ({"sort": "salary"}, [LEAD, CLOUD, FRONT]),
    ({"sort": "salary", "q": "payment or thanh"}, [LEAD, CLOUD, FRONT]),
    ({"q": "-java"}, [CLOUD]),
    ({"q": "-java -ky"}, []),
    ({"sort": "relevance"}, ALL),
    ({"sort": "relevance", "q": "java"}, [LEAD, FRONT]),
    ({"sort": "newest", "q": "java"}, [FRONT, LEAD]),
    ({"sort": "relevance", "q": "java", "skill": "no such skill"}, []),
    ({"sort": "relevance", "q": "jvaa", "loc": "Huế"}, []),
]


async def test_filters(three: Bench) -> None:
    got = [(query, await find(three, **query)) for query, _ in FILTERS]
    assert got == FILTERS


async def test_slips_are_forgiven_where_nothing_matches(three: Bench) -> None:
    slips = {
        "jvaa": [FRONT, LEAD],
        "kuberntes": [CLOUD],
        "Kubernettis": [CLOUD],
        "tehc solutoins": [FRONT, LEAD],
        "fornt payment": [FRONT],
        "devloper -lead": [FRONT],
        "paymnt": [],  # it stands in descriptions only
        "jv": [],
        "xyzzyxyzzy": [],
        "%'\\ ; jaav": [FRONT, LEAD],
    }
    assert {q: await find(three, q=q) for q in slips} == slips


async def test_the_answer_says_which_words_were_taken_for_others(three: Bench) -> None:
    await posted(three, info={"title": "東京勤務職"})
    taken = {
        "tehc solutoins": "solutoins=solutions&tehc=tech",
        "東京勤務": urlencode({"東京勤務": "東京勤務職"}),
        "jvaa -java": None,
        "java": None,
        "xyzzyxyzzy": None,
    }
    answers = {q: await three.client.get("/api/v1/jobs", params={"q": q}) for q in taken}
    assert {q: answer.headers.get("X-Corrected") for q, answer in answers.items()} == taken


async def test_slips_are_forgiven_on_each_page(three: Bench) -> None:
    first = await three.client.get("/api/v1/jobs?q=solutoins&limit=1")
    assert first.headers["X-Total-Count"] == "2"
    second = await three.client.get(first.links["next"]["url"])
    assert [job["title"] for job in second.json()["data"]] == [LEAD]


async def test_old_ones_are_left_out(three: Bench) -> None:
    async with three.db.write() as session:
        aged = "UPDATE openings SET posted_at = posted_at - interval '3 days' WHERE exp_year = 0"
        await session.execute(text(aged))
    assert await find(three, posted_within=4) == ALL
    assert await find(three, posted_within=2) == [FRONT, LEAD]


async def test_only_open_jobs_are_found(bench: Bench) -> None:
    closed, overdue = await posted(bench), await posted(bench)
    await close(bench, closed)
    await make_overdue(bench, overdue)
    assert await find(bench) == []
    assert await find(bench, q="developer") == []


async def test_pages(three: Bench) -> None:
    first = await three.client.get("/api/v1/jobs?loc=H%E1%BB%93+Ch%C3%AD+Minh&limit=1")
    assert first.json()["message"] == "Tìm thấy 2 kết quả phù hợp"
    assert [job["title"] for job in first.json()["data"]] == [FRONT]
    second = await three.client.get(first.links["next"]["url"])
    assert [job["title"] for job in second.json()["data"]] == [LEAD]
    assert second.headers["X-Total-Count"] == "2"
    assert "Link" not in second.headers
    beyond = await three.client.get("/api/v1/jobs?offset=50")
    assert (beyond.json()["data"], beyond.headers["X-Total-Count"]) == ([], "3")


async def test_wrong_queries_are_refused(bench: Bench) -> None:
    for query in (
        *("limit=0", "limit=101", "offset=-1", "q=a%00b", "q=" + "x" * 201, "skill=%00", "limit=x"),
        *("sort=oldest", "currency=XXX", "salary_min=-1", "salary_max=2000000001", "salary_min=x"),
        *("exp_max=-1", "exp_max=61", "posted_within=0", "posted_within=9999", "salary_known=7"),
        *("salary_min=2&salary_max=1", "facets=perhaps", "&".join(["skill=x"] * 21), "loc=%00"),
    ):
        answer = await bench.client.get(f"/api/v1/jobs?{query}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR"), query
        assert set(answer.json()) == {"message", "data", "error"}
        names = {parameter.partition("=")[0] for parameter in query.split("&")}
        fields = {problem["field"].partition(".")[0] for problem in error["details"]}
        assert fields <= names, query
        assert error["details"], query


async def test_whatever_is_typed_is_answered(bench: Bench) -> None:
    """No text makes PostgreSQL, or a header, fail."""
    odd = (
        "'",
        '"',
        "\\",
        "%_",
        "a:*",
        "!(a|b)&",
        "-",
        "- -",
        "or or",
        "\u2028",
        "😀",
        "' OR 1=1 --",
    )
    for text_ in (*odd, "<->", "a <2> b", "Đ", "\ud7ff", "x" * 200, "́" * 200, ":q", "{1}", "%s"):
        for name in ("q", "loc", "skill", "cat", "company", "level", "jobType"):
            answer = await bench.client.get("/api/v1/jobs", params={name: text_, "facets": "true"})
            assert answer.status_code == 200, (name, text_)


async def test_what_is_found_is_told_in_the_callers_language(three: Bench) -> None:
    headers = {"Accept-Language": "en"}
    answer = await three.client.get("/api/v1/jobs?q=java", headers=headers)
    assert answer.json()["message"] == "Matching jobs found: 2"
    answer = await three.client.get("/api/v1/jobs?q=java")
    assert answer.json()["message"] == "Tìm thấy 2 kết quả phù hợp"


async def test_figures_count_more_than_the_text(bench: Bench) -> None:
    """Structured fields of a salary win: they are what is compared."""
    said = {"salary": "500-600 USD", "salaryMin": 60_000, "salaryMax": 84_000, "period": "year"}
    await posted(bench, jd=said)
    assert await find(bench, salary_min=6500, salary_known="true") == ["Senior Backend Developer"]
    assert await find(bench, salary_max=600) == []
