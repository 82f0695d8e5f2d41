"""Which projects and resources are chosen, in which order; without a database."""

import pytest

from libs.common.reference.lookup import ids_of, skill_named
from services.careers.candidates import Candidate, candidate_of, stage_of
from services.careers.learning import learning
from services.careers.projects import advice, by_fit, narrowed, projects, search, using

WEB = frozenset(ids_of(["html5", "css3", "Javascript ES6"]))


@pytest.mark.parametrize(
    ("name", "skill"),
    [
        ("React", "ReactJS"),
        ("reactjs", "ReactJS"),
        ("K8s", "Kubernetes"),
        ("GIAO TIẾP", "Communication"),
    ],
)
def test_a_skill_is_known_by_any_name(name: str, skill: str) -> None:
    found = skill_named(name)
    assert found is not None
    assert found.name == skill


@pytest.mark.parametrize(
    ("level", "stage"),
    [
        ("Entry", 0), ("Junior", 0), ("Thực tập sinh", 0), ("Mid", 1), ("Mid-level", 1),
        ("Senior", 2), ("Senior Manager", 2), ("Trưởng nhóm", 2), ("", None), ("5 stars", None),
    ],
)  # fmt: skip
def test_levels_are_read(level: str, stage: int | None) -> None:
    assert stage_of(level) == stage


def test_skills_are_counted_once_and_unknown_ones_too() -> None:
    who = candidate_of(ids_of(["Python"]), ["python3", "React", "Basket weaving"], [], None)
    assert who.skills == frozenset(ids_of(["Python", "ReactJS"]))
    assert who.skill_count == 3


def test_a_project_is_matched_by_share_of_its_skills() -> None:
    [portfolio] = [one for one in projects() if one.idea.title == "Personal portfolio site"]
    shown = portfolio.for_(Candidate(WEB))
    assert shown.skill_match_percentage == 75.0
    assert shown.missing_skills == ["Responsive design"]
    assert shown.title == "Personal portfolio site"


def test_projects_of_the_own_stage_and_skills_come_first() -> None:
    beginner, expert = Candidate(WEB, 3, (), 0), Candidate(WEB, 3, (), 2)
    first = by_fit(projects(), beginner)[0]
    assert (first.idea.difficulty, first.match(WEB)) == ("Beginner", 100.0)
    for who in (beginner, expert):
        fits = [one.fit(who) for one in by_fit(projects(), who)]
        assert fits == sorted(fits, reverse=True)
    assert first.fit(expert) == first.fit(beginner) - 30
    assert first.fit(Candidate(WEB)) == 100.0


def test_those_that_use_most_come_first() -> None:
    docker, kubernetes = ids_of(["Docker", "Kubernetes"])
    found = using(by_fit(projects(), Candidate()), {docker, kubernetes})
    uses = [len({docker, kubernetes} & set(one.skills)) for one in found]
    assert uses == sorted(uses, reverse=True)
    assert {uses[0], uses[-1]} == {2, 1}
    assert using(projects(), set()) == []


def test_words_are_searched_by_their_beginnings_whatever_the_case() -> None:
    found = [one.idea.title for one in search(projects(), "CHAT encrypt", set())]
    assert found == ["Chat with end-to-end encryption"]
    assert search(projects(), "chat with YOUR docum", ids_of(["python"])) != []
    assert search(projects(), "ncryption", set()) == []
    assert search(projects(), "?!", set()) == []
    titles = [one.idea.title for one in search(projects(), "café", set())]
    assert titles == [one.idea.title for one in search(projects(), "CAFE", set())]
    assert titles[0] == "Identity for a café"


def test_all_the_skills_asked_for_are_used() -> None:
    react, typescript = ids_of(["React", "TypeScript"])
    for one in search(projects(), "the", {react, typescript}):
        assert {react, typescript} <= set(one.skills)
    assert {one.idea.difficulty for one in narrowed("Advanced")} == {"Advanced"}


def test_advice_on_projects() -> None:
    nobody, web = Candidate(), Candidate(WEB)
    assert advice([], web) == [("projects_none", {})]
    assert advice(projects()[:2], nobody) == [("projects_no_skills", {})]
    assert advice(projects()[:1], web) == [
        ("projects_good", {}),
        ("projects_learn", {"skill": "Responsive design", "count": 1}),
    ]
    python = [one for one in projects() if not WEB & set(one.skills)][:1]
    assert advice(python, web)[0] == ("projects_start", {})


def test_the_named_skill_and_the_title_come_first_in_a_search() -> None:
    own = {one.url for one in learning().resources[ids_of(["Go"])[0]]}
    found = [one.url for one in learning().search("golang", None)]
    assert set(found[: len(own)]) == own
    titled = learning().search("design patterns", None)
    assert "patterns" in titled[0].title.lower()
    assert learning().search("?!", None) == []
    assert learning().search("xyzzy", None) == []
    assert {one.type for one in learning().search("python", "Video")} == {"Video"}
    assert len({one.url for one in learning().search("a", None)}) == len(
        learning().search("a", None)
    )


def test_resources_come_in_the_order_of_the_skills() -> None:
    docker, git = (learning().resources[id_] for id_ in ids_of(["Docker", "Git"]))
    assert learning().resources_of(["git", "docker", "GIT", "nothing"], None, "") == [*git, *docker]
    books = learning().resources_of(["git", "docker"], "Book", "")
    assert {one.type for one in books} == {"Book"}
    assert learning().resources_of(["git"], None, "BRANCHES visual") == [
        one for one in git if one.title == "Learn Git Branching"
    ]
