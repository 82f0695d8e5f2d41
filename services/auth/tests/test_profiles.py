"""The caller's own account, his CV, his company; and who may not see or change them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated, CompanyUpdated, EmployerUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.auth.tests.people import COMPANY, code_of, new_account

CV = {
    "cvUrl": "https://storage.mysite.com/uploads/my-new-cv-2025.pdf",
    "cvName": "CV_Fullstack_Senior.pdf",
}


async def call(bench: Bench, method: str, path: str, who: Any = None, body: Any = None) -> Any:
    headers = signed_in(*who) if who else {}
    return await bench.client.request(method, f"/api/v1{path}", headers=headers, json=body)


async def candidate(bench: Bench, **changes: Any) -> Any:
    return Role.CANDIDATE, await new_account(bench, **changes)


async def employer(bench: Bench, **changes: Any) -> Any:
    return Role.EMPLOYER, await new_account(bench, userType="Employer", **changes)


PROTECTED = [
    ("GET", "/users/me", None, None),
    ("PUT", "/candidates/me/cv", CV, Role.EMPLOYER),
    ("POST", "/companies", COMPANY, Role.CANDIDATE),
]


@pytest.mark.parametrize(("method", "path", "body", "wrong"), PROTECTED)
async def test_access(bench: Bench, method: str, path: str, body: Any, wrong: Role | None) -> None:
    anonymous = await call(bench, method, path, None, body)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    if wrong is not None:
        answer = await call(bench, method, path, (wrong,), body)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    right = Role.CANDIDATE if path != "/companies" else Role.EMPLOYER
    nobody = await call(bench, method, path, (right,), body)
    assert (nobody.status_code, code_of(nobody)) == (404, "NOT_FOUND")


async def test_me_is_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    answer = await call(bench, "GET", "/users/me", who)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Lấy thông tin thành công",
        "data": {
            "id": str(who[1]),
            "username": "hoangnguyen",
            "email": "hoang@email.com",
            "phone": "0909123456",
            "name": "Nguyễn Văn Hoàng",
            "address": None,
            "userType": "Candidate",
            "ssn": None,
            "dob": None,
            "avatar": None,
            "company": None,
        },
        "error": None,
    }


async def test_me_without_a_phone(bench: Bench) -> None:
    answer = await call(bench, "GET", "/users/me", await candidate(bench, phone=None))
    assert answer.json()["data"]["phone"] is None


async def test_cv_is_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    answer = await call(bench, "PUT", "/candidates/me/cv", who, CV)
    assert answer.status_code == 200
    assert answer.json()["message"] == "Cập nhật CV thành công"
    data = answer.json()["data"]
    updated_at = data.pop("updatedAt")
    assert updated_at.endswith("Z")
    assert abs((clock.now() - datetime.fromisoformat(updated_at)).total_seconds()) < 10
    assert data == {"candidateId": str(who[1]), "cvUrl": CV["cvUrl"]}
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert (said.candidate_id, said.cv_url, said.version) == (who[1], CV["cvUrl"], 2)
    assert await bench.rows("SELECT cv_name FROM candidates") == [{"cv_name": CV["cvName"]}]


async def test_cvs_set_at_once_have_versions_of_their_own(bench: Bench) -> None:
    who = await candidate(bench)
    urls = [f"https://storage.mysite.com/{n}.pdf" for n in range(8)]
    await asyncio.gather(
        *(call(bench, "PUT", "/candidates/me/cv", who, {"cvUrl": url}) for url in urls)
    )
    said = [event for event in await bench.published() if isinstance(event, CandidateUpdated)]
    assert sorted(event.version for event in said) == list(range(1, 10))
    [row] = await bench.rows("SELECT cv_url FROM candidates")
    assert max(said, key=lambda event: event.version).cv_url == row["cv_url"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cvUrl": None},
        {"cvUrl": "cv.pdf"},
        {"cvUrl": "http://storage.mysite.com/cv.pdf"},
        {"cvUrl": "javascript:alert(1)"},
        {"cvUrl": "https://"},
        {"cvUrl": "https://a.vn/\0"},
        {"cvUrl": "https:///x"},
        {"cvUrl": "https://x.com/a b"},
        {"cvUrl": "https://x.com/a\nb"},
        {"cvUrl": "https://user:pw@x.com"},
        {"cvUrl": "https://a.vn/" + "x" * 2048},
        {"cvUrl": 5},
        CV | {"cvName": "x" * 256},
        CV | {"cvName": " "},
        CV | {"candidateId": "1"},
    ],
)
async def test_bad_cvs(bench: Bench, body: Any) -> None:
    answer = await call(bench, "PUT", "/candidates/me/cv", await candidate(bench), body)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")


async def create(bench: Bench, who: Any, **changes: Any) -> httpx.Response:
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
