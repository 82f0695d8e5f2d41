"""Jobs that suit a candidate: his score, explained, and the best that are open."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.auth import CandidateUpdated, UserErased
from libs.common.identity import Role
from libs.common.ids import NIL, new_id
from libs.common.testing import Bench, signed_in
from services.jobs.openings import index_opening
from services.jobs.queries import matching
from services.jobs.rarities import refresh
from services.jobs.schemas.matching import ScoreOut
from services.jobs.tests.samples import posted

ME = new_id()
JAVA, SPRING, REACT = 1, 2, 3  # of the reference data


def a_candidate(**told: Any) -> CandidateUpdated:
    facts: dict[str, Any] = {"candidate_id": ME, "name": "Hoàng", "email": "hoang@email.com"}
    return CandidateUpdated(**facts | {"cv_url": None, "skill_ids": [], "version": 1} | told)


def an_application(job_id: str, candidate_id: UUID = ME) -> ApplicationSubmitted:
    facts: dict[str, Any] = {"job_title": "", "company_name": "", "candidate_name": "Hoàng"}
    facts |= {"application_id": new_id(), "employer_id": NIL, "submitted_at": clock.now()}
    return ApplicationSubmitted(job_id=UUID(job_id), candidate_id=candidate_id, **facts)


async def ask(bench: Bench, path: str, lang: str = "vi", **query: Any) -> httpx.Response:
    caller = signed_in(Role.CANDIDATE, ME) | {"Accept-Language": lang}
    return await bench.client.get(f"/api/v1/jobs/{path}", params=query, headers=caller)


async def match(bench: Bench, job_id: str, **query: Any) -> dict[str, Any]:
    answer = await ask(bench, f"{job_id}/match", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def recommended(bench: Bench, **query: Any) -> list[tuple[str, int]]:
    answer = await ask(bench, "recommended", **query)
    assert answer.status_code == 200, answer.text
    return [(job["title"], job["match"]["percent"]) for job in answer.json()["data"]]


async def three_jobs(bench: Bench) -> dict[str, str]:
    asked = {"java": [JAVA], "both": [JAVA, SPRING], "react": [REACT]}
    return {
        title: await posted(bench, info={"title": title}, skillIds=skills)
        for title, skills in asked.items()
    }


async def test_a_score_by_skills_alone(bench: Bench) -> None:
    job_id = await posted(bench)
    await bench.hear(a_candidate(skill_ids=[SPRING, REACT]))
    answer = await ask(bench, f"{job_id}/match")
    assert answer.json() == {
        "message": "Lấy mức độ phù hợp thành công",
        "data": {
            "jobId": job_id,
            "percent": 50,
            "matched": ["Spring Boot"],
            "missing": ["Java"],
            "explanation": [
                {
                    "factor": "skills",
                    "percent": 50,
                    "weight": 60,
                    "text": "Bạn có 1/2 kỹ năng được yêu cầu; "
                    "kỹ năng càng hiếm càng được tính nặng.",
                }
            ],
        },
        "error": None,
    }


async def test_a_score_by_all_that_is_told(bench: Bench) -> None:
    job_id = await posted(bench)
    told = {"experience_level": "Mid", "location": "Hà Nội", "target_roles": ["Backend Developer"]}
    await bench.hear(a_candidate(skill_ids=[JAVA, SPRING], **told))
    answer = await ask(bench, f"{job_id}/match", "en", salary_min=4000)
    data = answer.json()["data"]
    assert (data["matched"], data["missing"]) == (["Java", "Spring Boot"], [])
    parts = {one["factor"]: (one["percent"], one["text"]) for one in data["explanation"]}
    assert parts == {
        "skills": (
            100,
            "You have 2 of the 2 skills asked for; the rarer a skill, the more it counts.",
        ),
        "role": (100, "You aim for Backend Developer; the job is Senior Backend Developer."),
        "level": (50, "Your level: Mid; the job's: Senior, years of experience: 3."),
        "place": (0, "You are in Hà Nội; the job is in Ho Chi Minh."),
        "salary": (75, "You want 4000 USD a month; the job pays up to 3000."),
    }
    weights = {one["factor"]: one["weight"] for one in data["explanation"]}
    assert sum(weights.values()) == 100
    said = sum(weights[factor] * percent for factor, (percent, _) in parts.items())
    assert data["percent"] == said // 100 == 82


async def test_wanted_pay_is_compared_in_any_currency(bench: Bench) -> None:
    job_id = await posted(bench)  # up to 3000 USD
    for pay, percent in ((50_000_000, 100), (158_100_000, 50)):
        data = await match(bench, job_id, salary_min=pay, currency="VND")
        [_, salary] = data["explanation"]
        assert (salary["factor"], salary["percent"]) == ("salary", percent)


async def test_skills_in_his_own_words_count(bench: Bench) -> None:
    job_id = await posted(bench)
    for version, words in enumerate((["JAVA", "spring boot", "Juggling"], ["jdk", "springboot"])):
        await bench.hear(a_candidate(skills=words, version=version))
        assert (await match(bench, job_id))["percent"] == 100
        [known] = await bench.rows("SELECT skill_ids FROM candidate_snapshots")
        assert known["skill_ids"] == [JAVA, SPRING]


@pytest.mark.parametrize("told", [{"skill_ids": [SPRING]}, {"skills": ["springboot"]}])
async def test_skills_that_became_one_are_one(bench: Bench, told: dict[str, Any]) -> None:
    """Whichever of the two the candidate has, and whenever he said so."""
    job_id = await posted(bench, skillIds=[JAVA])
    await bench.hear(a_candidate(**told))
    admin = signed_in(Role.ADMIN)
    path = f"/api/v1/admin/skills/{SPRING}/merge"
    assert (await match(bench, job_id))["percent"] == 0
    merged = await bench.client.post(path, json={"intoId": JAVA}, headers=admin)
    assert merged.status_code == 200
    assert (await match(bench, job_id))["matched"] == ["Java"]
    await bench.settle()
    assert await recommended(bench) == [("Senior Backend Developer", 100)]
    await bench.hear(a_candidate(**told, version=2))
    assert await recommended(bench) == [("Senior Backend Developer", 100)]


async def test_who_was_never_heard_of_has_no_skills(bench: Bench) -> None:
    job_id = await posted(bench)
    assert (await match(bench, job_id))["percent"] == 0


async def test_a_rare_skill_weighs_more(bench: Bench) -> None:
    for _ in range(9):
        await posted(bench, skillIds=[JAVA])
    job_id = await posted(bench, skillIds=[JAVA, SPRING])
    await refresh(bench.db)
    by_skill = {}
    for version, skill in enumerate((JAVA, SPRING), start=1):
        await bench.hear(a_candidate(skill_ids=[skill], version=version))
        by_skill[skill] = (await match(bench, job_id))["percent"]
    # of ten jobs ten ask for one, one for the other: ln 2 against ln 6.5
    assert by_skill == {JAVA: 27, SPRING: 72}


async def test_rarities_follow_the_market(bench: Bench) -> None:
    one = "SELECT rarity FROM skill_rarities WHERE skill_id = :id"
    await refresh(bench.db)
    [before] = await bench.rows(one, id=SPRING)
    await posted(bench, skillIds=[JAVA])
    await refresh(bench.db)
    [rarer] = await bench.rows(one, id=SPRING)
    [common] = await bench.rows(one, id=JAVA)
    assert rarer["rarity"] > before["rarity"] == common["rarity"] > 0
    counted = await bench.rows("SELECT count(*) = (SELECT count(*) FROM skills) AS all FROM "
                               "skill_rarities")  # fmt: skip
    assert counted == [{"all": True}]


async def test_the_best_come_first(bench: Bench) -> None:
    await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=[JAVA]))
    assert await recommended(bench) == [("java", 100), ("both", 50)]


async def test_a_recommended_job_is_a_job_with_its_score(bench: Bench) -> None:
    job_id = await posted(bench)
    await bench.hear(a_candidate(skill_ids=[JAVA]))
    [listed] = (await bench.client.get("/api/v1/jobs")).json()["data"]
    answer = await ask(bench, "recommended")
    [job] = answer.json()["data"]
    score = {"percent": 50, "matched": ["Java"], "missing": ["Spring Boot"]}
    assert list(job.items()) == [*listed.items(), ("match", score)]
    assert list(job["match"]) == list(ScoreOut.model_fields)
    assert job["jobId"] == job_id
    assert answer.json()["message"] == "Lấy danh sách việc làm phù hợp thành công"


@pytest.mark.parametrize("skills", [[JAVA, REACT], []])
async def test_what_he_applied_for_is_not_recommended(bench: Bench, skills: list[int]) -> None:
    jobs = await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=skills), an_application(jobs["react"], new_id()))
    assert set(dict(await recommended(bench))) == {"react", "java", "both"}
    await bench.hear(an_application(jobs["react"]))
    assert set(dict(await recommended(bench))) == {"java", "both"}
    assert (await ask(bench, "recommended")).headers["X-Total-Count"] == "2"


async def test_a_rare_job_that_he_applied_for_is_not_recommended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await posted(bench, skillIds=[REACT])
    await posted(bench, skillIds=[JAVA])
    await refresh(bench.db)
    await bench.hear(a_candidate(skill_ids=[REACT]))
    monkeypatch.setattr(matching, "_SOME", text(matching._some(newest=1, rare_from=0.9)))
    assert len(await recommended(bench)) == 1
    await bench.hear(an_application(job_id))
    assert await recommended(bench) == []


async def test_new_skills_make_a_new_order(bench: Bench) -> None:
    await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=[JAVA]))
    newer = a_candidate(skill_ids=[SPRING, REACT], version=3)
    for event in (newer, a_candidate(skill_ids=[JAVA], version=2), newer):
        await bench.hear(event)
        assert await recommended(bench) == [("react", 100), ("both", 50)]


async def test_who_has_no_skills_sees_the_newest(bench: Bench) -> None:
    await three_jobs(bench)
    newest = ["react", "both", "java"]
    assert [title for title, _ in await recommended(bench)] == newest
    await bench.hear(a_candidate(location="Huế"))
    assert [title for title, _ in await recommended(bench)] == newest


async def test_equal_scores_stand_newest_first(bench: Bench) -> None:
    for number in range(5):
        await posted(bench, info={"title": str(number)})
    await bench.hear(a_candidate(skill_ids=[JAVA]))
    assert await recommended(bench) == [(str(number), 50) for number in reversed(range(5))]


@pytest.mark.parametrize(
    "change",
    ["status = 'Hidden'", "status = 'Closed'", "status = 'Expired'", "expires_at = now()"],
)
@pytest.mark.parametrize("skills", [[JAVA], []])
async def test_what_is_not_open_is_never_recommended(
    bench: Bench, change: str, skills: list[int]
) -> None:
    jobs = await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=skills))
    async with bench.db.write() as session:
        shut = text(f"UPDATE jobs SET {change} WHERE id = :id")
        await session.execute(shut, {"id": jobs["java"]})
        await index_opening(session, UUID(jobs["java"]))
    assert "java" not in dict(await recommended(bench))
    assert (await match(bench, jobs["java"]))["missing"] == ([] if skills else ["Java"])


async def test_one_that_expired_unnoticed_is_not_recommended_either(bench: Bench) -> None:
    await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=[JAVA]))
    async with bench.db.write() as session:
        await session.execute(text("UPDATE openings SET expires_at = now() - interval '1 second'"))
    assert await recommended(bench) == []


async def test_pages(bench: Bench) -> None:
    await three_jobs(bench)
    await bench.hear(a_candidate(skill_ids=[JAVA, REACT]))
    first = await ask(bench, "recommended", limit=2)
    assert first.headers["X-Total-Count"] == "3"
    assert "X-Total-Capped" not in first.headers
    assert [job["title"] for job in first.json()["data"]] == ["react", "java"]
    last = await bench.client.get(first.links["next"]["url"], headers=signed_in(Role.CANDIDATE, ME))
    assert [job["title"] for job in last.json()["data"]] == ["both"]
    assert "next" not in last.links
    assert await recommended(bench, offset=3) == []


async def test_a_rare_skill_is_found_behind_all_the_newest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await posted(bench, info={"title": "rare"}, skillIds=[REACT])
    for number in range(3):
        await posted(bench, info={"title": f"common {number}"}, skillIds=[JAVA])
    await refresh(bench.db)
    await bench.hear(a_candidate(skill_ids=[JAVA, REACT]))
    monkeypatch.setattr(matching, "_SOME", text(matching._some(newest=2)))
    assert dict(await recommended(bench)) == {"common 2": 100, "common 1": 100}
    monkeypatch.setattr(matching, "_SOME", text(matching._some(newest=2, rare_from=1.2)))
    assert dict(await recommended(bench)) == {"common 2": 100, "common 1": 100, "rare": 100}
    monkeypatch.setattr(matching, "MOST", 1)
    monkeypatch.setattr(matching, "_SOME", text(matching._some(newest=2, most=1, rare_from=1.2)))
    answer = await ask(bench, "recommended")
    titles = [job["title"] for job in answer.json()["data"]]
    assert titles == ["common 2", "rare"]
    assert answer.headers["X-Total-Capped"] == "true"
    route = bench.app.openapi()["paths"]["/api/v1/jobs/recommended"]["get"]
    assert "X-Total-Capped" in route["responses"]["200"]["headers"]


async def test_who_is_erased_leaves_nothing_to_match(bench: Bench) -> None:
    job_id = await posted(bench)
    told = a_candidate(skill_ids=[JAVA], location="Huế", target_roles=["Dev"], version=1)
    await bench.hear(told)
    me = signed_in(Role.CANDIDATE, ME)
    await bench.hear(an_application(job_id))
    copy = (await bench.client.get("/internal/personal-data", headers=me)).json()
    assert copy["appliedFor"] == [job_id]
    assert copy["candidate"] == {
        "candidateId": str(ME),
        "skillIds": [JAVA],
        "targetRoles": ["Dev"],
        "experienceLevel": None,
        "location": "Huế",
    }
    await bench.hear(UserErased(user_id=ME, role="Candidate", erasure_id=uuid4()))
    await bench.hear(told.model_copy(update={"version": 2}), an_application(job_id))
    applies = await bench.rows("SELECT job_id, candidate_id FROM job_applies")
    assert applies == [{"job_id": UUID(job_id), "candidate_id": None}] * 2
    assert (await match(bench, job_id))["percent"] == 0
    [left] = await bench.rows("SELECT * FROM candidate_snapshots")
    assert (left["skill_ids"], left["location"], left["target_roles"]) == ([], None, [])


async def test_access_and_unknown_jobs(bench: Bench) -> None:
    job_id = await posted(bench)
    for path in ("recommended", f"{job_id}/match"):
        url = f"/api/v1/jobs/{path}"
        callers = [{}, *map(signed_in, (Role.EMPLOYER, Role.ADMIN, Role.CANDIDATE))]
        statuses = [(await bench.client.get(url, headers=one)).status_code for one in callers]
        assert statuses == [401, 403, 403, 200]
    for unknown in (NIL, new_id(), "x"):
        answer = await ask(bench, f"{unknown}/match")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("recommended", {"limit": 101}),
        ("recommended", {"salary_min": 0}),
        ("recommended", {"salary_min": 2**31}),
        (f"{NIL}/match", {"salary_min": "x"}),
        (f"{NIL}/match", {"currency": "XXX"}),
    ],
)
async def test_wrong_queries_are_refused(bench: Bench, path: str, query: dict[str, Any]) -> None:
    answer = await ask(bench, path, **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in answer.json()["error"]["details"]] == [*query]
