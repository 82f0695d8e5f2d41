"""Pieces of SQL that show a job, in a list or in full."""

SKILLS_OF = """(
    SELECT coalesce(json_agg(skills.name ORDER BY job_skills.position), '[]')
    FROM job_skills JOIN skills ON skills.id = job_skills.skill_id
    WHERE job_skills.job_id = jobs.id
)"""
CATEGORIES_OF = """(
    SELECT coalesce(json_agg(
        CASE :language WHEN 'en' THEN name_en ELSE name_vi END ORDER BY job_categories.position
    ), '[]')
    FROM job_categories JOIN categories ON categories.id = job_categories.category_id
    WHERE job_categories.job_id = jobs.id
)"""
WITH_COMPANY = """
    JOIN job_descriptions AS jd ON jd.job_id = jobs.id
    JOIN company_snapshots AS company ON company.company_id = jobs.company_id
"""
POST_DATE = "CAST(jobs.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)"
FIELDS_IN_LIST = f"""
    'jobId', jobs.id,
    'title', jobs.title,
    'companyName', company.name,
    'logoUrl', company.logo_url,
    'salary', jd.salary,
    'location', jd.location,
    'skills', {SKILLS_OF},
    'postDate', {POST_DATE}
"""
JOB_IN_LIST = f"json_build_object({FIELDS_IN_LIST})"
WITHHELD = """EXISTS (
    SELECT FROM employer_snapshots AS poster
    WHERE poster.employer_id = jobs.employer_id AND poster.deactivated
)"""
IS_ACTIVE = "jobs.status = 'Active' AND jobs.expires_at > now()"
IS_OPEN = f"{IS_ACTIVE} AND NOT {WITHHELD}"
LAST_DAY = "CAST(jobs.expires_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - 1"
RATING = """json_build_object(
    'average', round(CAST(jobs.rating_sum AS numeric) / nullif(jobs.rating_count, 0), 1),
    'count', jobs.rating_count
)"""
STATUS = """CASE
    WHEN jobs.status = 'Active' AND jobs.expires_at <= now() THEN 'Expired'
    ELSE jobs.status
END"""
STATUS_TOLD = f"CASE WHEN {IS_ACTIVE} AND {WITHHELD} THEN 'Withheld' ELSE {STATUS} END"
"""As other services hear it: `rules.status_at`."""
