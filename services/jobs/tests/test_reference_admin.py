"""What admins do to skills and categories, and what becomes of the jobs that have them."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from libs.common.contracts.jobs import SkillUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.jobs.commands import reference
from services.jobs.seed import seed, skill_rows
from services.jobs.tests.samples import LAST_DAY, a_posting, detail, find, post, posted, update

ADMIN = signed_in(Role.ADMIN)
BIOTECH = {"nameVi": "Nuôi cấy mô", "nameEn": "Tissue culture"}


async def call(
    bench: Bench, method: str, path: str, body: Any, headers: dict[str, str] = ADMIN
) -> httpx.Response:
    return await bench.client.request(method, f"/api/v1/admin/{path}", json=body, headers=headers)


async def done(bench: Bench, method: str, path: str, body: Any) -> dict[str, Any]:
    """Make a call that works, let its consequences come to an end, and return its data."""
    answer = await call(bench, method, path, body)
    assert answer.is_success, answer.text
    await bench.settle()
    data: dict[str, Any] = answer.json()["data"]
    return data


async def refused(bench: Bench, method: str, path: str, body: Any) -> tuple[int, str]:
    answer = await call(bench, method, path, body)
    return answer.status_code, answer.json()["error"]["code"]


async def skills(bench: Bench, q: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await bench.client.get("/api/v1/skills", params={"q": q})
    ).json()["data"]
    return found


async def told(bench: Bench) -> list[SkillUpdated]:
    return [event for event in await bench.published() if isinstance(event, SkillUpdated)]


CALLS = [
    ("POST", "skills", {"name": "Zigbee2MQTT"}),
    ("PUT", "skills/1", {"name": "Java!"}),
    ("POST", "skills/2/merge", {"intoId": 1}),
    ("POST", "categories", BIOTECH),
    ("PUT", "categories/1", {"nameVi": "Tin học"}),
    ("POST", "categories/2/merge", {"intoId": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_only_admins_tend(bench: Bench, method: str, path: str, body: Any) -> None:
    for headers, status in (
        ({}, 401),
        (signed_in(Role.CANDIDATE), 403),
        (signed_in(Role.EMPLOYER), 403),
    ):
        assert (await call(bench, method, path, body, headers)).status_code == status
    assert (await call(bench, method, path, body)).is_success


async def test_a_skill_is_added(bench: Bench) -> None:
    body = {"name": "Zigbee2MQTT", "kind": "platform", "aliases": ["Z2M", "zigbee2mqtt"]}
    answer = await call(bench, "POST", "skills", body)
    skill_id = answer.json()["data"]["id"]
    assert skill_id >= 100_000
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "message": "Thêm kỹ năng thành công",
            "data": {
                "id": skill_id,
                "name": "Zigbee2MQTT",
                "kind": "platform",
                "aliases": ["Z2M"],
            },
            "error": None,
        },
    )
    for q in ("zigbee2mqtt", "z2m", "zigbee2mqt", "zigbe2mqtt"):
        assert await skills(bench, q) == [{"id": skill_id, "name": "Zigbee2MQTT"}]
    facts = {"skill_id": skill_id, "name": "Zigbee2MQTT", "merged_into": None, "version": 1}
    assert await told(bench) == [SkillUpdated(**facts)]
    job_id = await posted(bench, skillIds=[skill_id])
    assert (await detail(bench, job_id))["skills"] == ["Zigbee2MQTT"]
    assert len(await find(bench, skill="Z2M")) == len(await find(bench, q="z2m")) == 1


async def test_a_name_belongs_to_one(bench: Bench) -> None:
    taken = (409, "SKILL_NAME_TAKEN")
    assert await refused(bench, "POST", "skills", {"name": "JAVA"}) == taken
    assert await refused(bench, "POST", "skills", {"name": "X1", "aliases": ["jdk"]}) == taken
    assert await refused(bench, "PUT", "skills/3", {"name": "Hoc  May"}) == taken
    assert await refused(bench, "PUT", "skills/3", {"aliases": ["Java"]}) == taken
    taken = (409, "CATEGORY_NAME_TAKEN")
    assert await refused(bench, "POST", "categories", {**BIOTECH, "nameEn": "BACKEND"}) == taken
    assert await refused(bench, "PUT", "categories/1", {"nameVi": "Ban hang"}) == taken
    assert await told(bench) == []
    assert await bench.rows("SELECT * FROM skills WHERE tended") == []


async def test_two_admins_add_one_name(bench: Bench) -> None:
    for path, bodies in (
        ("skills", [{"name": "Zigbee2MQTT"}, {"name": "zigbee2mqtt"}]),
        ("categories", [BIOTECH, {**BIOTECH, "nameVi": "Khác nữa"}]),
    ):
        both = await asyncio.gather(*(call(bench, "POST", path, body) for body in bodies))
        assert sorted(answer.status_code for answer in both) == [201, 409]
    assert len(await skills(bench, "zigbee2mqtt")) == len(await told(bench)) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "skills", {}),
        ("POST", "skills", {"name": ""}),
        ("POST", "skills", {"name": " - "}),
        ("POST", "skills", {"name": "a\0b"}),
        ("POST", "skills", {"name": "x" * 101}),
        ("POST", "skills", {"name": 5}),
        ("POST", "skills", {"name": "X1", "kind": "nonsense"}),
        ("POST", "skills", {"name": "X1", "aliases": ["x"] * 51}),
        ("POST", "skills", {"name": "X1", "id": 7}),
        ("PUT", "skills/1", {"name": None}),
        ("POST", "skills/1/merge", {}),
        ("POST", "skills/1/merge", {"intoId": "2"}),
        ("POST", "skills/1/merge", {"intoId": 2**31}),
        ("POST", "categories", {"nameVi": "Một"}),
        ("PUT", "categories/1", {"nameEn": ""}),
    ],
)
async def test_wrong_bodies_are_refused(bench: Bench, method: str, path: str, body: Any) -> None:
    assert await refused(bench, method, path, body) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", ["skills", "categories"])
@pytest.mark.parametrize("number", ["99999", "0", "-1", "x", "9" * 30, "1.5", "²"])
async def test_what_is_unknown_is_not_found(bench: Bench, path: str, number: str) -> None:
    gone = (404, "NOT_FOUND")
    assert await refused(bench, "PUT", f"{path}/{number}", {}) == gone
    assert await refused(bench, "POST", f"{path}/{number}/merge", {"intoId": 1}) == gone


async def test_a_skill_is_renamed(bench: Bench) -> None:
    job_id = await posted(bench)
    changed = await done(bench, "PUT", "skills/1", {"name": "Javanese"})
    assert (changed["name"], "Java" in changed["aliases"]) == ("Javanese", True)
    assert (await detail(bench, job_id))["skills"] == ["Javanese", "Spring Boot"]
    assert len(await find(bench, q="javanese")) == len(await find(bench, skill="java")) == 1
    again = await done(bench, "PUT", "skills/1", {"aliases": ["JVM tongue"]})
    assert again["aliases"] == ["JVM tongue"]
    assert len(await find(bench, q="tongue")) == 1
    assert await find(bench, skill="java") == []
    assert await done(bench, "PUT", "skills/1", {}) == again
    assert [(e.name, e.version) for e in await told(bench)][:2] == [
        ("Javanese", 1),
        ("Javanese", 2),
    ]


async def test_a_category_is_renamed(bench: Bench) -> None:
    await posted(bench)
    body = {"nameVi": "Máy chủ", "nameEn": "Server side"}
    changed = await done(bench, "PUT", "categories/5", body)
    assert changed == {"id": 5, **body, "aliases": ["Back-end", "Backend"]}
    listed = (await bench.client.get("/api/v1/categories")).json()["data"]
    assert {"id": 5, "name": "Máy chủ"} in listed
    assert len(await find(bench, cat="backend")) == len(await find(bench, cat="may chu")) == 1


async def test_merged_skills_are_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches: one of two jobs at a time."""
    monkeypatch.setattr(reference, "BATCH", 1)
    jobs = [
        await posted(bench, skillIds=[3, 2]),
        await posted(bench, skillIds=[2, 1], info={"title": "Both"}),
        await posted(bench, skillIds=[1], info={"title": "Other"}),
    ]
    into = await done(bench, "POST", "skills/2/merge", {"intoId": 1})
    assert (into["id"], into["name"], "Spring Boot" in into["aliases"]) == (1, "Java", True)
    assert [(await detail(bench, job))["skills"] for job in jobs] == [
        ["ReactJS", "Java"],
        ["Java"],
        ["Java"],
    ]
    for query in ({"skill": "1"}, {"skill": "2"}, {"skill": "spring boot"}, {"q": "spring boot"}):
        assert len(await find(bench, **query)) == 3, query
    assert (await skills(bench, "spring boot"))[0] == {"id": 1, "name": "Java"}
    assert {"id": 2, "name": "Spring Boot"} not in await skills(bench, "")
    said = [(event.skill_id, event.name, event.merged_into) for event in await told(bench)]
    assert said == [(1, "Java", None), (2, "Spring Boot", 1)]


