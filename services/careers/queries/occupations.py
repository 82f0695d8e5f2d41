"""What anyone may read of occupations: lists, one in short, what is close, what suits somebody.

PostgreSQL builds the JSON; contract tests hold it to the schemas.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any, TypeVar

from libs.common.envelope import SqlJson
from libs.common.pagination import Window, page
from libs.common.rows import Rows
from services.careers.errors import CareerNotFound
from services.careers.interests import LETTERS, Weights
from services.careers.rules import LICENSES, credit
from services.careers.schemas.occupations import (
    CareerDetailOut,
    FittingCareerOut,
    FoundCareerOut,
    RelatedCareerOut,
)
from services.careers.titles import words_of

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """Which occupations are asked for."""

    q: str
    job_zone: int | None
    riasec: str | None
    bright: bool | None


_BESIDE = """
    LEFT JOIN career_prep AS prep USING (onet_code)
    LEFT JOIN career_interests AS interests USING (onet_code)
    LEFT JOIN career_outlook AS outlook USING (onet_code)
"""
_ENTRY = """
    'onet_code', onet_code, 'title_en', title_en, 'short_desc_en', short_desc_en,
    'job_zone', prep.job_zone, 'riasec', interests.code, 'growth_label', outlook.growth_label
"""
_LIST = f"""
    WITH found AS MATERIALIZED ({{found}})
    SELECT (SELECT count(*) FROM found),
        coalesce(
            json_agg(json_build_object({_ENTRY}, {{more}}) ORDER BY {{order}}, onet_code), '[]'
        )::text,
        array_agg(ARRAY[source, source_version, to_char(loaded_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')])
    FROM (SELECT * FROM found ORDER BY {{order}}, onet_code LIMIT :limit OFFSET :offset) AS part
    JOIN careers USING (onet_code) {_BESIDE}
"""  # noqa: S608 - put together of constants, as all here
_FILTERS = {
    "job_zone": "prep.job_zone = :job_zone",
    "riasec": "starts_with(interests.code, :riasec)",
    "bright": "(outlook.growth_label = 'Bright') = :bright",
}
_WANTED = """
    SELECT onet_code, title AS matched_title, place, size
    FROM ({titles}) AS titles {beside} WHERE {filters}
"""
_ALL = "SELECT onet_code, CAST(NULL AS text) AS title, 0 AS place, 0 AS size FROM careers"
_BY_CODE = f"{_ALL} WHERE starts_with(onet_code, :q)"
# How well a title fits: it is what is asked for (its own is mostly a plural), begins so, or has the
# words somewhere. An own title goes before another one that fits as well.
_BY_WORDS = """
    SELECT DISTINCT ON (onet_code) * FROM (
        SELECT onet_code, CAST(NULL AS text) AS title, length(title_folded) AS size, CASE
            WHEN title_folded IN (:q, :q || 's') THEN 0
            WHEN starts_with(title_folded, :q) THEN 2 ELSE 3
        END AS place
        FROM careers WHERE to_tsvector('simple', title_folded) @@ to_tsquery('simple', :words)
        UNION ALL
        SELECT onet_code, title, length(title_folded), CASE
            WHEN title_folded = :q THEN 1 WHEN starts_with(title_folded, :q) THEN 4 ELSE 5
        END
        FROM career_titles WHERE to_tsvector('simple', title_folded) @@ to_tsquery('simple', :words)
    ) AS fitting ORDER BY onet_code, place, size, title
"""
_RELATED = """
    SELECT related_code AS onet_code, tier, rank FROM career_related
    WHERE onet_code = :onet_code
        AND EXISTS (SELECT FROM careers WHERE careers.onet_code = related_code)
"""
_OWN = ", ".join(f'coalesce({x}_score, 100 * {x}) AS "{x.upper()}"' for x in LETTERS.lower())
_FITTING = f"""
    SELECT onet_code, length, "R", "I", "A", "S", "E", "C",
        round(1000 * ({" + ".join(f':{x} * "{x}"' for x in LETTERS)}) / length) / 10 AS score
    FROM (SELECT onet_code, {_OWN} FROM career_interests) AS own,
        LATERAL (SELECT sqrt({" + ".join(f'"{x}" * "{x}"' for x in LETTERS)}) AS length) AS sized
    WHERE length > 0
"""  # noqa: S608
_PARTS = ", ".join(f"'{x}', round(1000 * :{x} * \"{x}\" / length) / 10" for x in LETTERS)
_KNOWN = "SELECT FROM careers WHERE onet_code = :onet_code"
_ONE = f"""
    SELECT json_build_object(
        {_ENTRY}, 'absent', absent, 'dataset', dataset, 'attribution', attribution
    )::text
    FROM careers JOIN career_pages USING (onet_code) {_BESIDE},
        json_to_record(CAST(page AS json)) AS told (absent json, dataset json, attribution json)
    WHERE onet_code = :onet_code
"""  # noqa: S608


async def career(rows: Rows, onet_code: str) -> SqlJson[CareerDetailOut]:
    """Return one occupation in short.

    Raises:
        CareerNotFound: no occupation bears the code.
    """
    found = await rows.read(_ONE, onet_code=onet_code)
    if not found:
        raise CareerNotFound
    return SqlJson(found[0][0].encode())


async def careers(rows: Rows, wanted: Wanted, paging: Window) -> SqlJson[list[FoundCareerOut]]:
    """List occupations by code; of `q`, by how well a title of theirs fits."""
    asked = {name: value for name in _FILTERS if (value := getattr(wanted, name)) is not None}
    titles, values = _titles(wanted.q.strip())
    filters = " AND ".join(_FILTERS[name] for name in asked) or "true"
    found = _WANTED.format(titles=titles, beside=_BESIDE if asked else "", filters=filters)
    sql = _LIST.format(found=found, more="'matched_title', matched_title", order="place, size")
    return await _list(rows, sql, paging, values | asked)


def _titles(q: str) -> tuple[str, dict[str, str]]:
    """Return the SQL that finds occupations by what was typed, and its values."""
    if not q:
        return _ALL, {}
    if re.fullmatch(r"\d{2}(-\d{0,4}(\.\d{0,2})?)?", q):
        return _BY_CODE, {"q": q}
    words = words_of(q)
    return _BY_WORDS, {"q": " ".join(words), "words": " & ".join(map(_beginning, words))}


def _beginning(word: str) -> str:
    """Return what finds the words that begin so, a plural's singular too; a letter stays alone."""
    return word if len(word) == 1 else f"{word.removesuffix('s') if len(word) > 3 else word}:*"


async def related(rows: Rows, onet_code: str, paging: Window) -> SqlJson[list[RelatedCareerOut]]:
    """List the occupations close to one, closest first.

    Raises:
        CareerNotFound: no occupation bears the code.
    """
    values = {"onet_code": onet_code}
    sql = _LIST.format(found=_RELATED, more="'tier', tier", order="rank")
    listed: SqlJson[list[RelatedCareerOut]] = await _list(rows, sql, paging, values)
    if not listed.total and not await rows.read(_KNOWN, **values):
        raise CareerNotFound
    return listed


async def careers_by_interests(
    rows: Rows, weights: Weights, paging: Window
) -> SqlJson[list[FittingCareerOut]]:
    """List the occupations whose interests are known by how close these are to `weights`."""
    length = hypot(*weights)
    values = {letter: weight / length for letter, weight in zip(LETTERS, weights, strict=True)}
    more = f"'score', score, 'parts', json_build_object({_PARTS})"
    sql = _LIST.format(found=_FITTING, more=more, order="score DESC")
    return await _list(rows, sql, paging, values)


async def _list(rows: Rows, sql: str, paging: Window, values: dict[str, Any]) -> SqlJson[list[T]]:
    """Return a page of what an SQL finds, with the headers that say to whom it is owed."""
    [found] = await rows.read(sql, **values, limit=paging.limit, offset=paging.offset)
    total, shown, origins = found
    headers = page([], total, paging).headers
    return SqlJson(shown.encode(), {**headers, **_credit(headers, origins or ())}, total)


def _credit(headers: Mapping[str, str], origins: Sequence[list[str]]) -> dict[str, str]:
    """Return the headers that name what rows were loaded from: source, version, when."""
    latest = {(source, version): loaded for source, version, loaded in sorted(origins)}
    if not latest:
        return {}
    datasets = [
        f'"{name}";version="{version}";loaded_at="{loaded}";license="{LICENSES[name][0]}"'
        for (name, version), loaded in latest.items()
    ]
    licenses = {f'<{LICENSES[name][1]}>; rel="license"': None for name, _ in latest}
    return {
        "Link": ", ".join([*([headers["Link"]] if "Link" in headers else []), *licenses]),
        "X-Dataset": ", ".join(datasets),
        "X-Attribution": " ".join(credit(*origin) for origin in latest).replace("®", "(R)"),
    }
