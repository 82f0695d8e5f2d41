"""In which language somebody reads: the one he last asked for, registering or signing in."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from libs.common.contracts.auth import UserActivated, UserRegistered, UserUpdated
from libs.common.db import connection_options
from libs.common.events import open_message
from libs.common.ids import new_id
from libs.common.migrations import upgrade
from libs.common.testing import Bench
from services.auth.service import service
from services.auth.tests.people import HOANG, PASSWORD, code_mailed, pass_time, post, verify

ENGLISH = {"Accept-Language": "en-GB, vi;q=0.5"}
VIETNAMESE, FRENCH = {"Accept-Language": "vi"}, {"Accept-Language": "fr"}
LOGIN = {"emailOrPhone": HOANG["email"], "password": PASSWORD}
DATABASE = "auth_languages"


async def log_in(bench: Bench, **headers: str) -> httpx.Response:
    return await post(bench, "/auth/login", LOGIN, **headers)


async def told(bench: Bench, kind: type) -> list[Any]:
    return [event for event in await bench.published() if isinstance(event, kind)]


@pytest.fixture
async def hoang(bench: Bench) -> None:
    """He registers in English, and proves his address."""
    assert (await post(bench, "/auth/register", HOANG, **ENGLISH)).status_code == 201
    assert (await verify(bench, await code_mailed(bench))).status_code == 200


@pytest.mark.usefixtures("hoang")
async def test_address_and_language_are_told_from_the_beginning(bench: Bench) -> None:
    [registered], [activated] = [
        await told(bench, kind) for kind in (UserRegistered, UserActivated)
    ]
    for event in (registered, activated):
        assert (event.email, event.language) == ("hoang@email.com", "en")


@pytest.mark.usefixtures("hoang")
async def test_a_sign_in_in_another_language_is_told_once(bench: Bench) -> None:
    for headers, languages in (
        (ENGLISH, []),
        ({}, []),
        (FRENCH, []),
        (VIETNAMESE, ["vi"]),
        ({}, ["vi"]),
        (VIETNAMESE, ["vi"]),
        (ENGLISH, ["vi", "en"]),
    ):
        assert (await log_in(bench, **headers)).status_code == 200
        updates = await told(bench, UserUpdated)
        assert [event.language for event in updates] == languages
    assert [event.version for event in updates] == [3, 4]
    assert {event.email for event in updates} == {"hoang@email.com"}


@pytest.mark.usefixtures("hoang")
async def test_the_form_counts_as_well_and_a_wrong_password_does_not(bench: Bench) -> None:
    wrong = await post(bench, "/auth/login", LOGIN | {"password": "Wrong123!"})
    assert wrong.status_code == 401
    assert await told(bench, UserUpdated) == []
    form = {"username": HOANG["email"], "password": PASSWORD}
    asked = await bench.client.post("/api/v1/auth/login/form", data=form, headers=VIETNAMESE)
    assert asked.status_code == 200
    assert [event.language for event in await told(bench, UserUpdated)] == ["vi"]


@pytest.mark.usefixtures("hoang")
async def test_devices_that_sign_in_at_once_do_not_wait_in_a_circle(bench: Bench) -> None:
    answers = await asyncio.gather(*(log_in(bench, **VIETNAMESE) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await told(bench, UserUpdated)) == 1
    assert await bench.rows("SELECT language FROM accounts") == [{"language": "vi"}]


@pytest.mark.usefixtures("hoang")
async def test_who_asks_for_none_is_written_to_in_his_own(bench: Bench) -> None:
    for headers in ({}, VIETNAMESE):
        await pass_time(bench, "one_time_codes", "1 minute")
        await post(bench, "/auth/forgot-password", {"email": HOANG["email"]}, **headers)
        await bench.settle()
    reset = [mail["Subject"] for mail in bench.mail.sent[1:]]
    assert reset == ["Your code for a new Waymark password", "Mã đặt lại mật khẩu Waymark"]


def test_whoever_was_here_before_is_told_with_his_address(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    url = make_url(postgres_url).set(database=DATABASE).render_as_string(hide_password=False)
    upgrade(url, service.name, service.folder, "0006")
    account_id = new_id()
    with psycopg.connect(url, autocommit=True, **connection_options(service.name)) as connection:
        connection.execute(
            "INSERT INTO accounts (id, email, email_key, username, username_key, password_hash,"
            " role, is_active, version, created_at) VALUES"
            " (%s, 'Me@x.example', 'me@x.example', 'me', 'me', '', 'Employer', true, 2, now())",
            [account_id],
        )
        connection.execute(
            "INSERT INTO persons (account_id, name, skills, target_roles)"
            " VALUES (%s, 'Lê Thị \"B\"', '{}', '{}')",
            [account_id],
        )
        upgrade(url, service.name, service.folder)
        [(message_id, name, body)] = connection.execute("SELECT id, name, body FROM outbox")
        assert connection.execute("SELECT version FROM accounts").fetchall() == [(3,)]
    event, _ = open_message(body.encode())
    assert event == UserUpdated(
        user_id=account_id,
        role="Employer",
        name='Lê Thị "B"',
        avatar_url=None,
        is_active=True,
        email="Me@x.example",
        language="vi",
        version=3,
    )
    assert (name, str(message_id) in body) == ("user.updated", True)
