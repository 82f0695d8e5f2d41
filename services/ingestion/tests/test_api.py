"""What anybody reads of the market's postings, without signing in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.testing import Bench
from services.ingestion.runs import collect
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally
from services.ingestion.tests.conftest import a_line

PATH = "/api/v1/market/postings"


@pytest.fixture(autouse=True)
async def _loaded(bench: Bench, jsonl: Callable[..., Path]) -> None:
    lines = [
        a_line(1, date_posted="2026-01-01"),
        a_line(2, date_posted=None, remote=None, company=None),
        a_line(3, date_posted="2026-03-01", title="Senior 100% Remote Développeur", remote=True),
        a_line(4, date_posted="2026-02-01", company="Nestlé_VN"),
    ]
    await collect(bench.db, JobFile(jsonl(*lines)), Tally(), lambda progress, so_far: None)


async def numbers(bench: Bench, **query: Any) -> list[int]:
    """Return which of the postings are listed, in their order."""
    answer = await bench.client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [int(posting["url"].rpartition("/")[2]) for posting in answer.json()["data"]]


async def test_postings_are_listed_to_anybody_the_newest_first(bench: Bench) -> None:
    answer = await bench.client.get(PATH, params={"limit": 1})
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == "Tìm thấy 4 tin tuyển dụng"
    assert body["error"] is None
    [posting] = body["data"]
    assert posting.pop("id")
    assert posting.pop("scraped_at") == posting.pop("updated_at")
    expected = a_line(3, date_posted="2026-03-01", remote=True)
    del expected["description"]
    assert posting == expected | {"title": "Senior 100% Remote Développeur"}
    assert answer.headers["X-Total-Count"] == "4"
    assert answer.headers["Link"] == f'<{PATH}?limit=1&offset=1>; rel="next"'
    assert await numbers(bench) == [3, 4, 1, 2]
    assert await numbers(bench, limit=2, offset=2) == [1, 2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ky su"}, [4, 1, 2]),
        ({"q": "PHẦN kỹ"}, [4, 1, 2]),
        ({"q": "developpeur senior"}, [3]),
        ({"q": "developpeur junior"}, []),
        ({"q": "100%"}, [3]),
        ({"q": "%"}, [3]),
        ({"q": " "}, [3, 4, 1, 2]),
        ({"company": "da nang"}, [3, 1]),
        ({"company": "nestle_"}, [4]),
        ({"company": "_"}, [4]),
        ({"remote": "true"}, [3]),
        ({"remote": "false"}, [4, 1]),
        ({"q": "mem", "company": "cong ty", "remote": "false"}, [1]),
    ],
)
async def test_postings_are_found(bench: Bench, query: dict[str, str], found: list[int]) -> None:
    assert await numbers(bench, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        *({"q": "x" * 101}, {"q": "a\0b"}, {"company": "x" * 101}, {"company": "\0"}),
        *({"remote": "perhaps"}, {"limit": 0}, {"limit": 101}, {"offset": -1}),
    ],
)
async def test_a_bad_query_is_refused(bench: Bench, query: dict[str, Any]) -> None:
    answer = await bench.client.get(PATH, params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"][0]["field"] == next(iter(query))


async def test_a_posting_is_shown_with_its_whole_text(bench: Bench) -> None:
    listed = (await bench.client.get(PATH)).json()["data"][2]
    answer = await bench.client.get(f"{PATH}/{listed['id']}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Here is the posting",
        "data": listed | {"description": "Viết mã sạch."},
        "error": None,
    }


@pytest.mark.parametrize(
    "posting_id", ["01a1ff41-0000-7000-8000-000000000001", "888", "%00", "x" * 3000]
)
async def test_an_unknown_id_is_not_found(bench: Bench, posting_id: str) -> None:
    answer = await bench.client.get(f"{PATH}/{posting_id}")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Không tìm thấy tin tuyển dụng này.",
        "data": None,
        "error": {"code": "POSTING_NOT_FOUND", "details": None},
    }


async def test_nothing_can_be_written(bench: Bench) -> None:
    answer = await bench.client.post(PATH, json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
