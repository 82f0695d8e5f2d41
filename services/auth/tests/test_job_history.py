"""Where candidates worked, as they tell it themselves."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.common.identity import Role
from libs.common.testing import Bench
from services.auth.commands import candidates
from services.auth.tests.people import BINH, Who, call, candidate, code_of, fields_of
from services.auth.tests.test_candidates import JOB

NOBODYS = "7a1c57d4-4cf5-4b5b-9b52-8f1b6a0d9c11"
PATH = "/candidates/me/job-history"


async def add(bench: Bench, who: Who, **changes: Any) -> Any:
    answer = await call(bench, "POST", PATH, who, JOB | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["historyId"]


async def listed(bench: Bench, who: Who, query: str = "") -> Any:
    answer = await call(bench, "GET", PATH + query, who)
    assert answer.status_code == 200
    return answer.json()["data"]


@pytest.mark.parametrize(
    ("method", "path", "body", "missing"),
    [
        ("GET", PATH, None, 200),
        ("POST", PATH, JOB, 404),
        ("PUT", f"{PATH}/{NOBODYS}", JOB, 404),
        ("DELETE", f"{PATH}/{NOBODYS}", None, 404),
    ],
)
async def test_access(bench: Bench, method: str, path: str, body: Any, missing: int) -> None:
    anonymous = await call(bench, method, path, None, body)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for role in (Role.EMPLOYER, Role.ADMIN):
        answer = await call(bench, method, path, (role,), body)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    nobody = await call(bench, method, path, (Role.CANDIDATE,), body)
    assert nobody.status_code == missing


async def test_adding_is_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    answer = await call(bench, "POST", PATH, who, JOB)
    assert answer.status_code == 201
    assert answer.json()["message"] == "Thêm lịch sử làm việc thành công"
    history_id = answer.json()["data"]["historyId"]
    assert UUID(history_id)
    assert answer.json()["data"] == {"historyId": history_id, "comName": "FPT Software"}
    seen = await call(bench, "GET", PATH, who)
    assert seen.json() == {
        "message": "Lấy lịch sử làm việc thành công",
        "data": [JOB | {"historyId": history_id}],
        "error": None,
    }
    assert seen.headers["X-Total-Count"] == "1"


async def test_the_newest_comes_first_and_the_list_has_pages(bench: Bench) -> None:
    who = await candidate(bench)
    for year in (2019, 2023, 2021):
        await add(bench, who, comName=f"C{year}", startTime=f"{year}-01-01", endTime=None)
    names = [job["comName"] for job in await listed(bench, who)]
    assert names == ["C2023", "C2021", "C2019"]
    first = await call(bench, "GET", f"{PATH}?limit=2", who)
    assert len(first.json()["data"]) == 2
    assert first.headers["X-Total-Count"] == "3"
    assert "offset=2" in first.headers["Link"]
    [rest] = await listed(bench, who, "?limit=2&offset=2")
    assert rest["comName"] == "C2019"


async def test_a_job_that_says_no_duration_is_counted(bench: Bench) -> None:
    who = await candidate(bench)
    await add(bench, who, duration=None, endTime="2024-02-29")
    [job] = await listed(bench, who)
    assert job["duration"] == "1 year 2 months"
    await call(bench, "PUT", f"{PATH}/{job['historyId']}", who, {"endTime": None})
    [job] = await listed(bench, who)
    assert job["endTime"] is None
    assert job["duration"].startswith(("2 year", "3 year", "4 year", "5 year"))


async def test_what_is_absent_stays_and_null_clears(bench: Bench) -> None:
    who = await candidate(bench)
    history_id = await add(bench, who)
    changes = {"position": "Senior Developer", "duration": None}
    answer = await call(bench, "PUT", f"{PATH}/{history_id}", who, changes)
    assert answer.status_code == 200
    assert answer.json()["message"] == "Cập nhật lịch sử làm việc thành công"
    now = JOB | {"historyId": history_id, "position": "Senior Developer", "duration": "1 year"}
    assert answer.json()["data"] == now
    await call(bench, "PUT", f"{PATH}/{history_id}", who, {})
    assert await listed(bench, who) == [now]


async def test_removing(bench: Bench) -> None:
    who = await candidate(bench)
    history_id = await add(bench, who)
    answer = await call(bench, "DELETE", f"{PATH}/{history_id}", who)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Xóa lịch sử làm việc thành công",
        "data": None,
        "error": None,
    }
    assert await listed(bench, who) == []
    again = await call(bench, "DELETE", f"{PATH}/{history_id}", who)
    assert (again.status_code, code_of(again)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "body"), [("PUT", {"comName": "Mine"}), ("DELETE", None)])
async def test_anothers_entries_are_not_there(bench: Bench, method: str, body: Any) -> None:
    who = await candidate(bench)
    history_id = await add(bench, who)
    other = await candidate(bench, **BINH)
    for name in (history_id, "55", uuid4()):
        answer = await call(bench, method, f"{PATH}/{name}", other, body)
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
    assert await listed(bench, other) == []
    assert [job["comName"] for job in await listed(bench, who)] == ["FPT Software"]


@pytest.mark.parametrize(
    "changes",
    [
        {"startTime": "2024-01-02"},
        {"endTime": "2022-12-31"},
        {"startTime": "2024-01-02", "endTime": "2024-01-01"},
    ],
)
async def test_no_job_ends_before_it_starts(bench: Bench, changes: Any) -> None:
    who = await candidate(bench)
    assert fields_of(await call(bench, "POST", PATH, who, JOB | changes)) == ["endTime"]
    history_id = await add(bench, who)
    answer = await call(bench, "PUT", f"{PATH}/{history_id}", who, changes)
    assert fields_of(answer) == ["endTime"]
    assert await listed(bench, who) == [JOB | {"historyId": history_id}]


async def test_a_job_of_a_day(bench: Bench) -> None:
    who = await candidate(bench)
    await add(bench, who, endTime=JOB["startTime"], duration=None)
    assert (await listed(bench, who))[0]["duration"] == "less than a month"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"comName": None}, "comName"),
        ({"comName": " "}, "comName"),
        ({"comName": "x" * 201}, "comName"),
        ({"comName": "FPT\0"}, "comName"),
        ({"comName": "FPT\x07Software"}, "comName"),
        ({"position": None}, "position"),
        ({"position": 5}, "position"),
        ({"startTime": None}, "startTime"),
        ({"startTime": "1899-12-31"}, "startTime"),
        ({"startTime": "2023-13-01"}, "startTime"),
        ({"startTime": "2023-01-01T00:00:00Z"}, "startTime"),
        ({"startTime": 1672531200}, "startTime"),
        ({"startTime": "9999-12-31", "endTime": None}, "startTime"),
        ({"endTime": "2100-01-02"}, "endTime"),
        ({"endTime": "soon"}, "endTime"),
        ({"duration": "x" * 101}, "duration"),
        ({"duration": ""}, "duration"),
        ({"historyId": "55"}, "historyId"),
    ],
)
async def test_bad_entries(bench: Bench, changes: dict[str, Any], field: str) -> None:
    who = await candidate(bench)
    assert fields_of(await call(bench, "POST", PATH, who, JOB | changes)) == [field]
    path = f"{PATH}/{await add(bench, who)}"
    assert fields_of(await call(bench, "PUT", path, who, changes)) == [field]


async def test_a_history_has_an_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MAX_JOBS", 3)
    who = await candidate(bench)
    answers = await asyncio.gather(*(call(bench, "POST", PATH, who, JOB) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    full = await call(bench, "POST", PATH, who, JOB)
    assert code_of(full) == "JOB_HISTORY_FULL"
    assert full.json()["error"]["details"] == {"limit": 3}
    other = await candidate(bench, **BINH)
    assert (await call(bench, "POST", PATH, other, JOB)).status_code == 201


async def test_changes_at_once_keep_the_order_of_the_dates(bench: Bench) -> None:
    who = await candidate(bench)
    for _ in range(10):
        path = f"{PATH}/{await add(bench, who)}"
        answers = await asyncio.gather(
            call(bench, "PUT", path, who, {"startTime": "2023-12-01"}),
            call(bench, "PUT", path, who, {"endTime": "2023-06-01"}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert all(job["startTime"] <= job["endTime"] for job in await listed(bench, who))
