"""Candidates: how employers see them, their skills, their CV by its address."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated
from libs.common.identity import Role
from libs.common.reference import load_skills
from libs.common.testing import Bench
from services.auth.tests.people import (
    BINH,
    activate_all,
    call,
    candidate,
    code_of,
    employer,
    fields_of,
)

CV = {
    "cvUrl": "https://storage.mysite.com/uploads/my-new-cv-2025.pdf",
    "cvName": "CV_Fullstack_Senior.pdf",
}
SKILLS = {"skillIds": [1, 5, 10]}
JOB = {
    "comName": "FPT Software",
    "position": "Junior Developer",
    "startTime": "2023-01-01",
    "endTime": "2024-01-01",
    "duration": "1 year",
}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", "/cv", CV), ("GET", "/skills", None), ("PUT", "/skills", SKILLS)],
)
async def test_access(bench: Bench, method: str, path: str, body: Any) -> None:
    path = f"/candidates/me{path}"
    anonymous = await call(bench, method, path, None, body)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for role in (Role.EMPLOYER, Role.ADMIN):
        answer = await call(bench, method, path, (role,), body)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    assert (await call(bench, method, path, await candidate(bench), body)).status_code == 200
    if method == "PUT":
        nobody = await call(bench, method, path, (Role.CANDIDATE,), body)
        assert (nobody.status_code, code_of(nobody)) == (404, "NOT_FOUND")


async def test_a_candidate_is_shown_as_in_the_seed(bench: Bench) -> None:
    who = await candidate(bench)
    told = {"address": "TP.HCM", "ssn": "079123456789", "dob": "2000-01-01"}
    await call(bench, "PUT", "/users/me", who, told)
    await call(bench, "PUT", "/candidates/me/cv", who, CV)
    await call(bench, "PUT", "/candidates/me/skills", who, SKILLS)
    await call(bench, "POST", "/candidates/me/job-history", who, JOB)
    await activate_all(bench)
    for role in (Role.EMPLOYER, Role.ADMIN):
        answer = await call(bench, "GET", f"/candidates/{who[1]}", (role,))
        assert answer.status_code == 200
        assert answer.json() == {
            "message": "Lấy thông tin ứng viên thành công",
            "data": {
                "id": str(who[1]),
                "name": "Nguyễn Văn Hoàng",
                "email": "hoang@email.com",
                "phone": "0909123456",
                "address": "TP.HCM",
                "cvUrl": CV["cvUrl"],
                "cvName": CV["cvName"],
                "skills": ["Java", "SQL", "PostgreSQL"],
                "jobHistory": [
                    {
                        "comName": "FPT Software",
                        "position": "Junior Developer",
                        "duration": "1 year",
                    }
                ],
            },
            "error": None,
        }


async def test_a_candidate_who_told_nothing(bench: Bench) -> None:
    who = await candidate(bench, phone=None)
    await activate_all(bench)
    data = (await call(bench, "GET", f"/candidates/{who[1]}", (Role.EMPLOYER,))).json()["data"]
    assert (data["phone"], data["address"], data["cvUrl"]) == (None, None, None)
    assert (data["skills"], data["jobHistory"]) == ([], [])


async def test_who_may_see_a_candidate(bench: Bench) -> None:
    who = await candidate(bench)
    path = f"/candidates/{who[1]}"
    inactive = await call(bench, "GET", path, (Role.EMPLOYER,))
    assert (inactive.status_code, code_of(inactive)) == (404, "NOT_FOUND")
    await activate_all(bench)
    assert (await call(bench, "GET", path, (Role.EMPLOYER,))).status_code == 200
    assert (await call(bench, "GET", path)).status_code == 401
    for other in (who, (Role.CANDIDATE,)):
        assert (await call(bench, "GET", path, other)).status_code == 403
    chief = await employer(bench, **BINH)
    await activate_all(bench)
    for nobody in (chief[1], uuid4(), "1001", "me"):
        answer = await call(bench, "GET", f"/candidates/{nobody}", chief)
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


async def test_a_long_career_costs_no_more_statements(bench: Bench) -> None:
    who = await candidate(bench)
    await activate_all(bench)
    counts = []
    for _ in range(2):
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)  # noqa: B023 - called before the next round

        engine = bench.db.reader.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        await call(bench, "GET", f"/candidates/{who[1]}", (Role.EMPLOYER,))
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
        await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": list(range(1, 51))})
        for _ in range(5):
            await call(bench, "POST", "/candidates/me/job-history", who, JOB)
    assert counts == [3, 3]


async def test_skills_are_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    empty = await call(bench, "GET", "/candidates/me/skills", who)
    assert empty.json()["data"] == []
    answer = await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [1, 2, 5]})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Cập nhật kỹ năng thành công",
        "data": ["Java", "Spring Boot", "SQL"],
        "error": None,
    }
    seen = await call(bench, "GET", "/candidates/me/skills", who)
    assert seen.json()["data"] == ["Java", "Spring Boot", "SQL"]
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert (said.candidate_id, said.skill_ids, said.version) == (who[1], [1, 2, 5], 2)


async def test_skills_keep_their_order_and_count_once(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/candidates/me/skills", who, SKILLS)
    answer = await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [5, 1, 5, 2]})
    assert answer.json()["data"] == ["SQL", "Java", "Spring Boot"]
    seen = await call(bench, "GET", "/candidates/me/skills", who)
    assert seen.json()["data"] == ["SQL", "Java", "Spring Boot"]
    published = await bench.published()
    assert published[-1].model_dump()["skill_ids"] == [5, 1, 2]
    await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [5, 1, 2]})
    assert await bench.published() == published


async def test_a_later_cv_still_tells_the_skills(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/candidates/me/skills", who, SKILLS)
    await call(bench, "PUT", "/candidates/me/cv", who, CV)
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert (said.cv_url, said.skill_ids, said.version) == (CV["cvUrl"], [1, 5, 10], 3)


async def test_unknown_skills(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/candidates/me/skills", who, SKILLS)
    beyond = max(skill.id for skill in load_skills()) + 1
    body = {"skillIds": [1, beyond, 2**31 - 1]}
    answer = await call(bench, "PUT", "/candidates/me/skills", who, body)
    assert (answer.status_code, code_of(answer)) == (422, "UNKNOWN_SKILL")
    assert answer.json()["error"]["details"] == {"skillIds": [beyond, 2**31 - 1]}
    assert answer.json()["message"] == "Có kỹ năng không tồn tại trong hệ thống."
    seen = await call(bench, "GET", "/candidates/me/skills", who)
    assert len(seen.json()["data"]) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "skillIds"),
        ({"skillIds": None}, "skillIds"),
        ({"skillIds": []}, "skillIds"),
        ({"skillIds": "1"}, "skillIds"),
        ({"skillIds": [1] * 201}, "skillIds"),
        ({"skillIds": ["1"]}, "skillIds.0"),
        ({"skillIds": [True]}, "skillIds.0"),
        ({"skillIds": [1.5]}, "skillIds.0"),
        ({"skillIds": [0]}, "skillIds.0"),
        ({"skillIds": [2**31]}, "skillIds.0"),
        (SKILLS | {"skills": ["Java"]}, "skills"),
    ],
)
async def test_bad_skills(bench: Bench, body: Any, field: str) -> None:
    answer = await call(bench, "PUT", "/candidates/me/skills", await candidate(bench), body)
    assert fields_of(answer) == [field]


async def test_skills_set_at_once_do_not_mix(bench: Bench) -> None:
    who = await candidate(bench)
    lists = [list(range(first, first + 5)) for first in range(1, 9)]
    answers = await asyncio.gather(
        *(call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": ids}) for ids in lists)
    )
    assert {answer.status_code for answer in answers} == {200}
    said = [event for event in await bench.published() if isinstance(event, CandidateUpdated)]
    last = max(said, key=lambda event: event.version)
    rows = await bench.rows("SELECT skill_id FROM candidate_skills ORDER BY position")
    assert [row["skill_id"] for row in rows] == last.skill_ids
    assert last.version == len(said) == 9


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
