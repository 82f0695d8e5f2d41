"""Builds what "See more" shows of an occupation: `CareerPageOut`, out of its dossier; pure.

Nothing is left out that has no data: it is an empty list or null, and `absent` says so.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from services.careers.etl.shape import Dossier, Header, Interests
from services.careers.rules import LICENSES, credit

Page = dict[str, Any]

_KSAS = {"knowledge": "knowledge", "skills": "skill", "abilities": "ability"}
_NAMES = {
    "also_called": "reported job titles",
    "tasks": "task data",
    "technology": "technology data",
    "knowledge": "knowledge data",
    "skills": "skill data",
    "abilities": "ability data",
    "prep": "job zone",
    "interests": "interest data",
    "outlook": "outlook",
    "work_activities": "work activities",
    "dwas": "detailed work activities",
    "work_context": "work context",
    "education_pct": "education survey",
    "wages": "wages",
    "related": "related occupations",
}
"""Section -> what it is called where there is none."""


def page_of(dossier: Dossier, header: Header) -> Page:
    """Build a page, but for when it was loaded (`stamped` adds that)."""
    sections = _sections(dossier)
    source, version = header.source or "", header.source_version or ""
    text = credit(
        source,
        version,
        modified=any(task.source == "derived" for task in dossier.tasks or ()),
        bls=dossier.wages_us is not None or dossier.outlook is not None,
    )
    name, url = LICENSES[source]
    return {
        "header": {
            "onet_code": dossier.onet_code,
            "title_en": header.title_en,
            "short_title_en": header.short_title_en,
            "short_desc_en": header.short_desc_en,
        },
        **sections,
        "absent": [
            _absent(section, source, version) for section in _NAMES if not sections[section]
        ],
        "dataset": {"name": source, "version": version, "license": name},
        "attribution": {"text": text, "license": name, "license_url": url},
    }


def stamped(page: Page, loaded_at: datetime) -> bytes:
    """Return a page as JSON, with the instant at which it is loaded."""
    dataset = page["dataset"] | {"loaded_at": loaded_at}
    return orjson.dumps(page | {"dataset": dataset}, option=orjson.OPT_UTC_Z)


def _sections(dossier: Dossier) -> Page:
    ksas: dict[str, list[Any]] = {section: [] for section in _KSAS}
    for section, kind in _KSAS.items():
        ksas[section] = _rows(
            (ksa for ksa in dossier.ksas or () if ksa.ksa_type == kind), "ksa_type"
        )
    shares = (one for one in dossier.education_pct or () if one.percentage != 0)
    related = (
        {"onet_code": one.related_code, "title_en": one.title, "tier": one.tier}
        for one in dossier.related or ()
    )
    return {
        "also_called": [title.title for title in dossier.titles or () if title.in_mnm],
        "tasks": _rows(dossier.tasks, "task_id"),
        "technology": _rows(dossier.technology, "commodity_code"),
        **ksas,
        "prep": dossier.prep and asdict(dossier.prep),
        "interests": dossier.interests and _interests(dossier.interests),
        "outlook": dossier.outlook and asdict(dossier.outlook),
        "work_activities": _rows(dossier.work_activities),
        "dwas": _rows(dossier.dwas),
        "work_context": _rows(dossier.work_context),
        "education_pct": _rows(shares, "category"),
        "wages": dossier.wages_us and asdict(dossier.wages_us),
        "related": list(related),
    }


def _rows(found: Iterable[Any] | None, *without: str) -> list[Page]:
    """Return rows by their fields' names, without some that are not shown."""
    return [
        {name: getattr(one, name) for name in one.__slots__ if name not in without}
        for one in found or ()
    ]


def _interests(interests: Interests) -> Page:
    scores = {letter: getattr(interests, f"{letter.lower()}_score") for letter in "RIASEC"}
    known = all(score is not None for score in scores.values())
    return {"top": interests.top, "code": interests.code, "scores": scores if known else None}


def _absent(section: str, source: str, version: str) -> Page:
    """Say that there is nothing; whether there is more elsewhere, is not known here."""
    said_by = (
        "BLS, as loaded here," if section == "wages" else f"{source} {version}, as loaded here,"
    )
    said_by = said_by.replace("O*NET", "O*NET®")
    return {
        "section": section,
        "reason": f"{said_by} has no {_NAMES[section]} for this occupation.",
    }
