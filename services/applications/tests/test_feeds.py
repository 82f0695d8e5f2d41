"""Lists of applications read page by page, by their links, while more are made and moved."""

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest

from libs.common.identity import Role
from libs.common.ids import NIL, new_id
from libs.common.testing import Bench, signed_in
from services.applications.tests.samples import a_job
from services.applications.tests.test_applies import applied, moved

MINE = "/api/v1/candidates/me/applies"


async def pages(bench: Bench, who: Mapping[str, str], address: str) -> AsyncIterator[list[str]]:
    """Yield the ids of the applications on each page, from the first to the last."""
    for _ in range(20):
        answer = await bench.client.get(address, headers=dict(who))
        assert answer.status_code == 200, answer.text
        yield [row["applyId"] for row in answer.json()["data"]]
        if "next" not in answer.links:
            return
        address = answer.links["next"]["url"]
    pytest.fail("the links lead on for ever")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_each_old_application_of_mine_is_met_once(bench: Bench, limit: int) -> None:
    me = new_id()
    made = [(await applied(bench, a_job(), me))["applyId"] for _ in range(5)]
    met: list[str] = []
    async for ids in pages(bench, signed_in(Role.CANDIDATE, me), f"{MINE}?limit={limit}"):
        assert 0 < len(ids) <= limit
        met += ids
        await applied(bench, a_job(), me)
    assert met == made[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_an_employer_who_moves_them_on_meets_each_once(bench: Bench, limit: int) -> None:
    job = a_job()
    owner = signed_in(Role.EMPLOYER, job.employer_id)
    made = [(await applied(bench, job))["applyId"] for _ in range(5)]
    met: list[str] = []
    address = f"/api/v1/jobs/{job.job_id}/applies?status=Applied&limit={limit}"
    async for ids in pages(bench, owner, address):
        met += ids
        await applied(bench, job)
        for apply_id in ids:
            assert (await moved(bench, apply_id, owner, status="Shortlisted"))[0] == 200
    assert met == made[::-1]


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=", "cursor=%00", "cursor=x", "cursor=" + "A" * 5000),
        f"cursor={cursor('2026-01-01T00:00:00Z', NIL)}",
        f"cursor={cursor(5)}",
        f"cursor={cursor(NIL)}&offset=1",
    ],
)
async def test_bad_cursors_are_refused(bench: Bench, query: str) -> None:
    job = a_job()
    await bench.hear(job)
    for path, who in (
        (MINE, signed_in(Role.CANDIDATE)),
        (f"/api/v1/jobs/{job.job_id}/applies", signed_in(Role.EMPLOYER, job.employer_id)),
    ):
        answer = await bench.client.get(f"{path}?{query}", headers=who)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
        assert [problem["field"] for problem in error["details"]] == ["cursor"]
