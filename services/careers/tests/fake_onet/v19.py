"""The answers of v1.9: recorded ones where there are, else v2.0's in the older shapes."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from services.careers.tests.fake_onet import mnm, online, v2
from services.careers.tests.fake_onet.release import Release


@cache
def recorded(folder: Path, code: str) -> Any:
    """Return the report that was recorded of an occupation, None where there is none."""
    file = folder / "samples" / f"v1.9_mnm_report_{code}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def answer(release: Release, path: str, base: str) -> Any:
    """Return the body at `path` (after `ws/`), None where there is nothing."""
    if path == "about":
        return {"api_version": "1.9.84"}
    if path == "online/occupations":
        listed = v2.answer(release, path, base)["occupation"]
        return {"occupation": [one | {"tags": _tags(one["tags"])} for one in listed]}
    if found := re.fullmatch(r"mnm/careers/([\d.-]+)/report", path):
        return recorded(release.folder, found[1]) or _report(release, found[1], base)
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/", path):
        return _occupation(v2.answer(release, path, base))
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/details/(\w+)", path):
        body = online.section(release, online.DETAILS, found[2], found[1])
        return body and _details(found[2], body)
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/summary/interests", path):
        body = online.section(release, online.SUMMARY, "interests", found[1])
        return body and _details("interests", body) | {"high_point_code": body["interest_code"]}
    return None


def _tags(tags: dict[str, bool]) -> dict[str, bool]:
    return {"bright_outlook": False, "green": False, "apprenticeship": False} | tags


def _occupation(new: Any) -> Any:
    if new is None:
        return None
    titles = new.get("sample_of_reported_titles")
    old = {key: new[key] for key in ("code", "title", "description")}
    old |= {
        "tags": _tags(new["tags"]),
        "details_resources": {"resource": new["details_contents"]},
        "summary_resources": {"resource": new["summary_contents"]},
    }
    return old | ({"sample_of_reported_job_titles": {"title": titles}} if titles else {})


def _score(scale: str, value: int) -> dict[str, Any]:
    return {"score": {"scale": scale, "important": value >= 50, "value": value}}


def _details(name: str, new: Any) -> Any:
    """Return a section of O*NET OnLine in the older shape."""
    match name:
        case "tasks":
            return {"task": [_task(task) for task in new["task"]]}
        case "technology_skills":
            return _technologies(new["category"], lambda category: {"id": category["code"]})
        case "detailed_work_activities":
            return {"activity": [{"id": a["id"], "name": a["title"]} for a in new["activity"]]}
        case "work_context":
            return {"element": [_context(element) for element in new["element"]]}
        case "job_zone":
            return {"value": new["code"]} | {k: v for k, v in new.items() if k != "code"}
        case "education":
            return {"level_required": {"category": [_level(row) for row in new["response"]]}}
        case "interests":
            return _scored(new, "occupational_interest", "Occupational Interest")
        case "related_occupations":
            return {"occupation": [o | {"tags": _tags(o["tags"])} for o in new["occupation"]]}
        case _:
            return _scored(new, "importance", "Importance")


def _scored(new: Any, key: str, scale: str) -> Any:
    return {
        "element": [
            {k: v for k, v in element.items() if k != key} | _score(scale, element[key])
            for element in new["element"]
        ]
    }


def _task(task: dict[str, Any]) -> dict[str, Any]:
    old = {"id": int(task["id"]), "green": False, "statement": task["title"]}
    old |= {"category": task["category"]} if "category" in task else {}
    return old | (_score("Importance", task["importance"]) if "importance" in task else {})


def _context(element: dict[str, Any]) -> dict[str, Any]:
    kept = {key: element[key] for key in ("id", "name", "description")}
    answers = [
        {"percentage": one["percentage_of_respondents"], "name": one["description"]}
        for one in element["response"]
    ]
    return kept | _score("Context", element["context"]) | {"response": answers}


def _level(row: dict[str, Any]) -> dict[str, Any]:
    share = {"scale": "Percentage of Respondents", "value": row["percentage_of_respondents"]}
    told = {"description": row["description"]} if "description" in row else {}
    return {"name": row["title"], **told, "score": share}


def _technologies(categories: Any, head: Any) -> Any:
    return {
        "category": [
            head(category)
            | {
                "title": {"name": category["title"]},
                "example": [
                    {"name": one["title"]}
                    | ({"hot_technology": one["title"]} if one.get("hot_technology") else {})
                    for one in category["example"]
                ],
            }
            for category in categories
        ]
    }


def _report(release: Release, code: str, base: str) -> Any:
    """Return the whole of My Next Move in the older shape: a section without data is not in it."""
    career = v2.answer(release, f"mnm/careers/{code}/", base)
    if career is None:
        return None
    found = {name: online.section(release, mnm.CAREER, name, code) for name in mnm.CAREER}
    report = {"code": code, "career": _career(career)}
    for name in ("knowledge", "skills", "abilities"):
        groups = [
            {"title": {"id": g["id"], "name": g["name"]}, "element": g["element"]}
            for g in found[name] or ()
        ]
        report |= {name: {"group": groups}} if groups else {}
    top = found["personality"]["top_interest"]
    report["personality"] = {
        "top_interest": {"title": top["name"], "id": top["id"], "description": top["description"]},
        "work_styles": {"element": found["personality"]["work_styles"]},
    }
    report["technology"] = _technologies(found["technology"], lambda c: {"unspsc": c["code"]})
    usual = found["education"].get("education_usually_needed")
    report["education"] = {"job_zone": found["education"]["job_zone"]["code"]} | (
        {"education_usually_needed": {"category": usual}} if usual else {}
    )
    return report | (
        {"job_outlook": _outlook(found["job_outlook"])} if found["job_outlook"] else {}
    )


def _career(new: dict[str, Any]) -> dict[str, Any]:
    old = {key: new[key] for key in ("code", "title", "what_they_do")}
    old |= {"tags": _tags(new["tags"]), "on_the_job": {"task": new["on_the_job"]}}
    called = [one["title"] for one in new.get("also_called", ())]
    return old | ({"also_called": {"title": called}} if called else {})


def _outlook(new: dict[str, Any]) -> dict[str, Any]:
    if "bright_outlook" not in new:
        return new
    reasons = [reason["title"] for reason in new["bright_outlook"]]
    return new | {"bright_outlook": {"description": "Bright.", "category": reasons}}
