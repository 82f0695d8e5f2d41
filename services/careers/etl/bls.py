"""Wages and projections of the U.S. Bureau of Labor Statistics: read, staged, and mapped.

Two tables (OEWS national wages, Employment Projections), and where it is there a third that says
to which group of theirs an O*NET-SOC code belongs. Figures are the group's: detailed occupations
share them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from services.careers.etl.rating import half_up
from services.careers.etl.shape import Dossier, Outlook, Sections, Wages
from services.careers.etl.staging import Raw
from services.careers.etl.tables import BadRow, ReleaseUnreadable, Table, tables_of

_POINTS = {
    "pct10": "10",
    "pct25": "25",
    "median": "median",
    "pct75": "75",
    "pct90": "90",
    "mean": "mean",
}
_ANNUAL = {f"a_{bls}": f"annual_{ours}" for bls, ours in _POINTS.items()}
_HOURLY = {f"h_{bls}": f"hourly_{ours}" for bls, ours in _POINTS.items()}
"""BLS's columns -> ours."""
_OEWS = (*_ANNUAL, *_HOURLY, "tot_emp")
_PROJECTED = ("employment_change_pct", "annual_openings_thousands")
_TYPICAL = ("typical_entry_education", "related_work_experience", "typical_ojt")
_CROSSWALK = ("onetsoc_code", "bls_ep_code", "oews_code")
_YEAR = re.compile(r"employment_(\d{4})_thousands")
_MONTH = re.compile(r"(?:may|M)_?(\d{4})")
_HIGHEST = "#"
"""What stands in OEWS for a wage that is too high to be published."""

Fail = Callable[[str, BadRow], None]


def read_bls(path: Path, codes: Sequence[str], fail: Fail) -> list[Raw]:
    """Read what BLS says of the groups to which the occupations `codes` belong.

    Raises:
        ReleaseUnreadable: a file is damaged or does not tell its year.
    """
    tables = tables_of(path)
    groups = {code: (code[:7], code[:7]) for code in codes}
    if crosswalk := _with(tables, _CROSSWALK):
        for _, (code, projected, paid) in crosswalk.rows(_CROSSWALK, lambda bad: None):
            groups[code] = (projected, paid)
    raws: list[Raw] = []
    if wages := _with(tables, ("occ_code", *_OEWS)):
        found = dict(_rows(wages, "career_wages_us", fail, "occ_code", _OEWS))
        raws += _raws("wages", _month(wages), found, {code: groups[code][1] for code in codes})
    if outlook := _with(tables, ("soc_code", *_PROJECTED, *_TYPICAL)):
        years = sorted(name for name in outlook.columns if _YEAR.fullmatch(name))
        numbers = (*years, *_PROJECTED)
        found = dict(_rows(outlook, "career_outlook", fail, "soc_code", numbers, _TYPICAL))
        release = f"{years[0][11:15]}-{years[-1][13:15]}"
        raws += _raws("projections", release, found, {code: groups[code][0] for code in codes})
    return raws


def _with(tables: Sequence[Table], columns: Sequence[str]) -> Table | None:
    return next((table for table in tables if set(columns) <= set(table.columns)), None)


def _rows(
    table: Table, ours: str, fail: Fail, key: str, numbers: Sequence[str], texts: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield group and cells of each line whose figures are figures."""
    for line, (group, *cells) in table.rows((key, *numbers, *texts), lambda bad: fail(ours, bad)):
        row = dict(zip((*numbers, *texts), cells, strict=True))
        try:
            [_figure(row[name]) for name in numbers]
        except ValueError:
            fail(ours, BadRow(table.name, line, "has a figure that is none"))
        else:
            yield group, row


def _raws(
    section: str, release: str, rows: dict[str, dict[str, str]], groups: dict[str, str]
) -> Iterator[Raw]:
    for code, group in groups.items():
        if (row := rows.get(group)) is not None:
            body = orjson.dumps({"group": group, "release": release, **row})
            yield Raw(code, section, body, "text", release)


def _month(table: Table) -> str:
    """Return when the wages were paid: OEWS says it nowhere but in the name of its file."""
    found = _MONTH.search(table.name)
    if found is None:
        raise ReleaseUnreadable(f"{table.name} does not tell its year: call it oews_may2025")
    return f"May {found[1]}"


def _figure(cell: str) -> float | None:
    """Read a figure; what is not published (nothing, `-`, `*`, `**`) or too high (`#`) is None."""
    return None if cell in {"", "-", "*", "**", _HIGHEST} else float(cell.replace(",", ""))


def dossier(code: str, sections: Sections) -> Dossier:
    """Map what BLS says of an occupation's group."""
    wages, outlook = sections.get("wages"), sections.get("projections")
    return Dossier(
        onet_code=code,
        wages_us=_wages(wages) if wages else None,
        outlook=_outlook(outlook) if outlook else None,
    )


def _wages(row: dict[str, str]) -> Wages | None:
    annual = {ours: _whole(row[bls]) for bls, ours in _ANNUAL.items()}
    hourly = {ours: _figure(row[bls]) for bls, ours in _HOURLY.items()}
    highest = [ours for bls, ours in (_ANNUAL | _HOURLY).items() if row[bls] == _HIGHEST]
    figures: dict[str, Any] = annual | hourly
    if not highest and all(figure is None for figure in figures.values()):
        return None
    return Wages(
        soc_code=row["group"],
        employment=_whole(row["tot_emp"]),
        top_coded=tuple(highest),
        source="BLS OEWS",
        source_version=row["release"],
        **figures,
    )


def _outlook(row: dict[str, str]) -> Outlook:
    now, then = (_thousands(row[name]) for name in sorted(filter(_YEAR.fullmatch, row)))
    change, openings = (_figure(row[name]) for name in _PROJECTED)
    openings_est = None if openings is None else half_up(openings * 1000)
    education, experience, training = (row[name] or None for name in _TYPICAL)
    source = f"BLS Employment Projections {row['release']}"
    return Outlook(
        summary_md=_summary(change, openings_est, row["release"]),
        openings_est=openings_est,
        growth_pct=change,
        employment=now,
        employment_projected=then,
        entry_education=education,
        work_experience=experience,
        on_the_job_training=training,
        projection_soc=row["group"],
        projection_source=source,
    )


def _summary(change: float | None, openings: int | None, period: str) -> str | None:
    """Say the projection in words. It is no label: where those begin and end is not published."""
    if change is None or openings is None:
        return None
    way = "grow" if change > 0 else "shrink"
    growth = "stay as it is" if change == 0 else f"{way} by {abs(change):g} %"
    return (
        f"Employment in the United States is projected to {growth} in {period}, "
        f"with about {openings:,} openings a year."
    )


def _whole(cell: str) -> int | None:
    figure = _figure(cell)
    return None if figure is None else half_up(figure)


def _thousands(cell: str) -> int | None:
    figure = _figure(cell)
    return None if figure is None else half_up(figure * 1000)
