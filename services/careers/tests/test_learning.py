"""Learning over HTTP: seed N's shapes, whose the answers are, and what is refused."""

from typing import Any

import pytest

from libs.common.identity import Role
from libs.common.reference.lookup import name_of
from libs.common.testing import Bench
from services.careers.learning import learning
from services.careers.tests.advising import IngestionService, a_candidate, ask, data, number_of

ROADMAP, RESOURCES = "/learning/roadmap", "/learning/resources"
SEARCH = "/learning/resources/search"
PATHS = [(ROADMAP, {}), (RESOURCES, {"skills": "Python"}), (SEARCH, {"query": "python"})]


@pytest.fixture(autouse=True)
async def _known(bench: Bench) -> None:
    await bench.hear(a_candidate())


@pytest.mark.parametrize(("path", "query"), PATHS)
async def test_whoever_is_signed_in_may_read(bench: Bench, path: str, query: Any) -> None:
    anonymous = await bench.client.get(f"/api/v1{path}", params=query)
    assert anonymous.status_code == 401
    assert anonymous.json()["error"]["code"] == "UNAUTHENTICATED"
    for role in Role:
        answer = await ask(bench, path, role, None, **query)
        assert answer.status_code == 200, answer.text


async def test_a_roadmap_is_the_seeds(bench: Bench, ingestion: IngestionService) -> None:
    ingestion.demand = {"Python": 85.5, "Docker": 72.3, "Kubernetes": 30.0, "Linux": 20.0}
    query = {"target_role": "BACKEND developer", "include_gap_analysis": "true"}
    roadmap = await data(bench, ROADMAP, **query)
    paths = roadmap.pop("skill_paths")
    assert roadmap == {
        "target_role": "Backend Developer",
        "total_skills": 4,
        "missing_skills_count": 3,
        "coverage_percentage": 25.0,
        "recommendations": ["Begin with Linux.", "Learn Linux before Docker."],
        "gap_analysis": "included",
    }
    assert [(path["skill"], path["is_missing"], path["priority_score"]) for path in paths] == [
        ("Linux", True, 72.3),
        ("Docker", True, 72.3),
        ("Kubernetes", True, 30.0),
        ("Python", False, 85.5),
    ]
    assert {*paths[0]} == {"skill", "resources", "is_missing", "priority_score"}
    assert paths[3]["resources"][0] == {
        "type": "Documentation",
        "title": "Python documentation",
        "url": "https://docs.python.org/3/",
        "description": "Reference of the language and its standard library, "
        "with a tutorial to begin from.",
    }
    [(path, asked, bearer)] = ingestion.asked
    assert path == "/internal/demand"
    assert asked == {"role": ["Backend Developer"], "days": ["365"], "threshold": ["0.1"]}
    assert bearer.startswith("Bearer ")


async def test_what_postings_want_most_is_told(bench: Bench, ingestion: IngestionService) -> None:
    ingestion.demand = {"Linux": 72.3, "FastAPI": 50.0}
    roadmap = await data(bench, ROADMAP)
    assert roadmap["recommendations"] == ["Focus on Linux first: 72% of the postings require it."]
    assert roadmap["coverage_percentage"] == 50.0
    ingestion.demand = {"React": 50.0, "FastAPI": 50.0}
    roadmap = await data(bench, ROADMAP)
    assert roadmap["recommendations"] == [
        "You have every skill that the role Backend Developer asks for."
    ]
    assert [path["is_missing"] for path in roadmap["skill_paths"]] == [False, False]
    assert roadmap["skill_paths"][0]["skill"] == "ReactJS"


async def test_a_skill_that_nobody_here_knows_is_left_out(
    bench: Bench, ingestion: IngestionService
) -> None:
    ingestion.demand = {"Linux": 72.3}
    ingestion.unknown = 2_000_000
    assert [path["skill"] for path in (await data(bench, ROADMAP))["skill_paths"]] == ["Linux"]


