"""A person's copy of his data, and its erasure: the identity service's part."""

import asyncio
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from libs.common.asgi import AsgiApp
from libs.common.contracts.auth import SessionRevoked, UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.identity import Role
from libs.common.messaging import enqueue
from libs.common.storage import ObjectNotFound
from libs.common.testing import Bench, BenchOf, signed_in
from services.auth.otp import Purpose
from services.auth.otp_mail import CodeRequested, mail_code
from services.auth.service import service
from services.auth.tests.people import HOANG, PASSWORD, code_of, log_in, register, sign_up
from services.auth.tests.uploads import PDF

OTHERS = ("jobs", "applications", "messaging", "careers", "ingestion")


def others(down: str = "") -> dict[str, AsgiApp]:
    """Return five services that hold something of whoever asks, but for one that is down."""

    def holding(name: str) -> AsgiApp:
        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            asked = scope["path"] == "/internal/personal-data"
            bears = dict(scope["headers"])[b"authorization"].startswith(b"Bearer ")
            status = 500 if name == down else 200 if asked and bears else 404
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": orjson.dumps({"held": name})})

        return app

    return {name: holding(name) for name in OTHERS}


@pytest.fixture
async def bench(bench_of: BenchOf) -> Bench:
    """An identity service that knows all the others."""
    return await bench_of(service, peers=others())


async def hoang(bench: Bench) -> dict[str, str]:
    """Sign the sample candidate up; return the headers of his calls on this bench."""
    user_id = (await sign_up(bench))["user"]["id"]
    return signed_in(Role.CANDIDATE, UUID(user_id))


async def erase(bench: Bench, me: dict[str, str], password: str = PASSWORD) -> httpx.Response:
    body = {"password": password}
    return await bench.client.request("DELETE", "/api/v1/users/me", json=body, headers=me)


async def erasure(bench: Bench, erasure_id: Any) -> httpx.Response:
    return await bench.client.get(f"/api/v1/privacy/erasures/{erasure_id}")


async def change(bench: Bench, method: str, path: str, me: dict[str, str], body: Any) -> Any:
    answer = await bench.client.request(method, f"/api/v1{path}", json=body, headers=me)
    assert answer.is_success, answer.text
    return answer.json()["data"]


async def test_a_copy_holds_everything(bench: Bench) -> None:
    me = await hoang(bench)
    told = {"name": HOANG["name"], "address": "Hà Nội", "ssn": "079098765432", "dob": "2000-05-20"}
    await change(bench, "PUT", "/users/me", me, told)
    files = {"file": ("cv.pdf", PDF)}
    assert (await bench.client.put("/api/v1/candidates/me/cv", files=files, headers=me)).is_success
    await change(bench, "PUT", "/candidates/me/cv", me, {"cvUrl": "https://example.com/cv.pdf"})
    await change(bench, "PUT", "/candidates/me/skills", me, {"skillIds": [2, 1]})
    job = {"comName": "FPT", "position": "Dev", "startTime": "2023-01-01"}
    await change(bench, "POST", "/candidates/me/job-history", me, job)
    answer = await bench.client.get("/api/v1/users/me/export", headers=me)
    assert answer.status_code == 200, answer.text
    copy = answer.json()["data"]
    assert {name: copy[name] for name in OTHERS} == {name: {"held": name} for name in OTHERS}
    own = copy["auth"]
    assert {key: own["person"][key] for key in told} == told
    assert own["account"] | {"email": HOANG["email"], "phone": "+84909123456"} == own["account"]
    assert own["candidate"]["cvUrl"] == "https://example.com/cv.pdf"
    assert own["skillIds"] == [2, 1]
    assert [entry["comName"] for entry in own["jobHistory"]] == ["FPT"]
    [cv] = own["cvs"]
    assert (cv["name"], set(cv)) == ("cv.pdf", {"name", "storedAt", "url"})
    assert f"/api/v1/files/cvs/{own['account']['id']}/" in cv["url"]
    assert len(own["sessions"]) == 1
    assert "argon2" not in answer.text
    assert (own["employer"], own["company"]) == (None, None)


async def test_a_part_is_no_copy(bench_of: BenchOf) -> None:
    bench = await bench_of(service, peers=others(down="messaging"))
    answer = await bench.client.get("/api/v1/users/me/export", headers=await hoang(bench))
    assert (answer.status_code, code_of(answer)) == (503, "SERVICE_UNAVAILABLE")
    assert answer.json()["error"]["details"] == {"service": "messaging"}


async def test_a_copy_and_an_erasure_are_for_who_is_signed_in(bench: Bench) -> None:
    assert (await bench.client.get("/api/v1/users/me/export")).status_code == 401
    assert code_of(await erase(bench, {})) == "UNAUTHENTICATED"
    gone = signed_in(Role.CANDIDATE)
    assert (await bench.client.get("/api/v1/users/me/export", headers=gone)).status_code == 404


async def test_the_account_is_gone_at_once(bench: Bench) -> None:
    me = await hoang(bench)
    answer = await erase(bench, me)
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "Tài khoản của bạn đã được xóa"
    for table in ("accounts", "persons", "candidates", "sessions", "one_time_codes"):
        assert await bench.rows(f"SELECT * FROM {table}") == [], table
    assert code_of(await log_in(bench)) == "INVALID_CREDENTIALS"
    assert (await register(bench)).status_code == 201  # the same address, number and name
    events = [one for one in await bench.published() if isinstance(one, UserErased)]
    assert [str(one.erasure_id) for one in events] == [answer.json()["data"]["erasureId"]]
    assert any(isinstance(one, SessionRevoked) for one in await bench.published())
    assert len(await bench.rows("SELECT * FROM revocations")) == 1


