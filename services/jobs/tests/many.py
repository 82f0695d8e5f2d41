"""Thousands of jobs, made by SQL."""

from sqlalchemy import text

from libs.common.testing import Bench
from services.jobs.openings import index_all
from services.jobs.tests.samples import COMPANY, EMPLOYER

# Of each word, place and skill some are common, some rare; what is rare is spread over all time,
# but for "formerly", which only the oldest third says.
_FILL = (
    """
    INSERT INTO jobs (
        id, employer_id, company_id, title, status, posted_at, updated_at, expires_at, version
    )
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), :employer, :company,
        concat_ws(
            ' ', (ARRAY['Java', 'Python', 'Python'])[n % 3 + 1], 'developer', n, 'rare' || n / 10
        ),
        'Active', at, at, now() + interval '30 days', 1
    FROM generate_series(1, :number) AS n, LATERAL (
        SELECT timestamptz '2026-01-01 07:00:00+00' + n / 3 * interval '1 minute' AS at
    ) AS posting
    """,
    """
    INSERT INTO job_descriptions (
        job_id, location, salary, salary_min, salary_max, salary_currency, salary_period,
        quantity, exp_year, level, contract_type, job_type, description
    )
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), (ARRAY['Hà Nội', 'TP.HCM', 'Huế'])[n % 3 + 1],
        'as said', nullif(n % 40 * 100, 0), nullif(n % 40 * 100, 0) + 500, 'USD', 'month',
        1, n % 6, (ARRAY['Junior', 'Senior'])[n % 2 + 1], 'Fulltime', 'Hybrid',
        CASE WHEN n * 3 < :number THEN 'formerly ' ELSE '' END
            || 'everyone asks for ' || repeat('teamwork and patience ', 60)
    FROM generate_series(1, :number) AS n
    """,
    """
    INSERT INTO job_skills (job_id, skill_id, position)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), n % 50 + 1, 0
    FROM generate_series(1, :number) AS n
    """,
    """
    INSERT INTO job_categories (job_id, category_id, position)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), n % 25 + 1, 0
    FROM generate_series(1, :number) AS n
    """,
)


async def many_jobs(bench: Bench, number: int) -> None:
    """Post so many jobs, three a minute, later ones with higher numbers."""
    values = {
        "number": number,
        "employer": EMPLOYER.employer_id,
        "company": COMPANY.company_id,
    }
    async with bench.db.write() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in _FILL:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), named)
        await session.execute(text("ANALYZE"))
        await index_all(session)
        await session.execute(text("ANALYZE openings"))
