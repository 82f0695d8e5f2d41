"""Skills that admins of the jobs service had a hand in, as candidates have them."""

from itertools import permutations
from typing import Any

import pytest

from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import SkillUpdated
from libs.common.identity import Role
from libs.common.testing import Bench
from services.auth.tests.people import Who, activate_all, call, candidate, code_of

JAVA, SPRING, SQL, BUN = 1, 2, 5, 100_000


def skill(skill_id: int, name: str, version: int = 1, into: int | None = None) -> SkillUpdated:
    return SkillUpdated(skill_id=skill_id, name=name, merged_into=into, version=version)


async def choose(bench: Bench, who: Who, *skill_ids: int) -> Any:
    answer = await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": skill_ids})
    return answer.json()["data"]


async def skills(bench: Bench, who: Who) -> list[str]:
    """Return his skills, which are the same for him and for employers."""
    his: list[str] = (await call(bench, "GET", "/candidates/me/skills", who)).json()["data"]
    shown = await call(bench, "GET", f"/candidates/{who[1]}", (Role.EMPLOYER,))
    assert shown.json()["data"]["skills"] == his
    return his


@pytest.fixture
async def who(bench: Bench) -> Who:
    someone = await candidate(bench)
    await activate_all(bench)
    return someone


async def test_a_skill_that_an_admin_added(bench: Bench, who: Who) -> None:
    refused = await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [BUN]})
    assert (refused.status_code, code_of(refused)) == (422, "UNKNOWN_SKILL")
    await bench.hear(skill(BUN, "Bun"))
    assert await choose(bench, who, BUN, JAVA) == ["Bun", "Java"] == await skills(bench, who)
    refused = await call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [BUN, BUN + 1]})
    assert refused.json()["error"]["details"] == {"skillIds": [BUN + 1]}


async def test_a_skill_has_its_newest_name(bench: Bench, who: Who) -> None:
    await choose(bench, who, SPRING, JAVA)
    names = [skill(JAVA, "Javanese"), skill(JAVA, "Java!", 2), skill(JAVA, "JVM tongue", 3)]
    for events in permutations(names):
        await bench.hear(*events)
        assert await skills(bench, who) == ["Spring Boot", "JVM tongue"]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_merged_skill_is_the_other_once(bench: Bench, who: Who, first: int) -> None:
    await choose(bench, who, SPRING, SQL, JAVA)
    told = [skill(SPRING, "Spring Boot", into=JAVA), skill(JAVA, "Javanese")]
    await bench.hear(told[first], told[1 - first])
    assert await skills(bench, who) == ["Javanese", "SQL"]
    await call(bench, "PUT", "/candidates/me/cv", who, {"cvUrl": "https://a.vn/cv.pdf"})
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert said.skill_ids == [JAVA, SQL]


async def test_an_old_id_is_understood(bench: Bench, who: Who) -> None:
    await bench.hear(skill(SPRING, "Spring Boot", into=JAVA))
    assert await choose(bench, who, SPRING) == ["Java"] == await skills(bench, who)
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert said.skill_ids == [JAVA]


async def test_a_merge_that_is_heard_of_before_the_other_skill(bench: Bench, who: Who) -> None:
    await choose(bench, who, SPRING)
    await bench.hear(skill(SPRING, "Spring Boot", into=BUN))
    assert await skills(bench, who) == ["Spring Boot"]
    await bench.hear(skill(BUN, "Bun"))
    assert await skills(bench, who) == ["Bun"]
