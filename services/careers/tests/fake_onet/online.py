"""O*NET OnLine's sections of an occupation, in the shapes of v2.0."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from services.careers.tests.fake_onet.release import Release, percent

Answers = Callable[[Release, str], Any]
"""A section: release and code -> the body, None where the occupation has no data for it."""


def section(release: Release, sections: dict[str, Answers], name: str, code: str) -> Any:
    """Return one section of an occupation, None where it has no data."""
    if code not in release.codes or name not in sections:
        return None
    return sections[name](release, code) or None


def rated(release: Release, table: str, code: str, scale: str, most: int) -> list[dict[str, Any]]:
    """Return the elements of a table with their value in percent, the greatest first."""
    found: list[dict[str, Any]] = [
        {"id": key, "value": percent(value, 1, most), **release.elements[key]}
        for key, value in release.ratings(table, code, scale).items()
    ]
    return sorted(found, key=lambda row: (-row["value"], row["Element Name"]))


def _elements(table: str) -> Answers:
    def body(release: Release, code: str) -> Any:
        elements = [
            {
                "id": row["id"],
                "related": f"…/related/{row['id']}",
                "name": row["Element Name"],
                "description": row["Description"],
                "importance": row["value"],
            }
            for row in rated(release, table, code, "IM", 5)
        ]
        return elements and {"element": elements}

    return body


def _tasks(release: Release, code: str) -> Any:
    rows = release.rows("Task Statements", code)
    ratings = bool(release.ratings("Knowledge", code, "IM"))
    tasks = [
        {"id": row["Task ID"], "related": "…", "title": row["Task"]}
        | ({"category": row["Task Type"]} if row["Task Type"] else {})
        # Synthetic: the table of ratings is not to be had. Those never rated have none.
        | ({"importance": 95 - place} if ratings else {})
        for place, row in enumerate(rows)
    ]
    return tasks and {"task": tasks}


def technology_skills(release: Release, code: str) -> Any:
    categories: dict[str, dict[str, Any]] = {}
    for row in release.rows("Technology Skills", code):
        category = categories.setdefault(
            row["Commodity Title"],
            {
                "code": int(row["Commodity Code"]),
                "related": "…",
                "title": row["Commodity Title"],
                "example": [],
            },
        )
        flags = {"Hot Technology": "hot_technology", "In Demand": "in_demand"}
        told = {name: True for column, name in flags.items() if row[column] == "Y"}
        category["example"].append({"title": row["Example"], "href": "…", **told})
    listed = [categories[title] for title in sorted(categories)]
    return listed and {"hot_technology": {"total": 1, "href": "…"}, "category": listed}


def _activities(release: Release, code: str) -> Any:
    """Those of the first tasks first."""
    places = {row["Task ID"]: at for at, row in enumerate(release.rows("Task Statements", code))}
    rows = sorted(release.rows("Tasks to DWAs", code), key=lambda row: places[row["Task ID"]])
    titles = {row["DWA ID"]: row["DWA Title"] for row in rows}
    listed = [{"id": key, "related": "…", "title": title} for key, title in titles.items()]
    return listed and {"activity": listed}


def _work_context(release: Release, code: str) -> Any:
    """Real questions and answers with synthetic figures: the table itself is not to be had."""
    if not release.ratings("Work Activities", code, "IM"):
        return None
    elements = []
    for place, (key, choices) in enumerate(sorted(release.contexts.items())):
        shares = [60, 30, 10, 0, 0][: len(choices)]
        elements.append(
            {
                "id": key,
                "related": "…",
                "name": choices[0]["Element Name"],
                "description": release.elements[key]["Description"],
                "context": 100 - place,
                "response": [
                    {"percentage_of_respondents": share, "description": choice}
                    for share, row in zip(shares, choices, strict=False)
                    if share and (choice := row["Category Description"])
                ],
            }
        )
    return {"element": elements}


def _interests(release: Release, code: str) -> Any:
    elements = [
        {
            "id": row["id"],
            "name": row["Element Name"],
            "description": row["Description"],
            "occupational_interest": row["value"],
        }
        for row in rated(release, "Interests", code, "OI", 7)
    ]
    return elements and {"element": elements}


def _interest_code(release: Release, code: str) -> Any:
    points = release.ratings("Interests", code, "IH")
    if not points:
        return None
    letters = "".join("-RIASEC"[int(points[key])] for key in sorted(points)).replace("-", "")
    return {"interest_code": letters, "element": _interests(release, code)["element"][:3]}


def levels(release: Release, code: str) -> list[tuple[Decimal, str, str]]:
    """Return the required education, most first: percent of those asked, level, what that is."""
    rows = [
        row
        for row in release.rows("Education, Training, and Experience", code)
        if row["Scale ID"] == "RL" and Decimal(row["Data Value"]) > 0
    ]
    found = []
    for row in rows:
        title, _, description = release.education[row["Category"]].partition(" - ")
        # The API writes them otherwise than the tables: "Bachelor's degree", "Some college courses"
        spoken = title.replace(" (or other 2-year degree)", "").capitalize()
        found.append((Decimal(row["Data Value"]), spoken, description.capitalize()))
    return sorted(found, key=lambda level: -level[0])


def _education_details(release: Release, code: str) -> Any:
    numbers = {"Bachelor's degree": 7, "Master's degree": 8}  # as captured; not the tables' numbers
    listed = [
        {
            "code": numbers.get(title, 0),
            "title": title,
            "percentage_of_respondents": percent(share, 0, 100),
        }
        | ({"description": description} if description else {})
        for share, title, description in levels(release, code)
    ]
    return listed and {"response": listed}


def job_zone(release: Release, code: str) -> Any:
    for row in release.rows("Job Zones", code):
        zone = release.zones[int(row["Job Zone"])]
        return {
            "code": int(zone["Job Zone"]),
            "title": zone["Name"],
            "education": zone["Education"],
            "related_experience": zone["Experience"],
            "job_training": zone["Job Training"],
            "job_zone_examples": zone["Examples"],
            "svp_range": zone["SVP Range"],
        }
    return None


def _related(release: Release, code: str) -> Any:
    rows = release.rows("Related Occupations", code)
    listed = [
        {
            "href": f"…/{row['Related O*NET-SOC Code']}/",
            "code": row["Related O*NET-SOC Code"],
            "title": row["Related Title"],
            "tags": {},
        }
        | ({"supplemental": True} if row["Relatedness Tier"] == "Supplemental" else {})
        for row in sorted(rows, key=lambda row: int(row["Index"]))
    ]
    return listed and {"occupation": listed}


DETAILS: dict[str, Answers] = {
    "tasks": _tasks,
    "technology_skills": technology_skills,
    "knowledge": _elements("Knowledge"),
    "skills": _elements("Skills"),
    "abilities": _elements("Abilities"),
    "work_activities": _elements("Work Activities"),
    "detailed_work_activities": _activities,
    "work_context": _work_context,
    "job_zone": job_zone,
    "education": _education_details,
    "interests": _interests,
    "related_occupations": _related,
}
SUMMARY: dict[str, Answers] = {"interests": _interest_code}
