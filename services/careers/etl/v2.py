"""O*NET Web Services v2.0: which answers an occupation has, and what they say of it.

Sections bear the names that they have at O*NET, `overview` is what lists them. Fields that are
not read here may come and go; the flags in `tags` and of technologies are absent where they do
not hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from services.careers.etl.shape import (
    Dossier,
    Dwa,
    EducationShare,
    Header,
    Interests,
    Ksa,
    KsaType,
    Outlook,
    Prep,
    Related,
    Response,
    Sections,
    Source,
    Task,
    Technology,
    Title,
    Wages,
    WorkActivity,
    WorkContext,
)
from services.careers.rules import ONET_WEB_SERVICES

OVERVIEW = "overview"
RIASEC: Final[dict[str, Literal["R", "I", "A", "S", "E", "C"]]] = {
    "1.B.1.a": "R",
    "1.B.1.b": "I",
    "1.B.1.c": "A",
    "1.B.1.d": "S",
    "1.B.1.e": "E",
    "1.B.1.f": "C",
}
"""Elements of the content model by Holland's letter; the names differ between languages."""
_LETTERS: Final = {str(letter): letter for letter in RIASEC.values()}
_KSA_TYPES: dict[str, KsaType] = {
    "2.C": "knowledge",
    "2.A": "skill",
    "2.B": "skill",
    "1.A": "ability",
}
_KSA_SECTIONS = ("knowledge", "skills", "essential_skills", "transferable_skills", "abilities")
"""From release 30.3 on the skills are in two."""
_SALARY = {"10th_percentile": "10", "median": "median", "90th_percentile": "90"}
_CATEGORIES: Final[dict[str, Literal["Core", "Supplemental"]]] = {
    "Core": "Core",
    "Supplemental": "Supplemental",
}
_LABELS: Final[dict[str, Literal["Bright", "Average", "Below Average"]]] = {
    "Bright": "Bright",
    "Average": "Average",
    "Below Average": "Below Average",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the answers of one source are found."""

    source: Source
    overview: str
    """Path of the answer that says which others there are; `{code}` is the occupation's."""
    name: str
    """The section as which that answer is kept."""
    contents: tuple[str, ...] = ()
    """Where it lists the others, each with its `href`."""
    wanted: Mapping[str, str] = field(default_factory=dict)
    """End of an address -> section: what is fetched of that list; the rest is not shown."""
    paged: frozenset[str] = frozenset()
    """Sections that come in pages."""
    besides: Mapping[str, str] = field(default_factory=dict)
    """Section -> path of what is fetched whether or not it is listed."""

    def paths(self, code: str, overview: Any) -> dict[str, str]:
        """Return section -> path of what is to be fetched after an overview: what it lists."""
        base = self.overview.format(code=code)
        lists = [overview.get(name) or {} for name in self.contents]
        # v1.9 has an object around each list.
        rows = [
            row
            for one in lists
            for row in (one["resource"] if isinstance(one, dict) and one else one)
        ]
        listed = [urlsplit(row["href"]).path.rstrip("/") for row in rows]
        return {name: path.format(code=code) for name, path in self.besides.items()} | {
            name: base + end
            for end, name in self.wanted.items()
            if any(path.endswith(base + end) for path in listed)
        }


_DETAILS = (
    "tasks",
    "technology_skills",
    "software_skills",  # its name from release 30.3 on
    *_KSA_SECTIONS,
    "work_activities",
    "detailed_work_activities",
    "work_context",
    "interests",
    "related_occupations",
)
_CAREER = ("knowledge", "skills", "abilities", "personality", "technology", "education")

MNM = Plan(
    Source.MNM,
    "mnm/careers/{code}/",
    OVERVIEW,
    ("contents",),
    {name: name for name in (*_CAREER, "job_outlook")},
    besides={"occupation": "online/occupations/{code}/"},  # for the 93 all that there is
)
ONLINE = Plan(
    Source.ONLINE,
    "online/occupations/{code}/",
    OVERVIEW,
    ("details_contents", "summary_contents"),
    {f"details/{name}": name for name in (*_DETAILS, "job_zone", "education")}
    | {"summary/interests": "interest_code"},
    frozenset(_DETAILS),
)
_T = TypeVar("_T")


def mnm(code: str, sections: Sections) -> Dossier:
    """Return what My Next Move says of an occupation: short lists, everyday words, no ratings."""
    career = sections.get(OVERVIEW) or {}
    education = sections.get("education") or {}
    return Dossier(
        onet_code=code,
        header=_header(career, sections.get("occupation") or {}),
        titles=_some(
            Title(one["title"], "reported", in_mnm=True) for one in career.get("also_called", ())
        ),
        tasks=_some(Task(text) for text in career.get("on_the_job", ())),
        technology=_technology(sections.get("technology") or ()),
        ksas=_some(_mnm_ksas(sections)),
        prep=_mnm_prep(education) if education else None,
        interests=_top_interest(sections),
        outlook=_outlook(sections),
        wages_us=_wages(sections),
    )


def online(code: str, sections: Sections) -> Dossier:
    """Return what O*NET OnLine says of an occupation: all of its lists, with ratings."""
    occupation = sections.get(OVERVIEW) or {}
    skills = sections.get("technology_skills") or sections.get("software_skills") or {}
    return Dossier(
        onet_code=code,
        header=_header({}, occupation),
        titles=_some(
            Title(title, "reported") for title in occupation.get("sample_of_reported_titles", ())
        ),
        tasks=_some(_task(one) for one in _rows(sections, "tasks", "task")),
        technology=_technology(skills.get("category", ())),
        ksas=_some(_ksa(one) for name in _KSA_SECTIONS for one in _rows(sections, name, "element")),
        prep=_online_prep(sections["job_zone"]) if sections.get("job_zone") else None,
        interests=_interests(sections),
        work_activities=_some(
            WorkActivity(one["id"], one["name"], one.get("importance"))
            for one in _rows(sections, "work_activities", "element")
        ),
        dwas=_some(
            Dwa(one["id"], one["title"])
            for one in _rows(sections, "detailed_work_activities", "activity")
        ),
        work_context=_some(_context(one) for one in _rows(sections, "work_context", "element")),
        education_pct=_some(
            EducationShare(one["title"], one.get("percentage_of_respondents"))
            for one in _rows(sections, "education", "response")
        ),
        related=_some(
            _related(one) for one in _rows(sections, "related_occupations", "occupation")
        ),
    )


def _some(found: Iterator[_T]) -> tuple[_T, ...] | None:
    """Return what was found; None for nothing, which the source then says nothing about."""
    return tuple(found) or None


def _rows(sections: Sections, name: str, key: str) -> list[Any]:
    """Return the rows of a section; none where it has no data."""
    rows: list[Any] = (sections.get(name) or {}).get(key) or []
    return rows


def _header(career: Any, occupation: Any) -> Header | None:
    """Return the names by My Next Move and by OnLine; either may not know the occupation."""
    if not (career or occupation):
        return None
    return Header(
        title_en=occupation.get("title"),
        short_title_en=career.get("title"),
        short_desc_en=career.get("what_they_do") or occupation.get("description"),
    )


def _task(one: Any) -> Task:
    return Task(
        one["title"],
        task_id=int(one["id"]),
        category=_CATEGORIES.get(one.get("category")),
        importance=one.get("importance"),
    )


def _technology(categories: Any) -> tuple[Technology, ...] | None:
    return _some(
        Technology(
            category["title"],
            example["title"],
            commodity_code=int(category["code"]) if category.get("code") else None,
            hot_flag=bool(example.get("hot_technology")),
            in_demand=example.get("in_demand"),
        )
        for category in categories
        for example in [*category.get("example", ()), *category.get("example_more", ())]
    )


def _mnm_ksas(sections: Sections) -> Iterator[Ksa]:
    groups = [group for name in _KSA_SECTIONS for group in sections.get(name) or ()]
    return (_ksa(one) for group in groups for one in group["element"])


def _ksa(one: Any) -> Ksa:
    return Ksa(_KSA_TYPES[one["id"][:3]], one["id"], one["name"], one.get("importance"))


def _mnm_prep(education: Any) -> Prep:
    zone = education["job_zone"]
    usual = education.get("education_usually_needed")
    return Prep(
        job_zone=zone["code"],
        job_zone_title=zone.get("title"),
        education=zone.get("education") or (", ".join(usual) if usual else None),
        experience=zone.get("experience"),
        training=zone.get("training"),
        usually_needed=tuple(usual) if usual else None,
    )


def _online_prep(zone: Any) -> Prep:
    return Prep(
        job_zone=zone["code"],
        job_zone_title=zone.get("title"),
        education=zone.get("education"),
        experience=zone.get("related_experience"),
        training=zone.get("job_training"),
        svp_range=zone.get("svp_range"),
    )


def _top_interest(sections: Sections) -> Interests | None:
    found = (sections.get("personality") or {}).get("top_interest")
    if found is None:
        return None
    top = RIASEC[found["id"]]
    return Interests(top, top)


def _interests(sections: Sections) -> Interests | None:
    scores = {
        RIASEC[one["id"]]: one["occupational_interest"]
        for one in _rows(sections, "interests", "element")
    }
    if not scores:
        return None
    top = max(scores, key=lambda letter: scores[letter])
    code = (sections.get("interest_code") or {}).get("interest_code") or top
    points = {f"{letter.lower()}_score": score for letter, score in scores.items()}
    return Interests(_LETTERS[code[0]], code, **points)


def _outlook(sections: Sections) -> Outlook | None:
    found = sections.get("job_outlook") or {}
    if "outlook" not in found:
        return None
    reasons = tuple(reason["title"] for reason in found.get("bright_outlook") or ())
    summary = [found["outlook"].get("description")]
    summary += [f"Bright Outlook: {', '.join(reasons)}."] if reasons else []
    label = _LABELS.get(found["outlook"].get("category"))
    return Outlook(
        summary_md=" ".join(filter(None, summary)) or None,
        growth_label=label,
        bright_reasons=reasons or None,
        label_source=ONET_WEB_SERVICES if label else None,
    )


def _wages(sections: Sections) -> Wages | None:
    """Return the pay; a figure too high to be told is the least that it may be, and marked."""
    salary = (sections.get("job_outlook") or {}).get("salary")
    if not salary:
        return None
    told, top_coded = dict[str, Any](), []
    for period, number in (("annual", int), ("hourly", float)):
        for ending, short in _SALARY.items():
            key, field = f"{period}_{ending}", f"{period}_{short}"
            if f"{key}_over" in salary:
                top_coded.append(field)
            figure = salary.get(key, salary.get(f"{key}_over"))
            told[field] = None if figure is None else number(figure)
    return Wages(salary["soc_code"], **told, top_coded=tuple(top_coded), source=ONET_WEB_SERVICES)


def _context(one: Any) -> WorkContext:
    answers = tuple(
        Response(answer["description"], answer["percentage_of_respondents"])
        for answer in one.get("response") or ()
    )
    return WorkContext(one["id"], one["name"], one.get("description"), one.get("context"), answers)


def _related(one: Any) -> Related:
    return Related(one["code"], one["title"], "Supplemental" if one.get("supplemental") else None)
