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
JOB_IN_LIST = f"""json_build_object(
    'jobId', jobs.id,
    'title', jobs.title,
    'companyName', company.name,
    'logoUrl', company.logo_url,
    'salary', jd.salary,
    'location', jd.location,
    'skills', {SKILLS_OF},
    'postDate', CAST(jobs.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
)"""
IS_OPEN = "jobs.status = 'Active' AND jobs.expires_at > now()"
LAST_DAY = "CAST(jobs.expires_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - 1"
STATUS = f"CASE WHEN jobs.status <> 'Active' OR {IS_OPEN} THEN jobs.status ELSE 'Expired' END"
