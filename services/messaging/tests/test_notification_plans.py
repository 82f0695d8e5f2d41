"""100,000 notifications, 2,000 of them mine, and 100,000 followers: nothing reads them all."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from libs.common.testing_plans import Asked, asked_from_now_on, plans_of, rows_met
from services.messaging.commands.fan_out import PART, FanOutDue, tell_followers
from services.messaging.tests.samples import posted

ME = UUID(int=1)
_FILL = (
    """
    INSERT INTO notifications (
        id, user_id, type, actor_id, params, origin, is_read, created_at
    )
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid),
        CAST(lpad(CASE mod(n, 50) WHEN 0 THEN '1' ELSE to_hex(mod(n, 1000)) END, 32, '0') AS uuid),
        'NewJob', gen_random_uuid(), '{"title": "Tester", "company_name": "X"}',
        'job.posted ' || n, mod(n, 500) > 0, now()
    FROM generate_series(1, 100000) AS n
    """,
    """
    INSERT INTO follows (candidate_id, employer_id, since)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), '00000000-0000-0000-0000-000000000001',
        TIMESTAMPTZ '2026-01-01' + n * INTERVAL '1 s'
    FROM generate_series(1, 100000) AS n
    """,
    """
    INSERT INTO person_snapshots (user_id, role, name, is_active, language, version)
    SELECT candidate_id, 'Candidate', 'Somebody', true, 'vi', 2 FROM follows
    """,
    """
    INSERT INTO candidate_snapshots (candidate_id, headline, version)
    SELECT candidate_id, 'Tester', 1 FROM follows
    """,
    "ANALYZE notifications, follows, person_snapshots, candidate_snapshots",
)


@pytest.fixture
async def asked(bench: Bench) -> Asked:
    """What is asked of the full tables from now on."""
    async with bench.db.write() as session:
        for statement in _FILL:
            await session.run(statement)
    return asked_from_now_on(bench.db, "notifications|follows")


async def test_lists_read_by_index(bench: Bench, asked: Asked) -> None:
    me = signed_in(Role.CANDIDATE, ME)
    path, last = "/api/v1/notifications", str(UUID(int=50_000))
    for query, capped in (("", "true"), ("?is_read=true", "true"), ("?is_read=false", None)):
        total = "1000" if capped else "200"
        answer = await bench.client.get(path + query, headers=me)
        assert len(answer.json()["data"]) == 20
        assert answer.headers["x-total-count"] == total
        assert answer.headers.get("x-total-capped") == capped
        await bench.client.get(answer.links["next"]["url"], headers=me)
    unread = await bench.client.get(f"{path}/unread-count", headers=me)
    assert unread.json()["data"] == {"count": 200}
    assert (await bench.client.put(f"{path}/{last}/read", headers=me)).status_code == 200
    assert len(asked) == 8
    for plan in await plans_of(bench.db, asked):
        assert "Seq Scan" not in plan, plan
        assert rows_met(plan) <= 2200, plan


async def test_an_empty_page_beyond_the_end_knows_the_total(bench: Bench) -> None:
    answer = await bench.client.get(
        "/api/v1/notifications?offset=5", headers=signed_in(Role.CANDIDATE, ME)
    )
    assert (answer.json()["data"], answer.headers["x-total-count"]) == ([], "0")


async def test_followers_and_a_part_of_them_are_found_by_index(bench: Bench, asked: Asked) -> None:
    path = f"/api/v1/employers/{ME}/followers"
    answer = await bench.client.get(path, headers=signed_in(Role.EMPLOYER, ME))
    assert (len(answer.json()["data"]), answer.headers["x-total-count"]) == (20, "100000")
    shown = asked[0]
    asked.clear()
    midst = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=50_000), UUID(int=50_000))
    due = FanOutDue(**posted(employer_id=ME).model_dump(), after=midst)
    async with bench.db.write() as session:
        await tell_followers.handle(session, due)
    [part] = [one for one in asked if "FROM messaging.follows" in one[0]]
    told = await bench.rows(
        "SELECT min(CAST(user_id AS text)), max(CAST(user_id AS text)) FROM notifications"
        " WHERE origin = :origin",
        origin=f"job.posted {due.job_id}",
    )
    assert told == [{"min": str(UUID(int=50_001)), "max": str(UUID(int=50_000 + PART))}]
    for plan in await plans_of(bench.db, [shown, part]):
        assert "Seq Scan" not in plan, plan
        assert rows_met(plan) <= 500, plan
