"""What is deleted by the clock, and what is not yet."""

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.auth.purges import tasks
from services.auth.tests.people import (
    BINH,
    HOANG,
    bearer,
    log_in,
    new_account,
    pass_time,
    post,
    register,
    sign_up,
)


async def purged(bench: Bench, table: str) -> int:
    [task] = [one for one in tasks if one.name == f"purge of {table}"]
    return await task.run(bench.db)


async def test_sessions_go_a_week_after_their_end_with_their_tokens(bench: Bench) -> None:
    await sign_up(bench)
    await pass_time(bench, "sessions", "36 days 23 hours")
    await log_in(bench)
    assert await purged(bench, "sessions") == 0
    await pass_time(bench, "sessions", "2 hours")
    assert await purged(bench, "sessions") == 1
    assert len(await bench.rows("SELECT FROM sessions")) == 1
    assert len(await bench.rows("SELECT FROM refresh_tokens")) == 1


async def test_revocations_go_when_no_access_token_is_left(bench: Bench) -> None:
    data = await sign_up(bench)
    await bench.client.post("/api/v1/auth/logout", headers=bearer(data))
    await pass_time(bench, "revocations", "24 hours 50 seconds")  # a token may live a day
    assert await purged(bench, "revocations") == 0
    await pass_time(bench, "revocations", "11 seconds")
    assert await purged(bench, "revocations") == 1
    assert await bench.rows("SELECT FROM revocations") == []


async def test_wrong_passwords_go_when_they_count_no_more(bench: Bench) -> None:
    await log_in(bench, "nobody@email.com")
    await pass_time(bench, "sign_in_failures", "74 minutes")
    assert await purged(bench, "sign_in_failures") == 0
    await pass_time(bench, "sign_in_failures", "2 minutes")
    assert await purged(bench, "sign_in_failures") == 1


async def test_codes_go_when_they_are_too_old(bench: Bench) -> None:
    await sign_up(bench)
    await post(bench, "/auth/forgot-password", {"email": HOANG["email"]})
    await bench.settle()
    await pass_time(bench, "one_time_codes", "24 hours 4 minutes")  # they are counted for a day
    assert await purged(bench, "one_time_codes") == 0
    await pass_time(bench, "one_time_codes", "1 minute")
    assert await purged(bench, "one_time_codes") == 2


async def test_accounts_go_that_nobody_activated_in_a_week(bench: Bench) -> None:
    await new_account(bench)
    await sign_up(bench, email="a@email.com", username="active", phone=None)
    shut_out = await new_account(bench, **BINH)
    headers = signed_in(Role.ADMIN)
    path = f"/api/v1/admin/users/{shut_out}/active"
    await bench.client.put(path, json={"isActive": False}, headers=headers)
    await pass_time(bench, "accounts", "6 days 23 hours")
    assert await purged(bench, "accounts") == 0
    taken = await register(bench)
    assert taken.status_code == 409
    await pass_time(bench, "accounts", "1 hour")
    assert await purged(bench, "accounts") == 1
    rows = await bench.rows("SELECT username FROM accounts ORDER BY username")
    assert [row["username"] for row in rows] == ["active", "binh"]
    assert isinstance((await bench.published())[-1], UserErased)
    assert (await register(bench)).status_code == 201  # address, number and name are free again


async def test_a_batch_is_bounded(bench: Bench) -> None:
    task = next(one for one in tasks if one.name == "purge of revocations")
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO revocations SELECT gen_random_uuid(), now() - '2 days'::interval"
            f" FROM generate_series(1, {task.batch + 7})"
        )
    assert [await task.run(bench.db) for _ in range(3)] == [task.batch, 7, 0]


@pytest.mark.parametrize(
    ("table", "column", "which", "index"),
    [
        ("sessions", "expires_at", "true", "expires_at"),
        ("revocations", "revoked_at", "true", "revoked_at"),
        ("sign_in_failures", "last_failed_at", "true", "last_failed_at"),
        ("one_time_codes", "expires_at", "true", "expires_at"),
        ("accounts", "created_at", "NOT is_active AND deactivated_at IS NULL", "unproven"),
    ],
)
async def test_an_index_finds_what_is_to_go(
    bench: Bench, table: str, column: str, which: str, index: str
) -> None:
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = await connection.exec_driver_sql(
            f"EXPLAIN SELECT ctid FROM {table} WHERE {column} < now() AND {which}"
            f" ORDER BY {column} LIMIT 9"
        )
        assert f"ix_{table}_{index}" in str(plan.all())
