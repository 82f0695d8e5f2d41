"""The FILES source: an O*NET database release, as raw sections for each occupation.

What the publisher spreads over a table and its reference table is joined here, so that a section
is enough to be mapped: names of elements, categories, job zones and detailed activities. Sections
are lists of rows; what stands where in a row is said in `files.py`, which maps them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from services.careers.etl.staging import Raw
from services.careers.etl.tables import (
    BadRow,
    ReleaseUnreadable,
    Table,
    release_version,
    tables_of,
)
from services.careers.rules import is_onet_code

Row = tuple[Any, ...]
"""A tuple of plain values: the garbage collector leaves those alone, and there are 400,000."""
Fail = Callable[[str, BadRow], None]
"""Told of a line that cannot be used: the table of ours that it was for, and the line."""

_KINDS: dict[str, frozenset[str]] = {
    "occupations": frozenset({"onetsoc_code", "title", "description"}),
    "tasks": frozenset({"onetsoc_code", "task_id", "task", "task_type"}),
    "task_ratings": frozenset({"onetsoc_code", "task_id", "scale_id", "data_value"}),
    "dwas": frozenset({"onetsoc_code", "task_id", "dwa_id"}),
    "dwa_names": frozenset({"dwa_id", "dwa_title"}),
    "technology": frozenset({"onetsoc_code", "example", "hot_technology"}),
    "ratings": frozenset({"onetsoc_code", "element_id", "scale_id", "data_value"}),
    "job_zones": frozenset({"onetsoc_code", "job_zone", "date"}),
    "job_zone_names": frozenset({"job_zone", "svp_range"}),
    "reported": frozenset({"onetsoc_code", "reported_job_title"}),
    "alternate": frozenset({"onetsoc_code", "alternate_title"}),
    "related": frozenset({"onetsoc_code", "related_onetsoc_code"}),
    "elements": frozenset({"element_id", "element_name", "description"}),
    "categories": frozenset({"element_id", "scale_id", "category", "category_description"}),
}
"""What a table is, by the columns that it has and no other one has together."""

_RATED = {
    "2.C": "knowledge",
    "2.A": "skills",
    "2.B": "skills",
    "1.A": "abilities",
    "4.A": "work_activities",
    "4.C": "work_context",
    "1.B": "interests",
    "2.D": "education",
}
"""Beginning of an element's id -> section. Ratings are in several files, whose names and cut
change from release to release; the ids stay."""
_SCALES = {"IM", "LV", "OI", "IH", "RL", "CX", "CXP", "CT", "CTP"}


def _finite(cell: str) -> float:
    if not isfinite(number := float(cell)):
        raise ValueError(cell)
    return number


def _zone(cell: str) -> int:
    if not 1 <= (number := int(cell)) <= 5:
        raise ValueError(cell)
    return number


_NUMBERS: dict[str, Callable[[str], float]] = {
    "task_id": int,
    "index": int,
    "data_value": _finite,
    "job_zone": _zone,
}


@dataclass
class Release:
    """A release that is being read."""

    tables: dict[str, list[Table]]
    fail: Fail
    titles: dict[str, str] = field(default_factory=dict)
    sections: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    """Section -> occupation -> rows."""

    def rows(self, kind: str, table: str, *columns: str) -> Iterator[tuple[int, list[str]]]:
        """Yield lines of every table of a kind; `table` is ours, for which bad ones count."""
        for one in self.tables.get(kind, ()):
            yield from one.rows(columns, partial(self.fail, table))

    def of_occupations(
        self, kind: str, table: str, key: int, *columns: str
    ) -> Iterator[tuple[str, list[Any]]]:
        """Yield the code and the cells of lines that are about an occupation of the release.

        Bad are lines that repeat the first `key` cells of another, are about nobody, or have no
        number where one belongs (`_NUMBERS`).
        """
        seen = set[tuple[str, ...]]()
        numbers = [(at, _NUMBERS[name]) for at, name in enumerate(columns) if name in _NUMBERS]
        for one in self.tables.get(kind, ()):
            bad = partial(self.fail, table)
            for line, (code, *cells) in one.rows(("onetsoc_code", *columns), bad):
                told = (code, *cells[:key])
                if code not in self.titles:
                    bad(BadRow(one.name, line, f"is about {code}, which has no title"))
                elif told in seen:
                    bad(BadRow(one.name, line, f"repeats {' '.join(told)}"))
                else:
                    row: list[Any] = cells
                    try:
                        for at, number in numbers:
                            row[at] = number(cells[at])
                    except ValueError:
                        bad(BadRow(one.name, line, f"has {cells[at]!r} for a {columns[at]}"))
                        continue
                    seen.add(told)
                    yield code, row

    def add(self, section: str, code: str, row: Row) -> None:
        """Keep a row of an occupation's section."""
        self.sections[section].setdefault(code, []).append(row)


def read_release(path: Path, fail: Fail) -> tuple[list[str], list[Raw]]:
    """Read a whole release: the codes of its occupations, and their sections.

    Raises:
        ReleaseUnreadable: it is damaged, not there, or does not tell its version.
    """
    release = Release(_by_kind(tables_of(path)), fail)
    if not release.tables["occupations"]:
        raise ReleaseUnreadable(f"{path} has no table of occupations (Occupation Data)")
    version = release_version(release.tables["occupations"][0])
    for read in (_occupations, _tasks, _dwas, _technology, _ratings, _job_zones, _titles, _related):
        read(release)
    raws = [
        Raw(code, section, orjson.dumps(rows), "text", version)
        for section, by_code in release.sections.items()
        for code, rows in by_code.items()
    ]
    return list(release.titles), raws


