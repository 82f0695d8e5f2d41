"""The catalogues that ship: large enough, true to the taxonomy, and refused where they are not."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from libs.common.reference import CATEGORY_OF_KIND, load_skills
from libs.common.reference.lookup import name_of, skill_numbered
from libs.common.testing import Bench
from services.careers.entries import CatalogueWrong
from services.careers.learning import learning, read_learning
from services.careers.projects import projects, read_projects
from services.careers.roadmap import read_roles, usual_skills
from services.careers.service import service

RESOURCE = '{{ type = "Book", title = "{0}", url = "https://a.test/{0}", description = "D." }}'
SAME_TITLE = ", ".join(RESOURCE.format(title).replace('"y"', '"x"') for title in "xyz")
THREE = ", ".join(RESOURCE.format(title) for title in "xyz")
CIRCLE = f"""
[Python]
after = ["SQL"]
resources = [{THREE}]
[SQL]
after = ["Python"]
resources = [{THREE}]
"""
PROJECT = """
[[projects]]
id = {id}
title = "{title}"
description = "D."
difficulty = "Beginner"
estimated_time = "1-2 weeks"
skills = {skills}
features = ["a", "b", "c", "d"]
"""
SKILLS = '["HTML", "CSS", "JavaScript"]'


def test_resources_are_many_and_of_every_kind() -> None:
    catalogue = learning().resources
    kinds = Counter(skill.kind for id_ in catalogue if (skill := skill_numbered(id_)))
    assert len(catalogue) >= 160
    assert kinds.keys() == CATEGORY_OF_KIND.keys()
    assert min(len(resources) for resources in catalogue.values()) >= 3
    types = Counter(one.type for resources in catalogue.values() for one in resources)
    assert types.keys() == {"Documentation", "Course", "Video", "Book"}


def test_what_is_best_known_is_taught() -> None:
    untaught = [skill.name for skill in load_skills()[:200] if skill.id not in learning().resources]
    assert len(untaught) <= 20, untaught


def test_addresses_are_real_looking_and_not_shared_by_different_titles_of_a_skill() -> None:
    for id_, resources in learning().resources.items():
        urls = [one.url.removesuffix("/").lower() for one in resources]
        assert len(set(urls)) == len(urls), name_of(id_)
        assert len({one.title for one in resources}) == len(resources), name_of(id_)
        for one in resources:
            at = urlsplit(one.url)
            assert at.scheme == "https"
            assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", at.netloc), one.url
            assert not re.search(r"(^|\.)(example\.\w+|test|invalid)$", at.netloc), one.url
            assert one.description.endswith("."), one.description


def test_projects_are_many_and_as_hard_as_one_likes() -> None:
    hard = Counter(one.idea.difficulty for one in projects())
    assert len(projects()) >= 84
    assert min(hard["Beginner"], hard["Intermediate"], hard["Advanced"]) >= len(projects()) * 0.3
    assert len({one.idea.title for one in projects()}) == len(projects())
    assert len({one.idea.description for one in projects()}) == len(projects())


def test_what_roles_usually_need_is_taught() -> None:
    needed = {skill for _, skills in usual_skills() for skill in skills}
    assert [name_of(skill) for skill in needed if skill not in learning().resources] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'["Pyhton"]\nresources = [{THREE}]', "a.toml: 'Pyhton' is no name of the taxonomy"),
        (f"[React]\nresources = [{THREE}]", "'React' is no name .* it is called 'ReactJS'"),
        (f'[Python]\nafter = ["Snakes"]\nresources = [{THREE}]', "after, of Python: 'Snakes'"),
        (f"[Python]\nresources = [{RESOURCE.format('x')}]", "a.toml: Python: .*at least 3"),
        (f"[Python]\nresources = [{THREE.replace('/y', '/x')}]", "Python: the same url twice"),
        (f"[Python]\nresources = [{SAME_TITLE}]", "the same title twice"),
        (f"[Python]\nresources = [{THREE.replace('https', 'http')}]", "Python: .*pattern"),
        (f"[Python]\nresources = [{THREE.replace('Book', 'Podcast')}]", "Python: .*type"),
        (f"[Python]\nprice = 1\nresources = [{THREE}]", "Python: .*price"),
        ("[Python", "a.toml: "),
        (
            CIRCLE,
            "Python < SQL < Python is a circle",
        ),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(CatalogueWrong, match=f"(?s){said}"):
        read_learning(tmp_path)


def test_a_skill_stands_in_one_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(f"[Python]\nresources = [{THREE}]", "utf-8")
    with pytest.raises(CatalogueWrong, match=r"b\.toml: 'Python' stands there twice"):
        read_learning(tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({}, {"id": 3}, "ids"),
        ({}, {"title": "One"}, "twice: .*one"),
        ({}, {"skills": '["HTML", "CSS", "JS"]'}, r"a\.toml: Two: 'JS' is no name"),
        ({}, {"skills": '["HTML", "CSS"]'}, "Two: .*skills"),
        ({"title": ""}, {}, "title"),
    ],
)
def test_a_wrong_project_is_named(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], said: str
) -> None:
    one = {"id": 1, "title": "One", "skills": SKILLS} | first
    two = {"id": 2, "title": "Two", "skills": SKILLS} | second
    (tmp_path / "a.toml").write_text(PROJECT.format(**one) + PROJECT.format(**two), "utf-8")
    with pytest.raises(CatalogueWrong, match=f"(?s){said}"):
        read_projects(tmp_path)


async def test_a_mistake_ends_the_start(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.beside is not None
    async with service.beside(bench.runtime):
        pass
    (tmp_path / "learning").mkdir()
    (tmp_path / "learning" / "a.toml").write_text(f"[Snakes]\nresources = [{THREE}]", "utf-8")
    monkeypatch.setattr("services.careers.learning.DATA", tmp_path)
    learning.cache_clear()
    with pytest.raises(CatalogueWrong, match="Snakes"):
        async with service.beside(bench.runtime):
            pass
    learning.cache_clear()


def test_a_role_stands_there_once(tmp_path: Path) -> None:
    role = '[[roles]]\nnames = ["web developer"]\nskills = ["HTML"]\n'
    (tmp_path / "a.toml").write_text(role + role.replace("web dev", "Web Dev"), "utf-8")
    with pytest.raises(CatalogueWrong, match="the role 'Web Developer' stands there twice"):
        read_roles(tmp_path)
