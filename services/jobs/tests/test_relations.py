"""Jobs beside a job: set by hand, or found by what they have in common."""

from typing import Any

import httpx
import pytest

from libs.common.contracts.auth import EmployerUpdated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.jobs.schemas.jobs import JobOut
from services.jobs.tests.samples import (
    COMPANY,
    ME,
    a_posting,
    close,
    make_overdue,
    post,
    posted,
    update,
)

COLLEAGUE, RIVAL = new_id(), new_id()
ELSEWHERE = COMPANY.model_copy(update={"company_id": new_id(), "name": "Rival JSC"})


async def relate(
    bench: Bench, job_id: str, other: Any, headers: dict[str, str] = ME
) -> httpx.Response:
    return await bench.client.post(
        f"/api/v1/jobs/{job_id}/relate", json={"relatedJobId": other}, headers=headers
    )


async def unrelate(
    bench: Bench, job_id: str, other: str, headers: dict[str, str] = ME
) -> httpx.Response:
    return await bench.client.delete(f"/api/v1/jobs/{job_id}/relate/{other}", headers=headers)


async def related(bench: Bench, job_id: str, **query: Any) -> list[str]:
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}/related", params=query)
    assert answer.status_code == 200, answer.text
    return [job["title"] for job in answer.json()["data"]]


async def titled(bench: Bench, title: str, **body: Any) -> str:
    return await posted(bench, info={"title": title}, **body)


async def of_others(bench: Bench) -> tuple[str, str]:
    """Return a job of a colleague, and one of another company."""
    for employer, company in ((COLLEAGUE, COMPANY), (RIVAL, ELSEWHERE)):
        facts = {"employer_id": employer, "name": "HR", "company_id": company.company_id}
        await bench.hear(company, EmployerUpdated(**facts, version=1))
    colleagues, rivals = [await post(bench, a_posting(), who) for who in (COLLEAGUE, RIVAL)]
    return colleagues.json()["data"]["jobId"], rivals.json()["data"]["jobId"]


async def test_the_seeds_sample(bench: Bench) -> None:
    job_id, other = await posted(bench), await posted(bench)
    answer = await relate(bench, job_id, other)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Gắn job liên quan thành công",
        "data": {"sourceJobId": job_id, "relatedJobId": other},
        "error": None,
    }
    assert (await relate(bench, job_id, other)).content == answer.content


async def test_the_list_is_what_was_set_and_is_open_the_last_set_first(bench: Bench) -> None:
    source, *others = [await titled(bench, title) for title in "SABCD"]
    for other in others:
        await relate(bench, source, other)
    assert await related(bench, source) == ["D", "C", "B", "A"]
    await close(bench, others[0])
    await update(bench, others[1], {"jobInfo": {"status": "Hidden"}})
    await make_overdue(bench, others[2])
    assert await related(bench, source) == ["D"]
    assert "S" not in await related(bench, source)


async def test_a_page_of_the_list(bench: Bench) -> None:
    source, *others = [await titled(bench, title) for title in "SABC"]
    for other in others:
        await relate(bench, source, other)
    answer = await bench.client.get(f"/api/v1/jobs/{source}/related", params={"limit": 2})
    assert answer.headers["X-Total-Count"] == "3"
    assert "offset=2" in answer.headers["Link"]
    assert await related(bench, source, limit=2, offset=2) == ["A"]
    [job, _] = answer.json()["data"]
    assert JobOut.model_validate(job).model_dump(mode="json", by_alias=True) == job
    assert (job["title"], job["companyName"], job["jobId"]) == ("C", COMPANY.name, others[2])


async def test_without_any_the_similar_ones_are_listed_the_most_alike_first(bench: Bench) -> None:
    source = await titled(bench, "Kỹ sư dữ liệu", skillIds=[1, 2, 10], categoryIds=[5])
    await titled(bench, "One skill", skillIds=[1, 3], categoryIds=[1])
    await titled(bench, "Nothing", skillIds=[3], categoryIds=[1])
    await titled(bench, "Two skills", skillIds=[1, 2], categoryIds=[1])
    await titled(bench, "ky su DU LIEU", skillIds=[1, 3], categoryIds=[1])
    hidden = await titled(bench, "Hidden", skillIds=[1, 2, 10])
    await update(bench, hidden, {"jobInfo": {"status": "Hidden"}})
    overdue = await titled(bench, "Overdue", skillIds=[1, 2, 10])
    await make_overdue(bench, overdue)
    alike = ["Two skills", "ky su DU LIEU", "One skill"]
    assert await related(bench, source) == alike
    assert await related(bench, source, limit=1, offset=1) == alike[1:2]
    await close(bench, source)
    assert await related(bench, source) == alike
    chosen = await relate(bench, source, overdue)
    assert chosen.status_code == 422
    assert await related(bench, source) == alike


async def test_a_relation_is_taken_away(bench: Bench) -> None:
    source, other = await posted(bench), await posted(bench)
    await relate(bench, source, other)
    await close(bench, other)
    answer = await unrelate(bench, source, other)
    assert (answer.status_code, answer.json()["data"]) == (200, True)
    assert answer.json()["message"] == "Gỡ job liên quan thành công"
    again = await unrelate(bench, source, other)
    assert (again.status_code, again.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert await bench.rows("SELECT * FROM job_relations") == []


async def test_only_another_open_job_of_the_company(bench: Bench) -> None:
    source, other = await posted(bench), await posted(bench)
    colleagues, rivals = await of_others(bench)
    assert (await relate(bench, source, colleagues)).status_code == 200
    overdue, closed = await posted(bench), await posted(bench)
    await make_overdue(bench, overdue)
    await close(bench, closed)
    for wrong in (source, rivals, overdue, closed):
        answer = await relate(bench, source, wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "INVALID_RELATION")
    assert answer.json()["message"].startswith("Job liên quan phải là một job khác")
    from_closed = await relate(bench, closed, other)
    assert (from_closed.status_code, from_closed.json()["error"]["code"]) == (
        422,
        "INVALID_RELATION",
    )
    for unknown in ("889", str(new_id())):
        answer = await relate(bench, source, unknown)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_only_its_employer_sets_and_takes_away(bench: Bench) -> None:
    job_id, other = await posted(bench), await posted(bench)
    colleagues, _ = await of_others(bench)
    await relate(bench, job_id, colleagues)
    for call in (relate, unrelate):
        assert (await call(bench, job_id, other, {})).status_code == 401
        for role in (Role.CANDIDATE, Role.ADMIN, Role.EMPLOYER):
            answer = await call(bench, job_id, other, signed_in(role))
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
        colleague = signed_in(Role.EMPLOYER, COLLEAGUE)
        assert (await call(bench, job_id, other, colleague)).status_code == 403
        assert (await call(bench, str(new_id()), other)).status_code == 404
    assert len(await bench.rows("SELECT * FROM job_relations")) == 1


@pytest.mark.parametrize("body", [{}, {"relatedJobId": 5}, {"relatedJobId": None}, [], {"x": "1"}])
async def test_bad_bodies(bench: Bench, body: Any) -> None:
    job_id = await posted(bench)
    answer = await bench.client.post(f"/api/v1/jobs/{job_id}/relate", json=body, headers=ME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_of_an_unknown_job_there_is_no_list(bench: Bench) -> None:
    for unknown in ("888", str(new_id())):
        answer = await bench.client.get(f"/api/v1/jobs/{unknown}/related")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
