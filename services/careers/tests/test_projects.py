"""Projects over HTTP: seed N's shapes, whose the answers are, and what is refused."""

from typing import Any

import pytest

from libs.common.identity import Role
from libs.common.testing import Bench
from services.careers.projects import projects
from services.careers.tests.advising import a_candidate, ask, data, number_of

RECOMMENDED, BUILDING = "/projects/recommendations", "/projects/skill-building"
SEARCH, ALL = "/projects/search", "/projects/all"
PATHS = [
    (RECOMMENDED, {}),
    (BUILDING, {"skills": "Docker"}),
    (SEARCH, {"query": "web"}),
    (ALL, {}),
]
IDEA = {"id", "title", "description", "difficulty", "estimated_time", "skills", "features"}


@pytest.fixture(autouse=True)
async def _known(bench: Bench) -> None:
    web = [number_of(name) for name in ("HTML", "CSS", "JavaScript")]
    skills = ["reactjs", "Basket weaving"]
    await bench.hear(a_candidate(skill_ids=web, skills=skills, experience_level="Junior"))


@pytest.mark.parametrize(("path", "query"), PATHS)
async def test_whoever_is_signed_in_may_read(bench: Bench, path: str, query: Any) -> None:
    anonymous = await bench.client.get(f"/api/v1{path}", params=query)
    assert anonymous.status_code == 401
    assert anonymous.json()["error"]["code"] == "UNAUTHENTICATED"
    for role in Role:
        answer = await ask(bench, path, role, None, **query)
        assert answer.status_code == 200, answer.text


async def test_recommendations_are_the_seeds(bench: Bench) -> None:
    query = {"difficulty": "Beginner", "skill_focus": ["JS", "React"], "limit": 3}
    found = await data(bench, RECOMMENDED, **query)
    shown = found.pop("projects")
    assert found == {
        "total_projects": found["total_projects"],
        "filters_applied": {
            "difficulty": "Beginner",
            "skill_focus": ["JS", "React"],
            "limit": 3,
        },
        "user_skill_count": 5,
        "recommendations": found["recommendations"],
    }
    assert found["total_projects"] >= len(shown) == 3
    assert {*shown[0]} == IDEA | {"skill_match_percentage", "missing_skills"}
    assert shown[0]["title"] == "Expense diary"  # the only one that uses both
    assert shown[0]["skill_match_percentage"] == 100.0
    assert {project["difficulty"] for project in shown} == {"Beginner"}
    good, learn = found["recommendations"]
    assert good == "You have a good foundation. These projects will help you grow."
    lacking = [name for project in shown for name in project["missing_skills"]]
    assert learn == f"Consider learning {lacking[0]}: 1 of these projects need it."


async def test_without_filters_everything_is_weighed(bench: Bench) -> None:
    found = await data(bench, RECOMMENDED)
    assert (len(found["projects"]), found["total_projects"]) == (10, len(projects()))
    assert found["filters_applied"] == {"difficulty": None, "skill_focus": [], "limit": 10}
    nobody = (await ask(bench, RECOMMENDED, Role.EMPLOYER, None)).json()["data"]
    assert nobody["user_skill_count"] == 0
    assert nobody["projects"][0]["skill_match_percentage"] == 0.0
    assert nobody["recommendations"] == [
        "Add your skills to your profile to see which projects suit you."
    ]
    none = await data(bench, RECOMMENDED, skill_focus="no such skill")
    assert (none["projects"], none["total_projects"]) == ([], 0)
    assert none["recommendations"] == ["No project passes these filters."]


async def test_projects_that_build_skills_are_the_seeds(bench: Bench) -> None:
    query = {"skills": ["docker", "K8s"], "limit": 50}
    found = await data(bench, BUILDING, **query)
    assert {*found[0]} == IDEA | {"skill_match_percentage", "missing_skills"}
    assert {"Docker", "Kubernetes"} <= set(found[0]["skills"])
    uses = [len({"Docker", "Kubernetes"} & {*project["skills"]}) for project in found]
    assert uses == sorted(uses, reverse=True)
    easy = await data(bench, BUILDING, **query | {"difficulty": "Beginner", "limit": 1})
    assert [project["difficulty"] for project in easy] == ["Beginner"]
    assert await data(bench, BUILDING, skills="no such skill") == []


