"""The jobs of an employer: the open ones for everyone, all of them for himself."""

from typing import Any
from uuid import UUID

import httpx

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.jobs import expiry, views
from services.jobs.schemas.jobs import JobOut
from services.jobs.tests.samples import (
    COMPANY,
    EMPLOYER,
    LAST_DAY,
    ME,
    close,
    make_overdue,
    posted,
    today,
    update,
)

HIS = EMPLOYER.employer_id


async def public(bench: Bench, employer: Any = HIS, **query: Any) -> httpx.Response:
    answer = await bench.client.get(f"/api/v1/employers/{employer}/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def mine(bench: Bench, **query: Any) -> httpx.Response:
    answer = await bench.client.get("/api/v1/employers/me/jobs", params=query, headers=ME)
    assert answer.status_code == 200, answer.text
    return answer


def an_application(job_id: str) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=new_id(),
        job_id=UUID(job_id),
        job_title="Senior Backend Developer",
        company_name=COMPANY.name,
        employer_id=EMPLOYER.employer_id,
        candidate_id=new_id(),
        candidate_name="Nguyễn Văn Hoàng",
        submitted_at=clock.now(),
    )


async def one_in_each_state(bench: Bench) -> dict[str, str]:
    """Post five jobs, and let each stand elsewhere; the last, overdue, was noticed by nobody."""
    titles = ("Active", "Hidden", "Closed", "Expired", "Overdue")
    jobs = {title: await posted(bench, info={"title": title}) for title in titles}
    await update(bench, jobs["Hidden"], {"jobInfo": {"status": "Hidden"}})
    await close(bench, jobs["Closed"])
    await make_overdue(bench, jobs["Expired"])
    assert await expiry.expire(bench.db) == 1
    await make_overdue(bench, jobs["Overdue"])
    return jobs


async def test_everyone_sees_the_open_ones(bench: Bench) -> None:
    jobs = await one_in_each_state(bench)
    answer = await public(bench)
    assert answer.json()["message"] == "Lấy danh sách việc làm của nhà tuyển dụng thành công"
    [job] = answer.json()["data"]
    assert JobOut.model_validate(job).model_dump(mode="json", by_alias=True) == job
    assert (job["jobId"], job["companyName"]) == (jobs["Active"], COMPANY.name)
    for unknown in ("888", new_id()):
        assert (await public(bench, unknown)).json()["data"] == []


async def test_a_page_of_the_open_ones_newest_first(bench: Bench) -> None:
    for title in "ABC":
        await posted(bench, info={"title": title})
    first = await public(bench, limit=2)
    assert [job["title"] for job in first.json()["data"]] == ["C", "B"]
    assert first.headers["X-Total-Count"] == "3"
    assert "offset=2" in first.headers["Link"]
    rest = await public(bench, limit=2, offset=2)
    assert [job["title"] for job in rest.json()["data"]] == ["A"]
    assert "Link" not in rest.headers


async def test_he_sees_all_and_where_each_stands(bench: Bench) -> None:
    jobs = await one_in_each_state(bench)
    answer = await mine(bench)
    assert answer.json()["message"] == "Lấy danh sách tin tuyển dụng của bạn thành công"
    shown = {job["title"]: job for job in answer.json()["data"]}
    assert list(shown) == ["Overdue", "Expired", "Closed", "Hidden", "Active"]
    assert {title: job["status"] for title, job in shown.items()} == {
        "Overdue": "Expired",
        **{title: title for title in ("Expired", "Closed", "Hidden", "Active")},
    }
    assert shown["Active"] == {
        "jobId": jobs["Active"],
        "title": "Active",
        "status": "Active",
        "postDate": str(today()),
        "expireDate": LAST_DAY,
        "viewCount": 0,
        "applies": 0,
    }
    page = await mine(bench, limit=2, offset=1)
    assert [job["title"] for job in page.json()["data"]] == ["Expired", "Closed"]
    assert page.headers["X-Total-Count"] == "5"


async def test_he_sees_what_came_of_them(bench: Bench) -> None:
    job_id, other = await posted(bench), await posted(bench)
    first, second = an_application(job_id), an_application(job_id)
    for told in (first, second, first):
        await bench.hear(told)
    for _ in range(2):
        await bench.client.get(f"/api/v1/jobs/{job_id}")
    await views.store_views(bench.db)
    await bench.client.get(f"/api/v1/jobs/{job_id}")
    shown = {job["jobId"]: job for job in (await mine(bench)).json()["data"]}
    assert (shown[job_id]["applies"], shown[job_id]["viewCount"]) == (2, 3)
    assert (shown[other]["applies"], shown[other]["viewCount"]) == (0, 0)


async def test_only_employers_have_a_list_of_their_own(bench: Bench) -> None:
    await posted(bench)
    anonymous = await bench.client.get("/api/v1/employers/me/jobs")
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    for role in (Role.CANDIDATE, Role.ADMIN):
        answer = await bench.client.get("/api/v1/employers/me/jobs", headers=signed_in(role))
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    stranger = signed_in(Role.EMPLOYER)
    answer = await bench.client.get("/api/v1/employers/me/jobs", headers=stranger)
    assert answer.json()["data"] == []
