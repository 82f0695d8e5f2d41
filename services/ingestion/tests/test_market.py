"""The market over HTTP: seed N's shapes, too few postings, what caches keep, gaps, pictures."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated, UserErased
from libs.common.contracts.ingestion import MarketRefreshed
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.identity import Role
from libs.common.migrations import differences
from libs.common.reference.lookup import skill_named
from libs.common.testing import Bench, signed_in
from services.ingestion.market.windows import nodes
from services.ingestion.models import Rollup, metadata
from services.ingestion.queries import roles
from services.ingestion.queries.rollups import Window, most_shared
from services.ingestion.runs import collect
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally
from services.ingestion.tests.conftest import a_line

WriteJsonl = Callable[..., Path]
ME = UUID("018f0000-0000-7000-8000-000000000001")
ENGLISH = {"Accept-Language": "en"}
PICTURES = ("trending.svg", "series.svg?skill=python")


def backend(number: int, **changes: Any) -> dict[str, Any]:
    skills = "Python and Docker" if number % 2 else "Python"
    return a_line(
        number,
        title=f"Backend Developer {number}",
        location="San Francisco, CA",
        description=f"Posting {number}: {skills}.",
        date_posted=str(clock.now().date() - timedelta(days=number % 5)),
        salary_string="$120k/year",
        **changes,
    )


@pytest.fixture
def load(bench: Bench, jsonl: WriteJsonl) -> Callable[..., Any]:
    async def load(*lines: dict[str, Any]) -> None:
        file = jsonl(*lines, name=f"{uuid4()}.jsonl")
        await collect(bench.db, JobFile(file), Tally(), lambda progress, so_far: None)
        await bench.hear(*await bench.published())

    return load


async def get(bench: Bench, path: str, **query: Any) -> Any:
    answer = await bench.client.get(f"/api/v1{path}", params=query, headers=ENGLISH)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def a_candidate(**changes: Any) -> CandidateUpdated:
    facts: dict[str, Any] = {
        "candidate_id": ME,
        "name": "John Doe",
        "email": "user@market.test",
        "cv_url": None,
        "skill_ids": [],
        "skills": ["python3", "Knitting"],
        "target_roles": ["Backend Developer", "Quantum Gardener"],
        "version": 1,
    }
    return CandidateUpdated(**facts | changes)


async def gap(bench: Bench, role: str = "backend  developer", **query: Any) -> Any:
    return await bench.client.get(
        "/api/v1/skills/gap-analysis",
        params={"role": role, **query},
        headers=signed_in(Role.CANDIDATE, ME) | ENGLISH,
    )


def test_the_migrations_make_the_models(bench: Bench) -> None:
    assert differences(bench.db.url, "ingestion", metadata) == []


async def test_trending_has_the_seeds_shape(bench: Bench, load: Any) -> None:
    await load(*(backend(n) for n in range(12)))
    found = await get(bench, "/market/trending", days=30, skills_limit=2)
    assert found["top_skills"] == [
        {"skill": skill, "count": 12, "percentage": 100.0}
        for skill in ("Back-end development", "Python")  # the title names the one
    ]
    assert found["top_locations"] == [{"location": "San Francisco, CA", "count": 12}]
    assert (found["total_jobs_analyzed"], found["window_days"]) == (12, 30)
    assert found["generated_at"].endswith("Z")
    assert found["insufficient_data"] is None
    assert found["salary_ranges"] == [{"least": 100_000, "below": 125_000, "count": 12}]
    assert found["salaries"]["percentiles"]["p50"] == 120_000
    assert found["remote"]["percentage"] == 0
    said = await bench.client.get("/api/v1/market/trending")
    assert said.json()["message"] == "Xu hướng thị trường việc làm"


async def test_fewer_than_ten_postings_are_no_number(bench: Bench, load: Any) -> None:
    await load(*(backend(n) for n in range(9)))
    trends = await get(bench, "/market/trending", days=365)
    assert trends["total_jobs_analyzed"] == 9
    assert trends["insufficient_data"] == trends["remote"]["insufficient_data"]
    assert trends["salaries"]["insufficient_data"] == "TOO_FEW_POSTINGS"
    for name in ("top_skills", "top_locations", "top_technologies", "salary_ranges"):
        assert trends[name] == []
    assert trends["salaries"]["percentiles"] is trends["remote"]["percentage"] is None
    drawn = await get(bench, "/market/series", skill="Python", days=7)
    assert {point["count"] for point in drawn["points"]} == {None}
    assert {point["insufficient_data"] for point in drawn["points"]} == {"TOO_FEW_POSTINGS"}
    assert (await get(bench, "/market/roles"))["roles"] == []
    paid = await get(bench, "/market/salaries", role="Backend Developer")
    assert (paid["percentiles"], paid["with_salary"]) == (None, 9)


async def test_a_series_is_of_days_weeks_or_thirties(bench: Bench, load: Any) -> None:
    await load(*(backend(n, url=f"https://a.example/{n}") for n in range(60)))
    for days, step, points in ((7, 1, 7), (90, 7, 13), (365, 30, 13)):
        found = await get(bench, "/market/series", skill="docker", days=days)
        assert (found["skill"], found["step_days"]) == ("Docker", step)
        assert len(found["points"]) == points
        assert sum(point["postings"] for point in found["points"]) == 60
    last = (await get(bench, "/market/series", skill="docker", days=7))["points"][-1]
    assert (last["postings"], last["count"], last["percentage"]) == (12, 6, 50.0)
    unknown = await bench.client.get("/api/v1/market/series?skill=Knitting")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "SKILL_NOT_KNOWN")


async def test_an_answer_is_kept_until_the_numbers_change(bench: Bench, load: Any) -> None:
    await load(*(backend(n) for n in range(12)))
    first = await bench.client.get("/api/v1/market/trending")
    assert first.headers["cache-control"] == "public, max-age=3600"
    held = {"If-None-Match": first.headers["etag"]}
    assert (await bench.client.get("/api/v1/market/trending", headers=held)).status_code == 304
    async with bench.db.write() as session:  # nobody was told: what is kept goes on to count
        await (await session.connection()).exec_driver_sql("UPDATE rollups SET count = count + 1")
    assert (await bench.client.get("/api/v1/market/trending", headers=held)).status_code == 304
    await load(backend(12))
    again = await bench.client.get("/api/v1/market/trending", headers=held)
    assert again.json()["data"]["total_jobs_analyzed"] == 14
    assert any(isinstance(event, MarketRefreshed) for event in await bench.published())


async def test_roles_are_counted_and_paid(bench: Bench, load: Any) -> None:
    await load(*(backend(n) for n in range(12)), a_line(99, title="Nurse"))
    found = await get(bench, "/market/roles", days=365)
    assert found["roles"][0] == {"role": "Backend Developer", "count": 12, "percentage": 92.3}
    paid = await get(bench, "/market/salaries", role="Senior back-end engineer", days=365)
    assert (paid["role"], paid["postings"], paid["with_salary"]) == (
        "Senior back-end engineer",
        12,
        12,
    )
    assert (paid["filter"]["matched_by"], paid["filter"]["role"]) == ("role", "Backend Developer")
    assert paid["percentiles"] == dict.fromkeys(["p10", "p25", "p50", "p75", "p90"], 120_000)
    assert (await get(bench, "/market/salaries", days=365))["with_salary"] == 13


@pytest.mark.parametrize("picture", PICTURES)
async def test_pictures_are_plain_svg_that_says_what_it_shows(
    bench: Bench, load: Any, picture: str
) -> None:
    await load(*(backend(n) for n in range(12)))
    answer = await bench.client.get(f"/api/v1/market/{picture}", headers=ENGLISH)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["etag"]
    words = " ".join(ET.fromstring(answer.content).itertext())  # noqa: S314 - our own
    assert "n = 12 postings" in words
    assert "Python" in words
    assert b"<script" not in answer.content
    vietnamese = await bench.client.get(f"/api/v1/market/{picture}")
    assert "n = 12 tin" in vietnamese.text


@pytest.mark.parametrize("picture", PICTURES)
async def test_pictures_of_nothing_say_so(bench: Bench, picture: str) -> None:
    answer = await bench.client.get(f"/api/v1/market/{picture}", headers=ENGLISH)
    assert answer.status_code == 200
    assert "n = 0" in answer.text


async def test_a_gap_has_the_seeds_shape(bench: Bench, load: Any) -> None:
    await load(*(backend(n) for n in range(12)))
    await bench.hear(a_candidate())
    answer = await gap(bench, threshold=0.4)
    found = answer.json()["data"]
    shares = {one["skill"]: one for one in found["required_skills"]}
    assert shares["Python"] == {"skill": "Python", "required_percentage": 100, "user_has": True}
    assert shares["Docker"]["required_percentage"] == 50
    assert found["role"] == "Backend Developer"
    assert found["total_postings_analyzed"] == 12
    assert found["missing_skills"] == [s for s in shares if s != "Python"]
    assert (found["skill_match_count"], found["total_required_skills"]) == (1, len(shares))
    assert found["coverage_percentage"] == round(100 / len(shares), 1)
    assert answer.json()["message"] == "What the role asks for, and what you lack"
    docker = skill_named("Docker")
    assert docker
    await bench.hear(a_candidate(skill_ids=[docker.id], version=2))
    assert (await gap(bench, threshold=0.4)).json()["data"]["skill_match_count"] == 2


async def test_a_role_that_nobody_counts_by_is_told_by_titles(bench: Bench, load: Any) -> None:
    await bench.hear(a_candidate())
    few = await gap(bench, "Quantum Gardener")
    assert (few.status_code, few.json()["error"]) == (
        400,
        {
            "code": "INSUFFICIENT_DATA",
            "details": {"postings": 0, "needed": 10, "window_days": 30},
        },
    )
    await load(*(backend(n) | {"title": f"Gardener (Quantum) {n}"} for n in range(11)))
    found = (await gap(bench, "Quantum Gardener")).json()["data"]
    assert (found["total_postings_analyzed"], found["filter"]["matched_by"]) == (11, "title")
    assert found["filter"]["title_words"] == ["quantum", "gardener"]


async def test_only_ones_own_target_roles_have_a_gap(bench: Bench) -> None:
    anonymous = await bench.client.get("/api/v1/skills/gap-analysis?role=x")
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    await bench.hear(a_candidate())
    answer = await gap(bench, "Chef")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ROLE_NOT_TARGETED")
    assert "Backend Developer" in answer.json()["error"]["details"]["target_roles"]
    employer = signed_in(Role.EMPLOYER)
    answer = await bench.client.get("/api/v1/skills/gap-analysis?role=Chef", headers=employer)
    assert answer.json()["error"]["details"] == {"target_roles": []}


@pytest.mark.parametrize(
    "path",
    [
        "market/trending?days=0",
        "market/trending?days=366",
        "market/trending?skills_limit=51",
        "market/trending?locations_limit=31",
        "market/series",
        "market/series?skill=%00",
        "market/salaries?role=%00",
        "market/roles?days=x",
        "skills/gap-analysis?role=x&threshold=0.09",
        "skills/gap-analysis?role=x&threshold=nan",
        "skills/gap-analysis?role=" + "x" * 101,
    ],
)
async def test_bad_input_is_refused(bench: Bench, path: str) -> None:
    headers = signed_in(Role.CANDIDATE)
    answer = await bench.client.get(f"/api/v1/{path}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_careers_is_told_what_a_role_asks_for(bench: Bench, load: Any) -> None:
    ask: dict[str, str | float] = {"role": "Backend Developer", "days": 90, "threshold": 0.5}
    me = signed_in(Role.CANDIDATE)
    assert (await bench.client.get("/internal/demand", params=ask)).status_code == 401
    few = await bench.client.get("/internal/demand", params=ask, headers=me)
    assert few.status_code == 404
    await load(*(backend(n) for n in range(12)))
    found = (await bench.client.get("/internal/demand", params=ask, headers=me)).json()
    assert {name: found[name] for name in ("role", "postings", "window_days")} == {
        "role": "Backend Developer",
        "postings": 12,
        "window_days": 90,
    }
    python, docker = skill_named("Python"), skill_named("Docker")
    assert python
    assert docker
    assert {"skill": "Python", "skill_id": python.id, "percentage": 100.0} in found["skills"]
    assert {"skill": "Docker", "skill_id": docker.id, "percentage": 50.0} in found["skills"]
    assert min(one["percentage"] for one in found["skills"]) >= 50


async def test_the_newest_facts_of_a_candidate_stay_until_he_is_erased(bench: Bench) -> None:
    await bench.hear(a_candidate(version=2, skills=["Go"]), a_candidate())
    me = signed_in(Role.CANDIDATE, ME)
    copy = (await bench.client.get("/internal/personal-data", headers=me)).json()
    assert copy["candidate"] == {
        "candidateId": str(ME),
        "skillIds": [],
        "skills": ["Go"],
        "targetRoles": ["Backend Developer", "Quantum Gardener"],
    }
    erased = UserErased(user_id=ME, role="Candidate", erasure_id=uuid4())
    await bench.hear(erased, a_candidate(version=9))
    [row] = await bench.rows("SELECT skills, skill_ids, target_roles FROM candidate_snapshots")
    assert row == {"skills": [], "skill_ids": [], "target_roles": []}
    assert any(isinstance(event, PersonalDataErased) for event in await bench.published())


async def test_what_leads_nowhere_but_everywhere_follows_is_found(bench: Bench) -> None:
    first = date.fromordinal(date(2026, 1, 1).toordinal() // 4 * 4 + 3)
    days = Window(first, first + timedelta(days=1))
    rows = [
        {"kind": "place", "span": span, "bucket": bucket, "key": f"{span}-{n}", "count": 5}
        for span, bucket in nodes(*days)
        for n in range(40)
    ]
    rows += [{**row, "key": "Everywhere", "count": 4} for row in (rows[0], rows[-1])]
    async with bench.db.write() as session:
        await session.execute(insert(Rollup), rows)
    assert len({row["span"] for row in rows}) == 2
    assert (await most_shared(bench.db.rows, days, {"place": 1}))["place"] == [("Everywhere", 8)]


async def test_of_very_many_postings_the_newest_are_looked_at(
    bench: Bench, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "MOST_OF_A_ROLE", 11)
    monkeypatch.setattr(roles, "MOST_BY_TITLE", 12)
    await load(*(backend(n) for n in range(20)))  # four a day, for five days
    today = clock.now().date()
    for role, looked_at in (("Backend Developer", 11), ("backend 3", 11), ("10", 1)):
        paid = await get(bench, "/market/salaries", role=role, days=30)
        assert paid["postings"] == looked_at
        assert paid["filter"]["posted_from"] == str(today - timedelta(days=2))
        assert paid["filter"]["posted_to"] == str(today)
