"""Jobs: what employers post, what everyone may find, and the skills and categories that name it.

Owns: jobs, job_descriptions, job_skills, job_categories, skills, categories,
    employer_snapshots, company_snapshots.
Publishes: job.posted, job.closed, personal_data.erased.
Consumes: employer.updated, company.updated, user.erased.
"""
