"""Skills and categories: loaded once or often, listed for everyone."""

import pytest
from sqlalchemy import text

from libs.common.testing import Bench
from services.jobs.seed import category_rows, seed, skill_rows
from services.jobs.tests.samples import posted


async def skills(bench: Bench, query: str) -> list[str]:
    answer = await bench.client.get(f"/api/v1/skills?{query}")
    assert answer.status_code == 200, answer.text
    return [skill["name"] for skill in answer.json()["data"]]


async def test_the_seeds_samples(bench: Bench) -> None:
    listed = (await bench.client.get("/api/v1/skills?limit=3")).json()
    assert listed == {
        "message": "Lấy danh sách kỹ năng thành công",
        "data": [
            {"id": 1, "name": "Java"},
            {"id": 2, "name": "Spring Boot"},
            {"id": 3, "name": "ReactJS"},
        ],
        "error": None,
    }
    filed = (await bench.client.get("/api/v1/categories")).json()
    assert (filed["message"], filed["error"]) == ("Lấy danh sách ngành nghề thành công", None)
    assert filed["data"][:3] == [
        {"id": 1, "name": "IT - Phần mềm"},
        {"id": 2, "name": "Marketing / Truyền thông"},
        {"id": 3, "name": "Hành chính nhân sự"},
    ]
    assert len(filed["data"]) == len(category_rows())


async def test_in_english(bench: Bench) -> None:
    filed = await bench.client.get("/api/v1/categories", headers={"Accept-Language": "en"})
    assert filed.json()["message"] == "Categories retrieved"
    assert filed.json()["data"][0] == {"id": 1, "name": "IT - Software"}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("q=java", ["Java", "JavaScript"]),
        ("q=JAVA&limit=1", ["Java"]),
        ("q=script&limit=1", ["JavaScript"]),
        ("q=c%23", ["C#"]),
        ("q=golang", ["Go"]),
        ("q=hoc+may", ["Machine learning"]),
        ("q=Học máy", ["Machine learning"]),
        ("q=sales&limit=1", ["Sales"]),
        ("q=100%25", []),
        ("q=_", []),
    ],
)
async def test_skills_are_found_by_beginning_then_by_part(
    bench: Bench, query: str, first: list[str]
) -> None:
    found = await skills(bench, query)
    assert found[: len(first)] == first
    assert bool(found) == bool(first)


async def test_pages_of_skills(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/skills?q=java&limit=1")
    assert int(answer.headers["X-Total-Count"]) == len(await skills(bench, "q=java"))
    assert 'rel="next"' in answer.headers["Link"]
    assert await skills(bench, "offset=1&limit=2") == ["Spring Boot", "ReactJS"]


async def test_loading_again_corrects_and_keeps(bench: Bench) -> None:
    job_id = await posted(bench)
    async with bench.db.write() as session:
        await session.execute(text("UPDATE skills SET name = 'Jawa' WHERE id = 1"))
        await session.execute(text("DELETE FROM categories WHERE id = 26"))
        await seed(session)
    async with bench.db.write() as session:
        await seed(session)
    assert await bench.rows("SELECT * FROM skills ORDER BY id") == skill_rows()
    assert await bench.rows("SELECT * FROM categories ORDER BY id") == category_rows()
    assert (await bench.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]["skills"][0] == "Java"


def test_each_key_leads_to_one_row() -> None:
    for rows in (skill_rows(), category_rows()):
        keys = [key for row in rows for key in row["keys"]]
        assert sorted(keys) == sorted(set(keys))
    assert {1, 2, 3, 5} <= {row["id"] for row in category_rows()}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "q=%00", "q=" + "x" * 201])
async def test_wrong_queries_are_refused(bench: Bench, query: str) -> None:
    answer = await bench.client.get(f"/api/v1/skills?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
