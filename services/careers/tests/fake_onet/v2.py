"""The answers of v2.0: its lists and overviews, made from a release as reference §4 describes."""

import re
from typing import Any

from services.careers.tests.fake_onet.mnm import CAREER, outlook
from services.careers.tests.fake_onet.online import DETAILS, SUMMARY, section
from services.careers.tests.fake_onet.release import Release


def answer(release: Release, path: str, base: str) -> Any:
    """Return the body at `path`, lists unpaged, None where there is none; `base` is for links."""
    if path == "about":
        return {"api_version": "2.1"}
    if path == "online/occupations":
        return {"occupation": [_listed(release, code, base) for code in release.occupations]}
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/", path):
        return _occupation(release, found[1], base)
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/details/(\w+)", path):
        return section(release, DETAILS, found[2], found[1])
    if found := re.fullmatch(r"online/occupations/([\d.-]+)/summary/(\w+)", path):
        return section(release, SUMMARY, found[2], found[1])
    if found := re.fullmatch(r"mnm/careers/([\d.-]+)/", path):
        return _career(release, found[1], base)
    if found := re.fullmatch(r"mnm/careers/([\d.-]+)/(\w+)", path):
        return section(release, CAREER, found[2], found[1])
    return None


def _listed(release: Release, code: str, base: str) -> dict[str, Any]:
    tags = {"bright_outlook": True} if outlook(release, code)[0] == "Bright" else {}
    title = release.occupations[code]["Title"]
    return {
        "href": f"{base}online/occupations/{code}/",
        "code": code,
        "title": title,
        "tags": tags,
    }


def _occupation(release: Release, code: str, base: str) -> dict[str, Any] | None:
    if code not in release.codes:
        return None
    here = f"{base}online/occupations/{code}"
    titles = [row["Reported Job Title"] for row in release.rows("Sample of Reported Titles", code)]
    names = [name for name in DETAILS if section(release, DETAILS, name, code) is not None]
    body = {
        "code": code,
        "title": release.occupations[code]["Title"],
        "tags": _listed(release, code, base)["tags"],
        "description": release.occupations[code]["Description"],
        "updated": {"year": 2025},
        "summary_contents": [
            {"href": f"{here}/summary/{name}", "title": name.title()}
            for name in SUMMARY
            if section(release, SUMMARY, name, code) is not None
        ],
        "details_contents": [
            {"href": f"{here}/details/{name}", "title": name.replace("_", " ").title()}
            for name in names
        ],
        "custom_contents": [],
    }
    return body | ({"sample_of_reported_titles": titles} if titles else {})


def _career(release: Release, code: str, base: str) -> dict[str, Any] | None:
    tasks = release.rows("Task Statements", code) if code in release.codes else []
    if not tasks:
        return None  # My Next Move leaves out the 93
    shown = [
        row["Reported Job Title"]
        for row in release.rows("Sample of Reported Titles", code)
        if row["Shown in My Next Move"] == "Y"
    ]
    names = [name for name in CAREER if section(release, CAREER, name, code) is not None]
    body = {
        "code": code,
        "title": release.occupations[code]["Title"].replace(" and ", " & "),
        "tags": _listed(release, code, base)["tags"],
        "what_they_do": release.occupations[code]["Description"],
        "on_the_job": [row["Task"] for row in tasks[:3]],
        "contents": [
            {"href": f"{base}mnm/careers/{code}/{name}", "title": name.replace("_", " ").title()}
            for name in [*names, "check_out_my_state"]
        ],
    }
    return body | ({"also_called": [{"title": title} for title in shown]} if shown else {})
