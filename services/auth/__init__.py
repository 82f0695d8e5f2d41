"""Identity: accounts, sign-in and tokens, the people behind the accounts, and companies.

Owns: accounts, persons, candidates, cvs, candidate_skills, job_history, employers, companies,
    sessions, refresh_tokens, revocations, sign_in_failures, one_time_codes, job_snapshots,
    skill_snapshots, erasure_receipts.
Publishes: user.registered, user.activated, user.updated, user.erased, session.revoked,
    candidate.updated, employer.updated, company.updated, personal_data.erased.
Consumes: job.posted, job.updated, job.closed, job.expired, skill.updated, feedback.submitted,
    user.erased, personal_data.erased.
"""
