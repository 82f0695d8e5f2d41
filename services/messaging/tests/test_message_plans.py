"""100,000 messages, 1,000 conversations of one person: no list reads more than it shows."""

from uuid import UUID

from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from libs.common.testing_plans import asked_from_now_on, plans_of, rows_met
from services.messaging.tests.test_conversations import have_read

ME = UUID(int=1)
_FILL = (
    # Ten people one after the other, each with a thousand, to and fro; the last time is unread.
    """
    INSERT INTO messages (id, sender_id, receiver_id, content, sent_at, is_read)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), CASE n % 2 WHEN 0 THEN me ELSE other END,
        CASE n % 2 WHEN 0 THEN other ELSE me END, 'text ' || n, now(), n % 10000 < 8000
    FROM generate_series(1, 100000) AS n, LATERAL (
        SELECT CAST(lpad(to_hex(n / 10000 + 1), 32, '0') AS uuid) AS me,
            CAST(lpad(to_hex(n / 10000 * 1000 + n / 2 % 1000 + 100), 32, '0') AS uuid) AS other
    ) AS pair
    """,
    """
    INSERT INTO conversations (user_id, other_id, last_message_id, has_written)
    SELECT DISTINCT ON (user_id, other_id) user_id, other_id, id, true FROM (
        SELECT sender_id AS user_id, receiver_id AS other_id, id FROM messages
        UNION ALL SELECT receiver_id, sender_id, id FROM messages
    ) AS sides ORDER BY user_id, other_id, id DESC
    """,
    """
    INSERT INTO person_snapshots (user_id, role, name, is_active, language, version)
    SELECT DISTINCT other_id, 'Candidate', 'Somebody', true, 'vi', 1 FROM conversations
    """,
    "ANALYZE messages, conversations, person_snapshots",
)


async def test_lists_read_by_index(bench: Bench) -> None:
    async with bench.db.write() as session:
        for statement in _FILL:
            await session.run(statement)
    wanted = r"^(SELECT|UPDATE).* messaging\.(messages|conversations)\b"
    asked = asked_from_now_on(bench.db, wanted)
    me, other = signed_in(Role.EMPLOYER, ME), UUID(int=600)
    for first_page in (
        "/api/v1/conversations?limit=20",
        f"/api/v1/messages?with_user_id={other}&limit=3",
        f"/api/v1/messages?with_user_id={other}&limit=3&before={UUID(int=9_000)}",
    ):
        address = first_page
        for _ in range(2):
            answer = await bench.client.get(address, headers=me)
            assert len(answer.json()["data"]) in {3, 20}
            address = answer.links["next"]["url"]
    assert (await have_read(bench, ME, other)).json()["data"]["unreadCount"] == 0
    found = await plans_of(bench.db, asked)
    assert len(found) == 3 * 2 * 2 + 2
    for plan in found:
        assert "Index" in plan, plan
        assert "Seq Scan" not in plan, plan
        assert "Sort" not in plan, plan
        assert rows_met(plan) <= 1000, plan
