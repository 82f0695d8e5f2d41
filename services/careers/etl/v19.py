"""O*NET Web Services v1.9: its answers are brought into the shapes of v2.0, and read as those."""

from collections.abc import Callable
from typing import Any

from services.careers.etl import v2
from services.careers.etl.shape import Dossier, Sections
from services.careers.etl.v2 import OVERVIEW, Plan

REPORT = "report"

MNM = Plan(v2.MNM.source, "mnm/careers/{code}/report", REPORT, besides=v2.MNM.besides)
"""One answer holds all."""
ONLINE = Plan(
    v2.ONLINE.source,
    v2.ONLINE.overview,
    OVERVIEW,
    ("details_resources", "summary_resources"),
    v2.ONLINE.wanted,
    v2.ONLINE.paged,
)


def mnm(code: str, sections: Sections) -> Dossier:
    """Return what My Next Move says of an occupation."""
    report = sections.get(REPORT) or {}
    newer = {name: read(report[part]) for part, (name, read) in _REPORT.items() if report.get(part)}
    return v2.mnm(code, {"occupation": sections.get("occupation"), **newer})


def online(code: str, sections: Sections) -> Dossier:
    """Return what O*NET OnLine says of an occupation."""
    known = {OVERVIEW, *v2.ONLINE.wanted.values()}
    newer = {
        name: _DETAILS.get(name, _scored)(body)
        for name, body in sections.items()
        if body and name in known
    }
    return v2.online(code, newer)


def _career(old: Any) -> Any:
    return old | {
        "also_called": [{"title": title} for title in _inner(old, "also_called", "title")],
        "on_the_job": _inner(old, "on_the_job", "task"),
    }


def _inner(body: Any, *names: str) -> list[Any]:
    """Return a list that is wrapped in objects; a lone item may stand for a list of one."""
    for name in names:
        body = body.get(name) or {}
    return body if isinstance(body, list) else [body] if body else []


def _groups(old: Any) -> Any:
    return [{"element": _inner(group, "element")} for group in _inner(old, "group")]


def _technology(old: Any) -> Any:
    return [
        {
            "code": category.get("unspsc", category["title"].get("id")),
            "title": category["title"]["name"],
            "example": [
                {"title": one["name"], "hot_technology": "hot_technology" in one}
                for one in _inner(category, "example")
            ],
        }
        for category in _inner(old, "category")
    ]


def _education(old: Any) -> Any:
    usual = _inner(old, "education_usually_needed", "category")
    return {"job_zone": {"code": old["job_zone"]}, "education_usually_needed": usual}


def _outlook(old: Any) -> Any:
    bright = old.get("bright_outlook") or {}
    said = [old["outlook"].get("description"), bright.get("description")]
    return old | {
        "outlook": old["outlook"] | {"description": " ".join(filter(None, said))},
        "bright_outlook": [{"title": reason} for reason in _inner(bright, "category")],
    }


def _overview(old: Any) -> Any:
    return old | {
        "sample_of_reported_titles": _inner(old, "sample_of_reported_job_titles", "title")
    }


def _scored(old: Any) -> Any:
    """Return elements (or tasks) with their score under the name that it has now."""
    return {key: [_with_score(row) for row in _inner(old, key)] for key in ("element", "task")}


def _with_score(row: Any) -> Any:
    value = (row.get("score") or {}).get("value")
    newer = {"title": row.get("statement"), "response": _answers(row)}
    names = ("importance", "context", "occupational_interest")
    return row | newer | ({} if value is None else dict.fromkeys(names, value))


def _answers(row: Any) -> Any:
    return [
        {"description": one["name"], "percentage_of_respondents": one["percentage"]}
        for one in _inner(row, "response")
    ]


def _levels(old: Any) -> Any:
    return {
        "response": [
            {"title": one["name"], "percentage_of_respondents": one["score"]["value"]}
            for one in _inner(old, "level_required", "category")
        ]
    }


def _activities(old: Any) -> Any:
    return {
        "activity": [{"id": one["id"], "title": one["name"]} for one in _inner(old, "activity")]
    }


_REPORT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "career": (OVERVIEW, _career),
    "knowledge": ("knowledge", _groups),
    "skills": ("skills", _groups),
    "abilities": ("abilities", _groups),
    "personality": ("personality", lambda old: old),
    "technology": ("technology", _technology),
    "education": ("education", _education),
    "job_outlook": ("job_outlook", _outlook),
}
"""Part of the report -> the section that it is now, and how it is read."""
_DETAILS: dict[str, Callable[[Any], Any]] = {
    OVERVIEW: _overview,
    "technology_skills": lambda old: {"category": _technology(old)},
    "detailed_work_activities": _activities,
    "job_zone": lambda old: old | {"code": old["value"]},
    "education": _levels,
    "interest_code": lambda old: {"interest_code": old.get("high_point_code")},
    "related_occupations": lambda old: old,
}