async def test_a_merged_id_stands_for_the_other(bench: Bench) -> None:
    await done(bench, "POST", "skills/2/merge", {"intoId": 1})
    await done(bench, "POST", "skills/1/merge", {"intoId": 3})
    await done(bench, "POST", "categories/5/merge", {"intoId": 4})
    job_id = await posted(bench, skillIds=[2, 4, 3, 1], categoryIds=[5])
    assert (await detail(bench, job_id))["skills"] == ["ReactJS", "JavaScript"]
    await update(bench, job_id, {"skillIds": [4, 2], "jobInfo": {"expireDate": LAST_DAY}})
    assert (await detail(bench, job_id))["skills"] == ["JavaScript", "ReactJS"]
    assert len(await find(bench, skill="2", cat="5")) == len(await find(bench, cat="4")) == 1
    said = [(e.skill_id, e.merged_into, e.version) for e in await told(bench)]
    assert said == [(1, None, 1), (2, 1, 1), (3, None, 1), (1, 3, 2), (2, 3, 2)]


async def test_merged_categories_are_one(bench: Bench) -> None:
    job_id = await posted(bench, categoryIds=[1, 5])
    into = await done(bench, "POST", "categories/5/merge", {"intoId": 4})
    assert into["aliases"] == ["Back-end", "Backend", "Front-end"]
    assert (await detail(bench, job_id))["categories"] == ["IT - Phần mềm", "Frontend"]
    assert len(await find(bench, cat="backend")) == len(await find(bench, cat="5")) == 1
    listed = (await bench.client.get("/api/v1/categories")).json()["data"]
    assert 5 not in {category["id"] for category in listed}


