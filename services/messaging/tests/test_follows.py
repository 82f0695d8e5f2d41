"""Following employers: the toggle, and who sees whom."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.contracts.auth import CandidateUpdated, UserErased
from libs.common.contracts.messaging import EmployerFollowed, EmployerUnfollowed
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person
from services.messaging.tests.test_notifications import listed

EMPLOYER = a_person(name="Tech Solutions")
ANOTHER = a_person(name="FPT")
CANDIDATE = a_person(role="Candidate", name="Nguyễn Văn Hoàng", avatar_url="https://x.example/u1")


def profile(version: int = 1, **changes: Any) -> CandidateUpdated:
    facts: dict[str, Any] = {
        "candidate_id": CANDIDATE.user_id,
        "name": CANDIDATE.name,
        "email": CANDIDATE.email,
        "cv_url": None,
        "skill_ids": [],
        "target_roles": ["Java Developer", "Tester"],
    }
    return CandidateUpdated(**facts | changes, version=version)


async def toggle(
    bench: Bench, me: UUID = CANDIDATE.user_id, employer: object = EMPLOYER.user_id
) -> httpx.Response:
    headers = signed_in(Role.CANDIDATE, me)
    return await bench.client.post(f"/api/v1/employers/{employer}/follow", headers=headers)


async def followers(bench: Bench, query: str = "") -> httpx.Response:
    path = f"/api/v1/employers/{EMPLOYER.user_id}/followers{query}"
    return await bench.client.get(path, headers=signed_in(Role.EMPLOYER, EMPLOYER.user_id))


async def following(bench: Bench, query: str = "") -> httpx.Response:
    headers = signed_in(Role.CANDIDATE, CANDIDATE.user_id)
    return await bench.client.get(f"/api/v1/candidates/me/following{query}", headers=headers)


async def test_the_seeds_sample_to_and_fro(bench: Bench) -> None:
    await bench.hear(EMPLOYER, CANDIDATE)
    said = ("Đã theo dõi nhà tuyển dụng thành công", "Đã hủy theo dõi")
    for turn in range(4):
        answer = await toggle(bench)
        assert answer.status_code == 200
        assert answer.json() == {
            "message": said[turn % 2],
            "data": {"employerId": str(EMPLOYER.user_id), "isFollowing": turn % 2 == 0},
            "error": None,
        }
    names = [event.event_name for event in await bench.published()]
    assert names.count("notification.created") == 1
    names.remove("notification.created")
    assert names == ["employer.followed", "employer.unfollowed"] * 2


async def test_the_employer_is_told_once_by_whom_he_is_followed(bench: Bench) -> None:
    await bench.hear(EMPLOYER, CANDIDATE)
    for _ in range(3):
        await toggle(bench)
    [notice] = await listed(bench, EMPLOYER.user_id)
    assert (notice["type"], notice["title"]) == ("Follow", "Người theo dõi mới")
    assert notice["content"] == "Bạn có người theo dõi mới: Nguyễn Văn Hoàng."


@pytest.mark.parametrize("taps", [2, 3, 9, 10])
async def test_toggles_at_once_are_toggles_one_by_one(bench: Bench, taps: int) -> None:
    await bench.hear(EMPLOYER, CANDIDATE)
    answers = await asyncio.gather(*(toggle(bench) for _ in range(taps)))
    assert {answer.status_code for answer in answers} == {200}
    following_now = sorted(answer.json()["data"]["isFollowing"] for answer in answers)
    assert following_now == [False] * (taps // 2) + [True] * (taps - taps // 2)
    assert len(await bench.rows("SELECT * FROM follows")) == taps % 2
    kinds = [type(event) for event in await bench.published()]
    assert kinds.count(EmployerFollowed) == taps - taps // 2
    assert kinds.count(EmployerUnfollowed) == taps // 2


@pytest.mark.parametrize(
    "person",
    [
        None,
        EMPLOYER.model_copy(update={"is_active": False}),
        EMPLOYER.model_copy(update={"role": "Candidate"}),
        EMPLOYER.model_copy(update={"role": "Admin"}),
    ],
    ids=["unknown", "inactive", "a candidate", "an admin"],
)
async def test_only_active_employers_can_be_followed(bench: Bench, person: Any) -> None:
    await bench.hear(*([person] if person else []))
    for employer in (EMPLOYER.user_id, CANDIDATE.user_id, "2002"):
        answer = await toggle(bench, employer=employer)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert await bench.published() == []


async def test_whoever_is_inactive_now_can_be_let_go(bench: Bench) -> None:
    await bench.hear(EMPLOYER)
    await toggle(bench)
    await bench.hear(EMPLOYER.model_copy(update={"is_active": False, "version": 3}))
    assert (await toggle(bench)).json()["data"]["isFollowing"] is False
    assert (await toggle(bench)).status_code == 404


async def test_followers_as_the_seed_shows_them(bench: Bench) -> None:
    nameless = new_id()
    await bench.hear(EMPLOYER, CANDIDATE, profile(2), profile(1, target_roles=["Old"]))
    for me in (CANDIDATE.user_id, nameless):
        await toggle(bench, me)
    answer = await followers(bench)
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")
    assert answer.json() == {
        "message": "Lấy danh sách người theo dõi thành công",
        "data": [
            {
                "userId": str(nameless),
                "name": "một người dùng",
                "avatar": None,
                "headline": None,
            },
            {
                "userId": str(CANDIDATE.user_id),
                "name": "Nguyễn Văn Hoàng",
                "avatar": "https://x.example/u1",
                "headline": "Java Developer",
            },
        ],
        "error": None,
    }
    first = await followers(bench, "?limit=1")
    rest = await bench.client.get(
        first.links["next"]["url"], headers=signed_in(Role.EMPLOYER, EMPLOYER.user_id)
    )
    assert [row["userId"] for row in (*first.json()["data"], *rest.json()["data"])] == [
        *map(str, (nameless, CANDIDATE.user_id))
    ]
    await bench.hear(profile(3, target_roles=[]))
    assert (await followers(bench)).json()["data"][1]["headline"] is None


async def test_whom_i_follow_newest_first(bench: Bench) -> None:
    await bench.hear(EMPLOYER, ANOTHER.model_copy(update={"avatar_url": "store:avatars/a.webp"}))
    for employer in (EMPLOYER, ANOTHER):
        await toggle(bench, employer=employer.user_id)
    await toggle(bench, new_id())
    answer = await following(bench)
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")
    newest, oldest = answer.json()["data"]
    assert set(newest) == {"employerId", "name", "avatar", "since"}
    assert (newest["employerId"], newest["name"]) == (str(ANOTHER.user_id), "FPT")
    assert "/api/v1/files/avatars/a.webp?expires=" in newest["avatar"]
    assert (oldest["name"], oldest["avatar"]) == ("Tech Solutions", None)
    assert newest["since"] > oldest["since"]
    assert newest["since"].endswith("Z")
    assert [row["name"] for row in (await following(bench, "?offset=1")).json()["data"]] == [
        "Tech Solutions"
    ]


async def test_who_may_follow_and_see(bench: Bench) -> None:
    await bench.hear(EMPLOYER)
    own, theirs = (
        f"/api/v1/employers/{who}/followers" for who in (EMPLOYER.user_id, ANOTHER.user_id)
    )
    follow = f"/api/v1/employers/{EMPLOYER.user_id}/follow"
    mine = "/api/v1/candidates/me/following"
    callers = {
        role: signed_in(role, EMPLOYER.user_id)
        for role in (Role.CANDIDATE, Role.EMPLOYER, Role.ADMIN)
    }
    for method, path, allowed in (
        ("POST", follow, Role.CANDIDATE),
        ("GET", own, Role.EMPLOYER),
        ("GET", theirs, None),
        ("GET", mine, Role.CANDIDATE),
    ):
        assert (await bench.client.request(method, path)).status_code == 401
        for role, headers in callers.items():
            answer = await bench.client.request(method, path, headers=headers)
            assert answer.status_code == (200 if role is allowed else 403), (path, role)


async def test_erased_people_neither_follow_nor_are_followed(bench: Bench) -> None:
    await bench.hear(EMPLOYER, ANOTHER, CANDIDATE, profile())
    for me, employer in ((CANDIDATE, EMPLOYER), (CANDIDATE, ANOTHER), (a_person(), EMPLOYER)):
        await toggle(bench, me.user_id, employer.user_id)
    erased = {"role": "Candidate", "erasure_id": new_id()}
    await bench.hear(UserErased(user_id=CANDIDATE.user_id, **erased))
    assert len(await bench.rows("SELECT * FROM follows")) == 1
    await bench.hear(profile(2))
    late = await bench.rows(
        "SELECT headline FROM candidate_snapshots WHERE candidate_id = :id", id=CANDIDATE.user_id
    )
    assert late == [{"headline": None}]
    assert (await toggle(bench)).status_code == 404
    await bench.hear(UserErased(user_id=EMPLOYER.user_id, **erased))
    assert await bench.rows("SELECT * FROM follows") == []


async def test_a_copy_holds_whom_he_follows(bench: Bench) -> None:
    await bench.hear(EMPLOYER, CANDIDATE)
    await toggle(bench)
    headers = signed_in(Role.CANDIDATE, CANDIDATE.user_id)
    copy = (await bench.client.get("/internal/personal-data", headers=headers)).json()
    [held] = copy["follows"]
    assert held["employerId"] == str(EMPLOYER.user_id)
    assert (copy["person"]["email"], copy["person"]["language"]) == (CANDIDATE.email, "vi")
    theirs = signed_in(Role.EMPLOYER, EMPLOYER.user_id)
    assert (await bench.client.get("/internal/personal-data", headers=theirs)).json()[
        "follows"
    ] == []
