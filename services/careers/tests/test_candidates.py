"""What is kept of candidates: the newest facts, his copy of them, and nothing when he is erased."""

from itertools import permutations
from uuid import uuid4

import pytest

from libs.common.contracts.auth import CandidateUpdated, UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.careers.tests.advising import ME, a_candidate, data, number_of

FACTS = [
    a_candidate(skills=["Docker"]),
    a_candidate(skills=["Docker", "Git"], version=2),
    a_candidate(skills=[], skill_ids=[], target_roles=["Chef"], version=3),
]
KEPT = "SELECT skill_ids, skills, target_roles, experience_level, version FROM candidate_snapshots"


@pytest.mark.parametrize("told", [*permutations(FACTS)])
async def test_the_newest_facts_stay(bench: Bench, told: tuple[CandidateUpdated, ...]) -> None:
    for event in (*told, *told):
        await bench.hear(event)
    assert await bench.rows(KEPT) == [
        {
            "skill_ids": [],
            "skills": [],
            "target_roles": ["Chef"],
            "experience_level": "Mid",
            "version": 3,
        }
    ]
    assert (await data(bench, "/projects/recommendations"))["user_skill_count"] == 0


async def test_a_copy_holds_what_he_is_advised_by(bench: Bench) -> None:
    await bench.hear(a_candidate())
    me = signed_in(Role.CANDIDATE, ME)
    copy = (await bench.client.get("/internal/personal-data", headers=me)).json()
    assert copy == {
        "candidate": {
            "candidateId": str(ME),
            "skillIds": [number_of("Python")],
            "skills": ["fastapi", "ReactJS"],
            "targetRoles": ["Backend Developer", "Data Scientist"],
            "experienceLevel": "Mid",
        }
    }
    stranger = signed_in(Role.CANDIDATE)
    copy = (await bench.client.get("/internal/personal-data", headers=stranger)).json()
    assert copy == {"candidate": None}


async def test_nothing_is_left_of_whom_was_erased(bench: Bench) -> None:
    await bench.hear(a_candidate(), a_candidate(candidate_id=uuid4()))
    erased = UserErased(user_id=ME, role="Candidate", erasure_id=uuid4())
    for _ in range(2):
        await bench.hear(erased, a_candidate(version=7))
    mine = await bench.rows(f"{KEPT} WHERE candidate_id = :me", me=ME)
    others = await bench.rows(f"{KEPT} WHERE candidate_id <> :me", me=ME)
    assert mine == [
        {
            "skill_ids": [],
            "skills": [],
            "target_roles": [],
            "experience_level": None,
            "version": 2**31 - 1,
        }
    ]
    assert others[0]["skills"] == ["fastapi", "ReactJS"]
    receipts = [one for one in await bench.published() if isinstance(one, PersonalDataErased)]
    assert [receipt.service for receipt in receipts] == ["careers", "careers"]
