"""Skills and categories: loaded once or often, listed for everyone."""

from operator import itemgetter

import pytest
from sqlalchemy import text

from libs.common.testing import Bench
from services.jobs.seed import category_names, category_rows, seed, skill_names, skill_rows
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
        ("q=avascript&limit=1", ["JavaScript"]),
        ("q=js", ["JavaScript", "JSON"]),
        ("q=a&limit=1", ["AWS"]),
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
    assert int(answer.headers["X-Total-Count"]) == len(await skills(bench, "q=java&limit=100"))
    assert 'rel="next"' in answer.headers["Link"]
    assert await skills(bench, "offset=1&limit=2") == ["Spring Boot", "ReactJS"]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("pyton", "Python"),
        ("javscr", "JavaScript"),
        ("javascrpit", "JavaScript"),
        ("kuberntes", "Kubernetes"),
        ("elastcsearh", "Elasticsearch"),
        ("machne lerning", "Machine learning"),
        ("lap trinh pyton", "Python"),
    ],
)
async def test_slips_of_the_finger_are_forgiven(bench: Bench, query: str, meant: str) -> None:
    assert (await skills(bench, f"q={query}"))[0] == meant
    answer = await bench.client.get(f"/api/v1/skills?q={query}&limit=1&offset=1000")
    assert (answer.json()["data"], int(answer.headers["X-Total-Count"]) > 0) == ([], True)


@pytest.mark.parametrize("query", ["zqxjkv", "jqv", "word " * 20 + "pyton", "pyton qqqqqq"])
async def test_not_everything_is_a_slip(bench: Bench, query: str) -> None:
    assert await skills(bench, f"q={query}") == []


async def test_loading_again_corrects_and_keeps(bench: Bench) -> None:
    job_id = await posted(bench)
    async with bench.db.write() as session:
        await session.execute(text("UPDATE skills SET name = 'Jawa' WHERE id = 1"))
        await session.execute(text("UPDATE skill_names SET skill_id = 2 WHERE key = 'jdk'"))
        await session.execute(text("DELETE FROM skill_names WHERE key = 'java'"))
        old = "INSERT INTO skill_names (key, skill_id, name) VALUES ('jawa', 1, 'Jawa')"
        await session.execute(text(old))
        await session.execute(text("DELETE FROM category_names WHERE category_id = 26"))
        await session.execute(text("DELETE FROM categories WHERE id = 26"))
        await seed(session)
    async with bench.db.write() as session:
        await seed(session)
    assert await bench.rows("SELECT id, name, kind FROM skills ORDER BY id") == skill_rows()
    names = await bench.rows("SELECT key, skill_id AS id, name FROM skill_names ORDER BY key")
    assert names == sorted(skill_names(), key=itemgetter("key"))
    filed = await bench.rows("SELECT id, name_vi, name_en FROM categories ORDER BY id")
    assert filed == category_rows()
    names = await bench.rows("SELECT key, category_id AS id, name FROM category_names ORDER BY key")
    assert names == sorted(category_names(), key=itemgetter("key"))
    assert (await bench.client.get(f"/api/v1/jobs/{job_id}")).json()["data"]["skills"][0] == "Java"


def test_each_key_leads_to_one_row() -> None:
    for rows in (skill_names(), category_names()):
        keys = [row["key"] for row in rows]
        assert sorted(keys) == sorted(set(keys))


def test_there_are_categories_for_a_general_board() -> None:
    ids = [row["id"] for row in category_rows()]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) >= 40


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "q=%00", "q=" + "x" * 201])
async def test_wrong_queries_are_refused(bench: Bench, query: str) -> None:
    answer = await bench.client.get(f"/api/v1/skills?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
