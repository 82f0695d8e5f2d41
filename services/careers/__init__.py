"""Careers: the encyclopedia of occupations, loaded from O*NET, and advice on learning.

Owns: careers, career_titles, career_tasks, career_technology, career_ksas, career_prep,
career_interests, career_outlook, career_work_activities, career_dwas, career_work_context,
career_education_pct, career_wages_us, career_related, career_pages, etl_raw, etl_runs, etl_crawled,
candidate_snapshots.
Publishes: personal_data.erased.
Consumes: candidate.updated, user.erased.
"""
