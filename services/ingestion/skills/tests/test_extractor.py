"""Which skills are found in a text: the failures that users of other extractors name, and more."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.skills import extract, extract_skills, get_skill_categories

SENTENCES = [
    line.partition(" =>")[::2]
    for line in Path(__file__).with_name("sentences.txt").read_text("utf-8").splitlines()[1:]
]


def test_there_are_enough_sentences() -> None:
    assert len(SENTENCES) >= 200


@pytest.mark.parametrize(("sentence", "named"), SENTENCES)
def test_technologies_of_a_sentence(sentence: str, named: str) -> None:
    found = {one.name for one in extract(sentence) if one.is_technology}
    assert found == {name for name in named.strip().split(", ") if name}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("C++, C#/.NET; Node.js.", ["C++", "C#", ".NET", "Node.js"]),
        ("(AWS/GCP)", ["AWS", "GCP"]),
        ("<b>Java</b>&nbsp;and <i>C++</i>", ["Java", "C++"]),
        ("Go developer, Docker containers", ["Go", "Docker"]),
        ("CI / CD", ["CI / CD"]),
        ("Biết kế toán tổng hợp", ["kế toán tổng hợp"]),
        ("“PostgreSQL” – Kafka’s friend", ["PostgreSQL", "Kafka"]),
    ],
)
def test_offsets_are_those_of_the_text(text: str, written: list[str]) -> None:
    assert [text[one.start : one.end] for one in extract(text)] == written


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Java 8", "8"),
        ("Python 3.11", "3.11"),
        ("Python3", "3"),
        ("Angular 2+ and RxJS", "2+"),
        ("Java 5 years", None),
        ("Java 5+ years", None),
        ("PostgreSQL", None),
    ],
)
def test_a_version_is_kept(text: str, version: str | None) -> None:
    assert extract(text)[0].version == version


def test_marks_kept_apart_are_no_obstacle() -> None:
    text = unicodedata.normalize("NFD", "Kỹ năng: kế toán, Excel")
    names = {text[one.start : one.end] for one in extract(text)}
    assert unicodedata.normalize("NFD", "kế toán") in names


@pytest.mark.parametrize(
    "address",
    ["https://github.com/acme/python", "jobs@python.org", "www.docker.com/x", "redis.io"],
)
def test_an_address_names_no_skill(address: str) -> None:
    assert extract(f"Apply at {address} today.") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Strong communication skills.", "Communication"),
        ("You have excellent leadership abilities.", "Leadership"),
        ("Fluent in Japanese.", "Japanese"),
        ("Kỹ năng giao tiếp tốt.", "Communication"),
        ("Teamwork and problem solving.", "Problem solving"),
    ],
)
def test_traits_are_found_where_they_are_asked_for(text: str, name: str) -> None:
    found = next(one for one in extract(text) if one.name == name)
    assert not found.is_technology


@pytest.mark.parametrize(
    "text",
    [
        "The communication of results is automated.",
        "Leadership decided to move the office.",
        "A Japanese restaurant is next door.",
        "Health insurance and a laptop.",
    ],
)
def test_everyday_words_are_no_traits(text: str) -> None:
    assert extract(text) == []


def test_names_are_listed_once_in_their_order() -> None:
    assert extract_skills("Docker, Python, docker; Postgres and PostgreSQL") == [
        "Docker",
        "Python",
        "PostgreSQL",
    ]


def test_skills_are_grouped_into_six_categories() -> None:
    text = "Python, React Native, MongoDB, AWS, Docker, teamwork"
    assert get_skill_categories([*extract_skills(text), "Juggling"]) == {
        "programming_languages": ["Python"],
        "frameworks_libraries": ["React Native"],
        "databases": ["MongoDB"],
        "cloud_platforms": ["AWS"],
        "tools_technologies": ["Docker"],
        "soft_skills": ["Teamwork"],
    }


@given(st.text(st.sampled_from("Go C++#.,/&<>;-\n@:àệΩ漢\u0301'’ RJavaexcel1"), max_size=80))
def test_any_text_is_read_and_places_lie_within_it(text: str) -> None:
    mentions = extract(text)
    ends = [0, *(one.end for one in mentions)]
    for one, before in zip(mentions, ends, strict=False):
        assert before <= one.start < one.end <= len(text)
        assert 0.5 <= one.confidence < 1
