"""100,000 applications for 5,000 jobs by 10,000 candidates: no list reads more than it counts."""

from uuid import UUID

from sqlalchemy import text

from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from libs.common.testing_plans import asked_from_now_on, plans_of, rows_met

EMPLOYER, CANDIDATE, JOB, APPLY = (UUID(int=n) for n in (1, 44, 42, 20_041))
_ID = "CAST(lpad(to_hex({}), 32, '0') AS uuid)"
_FILL = (
    # one lock for each of so many jobs is more than there are
    "ALTER TABLE applications DISABLE TRIGGER before_apply_insert",
    f"""
    INSERT INTO job_snapshots
        (job_id, employer_id, title, company_name, status, expires_at, version)
    SELECT {_ID.format("n")}, {_ID.format("n / 42")}, 'Job', 'FPT', 'Active',
        now() + interval '1 day', 1
    FROM generate_series(1, 5000) AS n
    """,
    f"""
    INSERT INTO candidate_snapshots (candidate_id, name, email, version)
    SELECT {_ID.format("n")}, 'Hoàng', 'hoang@email.com', 1 FROM generate_series(1, 10000) AS n
    """,
    f"""
    INSERT INTO applications (id, job_id, candidate_id, cv_url, status, applied_at, updated_at)
    SELECT {_ID.format("n")}, {_ID.format("n % 5000 + 1")},
        {_ID.format("(n + n / 10000) % 10000 + 1")}, 'https://x.vn/cv',
        (ARRAY['Accepted', 'Applied', 'Shortlisted', 'Rejected'])[n / 5000 % 4 + 1], now(), now()
    FROM generate_series(1, 100000) AS n
    """,
    """
    INSERT INTO application_moves (id, application_id, from_status, to_status, moved_by, moved_at)
    SELECT id, id, 'Applied', status, candidate_id, now() FROM applications
    """,
    """
    INSERT INTO feedbacks (id, job_id, employer_id, candidate_id, rank, content, created_at)
    SELECT id, job_id, employer_id, candidate_id, 3, 'Tốt', now()
    FROM applications JOIN job_snapshots USING (job_id)
    WHERE applications.status = 'Accepted' AND id <> :apply
    """,
    "ALTER TABLE applications ENABLE TRIGGER before_apply_insert",
    "ANALYZE applications, application_moves, feedbacks, job_snapshots, candidate_snapshots",
)


async def test_lists_read_by_index(bench: Bench) -> None:
    async with bench.db.write() as session:
        for statement in _FILL:
            await session.execute(text(statement), {"apply": APPLY})
    asked = asked_from_now_on(bench.db, r"^\s*SELECT.* (applications\.\w+|feedbacks)\b")
    candidate, owner = signed_in(Role.CANDIDATE, CANDIDATE), signed_in(Role.EMPLOYER, EMPLOYER)
    for path, who, count in (
        ("candidates/me/applies", candidate, 10),
        ("candidates/me/applies?status=Shortlisted", candidate, 5),
        (f"jobs/{JOB}/applies", owner, 20),
        (f"jobs/{JOB}/applies?status=Rejected&limit=2", owner, 5),
        (f"jobs/{JOB}/feedback?limit=2", {}, 4),
        (f"applies/{APPLY}/history", candidate, 1),
    ):
        answer = await bench.client.get(f"/api/v1/{path}", headers=who)
        assert (answer.status_code, answer.headers["x-total-count"]) == (200, str(count)), path
        if "next" in answer.links:
            assert (await bench.client.get(answer.links["next"]["url"], headers=who)).is_success
    path = f"/api/v1/jobs/{JOB}/feedback"
    rated = await bench.client.post(path, json={"content": "?", "rank": 1}, headers=candidate)
    assert rated.status_code == 201, rated.text
    path = f"/api/v1/applies/{APPLY}/status"
    moved = await bench.client.put(path, json={"status": "Finished"}, headers=owner)
    assert moved.status_code == 200, moved.text
    found = await plans_of(bench.db, asked)
    assert len(found) >= 20
    for plan in found:
        assert "Index" in plan, plan
        assert "Seq Scan" not in plan, plan
        assert rows_met(plan) <= 250, plan
