"""Identity: accounts, sign-in and tokens, the people behind the accounts, and companies.

Owns: accounts, persons, candidates, candidate_skills, job_history, employers, companies, sessions,
    refresh_tokens, revocations, sign_in_failures, one_time_codes, job_snapshots, erasure_receipts.
Publishes: user.registered, user.activated, candidate.updated, employer.updated, company.updated.
Consumes: nothing.
"""
