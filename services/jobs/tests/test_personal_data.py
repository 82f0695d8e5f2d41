"""An employer's jobs: his copy, and what is left when he is erased."""

from uuid import UUID, uuid4

from libs.common.contracts.auth import UserErased
from libs.common.contracts.jobs import JobClosed
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.jobs.tests.samples import COMPANY, EMPLOYER, a_posting, find, post, posted

ERASED = UserErased(user_id=EMPLOYER.employer_id, role="Employer", erasure_id=uuid4())


async def test_a_copy_holds_what_he_posted(bench: Bench) -> None:
    job_id = await posted(bench)
    me = signed_in(Role.EMPLOYER, EMPLOYER.employer_id)
    copy = (await bench.client.get("/internal/personal-data", headers=me)).json()
    assert copy["employer"]["companyId"] == str(COMPANY.company_id)
    [job] = copy["jobs"]
    assert (job["id"], job["title"], job["location"]) == (
        job_id,
        "Senior Backend Developer",
        "Ho Chi Minh",
    )
    stranger = await bench.client.get("/internal/personal-data", headers=signed_in(Role.EMPLOYER))
    assert stranger.json() == {
        "candidate": None,
        "appliedFor": [],
        "employer": None,
        "jobs": [],
    }


async def test_an_erased_employers_jobs_are_closed_once(bench: Bench) -> None:
    job_id = await posted(bench)
    for _ in range(2):
        await bench.hear(ERASED)
    assert await find(bench) == []
    shown = (await bench.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]
    assert (shown["jobInfo"]["status"], shown["company"]["name"]) == ("Closed", COMPANY.name)
    said = await bench.published()
    [closed] = [event for event in said if isinstance(event, JobClosed)]
    assert (closed.job_id, closed.status, closed.version) == (UUID(job_id), "Closed", 2)
    assert closed.company_name == COMPANY.name
    receipts = [event.service for event in said if isinstance(event, PersonalDataErased)]
    assert receipts == ["jobs", "jobs"]


async def test_what_is_heard_late_lets_nobody_post(bench: Bench) -> None:
    await bench.hear(ERASED)
    for version in (2, 1):
        await bench.hear(EMPLOYER.model_copy(update={"version": version}))
    answer = await post(bench, a_posting())
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        403,
        "COMPANY_PROFILE_INCOMPLETE",
    )


async def test_the_jobs_of_others_stay_open(bench: Bench) -> None:
    await posted(bench)
    await bench.hear(ERASED.model_copy(update={"user_id": uuid4()}))
    assert await find(bench) == ["Senior Backend Developer"]
