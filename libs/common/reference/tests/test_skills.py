"""The skills: ids that seed B promises, names that lead to one skill each, categories of seed N."""

import re
from pathlib import Path
from typing import get_args

import pytest

from libs.common import reference
from libs.common.reference import CATEGORY_OF_KIND, SkillCategory, load_skills
from libs.common.text import fold

FILES = list((Path(reference.__file__).parent / "skills").iterdir())


def named(name: str) -> reference.ReferenceSkill:
    return next(skill for skill in load_skills() if skill.name == name)


def test_the_seeds_ids_are_there() -> None:
    names = {skill.id: skill.name for skill in load_skills()}
    assert (names[1], names[2], names[3]) == ("Java", "Spring Boot", "ReactJS")
    assert (names[5], names[10], names[211]) == ("SQL", "PostgreSQL", "Chinese")


def test_ids_have_no_gaps() -> None:
    ids = [skill.id for skill in load_skills()]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_in_order_of_id_below_its_heading(file: Path) -> None:
    heading, *lines = file.read_text("utf-8").splitlines()
    assert re.fullmatch(r"# .+\.", heading)
    assert all(re.fullmatch(r"\d+ \| [^|,]+( \| [^|,]+(, [^|,]+)*)?", line) for line in lines)
    ids = [int(line.split(" | ")[0]) for line in lines]
    assert ids == sorted(ids)


def test_every_kind_has_a_file_and_every_category_a_kind() -> None:
    assert {file.name for file in FILES} == {f"{kind}.txt" for kind in CATEGORY_OF_KIND}
    assert set(CATEGORY_OF_KIND.values()) == set(get_args(SkillCategory))


def test_there_are_enough() -> None:
    assert len(load_skills()) >= 1800
    assert sum(1 + len(skill.aliases) for skill in load_skills()) >= 6000


def test_every_spelling_leads_to_one_skill() -> None:
    """Also without case, tone marks and punctuation, as an extractor compares them."""
    owners: dict[str, set[str]] = {}
    for skill in load_skills():
        for word in (skill.name, *skill.aliases):
            bare = re.sub(r"[^\w+#]+", " ", fold(word)).strip()
            owners.setdefault(bare, set()).add(skill.name)
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}
    assert "" not in owners


def test_names_are_tidy() -> None:
    names = [word for skill in load_skills() for word in (skill.name, *skill.aliases)]
    assert [name for name in names if " ".join(name.split()) != name or name[-1] == "?"] == []
    assert [skill.name for skill in load_skills() if len(skill.name) > 60] == []


def test_ambiguous_spellings_are_the_skills_own() -> None:
    for skill in load_skills():
        assert skill.ambiguous <= {skill.name, *skill.aliases}


@pytest.mark.parametrize(
    ("name", "ambiguous"),
    [
        ("Go", {"Go"}),
        ("Microsoft Excel", {"Excel"}),
        ("Spring Boot", {"Spring"}),
        ("PostgreSQL", set()),
        ("Pharmacy", {"Dược"}),
    ],
)
def test_context_is_asked_for(name: str, ambiguous: set[str]) -> None:
    assert named(name).ambiguous == ambiguous


@pytest.mark.parametrize(
    ("name", "kind", "category"),
    [
        ("Python", "language", "programming_languages"),
        ("NumPy", "library", "frameworks_libraries"),
        ("Redis", "database", "databases"),
        ("Amazon S3", "cloud", "cloud_platforms"),
        ("Kubernetes", "devops", "tools_technologies"),
        ("Teamwork", "soft", "soft_skills"),
    ],
)
def test_kinds_and_categories(name: str, kind: str, category: str) -> None:
    assert (named(name).kind, named(name).category) == (kind, category)


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("Kubernetes", "K8s"),
        ("PostgreSQL", "Postgres"),
        ("Accounting", "Kế toán"),
        (".NET", "dotnet"),
    ],
)
def test_aliases_people_write(name: str, alias: str) -> None:
    assert fold(alias) in map(fold, named(name).aliases)