@pytest.mark.parametrize(("path", "kind"), [("skills", "SKILL"), ("categories", "CATEGORY")])
async def test_what_cannot_be_merged(bench: Bench, path: str, kind: str) -> None:
    await done(bench, "POST", f"{path}/2/merge", {"intoId": 1})

    async def merging(id_: int, into: int) -> tuple[int, str]:
        return await refused(bench, "POST", f"{path}/{id_}/merge", {"intoId": into})

    assert await merging(1, 1) == (422, "INVALID_MERGE")
    assert await merging(1, 99_999) == (422, f"UNKNOWN_{kind}")
    assert await merging(2, 3) == await merging(3, 2) == (409, "ALREADY_MERGED")
    assert await refused(bench, "PUT", f"{path}/2", {}) == (409, "ALREADY_MERGED")
    details = (await call(bench, "PUT", f"{path}/2", {})).json()["error"]["details"]
    assert details == {"id": 2, "mergedInto": 1}


async def test_who_posts_while_skills_are_merged(bench: Bench) -> None:
    bodies = [a_posting(skillIds=[2], info={"title": f"Job {n}"}) for n in range(6)]

    async def merging() -> httpx.Response:
        await call(bench, "POST", "skills/2/merge", {"intoId": 1})
        return await call(bench, "POST", "skills/1/merge", {"intoId": 3})

    answers = await asyncio.gather(
        *(post(bench, body) for body in bodies[:3]),
        merging(),
        *(post(bench, b) for b in bodies[3:]),
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [201] * 6
    await bench.settle()
    assert await bench.rows("SELECT DISTINCT skill_id FROM job_skills") == [{"skill_id": 3}]
    assert len(await find(bench, skill="3")) == 6


async def test_two_merge_each_into_the_other(bench: Bench) -> None:
    both = await asyncio.gather(
        call(bench, "POST", "skills/2/merge", {"intoId": 1}),
        call(bench, "POST", "skills/1/merge", {"intoId": 2}),
    )
    assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_loading_again_leaves_what_admins_did(bench: Bench) -> None:
    await done(bench, "PUT", "skills/1", {"name": "Javanese", "aliases": []})
    await done(bench, "POST", "skills/2/merge", {"intoId": 3})
    await done(bench, "PUT", "categories/5", {"nameVi": "Máy chủ"})
    await done(bench, "POST", "categories/4/merge", {"intoId": 5})
    added = await done(bench, "POST", "skills", {"name": "Zigbee2MQTT"})
    tables = ("skills", "skill_names", "skill_words", "categories", "category_names", "outbox")
    written = "SELECT CAST(xmin AS text) AS by, * FROM {} ORDER BY 2"
    before = [await bench.rows(written.format(table)) for table in tables]
    async with bench.db.write() as session:
        await seed(session)
    assert [await bench.rows(written.format(table)) for table in tables] == before
    assert await skills(bench, "zigbee2mqtt") == [{"id": added["id"], "name": "Zigbee2MQTT"}]


async def test_an_admins_name_outlives_a_newer_reference(bench: Bench) -> None:
    """A release brings, under a number of its own, what an admin has added before."""
    async with bench.db.write() as session:
        await session.execute(text("DELETE FROM skill_names WHERE skill_id = 100"))
        await session.execute(text("DELETE FROM skills WHERE id = 100"))
    [name] = [row["name"] for row in skill_rows() if row["id"] == 100]
    added = await done(bench, "POST", "skills", {"name": name})
    async with bench.db.write() as session:
        await seed(session)
    [row] = await bench.rows("SELECT merged_into FROM skills WHERE id = 100")
    assert row == {"merged_into": added["id"]}
    facts = {"skill_id": 100, "name": name, "merged_into": added["id"], "version": 1}
    assert (await told(bench))[1:] == [SkillUpdated(**facts)]
    job_id = await posted(bench, skillIds=[100])
    assert (await detail(bench, job_id))["skills"] == [name]
    assert await bench.rows("SELECT skill_id FROM job_skills") == [{"skill_id": added["id"]}]
