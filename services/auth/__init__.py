"""Identity: accounts, sign-in and tokens, the people behind the accounts, and companies.

Owns: accounts, persons, candidates, employers, companies, sessions, refresh_tokens, one_time_codes.
Publishes: user.registered, user.activated, candidate.updated, employer.updated, company.updated.
Consumes: nothing.
"""