@pytest.mark.parametrize(
    ("status", "demand", "query", "gap", "said"),
    [
        (503, None, {}, "unavailable", "Job postings could not be looked at just now"),
        (500, None, {}, "unavailable", "Job postings could not be looked at just now"),
        (None, None, {}, "insufficient_data", "There are too few recent postings for Backend"),
        (None, {}, {}, "insufficient_data", "There are too few recent postings for Backend"),
        (None, {"Go": 9}, {"include_gap_analysis": "false"}, "skipped", "Begin with "),
    ],
)
async def test_it_goes_on_without_postings_and_says_so(
    bench: Bench, ingestion: IngestionService, status: Any, demand: Any, query: Any,
    gap: str, said: str,
) -> None:  # fmt: skip
    ingestion.status, ingestion.demand = status, demand
    roadmap = await data(bench, ROADMAP, **query)
    assert roadmap["gap_analysis"] == gap
    assert roadmap["recommendations"][0].startswith(said)
    assert {path["priority_score"] for path in roadmap["skill_paths"]} == {50.0}
    skills = [path["skill"] for path in roadmap["skill_paths"]]
    assert {"REST API", "SQL", "Docker"} <= set(skills)
    assert skills.index("Linux") < skills.index("Docker")
    assert roadmap["missing_skills_count"] == roadmap["total_skills"] == len(skills)
    assert bool(ingestion.asked) == (gap != "skipped")


async def test_a_silent_ingestion_costs_no_more_than_the_deadline(bench: Bench) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()  # and never answers

    peer = bench.runtime.peers["ingestion"]
    peer._app, peer._deadline = silent, 0.05
    roadmap = await data(bench, ROADMAP)
    assert roadmap["gap_analysis"] == "unavailable"


async def test_only_a_role_of_ones_own(bench: Bench, ingestion: IngestionService) -> None:
    answer = await ask(bench, ROADMAP, target_role="Astronaut")
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "This role is none of your target roles.",
        "data": None,
        "error": {
            "code": "ROLE_NOT_TARGETED",
            "details": {"target_roles": ["Backend Developer", "Data Scientist"]},
        },
    }
    second = await data(bench, ROADMAP, target_role="data scientist")
    assert second["target_role"] == "Data Scientist"
    assert "Statistics" in [path["skill"] for path in second["skill_paths"]]
    stranger = await ask(bench, ROADMAP, who=None, target_role="Backend Developer")
    assert stranger.json()["error"]["code"] == "ROLE_NOT_TARGETED"
    assert len(ingestion.asked) == 1


async def test_without_a_role_one_deepens_what_one_can(
    bench: Bench, ingestion: IngestionService
) -> None:
    await bench.hear(a_candidate(target_roles=[], version=2))
    roadmap = await data(bench, ROADMAP)
    assert (roadmap["target_role"], roadmap["gap_analysis"]) == (None, "skipped")
    assert {path["skill"] for path in roadmap["skill_paths"]} == {"Python", "FastAPI", "ReactJS"}
    assert roadmap["coverage_percentage"] is None
    assert roadmap["recommendations"] == ["Add a target role to your profile to get a way to it."]
    assert ingestion.asked == []
    empty = (await ask(bench, ROADMAP, Role.EMPLOYER, None)).json()["data"]
    assert (empty["skill_paths"], empty["coverage_percentage"]) == ([], None)


async def test_nothing_is_claimed_of_a_role_that_is_not_known(bench: Bench) -> None:
    await bench.hear(a_candidate(target_roles=["Astronaut"], version=2))
    roadmap = await data(bench, ROADMAP, include_gap_analysis="false")
    assert {path["skill"] for path in roadmap["skill_paths"]} == {"Python", "FastAPI", "ReactJS"}
    assert {path["priority_score"] for path in roadmap["skill_paths"]} == {0.0}
    assert roadmap["coverage_percentage"] is None
    [said] = roadmap["recommendations"]
    assert said.startswith("What the role Astronaut usually needs is not known yet")


