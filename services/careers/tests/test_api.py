"""What anybody reads of careers, without signing in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.testing import Bench
from services.careers.etl.loader import load_careers
from services.careers.etl.mapping import OCCUPATION_COLUMNS, OCCUPATIONS
from services.careers.etl.sources import read_table
from services.careers.rules import LICENSE_URL, credit
from services.careers.tests.conftest import ROWS


@pytest.fixture(autouse=True)
async def _loaded(bench: Bench, release: Callable[..., Path]) -> None:
    rows = read_table(release(*reversed(ROWS)), OCCUPATIONS, OCCUPATION_COLUMNS)
    async with bench.db.write() as session:
        await load_careers(session, rows, "30.1")


async def codes(bench: Bench, **query: Any) -> list[str]:
    answer = await bench.client.get("/api/v1/careers", params=query)
    assert answer.status_code == 200, answer.text
    return [career["onet_code"] for career in answer.json()["data"]]


async def test_careers_are_listed_by_code_to_anybody(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers", params={"limit": 2})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Tìm thấy 3 nghề nghiệp",
        "data": [
            {
                "onet_code": "11-1011.00",
                "title_en": "Chief Executives",
                "short_desc_en": "Determine and formulate policies.",
            },
            {
                "onet_code": "15-1252.00",
                "title_en": "Software Developers",
                "short_desc_en": "Research, design, and develop software.",
            },
        ],
        "error": None,
    }
    assert answer.headers["X-Total-Count"] == "3"
    assert answer.headers["Link"] == '</api/v1/careers?limit=2&offset=2>; rel="next"'
    assert await codes(bench, limit=2, offset=2) == ["39-5093.00"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("software", ["15-1252.00"]),
        ("DEVELOPERS soft", ["15-1252.00"]),
        ("cafe da nang", ["39-5093.00"]),
        ("CAFÉ Đà Nẵng", ["39-5093.00"]),
        ("software chief", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("   ", ["11-1011.00", "15-1252.00", "39-5093.00"]),
    ],
)
async def test_titles_are_searched_by_words(bench: Bench, q: str, found: list[str]) -> None:
    assert await codes(bench, q=q) == found


@pytest.mark.parametrize(
    "query", [{"q": "x" * 101}, {"q": "a\0b"}, {"limit": 0}, {"limit": 101}, {"offset": -1}]
)
async def test_a_bad_query_is_refused(bench: Bench, query: dict[str, Any]) -> None:
    answer = await bench.client.get("/api/v1/careers", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"][0]["field"] == next(iter(query))


async def test_a_career_is_shown_with_source_and_credit(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers/15-1252.00", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == "Here is the career"
    assert body["data"].pop("loaded_at").endswith("Z")
    assert body["data"] == {
        "onet_code": "15-1252.00",
        "title_en": "Software Developers",
        "short_desc_en": "Research, design, and develop software.",
        "source": "O*NET Database",
        "source_version": "30.1",
        "attribution": {
            "text": credit("O*NET Database", "30.1"),
            "license": "CC BY 4.0",
            "license_url": LICENSE_URL,
        },
    }


@pytest.mark.parametrize("code", ["99-9999.00", "nonsense", "15-1252", "x" * 3000])
async def test_an_unknown_code_is_not_found(bench: Bench, code: str) -> None:
    answer = await bench.client.get(f"/api/v1/careers/{code}")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Không tìm thấy nghề nghiệp với mã này.",
        "data": None,
        "error": {"code": "CAREER_NOT_FOUND", "details": None},
    }


async def test_a_code_with_nul_is_refused(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers/15%00")
    assert answer.status_code == 422


async def test_nothing_can_be_written(bench: Bench) -> None:
    answer = await bench.client.post("/api/v1/careers", json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
