"""Notifications: their words in both languages, their reader, and marking them as read."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.contracts.messaging import NotificationCreated
from libs.common.events import Event
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.commands.notifications import notify
from services.messaging.notices import NOTICES
from services.messaging.service import service
from services.messaging.tests.samples import a_person, moved, rated, submitted, withdrawn

PATH = "/api/v1/notifications"
CANDIDATE, EMPLOYER = a_person(role="Candidate"), a_person()
US: dict[str, Any] = {"candidate_id": CANDIDATE.user_id, "employer_id": EMPLOYER.user_id}


async def listed(
    bench: Bench, me: UUID, query: str = "", language: str = "vi"
) -> list[dict[str, Any]]:
    headers = signed_in(Role.CANDIDATE, me) | {"Accept-Language": language}
    answer = await bench.client.get(f"{PATH}{query}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["x-total-count"].isdigit()
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def unread(bench: Bench, me: UUID) -> int:
    headers = signed_in(Role.CANDIDATE, me)
    answer = await bench.client.get(f"{PATH}/unread-count", headers=headers)
    assert answer.status_code == 200
    assert set(answer.json()["data"]) == {"count"}
    return int(answer.json()["data"]["count"])


async def test_a_move_in_the_readers_language(bench: Bench) -> None:
    event = moved("Shortlisted")
    await bench.hear(event)
    [vietnamese] = await listed(bench, event.candidate_id)
    assert vietnamese == {
        "id": vietnamese["id"],
        "title": "Hồ sơ ứng tuyển: Được duyệt",
        "content": "Tech Solutions đã cập nhật hồ sơ của bạn cho vị trí "
        "Senior {Backend} Developer: Được duyệt.",
        "type": "ApplyStatus",
        "isRead": False,
        "createdAt": vietnamese["createdAt"],
        "about": {
            "jobId": str(event.job_id),
            "applyId": str(event.application_id),
            "userId": str(event.employer_id),
        },
    }
    assert vietnamese["createdAt"].endswith("Z")
    [english] = await listed(bench, event.candidate_id, language="en")
    assert english["title"] == "Your application: shortlisted"
    assert await bench.published() == [
        NotificationCreated(
            notification_id=vietnamese["id"], user_id=event.candidate_id, type="ApplyStatus"
        )
    ]


async def test_the_applicants_name_is_found_once_it_is_known(bench: Bench) -> None:
    event = submitted()
    await bench.hear(event)
    [nameless] = await listed(bench, event.employer_id)
    assert (nameless["type"], nameless["title"]) == ("NewApply", "Hồ sơ ứng tuyển mới")
    assert nameless["content"].endswith("từ một người dùng.")
    await bench.hear(a_person(user_id=event.candidate_id, name="Nguyễn Văn Hoàng"))
    [named] = await listed(bench, event.employer_id)
    assert named["content"] == "Vị trí Senior {Backend} Developer có hồ sơ mới từ Nguyễn Văn Hoàng."


async def test_a_message_tells_from_whom_it_is(bench: Bench) -> None:
    sender, receiver = a_person(name="HR FPT"), a_person()
    await bench.hear(sender, receiver)
    body = {"receiverId": str(receiver.user_id), "content": "Chào bạn"}
    headers = signed_in(Role.EMPLOYER, sender.user_id)
    assert (
        await bench.client.post("/api/v1/messages", json=body, headers=headers)
    ).status_code == 201
    [notice] = await listed(bench, receiver.user_id)
    assert (notice["title"], notice["content"], notice["type"]) == (
        "Tin nhắn mới",
        "Bạn có tin nhắn mới từ HR FPT.",
        "Message",
    )
    assert await listed(bench, sender.user_id) == []


@pytest.mark.parametrize("event", [submitted(**US), moved(**US)], ids=["submitted", "moved"])
async def test_told_again_and_again_it_is_one_notification(bench: Bench, event: Event) -> None:
    await bench.hear(CANDIDATE, EMPLOYER)
    for _ in range(3):  # each time under a new message id, past the inbox
        await bench.hear(event, event)
    assert len(await bench.rows("SELECT id FROM notifications")) == 1
    assert len(await bench.published()) == 1
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_a_rating_names_the_job_where_its_event_did(bench: Bench) -> None:
    named = rated(job_title="Senior {Backend} Developer")
    await bench.hear(named, rated(employer_id=named.employer_id))  # as it was said before
    told = {
        "vi": [
            "Một ứng viên đã gửi đánh giá 4/5 về vị trí bạn đã đăng.",
            "Một ứng viên đã gửi đánh giá 4/5 về vị trí Senior {Backend} Developer.",
        ],
        "en": [
            "A candidate has rated your job 4 out of 5.",
            "A candidate has rated Senior {Backend} Developer 4 out of 5.",
        ],
    }
    for language, contents in told.items():
        rows = await listed(bench, named.employer_id, language=language)
        assert sorted(row["content"] for row in rows) == sorted(contents)


async def test_newest_first_and_by_page(bench: Bench) -> None:
    first = moved("Shortlisted")
    me = first.candidate_id
    for event in (first, moved("Interviewed", candidate_id=me), moved("Accepted")):
        await bench.hear(event)
    titles = [row["title"] for row in await listed(bench, me)]
    assert titles == ["Hồ sơ ứng tuyển: Phỏng vấn", "Hồ sơ ứng tuyển: Được duyệt"]
    headers = signed_in(Role.CANDIDATE, me)
    page = await bench.client.get(f"{PATH}?limit=1", headers=headers)
    assert page.headers["x-total-count"] == "2"
    rest = await bench.client.get(page.links["next"]["url"], headers=headers)
    assert [row["title"] for row in rest.json()["data"]] == titles[1:]


async def test_one_is_read(bench: Bench) -> None:
    first = moved("Shortlisted")
    me = first.candidate_id
    await bench.hear(first)
    await bench.hear(moved("Accepted", candidate_id=me))
    newest, oldest = (row["id"] for row in await listed(bench, me))
    for _ in range(2):
        answer = await bench.client.put(
            f"{PATH}/{oldest}/read", headers=signed_in(Role.CANDIDATE, me)
        )
        assert answer.json() == {
            "message": "Đã đánh dấu đã đọc",
            "data": {"notificationId": oldest, "isRead": True},
            "error": None,
        }
    assert [row["id"] for row in await listed(bench, me, "?is_read=true")] == [oldest]
    assert [row["id"] for row in await listed(bench, me, "?is_read=false")] == [newest]
    assert await unread(bench, me) == 1


async def test_all_are_read_but_nobody_elses(bench: Bench) -> None:
    mine, others = moved(), moved()
    await bench.hear(mine, others, moved("Accepted", candidate_id=mine.candidate_id))
    headers = signed_in(Role.CANDIDATE, mine.candidate_id)
    for count in (2, 0):
        answer = await bench.client.put(f"{PATH}/read-all", headers=headers)
        assert (answer.status_code, answer.json()["data"]) == (200, {"count": count})
    assert await unread(bench, mine.candidate_id) == 0
    assert await unread(bench, others.candidate_id) == 1


async def test_who_may_read_and_mark(bench: Bench) -> None:
    event = moved()
    await bench.hear(event)
    [notice] = await listed(bench, event.candidate_id)
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/unread-count"),
        ("PUT", f"{PATH}/read-all"),
        ("PUT", f"{PATH}/{notice['id']}/read"),
    ):
        assert (await bench.client.request(method, path)).status_code == 401
    stranger = signed_in(Role.CANDIDATE)
    for notification_id in (notice["id"], "99"):
        answer = await bench.client.put(f"{PATH}/{notification_id}/read", headers=stranger)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert await unread(bench, event.candidate_id) == 1


@pytest.mark.parametrize("query", ["is_read=maybe", "limit=0", "offset=-1"])
async def test_bad_queries(bench: Bench, query: str) -> None:
    answer = await bench.client.get(f"{PATH}?{query}", headers=signed_in(Role.ADMIN))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


def test_every_notification_and_status_has_words() -> None:
    statuses = ["Applied", "Shortlisted", "Interviewed", "Accepted", "Finished", "Rejected"]
    keys = [f"statuses.{status}" for status in statuses]
    for name, notice in NOTICES.items():
        keys += [f"notifications.{name}.{part}" for part in ("title", "content")]
        keys += [f"mail.{name}_{part}" for part in ("subject", "text", "html") if notice.mailed]
    assert [key for key in keys if not service.catalogue.has(key)] == []


async def test_what_is_written_while_its_reader_is_erased_goes_with_him(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER)
    erased = UserErased(user_id=CANDIDATE.user_id, role="Candidate", erasure_id=new_id())
    async with bench.db.write() as session:
        await notify(session, moved(**US))
        erasing = asyncio.create_task(bench.hear(erased))
        async with asyncio.timeout(10):
            while not await bench.rows("SELECT FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
    await erasing
    assert await bench.rows("SELECT id FROM notifications") == []
    await bench.hear(moved(**US))
    assert await bench.rows("SELECT id FROM notifications") == []


async def test_what_else_an_employer_is_told_and_not_mailed(bench: Bench) -> None:
    """Taken back is told by name; a rating is nobody's."""
    mine = {"employer_id": EMPLOYER.user_id}
    await bench.hear(a_person(user_id=CANDIDATE.user_id, name="Hoàng", version=9), EMPLOYER)
    for event in (withdrawn(**US), rated(4, **mine)):
        await bench.hear(event, event)
    feedback, taken_back = await listed(bench, EMPLOYER.user_id, language="en")
    assert (taken_back["type"], taken_back["title"]) == ("ApplyStatus", "Application withdrawn")
    assert taken_back["content"] == (
        "The application for Senior {Backend} Developer was withdrawn by Hoàng."
    )
    assert (feedback["type"], feedback["content"]) == (
        "Feedback",
        "A candidate has rated your job 4 out of 5.",
    )
    assert bench.mail.sent == []