async def test_a_wrong_password_erases_nothing(bench: Bench) -> None:
    me = await hoang(bench)
    english = me | {"Accept-Language": "en"}
    for _ in range(10):
        answer = await erase(bench, english, "Wrong123!")
        assert (answer.status_code, code_of(answer)) == (401, "INVALID_CREDENTIALS")
        assert answer.json()["message"] == "The password is wrong."
    locked = await erase(bench, me)
    assert (locked.status_code, code_of(locked)) == (429, "TOO_MANY_ATTEMPTS")
    assert len(await bench.rows("SELECT id FROM accounts")) == 1


async def test_of_two_requests_one_erases(bench: Bench) -> None:
    me = await hoang(bench)
    answers = await asyncio.gather(*(erase(bench, me) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert code_of(await erase(bench, me)) == "INVALID_CREDENTIALS"
    assert (
        len({row["erasure_id"] for row in await bench.rows("SELECT * FROM erasure_receipts")}) == 1
    )


async def test_an_erasure_is_complete_when_all_have_given_their_receipts(bench: Bench) -> None:
    me = await hoang(bench)
    erasure_id = (await erase(bench, me)).json()["data"]["erasureId"]
    assert UUID(erasure_id).version == 4
    pending = (await erasure(bench, erasure_id)).json()["data"]
    assert pending == {"id": erasure_id, "status": "pending", "receipts": []}
    [event] = [one for one in await bench.published() if isinstance(one, UserErased)]
    await bench.hear(event)
    [own] = [one for one in await bench.published() if isinstance(one, PersonalDataErased)]
    when = datetime(2026, 7, 1, tzinfo=UTC)
    receipts = [
        PersonalDataErased(erasure_id=event.erasure_id, service=name, erased_at=when)
        for name in (*OTHERS, "unheard-of")
    ]
    await bench.hear(*receipts)
    again = own.model_copy(update={"service": "jobs", "erased_at": datetime.now(UTC)})
    assert (await erasure(bench, erasure_id)).json()["data"]["status"] == "pending"
    await bench.hear(own, again)
    done = (await erasure(bench, erasure_id)).json()["data"]
    assert done["status"] == "completed"
    given = {one["service"]: one["erasedAt"] for one in done["receipts"]}
    assert given.keys() == {"auth", *OTHERS}
    assert given["jobs"] == "2026-07-01T00:00:00Z"


async def test_an_unknown_erasure_is_not_found(bench: Bench) -> None:
    for unknown in (uuid4(), "nonsense"):
        assert (await erasure(bench, unknown)).status_code == 404


async def test_the_receipt_follows_the_files(bench: Bench) -> None:
    me = await hoang(bench)
    user_id = (await bench.rows("SELECT id FROM accounts"))[0]["id"]
    store = bench.runtime.store
    keys = [f"{folder}/{user_id}/{number}.pdf" for folder in ("avatars", "cvs") for number in "12"]
    strangers = f"cvs/{uuid4()}/1.pdf"
    for key in (*keys, strangers):
        await store.put(key, b"somebody", "application/pdf")
    await erase(bench, me)
    [event] = [one for one in await bench.published() if isinstance(one, UserErased)]
    for _ in range(2):
        await bench.hear(event)
    for key in keys:
        with pytest.raises(ObjectNotFound):
            await store.get(key)
    assert await store.get(strangers) == b"somebody"
    assert any(isinstance(one, PersonalDataErased) for one in await bench.published())


async def test_mails_and_codes_that_wait_are_forgotten(bench: Bench) -> None:
    me = await hoang(bench)
    async with bench.db.write() as session:
        for address in (HOANG["email"].upper(), "+84909123456", "somebody@else.example"):
            enqueue(session, mail_code, CodeRequested(address=address, language="vi"))
    await erase(bench, me)
    left = await bench.rows("SELECT body FROM inbox WHERE state <> 'done'")
    assert [orjson.loads(row["body"])["subject"] for row in left] == ["somebody@else.example"]


async def test_an_erasure_does_not_wait_for_who_is_mailing_a_code(bench: Bench) -> None:
    """For he waits for the account: each would wait for the other, and others behind them."""
    me = await hoang(bench)
    async with bench.db.write() as session:
        enqueue(session, mail_code, CodeRequested(address=HOANG["email"], language="vi"))
    async with bench.db.write() as worker:
        taken = await worker.run("SELECT body FROM take_from_inbox(ARRAY['mail_code'], 10)")
        assert len(taken) == 1
        answer = await asyncio.wait_for(erase(bench, me), 5)
    assert answer.status_code == 200


async def test_who_mails_a_code_to_somebody_just_erased_has_nothing_to_do(bench: Bench) -> None:
    await hoang(bench)
    async with bench.db.write() as session:
        enqueue(session, mail_code, CodeRequested(address=HOANG["email"], purpose=Purpose.RESET))
    async with bench.db.write() as erasing:
        await erasing.run("DELETE FROM accounts RETURNING id")
        mailing = asyncio.create_task(bench.settle())
        async with asyncio.timeout(10):
            while not await bench.rows("SELECT pid FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
    await mailing
    jobs = await bench.rows("SELECT state, attempts, body FROM inbox WHERE handler = 'mail_code'")
    assert jobs == [{"state": "done", "attempts": 0, "body": None}] * 2  # his first code's, too
