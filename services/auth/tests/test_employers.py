"""Employers: what they change of themselves and their companies, and how everybody sees them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from libs.common import clock
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated, UserUpdated
from libs.common.contracts.jobs import JobClosed, JobFacts, JobPosted, JobUpdated
from libs.common.identity import Role
from libs.common.testing import Bench
from services.auth.tests.people import (
    BINH,
    COMPANY,
    HOANG,
    Who,
    activate_all,
    call,
    candidate,
    code_of,
    employer,
    fields_of,
)
from services.auth.tests.test_companies import create

CHANGES = {
    "name": "Trần Văn Tuyển Dụng",
    "phone": "0912345678",
    "address": "Tầng 5, Tòa nhà ABC, Hà Nội",
    "companyInfo": {
        "name": "Tech Solutions Inc.",
        "website": "https://new-domain.com",
        "size": "500-1000",
    },
}


@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "/companies", COMPANY), ("PUT", "/employers/me", {})]
)
async def test_access(bench: Bench, method: str, path: str, body: Any) -> None:
    anonymous = await call(bench, method, path, None, body)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for role in (Role.CANDIDATE, Role.ADMIN):
        answer = await call(bench, method, path, (role,), body)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    nobody = await call(bench, method, path, (Role.EMPLOYER,), body)
    assert (nobody.status_code, code_of(nobody)) == (404, "NOT_FOUND")
    assert (await call(bench, method, path, await employer(bench), body)).is_success


async def update(bench: Bench, who: Who, **changes: Any) -> httpx.Response:
    answer: httpx.Response = await call(bench, "PUT", "/employers/me", who, changes)
    return answer


async def test_changes_are_the_seeds_sample(bench: Bench) -> None:
    who = await employer(bench)
    company_id = (await create(bench, who)).json()["data"]["companyId"]
    answer = await update(bench, who, **CHANGES)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Cập nhật hồ sơ nhà tuyển dụng thành công",
        "data": {
            "employerId": str(who[1]),
            "name": "Trần Văn Tuyển Dụng",
            "company": {
                "id": company_id,
                "name": "Tech Solutions Inc.",
                "website": "https://new-domain.com",
            },
        },
        "error": None,
    }
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert (me["name"], me["phone"], me["address"]) == (
        CHANGES["name"],
        CHANGES["phone"],
        CHANGES["address"],
    )
    seen = (await call(bench, "GET", f"/companies/{company_id}")).json()["data"]
    changed = {"website": "https://new-domain.com", "size": "500-1000"}
    assert seen == COMPANY | changed | {"id": company_id, "address": None, "logoUrl": None}


async def test_changes_are_told_once_each(bench: Bench) -> None:
    who = await employer(bench)
    await create(bench, who)
    before = len(await bench.published())
    await update(bench, who, **CHANGES)
    said = (await bench.published())[before:]
    assert sorted(event.event_name for event in said) == [
        "company.updated",
        "employer.updated",
        "user.updated",
    ]
    for event in said:
        match event:
            case CompanyUpdated():
                assert (event.name, event.complete, event.version) == (COMPANY["name"], True, 2)
            case EmployerUpdated():
                assert (event.name, event.version) == (CHANGES["name"], 3)
            case UserUpdated():
                assert (event.name, event.version) == (CHANGES["name"], 2)
    await update(bench, who, **CHANGES)
    assert len(await bench.published()) == before + 3


async def test_every_fact_of_a_company_can_change(bench: Bench) -> None:
    who = await employer(bench)
    company_id = (await create(bench, who)).json()["data"]["companyId"]
    facts = {
        "taxNumber": "0109999999-001",
        "name": "New Name",
        "foundedDate": "2011-11-11",
        "industry": "Banking",
        "size": "5",
        "country": "Singapore",
        "website": "https://new.example",
        "address": "Hà Nội",
        "logoUrl": "https://new.example/logo.png",
    }
    assert (await update(bench, who, companyInfo=facts)).status_code == 200
    seen = (await call(bench, "GET", f"/companies/{company_id}")).json()["data"]
    assert seen == facts | {"id": company_id}
    said = (await bench.published())[-1]
    assert isinstance(said, CompanyUpdated)
    assert (said.industry, said.address, said.logo_url) == ("Banking", "Hà Nội", facts["logoUrl"])
    optional = dict.fromkeys(["foundedDate", "industry", "size", "address", "logoUrl"])
    assert (await update(bench, who, companyInfo=optional)).status_code == 200
    seen = (await call(bench, "GET", f"/companies/{company_id}")).json()["data"]
    assert seen == facts | optional | {"id": company_id}


async def test_what_is_absent_stays(bench: Bench) -> None:
    who = await employer(bench)
    await update(bench, who, name="Trần", phone="0912345678", address="Huế")
    answer = await update(bench, who)
    assert answer.json()["data"] == {
        "employerId": str(who[1]),
        "name": "Trần",
        "company": None,
    }
    await update(bench, who, phone=None, address=None, companyInfo=None)
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert (me["name"], me["phone"], me["address"]) == ("Trần", None, None)


async def test_without_a_company_nothing_changes(bench: Bench) -> None:
    who = await employer(bench)
    answer = await update(bench, who, **CHANGES)
    assert (answer.status_code, code_of(answer)) == (409, "COMPANY_NOT_LINKED")
    assert answer.json()["message"] == "Tài khoản của bạn chưa liên kết với công ty nào."
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert (me["name"], me["phone"], me["address"]) == (HOANG["name"], HOANG["phone"], None)
    assert UserUpdated not in {type(event) for event in await bench.published()}


async def test_what_another_has_is_taken(bench: Bench) -> None:
    first = await employer(bench)
    second = await employer(bench, **BINH)
    await create(bench, first)
    await create(bench, second, taxNumber="0101234568")
    phone = await update(bench, second, name="Bình", phone="+84 909 123 456")
    assert (phone.status_code, code_of(phone)) == (409, "PHONE_TAKEN")
    tax = await update(bench, second, name="Bình", companyInfo={"taxNumber": "0101234567"})
    assert (tax.status_code, code_of(tax)) == (409, "TAX_NUMBER_TAKEN")
    me = (await call(bench, "GET", "/users/me", second)).json()["data"]
    assert (me["name"], me["phone"]) == (BINH["name"], None)


async def test_two_who_want_one_number_at_once(bench: Bench) -> None:
    people = [await employer(bench, phone=None), await employer(bench, **BINH)]
    answers = await asyncio.gather(*(update(bench, who, phone="0912345678") for who in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_changes_at_once_lose_nothing(bench: Bench) -> None:
    who = await employer(bench)
    company_id = (await create(bench, who)).json()["data"]["companyId"]
    infos = [{"size": "1"}, {"industry": "Banking"}, {"address": "Huế"}, {"country": "Laos"}]
    answers = await asyncio.gather(
        *(update(bench, who, name=f"Trần {n}", companyInfo=info) for n, info in enumerate(infos)),
        update(bench, who, address="Huế"),
        call(bench, "PUT", "/users/me", who, {"dob": "1990-01-01"}),
    )
    assert {answer.status_code for answer in answers} == {200}
    seen = (await call(bench, "GET", f"/companies/{company_id}")).json()["data"]
    for info in infos:
        assert info.items() <= seen.items()
    said = await bench.published()
    for kind, versions in ((CompanyUpdated, 5), (EmployerUpdated, 6), (UserUpdated, 5)):
        events = [event.model_dump() for event in said if isinstance(event, kind)]
        first = versions - len(events) + 1
        assert sorted(event["version"] for event in events) == list(range(first, versions + 1))
    [last] = [event for event in said if isinstance(event, EmployerUpdated) and event.version == 6]
    assert last.name == (await call(bench, "GET", "/users/me", who)).json()["data"]["name"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "b@email.com"}, "email"),
        ({"name": None}, "name"),
        ({"name": "Trần\n"}, ""),
        ({"name": "Trần\x07Văn"}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": 912345678}, "phone"),
        ({"address": "x" * 201}, "address"),
        ({"companyInfo": []}, "companyInfo"),
        ({"companyInfo": {"name": None}}, "companyInfo.name"),
        ({"companyInfo": {"name": "x" * 201}}, "companyInfo.name"),
        ({"companyInfo": {"website": None}}, "companyInfo.website"),
        ({"companyInfo": {"website": "new-domain.com"}}, "companyInfo.website"),
        ({"companyInfo": {"country": None}}, "companyInfo.country"),
        ({"companyInfo": {"taxNumber": "123"}}, "companyInfo.taxNumber"),
        ({"companyInfo": {"taxNumber": None}}, "companyInfo.taxNumber"),
        ({"companyInfo": {"foundedDate": "9999-12-31"}}, "companyInfo.foundedDate"),
        ({"companyInfo": {"size": "x" * 51}}, "companyInfo.size"),
        ({"companyInfo": {"logoUrl": "http://a.vn/logo.png"}}, "companyInfo.logoUrl"),
        ({"companyInfo": {"logoUrl": "javascript:alert(1)"}}, "companyInfo.logoUrl"),
        ({"companyInfo": {"id": "202"}}, "companyInfo.id"),
        ({"companyId": "202"}, "companyId"),
    ],
)
async def test_bad_changes(bench: Bench, changes: dict[str, Any], field: str) -> None:
    who = await employer(bench)
    answer = await update(bench, who, **changes)
    if field:
        assert fields_of(answer) == [field]
    else:  # blanks at the ends are nobody's fault
        assert answer.json()["data"]["name"] == "Trần"


def job(employer_id: UUID, kind: type[JobFacts] = JobPosted, **changes: Any) -> JobFacts:
    facts = {
        "job_id": uuid4(),
        "employer_id": employer_id,
        "title": "Keeper of keys",
        "company_name": "Tech Solutions Inc.",
        "status": "Active",
        "expires_at": clock.now() + timedelta(days=1),
        "version": 1,
    }
    return kind(**(facts | changes))


async def active_jobs(bench: Bench, who: Who) -> int:
    answer = await call(bench, "GET", f"/employers/{who[1]}")
    assert answer.status_code == 200
    count: int = answer.json()["data"]["activeJobs"]
    return count


async def test_an_employer_is_shown_as_in_the_seed(bench: Bench) -> None:
    who = await employer(bench)
    company_id = (await create(bench, who)).json()["data"]["companyId"]
    await update(bench, who, companyInfo={"address": "Hà Nội"}, name="Trần Văn Tuyển Dụng")
    await activate_all(bench)
    await bench.hear(*(job(who[1]) for _ in range(5)), job(uuid4()))
    answer = await call(bench, "GET", f"/employers/{who[1]}")
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Lấy thông tin nhà tuyển dụng thành công",
        "data": {
            "id": str(who[1]),
            "name": "Trần Văn Tuyển Dụng",
            "avatar": None,
            "company": {
                "id": company_id,
                "name": "Tech Solutions Inc.",
                "industry": "Software Outsourcing",
                "address": "Hà Nội",
            },
            "activeJobs": 5,
            "rating": {"average": None, "count": 0},
        },
        "error": None,
    }


async def test_only_active_employers_are_shown(bench: Bench) -> None:
    who = await employer(bench)
    inactive = await call(bench, "GET", f"/employers/{who[1]}")
    assert (inactive.status_code, code_of(inactive)) == (404, "NOT_FOUND")
    await activate_all(bench)
    answer = await call(bench, "GET", f"/employers/{who[1]}")
    assert (answer.json()["data"]["company"], answer.json()["data"]["activeJobs"]) == (None, 0)
    hoang = await candidate(bench, **BINH)
    await activate_all(bench)
    for nobody in (hoang[1], uuid4(), "2002", "me"):
        answer = await call(bench, "GET", f"/employers/{nobody}")
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


async def test_jobs_count_while_they_can_be_applied_to(bench: Bench) -> None:
    who = await employer(bench)
    await activate_all(bench)
    posted = job(who[1])
    await bench.hear(posted, job(who[1], expires_at=clock.now() - timedelta(seconds=1)))
    assert await active_jobs(bench, who) == 1
    same = {"job_id": posted.job_id}
    past = clock.now() - timedelta(days=1)
    await bench.hear(job(who[1], JobUpdated, **same, version=2, expires_at=past))
    assert await active_jobs(bench, who) == 0
    await bench.hear(job(who[1], JobUpdated, **same, version=3))
    assert await active_jobs(bench, who) == 1
    await bench.hear(job(who[1], JobClosed, **same, version=4, status="Closed"))
    assert await active_jobs(bench, who) == 0


async def test_news_of_jobs_may_come_in_any_order_and_again(bench: Bench) -> None:
    who = await employer(bench)
    await activate_all(bench)
    posted = job(who[1])
    closed = job(who[1], JobClosed, job_id=posted.job_id, version=2, status="Closed")
    await bench.hear(closed)
    await bench.hear(posted)
    await bench.hear(posted, closed)
    assert await active_jobs(bench, who) == 0
    assert len(await bench.rows("SELECT FROM job_snapshots")) == 1
