"""My Next Move's sections of an occupation, in the shapes of v2.0."""

from typing import Any

from services.careers.tests.fake_onet.online import (
    Answers,
    job_zone,
    levels,
    rated,
    technology_skills,
)
from services.careers.tests.fake_onet.release import Release


def _groups(table: str) -> Answers:
    """Three groups of the weightiest elements, unrated, as My Next Move shows them."""

    def body(release: Release, code: str) -> Any:
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in rated(release, table, code, "IM", 5)[:8]:
            groups.setdefault(row["id"].rpartition(".")[0], []).append(row)
        return [
            {
                "id": key,
                "name": release.elements[key]["Element Name"],
                "element": [
                    {"id": row["id"], "name": row["Element Name"].lower()} for row in rows[:2]
                ],
            }
            for key, rows in [*groups.items()][:3]
        ]

    return body


def _personality(release: Release, code: str) -> Any:
    for row in rated(release, "Interests", code, "OI", 7)[:1]:
        top = {"id": row["id"], "name": row["Element Name"], "description": row["Description"]}
        return {"top_interest": top, "work_styles": [{"id": "1.D.1.a", "name": "Innovation"}]}
    return None


def _technology(release: Release, code: str) -> Any:
    listed = technology_skills(release, code)["category"][:3]
    return [
        {
            "code": category["code"],
            "title": category["title"],
            "example": [
                {key: value for key, value in example.items() if key in {"title", "hot_technology"}}
                for example in category["example"][:2]
            ],
        }
        for category in listed
    ]


def _education(release: Release, code: str) -> Any:
    zone = job_zone(release, code)
    usual = [title.lower() for _, title, _ in levels(release, code)[:2]]
    shown = {
        "code": zone["code"],
        "title": zone["title"],
        "education": zone["education"],
        "experience": zone["related_experience"],
        "training": zone["job_training"],
    }
    return {"job_zone": shown} | ({"education_usually_needed": usual} if usual else {})


def outlook(release: Release, code: str) -> tuple[str | None, str]:
    """Return a label by growth and openings, and the reason: made up here, secret at O*NET."""
    projected = release.projections.get(code)
    if projected is None:
        return None, ""
    growth, openings = (
        float(projected[name] or 0)
        for name in ("employment_change_pct", "annual_openings_thousands")
    )
    if growth >= 7:
        return "Bright", "Grow Rapidly"
    if openings >= 10:
        return "Bright", "Openings"
    return ("Average" if growth >= 5 else "Below Average"), ""


SALARIES = {"pct10": "10th_percentile", "median": "median", "pct90": "90th_percentile"}


def _job_outlook(release: Release, code: str) -> Any:
    label, reason = outlook(release, code)
    if label is None:
        return None
    likely = {"Bright": "very likely", "Average": "likely", "Below Average": "less likely"}[label]
    body: dict[str, Any] = {
        "outlook": {
            "category": label,
            "description": f"New job opportunities are {likely} in the future.",
        }
    }
    if reason:
        body["bright_outlook"] = [{"code": reason.split()[0].lower(), "title": reason}]
    if salary := _salary(release, code):
        body["salary"] = {"soc_code": code[:7], **salary}
    return body


def _salary(release: Release, code: str) -> dict[str, float]:
    wages = release.wages.get(code, {})
    paid = {
        f"{period}_{name}": wages.get(f"{letter}_{column}", "-")
        for period, letter in (("annual", "a"), ("hourly", "h"))
        for column, name in SALARIES.items()
    }
    return {
        key: float(value) if "hourly" in key else int(value)
        for key, value in paid.items()
        if value not in {"-", ""}
    }


CAREER: dict[str, Answers] = {
    "knowledge": _groups("Knowledge"),
    "skills": _groups("Skills"),
    "abilities": _groups("Abilities"),
    "personality": _personality,
    "technology": _technology,
    "education": _education,
    "job_outlook": _job_outlook,
}
