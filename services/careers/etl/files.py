"""Maps the raw sections of a release, as `release.py` joins them, to the one shape; pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal, TypeVar

from services.careers.etl.rating import CONTEXT, IMPORTANCE, INTEREST, half_up, rating
from services.careers.etl.shape import (
    Dossier,
    Dwa,
    EducationShare,
    Header,
    Interests,
    Ksa,
    KsaType,
    Prep,
    Related,
    Response,
    Sections,
    Task,
    Technology,
    Title,
    WorkActivity,
    WorkContext,
)

T = TypeVar("T")
Letter = Literal["R", "I", "A", "S", "E", "C"]

_LETTERS: Final[tuple[Letter, ...]] = ("R", "I", "A", "S", "E", "C")
"""Of the elements 1.B.1.a to 1.B.1.f, and of the values 1 to 6 of a high point."""
_KSAS: Final[dict[str, KsaType]] = {
    "knowledge": "knowledge",
    "skills": "skill",
    "abilities": "ability",
}
_CATEGORIES: Final[dict[str, Literal["Core", "Supplemental"]]] = {
    "Core": "Core",
    "Supplemental": "Supplemental",
}


def dossier(code: str, sections: Sections) -> Dossier:
    """Map what a release says of an occupation."""
    return Dossier(
        onet_code=code,
        header=_header(sections),
        titles=_titles(sections),
        tasks=_each(sections, "tasks", _task),
        technology=_each(sections, "technology", _technology),
        ksas=_ksas(sections),
        prep=_prep(sections),
        interests=_interests(sections),
        work_activities=_work_activities(sections),
        dwas=_each(sections, "dwas", lambda row: Dwa(*row)),
        work_context=_work_context(sections),
        education_pct=_education(sections),
        related=_related(sections),
    )


def _each(sections: Sections, name: str, made: Callable[[list[Any]], T]) -> tuple[T, ...] | None:
    return tuple(made(row) for row in sections[name]) if name in sections else None


def _header(sections: Sections) -> Header | None:
    """Read `occupation`: title, description."""
    [row] = sections["occupation"]
    return Header(title_en=row[0], short_desc_en=row[1])


def _titles(sections: Sections) -> tuple[Title, ...] | None:
    """Read `reported_titles`: title, shown (Y); and `alternate_titles`: title, short title."""
    reported = sections.get("reported_titles", ())
    found = [Title(title, "reported", in_mnm=shown == "Y") for title, shown in reported]
    for title, short in sections.get("alternate_titles", ()):
        found.append(Title(title, "alternate", short_title=short or None))
    return tuple(found) or None


def _task(row: list[Any]) -> Task:
    """Read `tasks`: id, statement, type, importance (1 to 5) where they were rated."""
    task_id, text, kind, value = row
    importance = None if value is None else rating(value, IMPORTANCE)
    return Task(text, task_id, _CATEGORIES.get(kind), importance)


def _technology(row: list[Any]) -> Technology:
    """Read `technology`: category, UNSPSC code, example, hot (Y/N), in demand (Y/N or nothing)."""
    category, unspsc, example, hot, demand = row
    return Technology(category, example, unspsc, hot == "Y", demand == "Y" if demand else None)


def _ksas(sections: Sections) -> tuple[Ksa, ...] | None:
    found = [
        Ksa(ksa_type, element, name, importance, level)
        for section, ksa_type in _KSAS.items()
        for element, name, importance, level in _rated(sections.get(section, ()))
    ]
    return tuple(found) or None


def _work_activities(sections: Sections) -> tuple[WorkActivity, ...] | None:
    rows = sections.get("work_activities", ())
    return tuple(WorkActivity(*row) for row in _rated(rows)) or None


def _rated(rows: Iterable[list[Any]]) -> Iterator[tuple[str, str, int | None, float | None]]:
    """Yield id, name, importance and level of elements, the most important first.

    Rows are: element id, name, scale (IM or LV), value, category, its text.
    """
    names: dict[str, str] = {}
    found: dict[str, dict[str, float]] = {"IM": {}, "LV": {}}
    for element, name, scale, value, *_ in rows:
        names[element] = name
        found[scale][element] = value
    important = {one: rating(value, IMPORTANCE) for one, value in found["IM"].items()}
    order = sorted(names, key=lambda one: (-important.get(one, -1), names[one]))
    return ((one, names[one], important.get(one), found["LV"].get(one)) for one in order)


def _prep(sections: Sections) -> Prep | None:
    """Read `job_zone`: zone, title, education, experience, training, SVP range."""
    return Prep(*sections["job_zone"][0]) if "job_zone" in sections else None


def _interests(sections: Sections) -> Interests | None:
    """Read `interests`: rated elements; OI has six values of 1 to 7, IH three high points.

    The first high point decides where two interests have the highest value.
    """
    rows = sections.get("interests", ())
    values = {_LETTERS["abcdef".index(row[0][-1])]: row[3] for row in rows if row[2] == "OI"}
    if len(values) < len(_LETTERS):
        return None
    points = [int(row[3]) for row in sorted(rows) if row[2] == "IH" and row[3]]
    code = "".join(_LETTERS[point - 1] for point in points)
    highest = [letter for letter in values if values[letter] == max(values.values())]
    top = next((letter for letter in _LETTERS if letter == code[:1]), highest[0])
    top = top if top in highest else highest[0]
    scores = (rating(values[letter], INTEREST) for letter in _LETTERS)
    return Interests(top, code if code[:1] == top else top, *scores)


def _work_context(sections: Sections) -> tuple[WorkContext, ...] | None:
    """Read `work_context`: rated elements and their questions; CXP and CTP are shares of answers.

    Order: highest first, as the web services.
    """
    means: dict[str, tuple[str, str, int]] = {}
    shares: dict[str, list[Response]] = {}
    for element, name, scale, value, _, answer, question in sections.get("work_context", ()):
        if scale in CONTEXT:
            means[element] = (name, question, rating(value, CONTEXT[scale]))
        elif answer:
            shares.setdefault(element, []).append(Response(answer, half_up(value)))
    order = sorted(means, key=lambda one: (-means[one][2], means[one][0]))
    return tuple(WorkContext(one, *means[one], tuple(shares.get(one, ()))) for one in order) or None


def _education(sections: Sections) -> tuple[EducationShare, ...] | None:
    """Read `education`: rated elements; RL has the share of each category, commonest first."""
    rows = [row for row in sections.get("education", ()) if row[2] == "RL"]
    rows.sort(key=lambda row: (-row[3], int(row[4])))
    found = (EducationShare(row[5] or "", half_up(row[3]), int(row[4])) for row in rows)
    return tuple(found) or None


def _related(sections: Sections) -> tuple[Related, ...] | None:
    """Read `related`: place, code, title, tier."""
    rows = sorted(sections.get("related", ()), key=lambda row: row[0])
    return tuple(Related(code, title, tier or None) for _, code, title, tier in rows) or None
