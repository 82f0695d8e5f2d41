"""Making a company, and how everybody sees it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.common import clock
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.testing import Bench
from services.auth.tests.people import (
    BINH,
    COMPANY,
    PASSWORD,
    Who,
    call,
    candidate,
    code_of,
    employer,
)


async def create(bench: Bench, who: Who, **changes: Any) -> httpx.Response:
    body = {key: value for key, value in (COMPANY | changes).items() if value is not None}
    answer: httpx.Response = await call(bench, "POST", "/companies", who, body)
    return answer


async def test_company_is_the_seeds_sample(bench: Bench) -> None:
    who = await employer(bench)
    answer = await create(bench, who)
    assert answer.status_code == 201
    assert answer.json()["message"] == "Tạo profile công ty thành công"
    company_id = answer.json()["data"]["companyId"]
    assert answer.json()["data"] == {"companyId": company_id, "name": "Tech Solutions Inc."}
    company, person = (await bench.published())[-2:]
    assert company == CompanyUpdated(
        company_id=company_id,
        name="Tech Solutions Inc.",
        industry="Software Outsourcing",
        address=None,
        logo_url=None,
        complete=True,
        missing=[],
        version=1,
    )
    assert isinstance(person, EmployerUpdated)
    assert (person.employer_id, str(person.company_id), person.version) == (who[1], company_id, 2)
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert me["company"] == {"id": company_id, "name": "Tech Solutions Inc."}
    seen = await call(bench, "GET", f"/companies/{company_id}")
    assert seen.status_code == 200
    assert seen.json()["data"] == COMPANY | {"id": company_id, "address": None, "logoUrl": None}


async def test_a_company_needs_no_more_than_completes_it(bench: Bench) -> None:
    optional = {"foundedDate": None, "industry": None, "size": None}
    branch = "0101234567-001"
    answer = await create(bench, await employer(bench), taxNumber=branch, **optional)
    assert answer.status_code == 201
    company = (await bench.published())[-2]
    assert isinstance(company, CompanyUpdated)
    assert company.complete


async def test_addresses_are_kept_as_they_were_checked(bench: Bench) -> None:
    company = await create(bench, await employer(bench), website="HTTP://TechSolutions.com:80")
    seen = await call(bench, "GET", f"/companies/{company.json()['data']['companyId']}")
    assert seen.json()["data"]["website"] == "http://techsolutions.com"
    who = await candidate(bench, email="b@email.com", username="bbb", phone=None)
    cv = await call(bench, "PUT", "/candidates/me/cv", who, {"cvUrl": "https://A.vn/hồ-sơ"})
    assert cv.json()["data"]["cvUrl"] == "https://a.vn/h%E1%BB%93-s%C6%A1"


async def test_taken_and_linked(bench: Bench) -> None:
    first = await employer(bench)
    second = await employer(bench, email="b@email.com", username="bbb", phone=None)
    await create(bench, first)
    for who in (first, second):
        taken = await create(bench, who)
        assert (taken.status_code, code_of(taken)) == (409, "TAX_NUMBER_TAKEN")
    linked = await create(bench, first, taxNumber="0101234568")
    assert (linked.status_code, code_of(linked)) == (409, "COMPANY_ALREADY_LINKED")
    assert len(await bench.rows("SELECT FROM companies")) == 1


async def erase(bench: Bench, who: Who) -> None:
    body = {"password": PASSWORD}
    assert (await call(bench, "DELETE", "/users/me", who, body)).status_code == 200


async def test_the_company_of_whom_was_erased_is_nobodys(bench: Bench) -> None:
    first, second = await employer(bench), await employer(bench, **BINH)
    company_id = (await create(bench, first)).json()["data"]["companyId"]
    await erase(bench, first)
    company = next(e for e in reversed(await bench.published()) if isinstance(e, CompanyUpdated))
    assert (str(company.company_id), company.name) == (company_id, "Tech Solutions Inc.")
    assert (company.complete, company.missing, company.version) == (False, ["taxNumber"], 2)
    answer = await create(bench, second, name="Giải Pháp Số")
    assert answer.status_code == 201  # the number is free, the company is not
    assert answer.json()["data"]["companyId"] != company_id
    seen = (await call(bench, "GET", f"/companies/{company_id}")).json()["data"]
    unsaid = {"id": company_id, "taxNumber": None, "address": None, "logoUrl": None}
    assert seen == COMPANY | unsaid
    renamed = {"companyInfo": {"name": "Số"}}
    assert (await call(bench, "PUT", "/employers/me", second, renamed)).status_code == 200
    assert (await call(bench, "GET", f"/companies/{company_id}")).json()["data"] == seen


async def test_of_many_at_once_one_has_the_number_of_whom_was_erased(bench: Bench) -> None:
    first = await employer(bench)
    await create(bench, first)
    others = [
        await employer(bench, email=f"b{n}@email.com", username=f"bbb{n}", phone=None)
        for n in range(6)
    ]
    await erase(bench, first)
    answers = await asyncio.gather(*(create(bench, who) for who in others))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {code_of(answer) for answer in answers if answer.is_error} == {"TAX_NUMBER_TAKEN"}
    assert len(await bench.rows("SELECT FROM employers WHERE company_id IS NOT NULL")) == 1


async def test_one_employer_at_once_makes_one_company(bench: Bench) -> None:
    who = await employer(bench)
    answers = await asyncio.gather(
        *(create(bench, who, taxNumber=f"010123456{n}") for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await bench.rows("SELECT FROM companies")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"taxNumber": "123"}, "taxNumber"),
        ({"taxNumber": "01012345678"}, "taxNumber"),
        ({"taxNumber": "0101234567-1"}, "taxNumber"),
        ({"taxNumber": "０１０１２３４５６７"}, "taxNumber"),
        ({"taxNumber": 101234567}, "taxNumber"),
        ({"taxNumber": None}, "taxNumber"),
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"website": "techsolutions"}, "website"),
        ({"website": "ftp://techsolutions.com"}, "website"),
        ({"website": "http://"}, "website"),
        ({"website": "https://user:pw@techsolutions.com"}, "website"),
        ({"website": None}, "website"),
        ({"foundedDate": "10/10/2010"}, "foundedDate"),
        ({"foundedDate": "2010-02-30"}, "foundedDate"),
        ({"foundedDate": "9999-12-31"}, "foundedDate"),
        ({"foundedDate": "1699-12-31"}, "foundedDate"),
        ({"foundedDate": str(clock.local_date(clock.now()) + timedelta(days=1))}, "foundedDate"),
        ({"industry": "x" * 201}, "industry"),
        ({"industry": " "}, "industry"),
        ({"size": ""}, "size"),
        ({"country": "  "}, "country"),
        ({"country": None}, "country"),
        ({"country": "a\0"}, "country"),
        ({"size": 100}, "size"),
        ({"employees": 5}, "employees"),
    ],
)
async def test_bad_companies(bench: Bench, changes: dict[str, Any], field: str) -> None:
    answer = await create(bench, await employer(bench), **changes)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in answer.json()["error"]["details"]] == [field]


@pytest.mark.parametrize("company_id", ["202", "not-an-id", "00000000-0000-7000-8000-000000000000"])
async def test_no_such_company(bench: Bench, company_id: str) -> None:
    answer = await call(bench, "GET", f"/companies/{company_id}")
    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
