"""A candidate's applications: his copy, and what is left when he is erased."""

from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from libs.common.contracts.applications import ApplicationWithdrawn
from libs.common.contracts.auth import CandidateUpdated, UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.applications.tests.samples import CV, a_candidate, a_job

HOANG = a_candidate()
RENAMED = a_candidate(candidate_id=HOANG.candidate_id, name="Hoàng", version=2)
JOB = a_job()
ERASED = UserErased(user_id=HOANG.candidate_id, role="Candidate", erasure_id=uuid4())
GONE = UserErased(user_id=JOB.employer_id, role="Employer", erasure_id=uuid4())
CANDIDATE = signed_in(Role.CANDIDATE, HOANG.candidate_id)
EMPLOYER = signed_in(Role.EMPLOYER, JOB.employer_id)
LETTER = "Tôi là Nguyễn Văn Hoàng."
NOTE = "Hoàng trả lời tốt."


async def applied(bench: Bench, status: str = "Interviewed") -> None:
    """Let the candidate apply, and the employer move him on with a note."""
    await bench.hear(JOB, HOANG)
    sent = {"coverLetter": LETTER, "cvUrl": CV}
    keyed = CANDIDATE | {"Idempotency-Key": "1"}
    path = f"/api/v1/jobs/{JOB.job_id}/apply"
    answer = await bench.client.post(path, json=sent, headers=keyed)
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/applies/{answer.json()['data']['applyId']}/status"
    wanted = {"status": status, "note": NOTE}
    assert (await bench.client.put(path, json=wanted, headers=EMPLOYER)).status_code == 200


async def copy_for(bench: Bench, caller: dict[str, str]) -> Any:
    return (await bench.client.get("/internal/personal-data", headers=caller)).json()


async def test_a_copy_holds_letters_and_what_was_noted_of_him(bench: Bench) -> None:
    await applied(bench)
    copy = await copy_for(bench, CANDIDATE)
    assert copy["candidate"]["email"] == "hoang@email.com"
    [application] = copy["applications"]
    assert (application["coverLetter"], application["cvUrl"]) == (LETTER, CV)
    assert [move["note"] for move in application["moves"]] == [NOTE]
    assert copy["movesMade"] == []


async def test_an_employers_copy_holds_the_moves_that_he_made(bench: Bench) -> None:
    await applied(bench)
    copy = await copy_for(bench, EMPLOYER)
    assert (copy["candidate"], copy["applications"]) == (None, [])
    assert [move["note"] for move in copy["movesMade"]] == [NOTE]


@pytest.mark.parametrize(
    ("status", "then"), [("Interviewed", "Withdrawn"), ("Accepted", "Accepted")]
)
async def test_an_erased_candidates_application_still_counts(
    bench: Bench, status: str, then: str
) -> None:
    await applied(bench, status)
    for _ in range(2):
        await bench.hear(ERASED)
    listed = await bench.client.get(f"/api/v1/jobs/{JOB.job_id}/applies", headers=EMPLOYER)
    [seen] = listed.json()["data"]
    unknown = dict.fromkeys(("name", "email", "cvUrl", "coverLetter"))
    assert seen | unknown | {"status": then} == seen
    assert listed.headers["x-total-count"] == "1"
    assert {row["note"] for row in await bench.rows("SELECT note FROM application_moves")} == {None}
    assert await bench.rows("SELECT key FROM idempotency") == []
    said = [event for event in await bench.published() if isinstance(event, PersonalDataErased)]
    assert {(one.service, one.erasure_id) for one in said} == {("applications", ERASED.erasure_id)}


async def test_an_erased_candidate_waits_for_no_answer(bench: Bench) -> None:
    """The employer hears of it, once, and may close the job."""
    await applied(bench)
    for _ in range(2):
        await bench.hear(ERASED)
    [told] = [one for one in await bench.published() if isinstance(one, ApplicationWithdrawn)]
    assert (told.from_status, told.candidate_name) == ("Interviewed", "")
    sealed = await bench.client.post(f"/internal/jobs/{JOB.job_id}/seal", headers=EMPLOYER)
    assert sealed.status_code == 200, sealed.text


async def test_an_erased_employer_takes_his_notes_along(bench: Bench) -> None:
    await applied(bench)
    await bench.hear(GONE)
    assert await bench.rows("SELECT note FROM application_moves") == [{"note": None}]
    assert await bench.rows("SELECT cover_letter FROM applications") == [{"cover_letter": LETTER}]


@pytest.mark.parametrize("late", [*permutations([HOANG, RENAMED])])
async def test_what_is_heard_late_raises_nobody_from_the_dead(
    bench: Bench, late: tuple[CandidateUpdated, ...]
) -> None:
    await bench.hear(ERASED)
    for event in late:
        await bench.hear(event)
    [kept] = await bench.rows("SELECT name, email, cv_url FROM candidate_snapshots")
    assert kept == {"name": "", "email": "", "cv_url": None}


async def test_a_token_that_is_not_yet_dead_makes_nothing_new(bench: Bench) -> None:
    await bench.hear(JOB, HOANG, ERASED)
    path = f"/api/v1/jobs/{JOB.job_id}/apply"
    answer = await bench.client.post(path, json={"cvUrl": CV}, headers=CANDIDATE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_INVALID")
    assert await bench.rows("SELECT id FROM applications") == []