async def test_resources_of_skills_by_any_name(bench: Bench) -> None:
    skills = ["React", "Python 3", "no such skill"]
    answer = await ask(bench, RESOURCES, skills=skills, resource_type="Course")
    found = answer.json()["data"]
    expected = [
        one.model_dump()
        for name in ("ReactJS", "Python")
        for one in learning().resources[number_of(name)]
        if one.type == "Course"
    ]
    assert found == expected
    assert {*found[0]} == {"type", "title", "url", "description"}
    assert answer.headers["X-Total-Count"] == str(len(found))
    assert answer.json()["message"] == f"{len(found)} learning resources found"
    assert await data(bench, RESOURCES, skills="no such skill") == []
    narrowed = await data(bench, RESOURCES, skills="Python", search="HARVARD")
    assert [one["title"] for one in narrowed] == ["CS50's Introduction to Programming with Python"]


async def test_a_search_of_resources_is_the_seeds(bench: Bench) -> None:
    query: Any = {"query": "python", "resource_type": "Course", "limit": 10, "offset": 0}
    found = await data(bench, SEARCH, **query)
    resources = found.pop("resources")
    assert found == {
        "total_found": len(learning().search("python", "Course")),
        "search_query": "python",
        "filters_applied": {"resource_type": "Course", "limit": 10, "offset": 0},
    }
    assert found["total_found"] >= len(resources) == 10
    assert resources[0]["title"] == "Python for Everybody"
    headers = (await ask(bench, SEARCH, **query)).headers
    assert headers["X-Total-Count"] == str(found["total_found"])
    assert 'resource_type=Course&limit=10&offset=10>; rel="next"' in headers["Link"]
    rest = await data(bench, SEARCH, **query | {"offset": 9, "limit": 2})
    assert rest["resources"][0] == resources[9]
    beyond = await data(bench, SEARCH, query="python", offset=1000)
    assert (beyond["resources"], beyond["filters_applied"]["resource_type"]) == ([], None)
    assert beyond["filters_applied"]["limit"] == 20


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (ROADMAP, {"target_role": "x" * 101}, "target_role"),
        (ROADMAP, {"target_role": "a\0"}, "target_role"),
        (ROADMAP, {"include_gap_analysis": "perhaps"}, "include_gap_analysis"),
        (RESOURCES, {}, "skills"),
        (RESOURCES, {"skills": [""]}, "skills"),
        (RESOURCES, {"skills": ["x" * 101]}, "skills.0"),
        (RESOURCES, {"skills": ["a\0"]}, "skills.0"),
        (RESOURCES, {"skills": ["Python"] * 51}, "skills"),
        (RESOURCES, {"skills": "Python", "resource_type": "Podcast"}, "resource_type"),
        (SEARCH, {}, "query"),
        (SEARCH, {"query": ""}, "query"),
        (SEARCH, {"query": "x", "limit": 0}, "limit"),
        (SEARCH, {"query": "x", "limit": 101}, "limit"),
        (SEARCH, {"query": "x", "offset": -1}, "offset"),
        (SEARCH, {"query": "x", "resource_type": "course"}, "resource_type"),
    ],
)
async def test_bad_questions_are_refused(bench: Bench, path: str, query: Any, field: str) -> None:
    answer = await ask(bench, path, **query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"][0]["field"] == field


async def test_it_is_said_in_vietnamese_by_default(
    bench: Bench, ingestion: IngestionService
) -> None:
    ingestion.demand = {"Linux": 72.3}
    headers = {"Accept-Language": "vi"}
    signed = (await ask(bench, ROADMAP)).request.headers["authorization"]
    answer = await bench.client.get(
        f"/api/v1{ROADMAP}", headers=headers | {"Authorization": signed}
    )
    assert answer.json()["message"] == "Lấy lộ trình học tập thành công"
    [said] = answer.json()["data"]["recommendations"]
    assert said == "Hãy học Linux trước: 72% tin tuyển dụng yêu cầu kỹ năng này."
    assert name_of(number_of("Linux")) in said
