"""Answers of O*NET Web Services become the one shape: those recorded, and v2.0's as documented."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.careers.etl import v2, v19
from services.careers.etl.shape import (
    Dossier,
    Dwa,
    EducationShare,
    Header,
    Interests,
    Ksa,
    Prep,
    Related,
    Task,
    Technology,
    Title,
    Wages,
    WorkContext,
)
from services.careers.tests.upstream.recorded import (
    chief_executives,
    civil_engineers,
    mechanical_engineers,
)

SCHOOL = "25-2021.00"


@pytest.fixture
def sample(shared_data: Path) -> Callable[[str], Any]:
    """Return a function that reads a recorded answer."""
    folder = shared_data / "onet" / "samples"
    return lambda name: json.loads((folder / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("code", "expected"), [("11-1011.00", chief_executives), ("17-2051.00", civil_engineers)]
)
def test_recorded_reports_of_my_next_move(
    sample: Callable[[str], Any], code: str, expected: Callable[[Any], Dossier]
) -> None:
    report = sample(f"v1.9_mnm_report_{code}")
    assert v19.mnm(code, {"report": report}) == expected(report)


def test_recorded_sections_of_onet_online(sample: Callable[[str], Any]) -> None:
    sections = sample("v1.9_online_sections_17-2141.00")
    assert v19.online("17-2141.00", sections) == mechanical_engineers(sections)


def test_captured_shapes_of_v2(sample: Callable[[str], Any]) -> None:
    begin = f"online/occupations/{SCHOOL}/details/"
    shapes = sample("v2_shapes")
    sections = {
        path.removeprefix(begin): shape["body"]
        for path, shape in shapes.items()
        if path.startswith(begin)
    }
    assert len(sections) == 6
    found = v2.online(SCHOOL, sections)
    zone = sections["job_zone"]
    classroom = "Computer based training software"
    assert found == Dossier(
        SCHOOL,
        tasks=(Task("Establish rules for behavior.", 6744, "Core", 88),),
        technology=(
            Technology(classroom, "Google Classroom", 43233501),
            Technology(classroom, "Nearpod", 43233501, hot_flag=True),
        ),
        prep=Prep(
            4,
            zone["title"],
            zone["education"],
            zone["related_experience"],
            zone["job_training"],
            "(7.0 to < 8.0)",
        ),
        interests=Interests("S", "S", s_score=100),
        dwas=(Dwa("4.A.2.b.2.I15.D08", "Develop educational programs."),),
        education_pct=(
            EducationShare("Bachelor's degree", 78),
            EducationShare("Master's degree", 22),
        ),
    )


def test_my_next_move_of_v2() -> None:
    found = v2.mnm(
        SCHOOL,
        {
            "occupation": {"code": SCHOOL, "title": "Teachers and Others", "description": "Long."},
            "overview": {
                "code": SCHOOL,
                "title": "Teachers & Others",
                "tags": {},
                "also_called": [{"title": "Educator"}],
                "what_they_do": "Teach.",
                "on_the_job": ["Read.", "Write."],
                "contents": [],
            },
            "skills": [
                {"id": "2.A", "name": "Basic", "element": [{"id": "2.A.1.d", "name": "talk"}]}
            ],
            "personality": {"top_interest": {"id": "1.B.1.d", "name": "Sociable"}},
            "technology": [
                {
                    "code": 1,
                    "title": "Music",
                    "example": [{"title": "A", "hot_technology": True}, {"title": "B"}],
                }
            ],
            "education": {
                "job_zone": {"code": 4, "title": "Four", "education": "Most.", "training": "Some."},
                "education_usually_needed": ["bachelor's degree"],
            },
            "job_outlook": {
                "outlook": {"category": "Below Average", "description": "Less likely."},
                "salary": {
                    "soc_code": "25-2021",
                    "annual_median": 1,
                    "annual_90th_percentile_over": 9,
                },
            },
        },
    )
    assert found.header == Header("Teachers and Others", "Teachers & Others", "Teach.")
    assert found.titles == (Title("Educator", "reported", in_mnm=True),)
    assert found.tasks == (Task("Read."), Task("Write."))
    assert found.technology == (Technology("Music", "A", 1, True), Technology("Music", "B", 1))
    assert found.ksas == (Ksa("skill", "2.A.1.d", "talk"),)
    assert found.interests == Interests("S", "S")
    assert found.prep == Prep(
        4, "Four", "Most.", None, "Some.", usually_needed=("bachelor's degree",)
    )
    assert found.outlook is not None
    assert (found.outlook.growth_label, found.outlook.bright_reasons) == ("Below Average", None)
    assert found.outlook.summary_md == "Less likely."
    assert found.wages_us == Wages(
        "25-2021",
        annual_median=1,
        annual_90=9,
        top_coded=("annual_90",),
        source="O*NET Web Services",
    )


def test_flags_and_fields_that_are_absent() -> None:
    """Tasks of occupations never rated have no importance, elements may have no answers."""
    found = v2.online(
        SCHOOL,
        {
            "tasks": {"task": [{"id": "7", "title": "Read.", "tags": {}, "later": {}}]},
            "work_context": {"element": [{"id": "4.C.1", "name": "Mail", "response": []}]},
            "related_occupations": {
                "occupation": [
                    {"code": "25-2022.00", "title": "A", "tags": {}},
                    {"code": "25-2031.00", "title": "B", "tags": {}, "supplemental": True},
                ]
            },
            "essential_skills": {"element": [{"id": "2.A.1.d", "name": "Speaking"}]},
            "transferable_skills": {
                "element": [{"id": "2.B.2.i", "name": "Solving", "importance": 60}]
            },
            "software_skills": {"category": [{"title": "Music", "example": [{"title": "A"}]}]},
            "interests": {
                "element": [
                    {"id": "1.B.1.f", "occupational_interest": 72},
                    {"id": "1.B.1.b", "occupational_interest": 72},
                ]
            },
            "interest_code": {"interest_code": "IC", "element": []},
            "education": {"response": [{"title": "Some college courses"}]},
        },
    )
    assert found.tasks == (Task("Read.", 7),)
    assert found.work_context == (WorkContext("4.C.1", "Mail"),)
    assert found.related == (
        Related("25-2022.00", "A"),
        Related("25-2031.00", "B", "Supplemental"),
    )
    assert found.ksas == (
        Ksa("skill", "2.A.1.d", "Speaking"),
        Ksa("skill", "2.B.2.i", "Solving", 60),
    )
    assert found.technology == (Technology("Music", "A"),)
    assert found.interests == Interests("I", "IC", i_score=72, c_score=72)
    assert found.education_pct == (EducationShare("Some college courses", None),)


@pytest.mark.parametrize("adapter", [v2.mnm, v2.online, v19.mnm, v19.online])
def test_nothing_said_is_nothing_known(adapter: Callable[..., Dossier]) -> None:
    assert adapter(SCHOOL, {}) == Dossier(SCHOOL)


def test_a_lone_item_may_stand_for_a_list() -> None:
    """A heritage of XML."""
    report = {
        "career": {"title": "A", "also_called": {"title": "B"}, "on_the_job": {"task": "Read."}},
        "technology": {"category": {"title": {"name": "C"}, "example": {"name": "D"}}},
    }
    found = v19.mnm(SCHOOL, {"report": report})
    assert found.titles == (Title("B", "reported", in_mnm=True),)
    assert found.tasks == (Task("Read."),)
    assert found.technology == (Technology("C", "D"),)


@pytest.mark.parametrize(
    ("plan", "overview", "fetched"),
    [
        (v2.MNM, {}, ["occupation"]),
        (v2.ONLINE, {"details_contents": None, "tags": {}}, []),
        (
            v2.MNM,
            {
                "contents": [
                    {"href": f"https://x/mnm/careers/{SCHOOL}/{name}"}
                    for name in ("skills", "explore_more", "job_outlook/")
                ]
            },
            ["job_outlook", "occupation", "skills"],
        ),
        (
            v19.ONLINE,
            {
                "details_resources": {
                    "resource": [
                        {"href": f"https://x/ws/online/occupations/{SCHOOL}/details/tasks"},
                        {"href": f"https://x/ws/online/occupations/{SCHOOL}/details/work_styles"},
                    ]
                }
            },
            ["tasks"],
        ),
        (v19.MNM, {"career": {}}, ["occupation"]),
    ],
)
def test_only_what_is_listed_and_shown_is_fetched(
    plan: v2.Plan, overview: dict[str, Any], fetched: list[str]
) -> None:
    assert sorted(plan.paths(SCHOOL, overview)) == fetched
