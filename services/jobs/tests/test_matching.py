"""Scores: what they are of, and what holds of all of them."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.levels import rung_of, rung_of_years
from services.jobs.matching import NEUTRAL, WEIGHTS, Offer, Seeker, percent, score, total

OFFER = Offer(
    skills={1: NEUTRAL, 2: NEUTRAL},
    title="Senior Backend Developer",
    level="Senior",
    exp_year=3,
    location="Ho Chi Minh",
    job_type="Hybrid",
    pay=3000,
)

skills = st.frozensets(st.integers(1, 30), max_size=12)
asked = st.dictionaries(st.integers(1, 30), st.floats(0.69, 14), max_size=12)
words = st.sampled_from(["Senior Backend Developer", "Hà Nội", "Remote", "Mid", "5 years", "-", ""])
seekers = st.builds(
    Seeker,
    skills=skills,
    roles=st.lists(words, max_size=3).map(tuple),
    level=st.none() | words,
    location=st.none() | words,
    pay=st.none() | st.integers(1, 10**9),
)
offers = st.builds(
    Offer,
    skills=asked,
    title=words,
    level=st.none() | words,
    exp_year=st.integers(0, 60),
    location=words,
    job_type=st.none() | words,
    pay=st.none() | st.integers(0, 10**9),
)


def whole(seeker: Seeker, offer: Offer) -> int:
    return percent(total(score(seeker, offer)))


@given(seekers, offers)
def test_scores_lie_between_nothing_and_all(seeker: Seeker, offer: Offer) -> None:
    parts = score(seeker, offer)
    assert parts.keys() <= WEIGHTS.keys()
    assert all(0 <= part <= 1 for part in parts.values())
    assert 0 <= whole(seeker, offer) <= 100


@given(seekers, offers, st.integers(1, 30))
def test_one_more_skill_never_lowers_a_score(seeker: Seeker, offer: Offer, skill: int) -> None:
    richer = replace(seeker, skills=seeker.skills | {skill})
    assert total(score(richer, offer)) >= total(score(seeker, offer))


@given(seekers, offers)
def test_all_skills_are_all_of_that_part_and_no_skill_is_none(seeker: Seeker, offer: Offer) -> None:
    if offer.skills:
        richest = replace(seeker, skills=seeker.skills | offer.skills.keys())
        assert score(richest, offer)["skills"] == 1
        assert score(replace(seeker, skills=frozenset()), offer)["skills"] == 0
    else:
        assert "skills" not in score(seeker, offer)


@given(seekers, offers, st.randoms())
def test_the_order_of_the_skills_does_not_matter(seeker: Seeker, offer: Offer, by: Random) -> None:
    shuffled = list(offer.skills.items())
    by.shuffle(shuffled)
    assert score(seeker, replace(offer, skills=dict(shuffled))) == score(seeker, offer)


@given(asked.filter(lambda skills: len(skills) > 1))
def test_a_rarer_skill_counts_for_more(rarities: dict[int, float]) -> None:
    offer = replace(OFFER, skills=rarities)
    by_rarity = sorted(rarities, key=rarities.__getitem__)
    parts = [score(Seeker(frozenset({skill})), offer)["skills"] for skill in by_rarity]
    assert parts == sorted(parts)


def test_who_tells_only_his_skills_is_measured_by_them_alone() -> None:
    assert [whole(Seeker(frozenset(has)), OFFER) for has in ([], [1], [1, 2], [1, 2, 3])] == [
        *(0, 50),
        *(100, 100),
    ]
    assert total({}) == 0


@pytest.mark.parametrize(
    ("told", "factor", "part"),
    [
        ({"level": "Senior"}, "level", 1),
        ({"level": "Team Lead"}, "level", 0.5),
        ({"level": "Mid"}, "level", 0.5),
        ({"level": "Junior"}, "level", 0),
        ({"level": "Giám đốc"}, "level", 0),
        ({"level": "wizard"}, "level", None),
        ({"location": "TP.HCM"}, "place", 1),
        ({"location": "Quận 1, Hồ Chí Minh"}, "place", 1),
        ({"location": "Việt Nam"}, "place", 1),
        ({"location": "Hà Nội, Việt Nam"}, "place", 0),
        ({"location": "New York"}, "place", 0),
        ({"location": " - "}, "place", None),
        ({"roles": ("Backend Developer",)}, "role", 1),
        ({"roles": ("Frontend Developer", "Designer")}, "role", 0.5),
        ({"roles": ("Designer",)}, "role", 0),
        ({"roles": ("/",)}, "role", None),
        ({"pay": 2000}, "salary", 1),
        ({"pay": 4000}, "salary", 0.75),
    ],
)
def test_each_other_factor(told: dict[str, Any], factor: str, part: float | None) -> None:
    by_skills = {"skills": 0.0}
    others = {} if part is None else {factor: part}
    assert score(Seeker(**told), OFFER) == by_skills | others


@pytest.mark.parametrize(("level", "years", "part"), [(None, 3, 0.5), ("?", 5, 1), (None, 0, None)])
def test_years_stand_for_a_level_that_is_not_named(
    level: str | None, years: int, part: float | None
) -> None:
    offer = replace(OFFER, level=level, exp_year=years)
    assert score(Seeker(level="Senior"), offer).get("level") == part


def test_a_remote_job_is_everywhere_and_an_unknown_salary_is_not_judged() -> None:
    seeker = Seeker(location="Huế", pay=2000)
    for offer in (replace(OFFER, job_type="Làm việc từ xa"), replace(OFFER, location="Remote, US")):
        assert score(seeker, offer)["place"] == 1
    assert "salary" not in score(seeker, replace(OFFER, pay=None))


@pytest.mark.parametrize(
    ("level", "rung"),
    [
        ("Intern", 0),
        ("Thực tập sinh", 0),
        ("Internal auditor", None),
        ("Mới tốt nghiệp", 1),
        ("JUNIOR", 2),
        ("mid-level", 3),
        ("Nhân viên", 3),
        ("Junior/Senior", 4),
        ("Chuyên viên cao cấp", 4),
        ("Trưởng nhóm", 5),
        ("Senior Manager", 6),
        ("Phó giám đốc", 7),
        ("CTO", 7),
        ("3+ years", 3),
        ("3-5 năm", 3),
        ("10 yrs", 4),
        ("", None),
    ],
)
def test_levels(level: str, rung: int | None) -> None:
    assert rung_of(level) == rung


def test_years_only_lead_up() -> None:
    rungs = [rung_of_years(years) for years in range(61)]
    assert rungs == sorted(rungs)
    assert rungs[:6] == [1, 2, 3, 3, 3, 4]