def _by_kind(tables: Iterable[Table]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = defaultdict(list)
    for table in tables:
        columns = set(table.columns)
        kind = next((kind for kind, needs in _KINDS.items() if needs <= columns), None)
        if kind is not None:
            found[kind].append(table)
    return found


def _occupations(release: Release) -> None:
    [table, *_] = release.tables["occupations"]
    columns = ("onetsoc_code", "title", "description")
    for line, row in release.rows("occupations", "careers", *columns):
        code, title, text = (cell.strip() for cell in row)
        fault = _fault_of_occupation(code, title, text)
        if fault is None and code in release.titles:
            fault = f"repeats {code}"
        if fault is not None:
            release.fail("careers", BadRow(table.name, line, fault))
            continue
        release.titles[code] = title
        release.add("occupation", code, (title, text))


def _fault_of_occupation(code: str, title: str, text: str) -> str | None:
    if not is_onet_code(code):
        return f"has no O*NET-SOC Code but {code[:20]!r}"
    if not 1 <= len(title) <= 300:
        return f"has a Title of {len(title)} characters"
    if not 1 <= len(text) <= 10_000:
        return f"has a Description of {len(text)} characters"
    return None


def _tasks(release: Release) -> None:
    rated = {
        (code, task): value
        for code, (task, scale, _, value) in release.of_occupations(
            "task_ratings", "career_tasks", 3, "task_id", "scale_id", "category", "data_value"
        )
        if scale == "IM"
    }
    columns = ("task_id", "task", "task_type")
    for code, (task_id, task, kind) in release.of_occupations("tasks", "career_tasks", 1, *columns):
        release.add("tasks", code, (task_id, task, kind, rated.get((code, task_id))))


def _dwas(release: Release) -> None:
    """Keep each detailed activity of an occupation once, those of its first tasks first."""
    names = dict(
        cells for _, cells in release.rows("dwa_names", "career_dwas", "dwa_id", "dwa_title")
    )
    order = {
        (code, row[0]): place
        for code, rows in release.sections["tasks"].items()
        for place, row in enumerate(rows)
    }
    found: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for code, (task_id, dwa, title) in release.of_occupations(
        "dwas", "career_dwas", 2, "task_id", "dwa_id", "dwa_title"
    ):
        place = order.get((code, task_id), len(order))
        found[code].append((place, dwa, title or names.get(dwa, "")))
    for code, rows in found.items():
        rows.sort(key=lambda row: row[0])
        for dwa, title in {dwa: title for _, dwa, title in rows}.items():
            release.add("dwas", code, (dwa, title))


def _technology(release: Release) -> None:
    columns = ("commodity_code", "example", "commodity_title", "element_name")
    for code, (commodity, example, category, name, hot, demand) in release.of_occupations(
        "technology", "career_technology", 4, *columns, "hot_technology", "in_demand"
    ):
        unspsc = int(commodity) if commodity.isdigit() else None
        release.add("technology", code, (category or name, unspsc, example, hot, demand))


def _ratings(release: Release) -> None:
    elements = {
        element: (name, text)
        for _, (element, name, text) in release.rows(
            "elements", "career_ksas", "element_id", "element_name", "description"
        )
    }
    categories = {
        (element, scale, category): text
        for _, (element, scale, category, text) in release.rows(
            "categories",
            "career_work_context",
            "element_id",
            "scale_id",
            "category",
            "category_description",
        )
    }
    columns = ("element_id", "scale_id", "category", "data_value", "element_name")
    for code, (element, scale, category, value, name) in release.of_occupations(
        "ratings", "career_ksas", 3, *columns
    ):
        section = _RATED.get(element[:3])
        if section is None or scale not in _SCALES:
            continue
        known, text = elements.get(element, ("", ""))
        answer = categories.get((element, scale, category))
        row = (element, name or known, scale, value, category, answer)
        release.add(section, code, (*row, text) if section == "work_context" else row)


def _job_zones(release: Release) -> None:
    columns = ("job_zone", "name", "education", "experience", "job_training", "svp_range")
    zones = {
        zone: told for _, (zone, *told) in release.rows("job_zone_names", "career_prep", *columns)
    }
    for code, (zone,) in release.of_occupations("job_zones", "career_prep", 0, "job_zone"):
        release.add("job_zone", code, (zone, *zones.get(str(zone), [None] * 5)))


def _titles(release: Release) -> None:
    columns = ("reported_job_title", "shown_in_my_next_move")
    for code, (title, shown) in release.of_occupations("reported", "career_titles", 1, *columns):
        release.add("reported_titles", code, (title, shown))
    columns = ("alternate_title", "short_title")
    for code, (title, short) in release.of_occupations("alternate", "career_titles", 2, *columns):
        release.add("alternate_titles", code, (title, short))


def _related(release: Release) -> None:
    columns = ("related_onetsoc_code", "relatedness_tier", "index")
    for code, (other, tier, index) in release.of_occupations(
        "related", "career_related", 1, *columns
    ):
        release.add("related", code, (index, other, release.titles.get(other, ""), tier))