async def test_a_search_is_the_seeds(bench: Bench) -> None:
    query = {"query": "web app", "skills": ["Nodejs"], "limit": 5, "offset": 0}
    found = await data(bench, SEARCH, **query, difficulty="Beginner")
    shown = found.pop("projects")
    assert found == {
        "total_found": 1,
        "search_query": "web app",
        "filters_applied": {
            "skills": ["Nodejs"],
            "difficulty": "Beginner",
            "limit": 5,
            "offset": 0,
        },
    }
    assert [{*project} for project in shown] == [IDEA]
    assert shown[0]["title"] == "Containerised web app"
    whole = await data(bench, SEARCH, query="python", limit=100)
    assert whole["total_found"] == len(whole["projects"]) > 20
    assert whole["filters_applied"]["skills"] == []
    part = await data(bench, SEARCH, query="python", limit=2, offset=3)
    assert part["projects"] == whole["projects"][3:5]
    unknown = await data(bench, SEARCH, query="web", skills="no such skill")
    assert (unknown["projects"], unknown["total_found"]) == ([], 0)


async def test_the_seeds_own_search_finds_what_fits(bench: Bench) -> None:
    query: Any = {"query": "web app", "skills": "React", "difficulty": "Intermediate"}
    answer = await ask(bench, SEARCH, **query, limit=5, offset=0)
    found = answer.json()["data"]
    assert answer.headers["X-Total-Count"] == str(found["total_found"])
    assert found["total_found"] == len(found["projects"]) >= 2
    for project in found["projects"]:
        assert "ReactJS" in project["skills"]
        assert project["difficulty"] == "Intermediate"
        assert "web app" in project["description"]
    first = await ask(bench, SEARCH, **query, limit=1)
    assert first.headers["Link"].endswith('&limit=1&offset=1>; rel="next"')


async def test_all_projects_are_listed_by_fit(bench: Bench) -> None:
    answer = await ask(bench, ALL, difficulty="Beginner", limit=10)
    found = answer.json()["data"]
    beginners = [one for one in projects() if one.idea.difficulty == "Beginner"]
    assert answer.headers["X-Total-Count"] == str(len(beginners))
    assert answer.json()["message"] == f"{len(beginners)} projects found"
    assert 'difficulty=Beginner&limit=10&offset=10>; rel="next"' in answer.headers["Link"]
    matches = [project["skill_match_percentage"] for project in found]
    assert matches == sorted(matches, reverse=True)
    [portfolio] = [one for one in found if one["title"] == "Personal portfolio site"]
    assert portfolio == {
        "id": 1,
        "title": "Personal portfolio site",
        "description": "Show who you are and what you made on a small site that reads well "
        "everywhere.",
        "difficulty": "Beginner",
        "estimated_time": "1-2 weeks",
        "skills": ["HTML", "CSS", "JavaScript", "Responsive design"],
        "features": [
            "Pages for work, life and contact",
            "A layout that holds from phone to wide screen",
            "A contact form that checks what is typed",
            "Hosting with a domain of its own",
        ],
        "skill_match_percentage": 75.0,
        "missing_skills": ["Responsive design"],
    }
    pages = [await data(bench, ALL, offset=offset) for offset in (0, 50, 100)]
    assert len(pages[0]) == len(pages[1]) == 50
    listed = [project["id"] for page in pages for project in page]
    assert sorted(listed) == [one.idea.id for one in projects()]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (RECOMMENDED, {"difficulty": "Hard"}, "difficulty"),
        (RECOMMENDED, {"limit": 51}, "limit"),
        (RECOMMENDED, {"limit": 0}, "limit"),
        (RECOMMENDED, {"skill_focus": ["x"] * 51}, "skill_focus"),
        (BUILDING, {}, "skills"),
        (BUILDING, {"skills": "Docker", "limit": 51}, "limit"),
        (BUILDING, {"skills": "Docker", "difficulty": "beginner"}, "difficulty"),
        (BUILDING, {"skills": ["a\0"]}, "skills.0"),
        (SEARCH, {}, "query"),
        (SEARCH, {"query": ""}, "query"),
        (SEARCH, {"query": "x" * 101}, "query"),
        (SEARCH, {"query": "x", "limit": 101}, "limit"),
        (SEARCH, {"query": "x", "offset": -1}, "offset"),
        (ALL, {"limit": 101}, "limit"),
        (ALL, {"offset": "two"}, "offset"),
    ],
)
async def test_bad_questions_are_refused(bench: Bench, path: str, query: Any, field: str) -> None:
    answer = await ask(bench, path, **query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"][0]["field"] == field
