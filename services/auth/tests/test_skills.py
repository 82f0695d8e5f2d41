"""Skills by number and by name: one set; and those that admins had a hand in."""

from itertools import permutations
from typing import Any

import pytest

from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import SkillUpdated
from libs.common.identity import Role
from libs.common.testing import Bench
from services.auth.tests.people import Who, activate_all, call, candidate, code_of, employer

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


async def typed(bench: Bench, who: Who, names: list[str] | None = None) -> list[str]:
    """Return his skills as seed N's frontends show them, after they sent `names`."""
    method, body = ("GET", None) if names is None else ("PUT", {"skills": names})
    answer = await call(bench, method, "/auth/me", who, body)
    shown: list[str] = answer.json()["data"]["skills"]
    return shown


async def told(bench: Bench) -> tuple[list[int], list[str]]:
    """Return what was last said of his skills."""
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    return said.skill_ids, said.skills


async def test_both_seeds_show_one_set(bench: Bench, who: Who) -> None:
    assert await choose(bench, who, JAVA, SQL) == ["Java", "SQL"] == await typed(bench, who)
    names = ["Sketching maps", "sql", "Spring Boot", "SQL"]
    assert await typed(bench, who, names) == names == await typed(bench, who)
    assert await skills(bench, who) == ["SQL", "Spring Boot"]
    assert await told(bench) == ([SQL, SPRING], names)
    assert await choose(bench, who, JAVA, SQL) == ["Java", "SQL"]
    assert await typed(bench, who) == ["Sketching maps", "sql", "SQL", "Java"]
    assert await told(bench) == ([JAVA, SQL], ["Sketching maps", "sql", "SQL"])


async def test_what_is_shown_can_be_sent_and_removed(bench: Bench, who: Who) -> None:
    await choose(bench, who, JAVA, SQL)
    for kept, ids in ((["Java", "SQL"], [JAVA, SQL]), (["SQL"], [SQL]), ([], [])):
        assert await typed(bench, who, kept) == kept == await skills(bench, who)
        assert await told(bench) == (ids, kept)


async def test_the_same_names_may_remove_what_was_chosen(bench: Bench, who: Who) -> None:
    await typed(bench, who, ["Sketching maps"])
    await choose(bench, who, JAVA)
    assert await typed(bench, who, ["Sketching maps"]) == ["Sketching maps"]
    assert await skills(bench, who) == []
    assert await told(bench) == ([], ["Sketching maps"])
    before = await bench.published()
    await typed(bench, who, ["Sketching maps"])
    assert await bench.published() == before


async def test_an_admins_skills_are_known_by_their_names(bench: Bench, who: Who) -> None:
    await bench.hear(skill(BUN, "Bún Chả"), skill(SPRING, "Spring Boot", into=JAVA))
    await typed(bench, who, ["bun cha", "Spring Boot"])
    assert await skills(bench, who) == ["Bún Chả", "Java"]
    assert await told(bench) == ([BUN, JAVA], ["bun cha", "Spring Boot"])
    await choose(bench, who, SPRING)
    assert await typed(bench, who) == ["Spring Boot"]
    await choose(bench, who, BUN)
    assert await typed(bench, who) == ["Bún Chả"]


async def test_skills_told_at_registration(bench: Bench) -> None:
    names = ["python3", "Sketching maps", "Java"]
    who = await candidate(bench, skills=names)
    await activate_all(bench)
    assert await typed(bench, who) == names
    assert await skills(bench, who) == ["Python", "Java"]
    assert (await told(bench))[1] == names
    assert len((await told(bench))[0]) == 2


async def test_an_employers_skills_are_as_he_typed_them(bench: Bench) -> None:
    who = await employer(bench, skills=["Java"])
    assert await typed(bench, who, ["SQL"]) == ["SQL"] == await typed(bench, who)
    assert await bench.rows("SELECT FROM candidate_skills") == []


async def test_as_many_as_may_be_chosen_may_be_sent(bench: Bench, who: Who) -> None:
    chosen = await choose(bench, who, *range(1, 201))
    assert await typed(bench, who, chosen[1:]) == chosen[1:] == await skills(bench, who)
